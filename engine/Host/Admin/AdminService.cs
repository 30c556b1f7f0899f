using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Auth;

namespace ObjectStore.Engine.Host;

/// <summary>Carries out admin commands, in the server or in a program that holds the data folder itself.</summary>
internal sealed class AdminService(IIdentityAdministration identities)
{
    internal async Task<AdminResponse> HandleAsync(AdminRequest request) => request switch
    {
        { Verb: AdminVerb.UserList } => new AdminResponse(ExitCode.Ok, "", [.. identities.List().Select(Show)]),
        { Verb: AdminVerb.UserAdd, User: { IsRoot: false } user } => Answer(await identities.AddAsync(user), user.Name, Show(user)),
        { Verb: AdminVerb.UserRemove } => Answer(await identities.RemoveAsync(request.Name), request.Name),
        _ => new AdminResponse(ExitCode.Usage, "not an admin command", []),
    };

    private static AdminUser Show(Identity user) => new(user.Name, user.AccessKey, user.CanonicalId, user.Email);

    private static AdminResponse Answer(IdentityError error, string name, params AdminUser[] users) => error switch
    {
        IdentityError.None => new AdminResponse(ExitCode.Ok, "", users),
        IdentityError.NameTaken => new AdminResponse(ExitCode.Conflict, $"there is a user {name} already", []),
        IdentityError.AccessKeyTaken => new AdminResponse(ExitCode.Conflict, "the access key is in use", []),
        IdentityError.CanonicalIdTaken => new AdminResponse(ExitCode.Conflict, "the canonical id is in use", []),
        IdentityError.NotFound => new AdminResponse(ExitCode.Conflict, $"there is no user {name}", []),
        _ => new AdminResponse(ExitCode.Conflict, "root is set by the environment or by root.json in the data folder", []),
    };
}
