using System;
using System.Collections.Generic;
using ObjectStore.Engine.Auth;

namespace ObjectStore.Engine.Gateway;

/// <summary>Names of principals in policies. Source: IAM User Guide, "AWS JSON policy elements: Principal".</summary>
internal static class PolicyPrincipal
{
    /// <summary>Before the name of a service, in the list of a statement's principals.</summary>
    internal const string Service = "Service:";

    /// <summary>Before the name of a provider of identities.</summary>
    internal const string Federated = "Federated:";

    private const int AccountIdLength = 12;

    private static readonly string[] Kinds = ["user/", "role/", "assumed-role/", "federated-user/"];

    /// <summary>Whether all principals of a policy are anybody, accounts, users, roles, services, or canonical ids that somebody has.</summary>
    internal static bool AreValid(IEnumerable<string> principals, IIdentityDirectory identities)
    {
        foreach (string principal in principals)
        {
            if (!IsWellFormed(principal) && identities.FindByCanonicalId(principal) is null)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether the name of a user could be taken for that of a service or a provider.</summary>
    internal static bool IsPrefixed(string name) => name.StartsWith(Service, StringComparison.Ordinal) || name.StartsWith(Federated, StringComparison.Ordinal);

    private static bool IsWellFormed(string principal) =>
        principal == "*"
        || IsNamed(principal, Service)
        || IsNamed(principal, Federated)
        || (principal.Length == AccountIdLength && principal.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0)
        || IsResourceName(principal);

    private static bool IsNamed(string principal, string prefix) => principal.StartsWith(prefix, StringComparison.Ordinal) && principal.Length > prefix.Length;

    // arn:partition:iam::account:root, .../user/name and the like; wildcards are for whole principals only. The account may be empty, as this store has none.
    private static bool IsResourceName(string principal)
    {
        string[] fields = principal.Split(':', 6);
        return !principal.Contains('*', StringComparison.Ordinal)
            && fields is ["arn", { Length: > 0 }, "iam" or "sts", "", _, var resource]
            && (resource == "root" || Array.Exists(Kinds, kind => resource.StartsWith(kind, StringComparison.Ordinal) && resource.Length > kind.Length));
    }
}
