using System;
using ObjectStore.Engine.Auth;

namespace ObjectStore.Engine.Gateway;

/// <summary>Of what kind a principal of a policy is. One kind's names say nothing of another's.</summary>
internal enum PrincipalKind
{
    /// <summary>Anybody, an account, a user, a role, or a canonical id.</summary>
    User = 0,

    /// <summary>A service of the store.</summary>
    Service,

    /// <summary>A provider of identities. None is known here: such a principal is nobody.</summary>
    Federated,
}

/// <summary>A principal as a policy names it. Source: IAM User Guide, "AWS JSON policy elements: Principal".</summary>
internal readonly record struct PolicyPrincipal(PrincipalKind Kind, string Name)
{
    private const int AccountIdLength = 12;

    private static readonly string[] Resources = ["user/", "role/", "assumed-role/", "federated-user/"];

    /// <summary>Everybody.</summary>
    internal static PolicyPrincipal Anybody { get; } = new(PrincipalKind.User, "*");

    /// <summary>Whether it may be somebody: a user by a canonical id that somebody has, or by a resource name; others by any name.</summary>
    internal bool IsValid(IIdentityDirectory identities) =>
        Kind != PrincipalKind.User ? Name.Length > 0 : IsWellFormed(Name) || identities.FindByCanonicalId(Name) is not null;

    private static bool IsWellFormed(string user) =>
        user == Anybody.Name
        || (user.Length == AccountIdLength && user.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0)
        || IsResourceName(user);

    // arn:partition:iam::account:root, .../user/name and the like; wildcards are for whole principals only. The account may be empty, as this store has none.
    private static bool IsResourceName(string user)
    {
        string[] fields = user.Split(':', 6);
        return !user.Contains('*', StringComparison.Ordinal)
            && fields is ["arn", { Length: > 0 }, "iam" or "sts", "", _, var resource]
            && (resource == "root" || Array.Exists(Resources, kind => resource.StartsWith(kind, StringComparison.Ordinal) && resource.Length > kind.Length));
    }
}
