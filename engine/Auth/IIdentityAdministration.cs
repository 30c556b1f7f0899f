using System.Collections.Generic;
using System.Threading.Tasks;

namespace ObjectStore.Engine.Auth;

/// <summary>Why an identity was not added or removed. <see cref="None"/> is success.</summary>
public enum IdentityError
{
    /// <summary>Success: durable.</summary>
    None = 0,

    /// <summary>Another identity has the name.</summary>
    NameTaken,

    /// <summary>Another identity has the access key.</summary>
    AccessKeyTaken,

    /// <summary>Another identity has the canonical id.</summary>
    CanonicalIdTaken,

    /// <summary>No identity of that name.</summary>
    NotFound,

    /// <summary>The root identity comes from the environment and cannot be changed here.</summary>
    IsRoot,
}

/// <summary>Adds and removes identities. Any thread.</summary>
public interface IIdentityAdministration : IIdentityDirectory
{
    /// <summary>All but root, in ordinal order of their names.</summary>
    IReadOnlyList<Identity> List();

    /// <summary>Adds one; on success it is durable and every later request sees it.</summary>
    /// <exception cref="System.Exception">A storage failure: the outcome is unknown.</exception>
    Task<IdentityError> AddAsync(Identity identity);

    /// <summary>Removes one by its name; what it owns stays. On success no later request is accepted in its name.</summary>
    /// <exception cref="System.Exception">A storage failure: the outcome is unknown.</exception>
    Task<IdentityError> RemoveAsync(string name);
}
