namespace ObjectStore.Engine.Auth;

/// <summary>Somebody with an access key.</summary>
/// <param name="Name">Unique name, also the display name.</param>
/// <param name="AccessKey">3 to 128 characters.</param>
/// <param name="SecretKey">8 to 128 characters; never traced.</param>
/// <param name="CanonicalId">64 hex characters by default; what owners and grantees are called.</param>
/// <param name="Email">For grants by e-mail; may be empty.</param>
/// <param name="IsRoot">The root identity may do everything.</param>
public sealed record Identity(string Name, string AccessKey, string SecretKey, string CanonicalId, string Email, bool IsRoot)
{
    /// <summary>Never shows the secret.</summary>
    public override string ToString() => $"{Name} ({AccessKey})";
}

/// <summary>Finds identities. Any thread; never blocks.</summary>
public interface IIdentityDirectory
{
    /// <summary>By access key, or null.</summary>
    Identity? FindByAccessKey(string accessKey);

    /// <summary>By canonical id, or null.</summary>
    Identity? FindByCanonicalId(string canonicalId);

    /// <summary>By e-mail, or null.</summary>
    Identity? FindByEmail(string email);
}
