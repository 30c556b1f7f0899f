using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Node;

namespace ObjectStore.Engine.Host;

/// <summary>Carries out admin commands, one at a time, in the server or in a program that holds the data folder itself.</summary>
internal sealed class AdminService(IdentityDirectory identities) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);

    public void Dispose() => _turn.Dispose();

    internal async Task<AdminResponse> HandleAsync(AdminRequest request)
    {
        await _turn.WaitAsync();
        try
        {
            return request switch
            {
                { Verb: AdminVerb.UserList } => new AdminResponse(
                    ExitCode.Ok, "", [.. identities.All.Where(static user => !user.IsRoot).Select(Show)]),
                { Verb: AdminVerb.UserAdd, User: { } user } => await AddAsync(user),
                { Verb: AdminVerb.UserRemove } => Answer(await identities.RemoveAsync(request.Name), request.Name),
                _ => new AdminResponse(ExitCode.Usage, "not an admin command", []),
            };
        }
        finally
        {
            _turn.Release();
        }
    }

    private static AdminUser Show(Identity user) => new(user.Name, user.AccessKey, user.CanonicalId, user.Email);

    private static AdminResponse Answer(IdentityError error, string name) => error switch
    {
        IdentityError.None => new AdminResponse(ExitCode.Ok, "", []),
        IdentityError.InUse => new AdminResponse(ExitCode.Conflict, "another user has this access key, canonical id or e-mail", []),
        IdentityError.NotFound => new AdminResponse(ExitCode.Conflict, $"there is no user {name}", []),
        IdentityError.IsRoot => new AdminResponse(
            ExitCode.Conflict, "root is set by the environment or by root.json in the data folder", []),
        _ => new AdminResponse(ExitCode.Usage, $"not acceptable: {error}", []),
    };

    // The directory would give a user of that name new keys; whoever says "add" does not expect that.
    private async Task<AdminResponse> AddAsync(Identity user)
    {
        if (!user.IsRoot && identities.All.Any(other => !other.IsRoot && other.Name == user.Name))
        {
            return new AdminResponse(ExitCode.Conflict, $"there is a user {user.Name} already", []);
        }

        return Answer(await identities.SetAsync(user.Name, user.AccessKey, user.SecretKey, user.CanonicalId, user.Email), user.Name);
    }
}
