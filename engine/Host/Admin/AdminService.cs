using System;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Node;

namespace ObjectStore.Engine.Host;

/// <summary>Carries out admin commands, one at a time, in the server or in a program that holds the data folder itself.</summary>
internal sealed class AdminService(IdentityDirectory identities, IClusterAdministration? cluster = null) : IDisposable
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
                { Verb: >= AdminVerb.Status } => await AskClusterAsync(request),
                { Verb: AdminVerb.UserRemove } => Answer(await identities.RemoveAsync(request.Name), request.Name),
                _ => new AdminResponse(ExitCode.Usage, "not an admin command", []),
            };
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<AdminResponse> AskClusterAsync(AdminRequest request)
    {
        if (cluster is null)
        {
            return new AdminResponse(ExitCode.Failed, "this server stands alone: it was started without --topology", []);
        }

        try
        {
            switch (request)
            {
                case { Verb: AdminVerb.Status }:
                    return Result(await cluster.StatusAsync());
                case { Verb: AdminVerb.Disks }:
                    return Result(await cluster.DisksAsync());
                case { Verb: AdminVerb.Groups }:
                    return Result(await cluster.GroupsAsync());
                case { Verb: AdminVerb.Repair }:
                    return Result(await cluster.RepairAsync(request.Now));
                case { Verb: AdminVerb.Decommission, Decommission: { } what }:
                    await cluster.DecommissionAsync(what);
                    return new AdminResponse(ExitCode.Ok, "", []);
                case { Verb: AdminVerb.Join, Join: { } node }:
                    await cluster.JoinAsync(node);
                    return new AdminResponse(ExitCode.Ok, "", []);
                default:
                    return new AdminResponse(ExitCode.Usage, "not an admin command", []);
            }
        }
        catch (AdministrationException failure)
        {
            return new AdminResponse(failure.Retry ? ExitCode.TryAgain : ExitCode.Failed, failure.Message, []);
        }
    }

    private static AdminResponse Result<T>(T result) => new(ExitCode.Ok, "", [], JsonSerializer.SerializeToElement(result, AdminFormat.Line));

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
