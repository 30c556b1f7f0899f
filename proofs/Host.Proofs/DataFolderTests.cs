using System;
using System.IO;
using System.Threading.Tasks;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Host;
using Xunit;

namespace ObjectStore.Host.Proofs;

public sealed class DataFolderTests : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("objectstore-").FullName;

    public void Dispose() => Directory.Delete(_path, recursive: true);

    [Fact]
    public void One_holder_at_a_time()
    {
        using (DataFolder? first = DataFolder.TryAcquire(_path))
        {
            Assert.NotNull(first);
            Assert.Null(DataFolder.TryAcquire(_path));
        }

        using DataFolder? next = DataFolder.TryAcquire(_path);
        Assert.NotNull(next);
    }

    [Fact]
    public void Root_is_made_once_kept_private_and_found_again()
    {
        using DataFolder folder = DataFolder.TryAcquire(_path)!;
        RootIdentity made = RootIdentity.Load(folder);
        RootIdentity again = RootIdentity.Load(folder);
        Assert.True(made.IsNew);
        Assert.False(again.IsNew);
        Assert.Equal(made.Identity, again.Identity);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.RootPath));
    }

    [Fact]
    public async Task Identities_survive_reopening_and_keys_stay_unique()
    {
        using DataFolder folder = DataFolder.TryAcquire(_path)!;
        var alice = new Identity("alice", "AKALICE", "secret-of-alice", "id-alice", "alice@example.com", IsRoot: false);
        var file = new IdentityFile(folder, root: null);
        Assert.Equal(IdentityError.None, await file.AddAsync(alice));
        Assert.Equal(IdentityError.NameTaken, await file.AddAsync(alice with { AccessKey = "OTHER", CanonicalId = "other" }));
        Assert.Equal(IdentityError.AccessKeyTaken, await file.AddAsync(alice with { Name = "bob", CanonicalId = "other" }));
        Assert.Equal(IdentityError.CanonicalIdTaken, await file.AddAsync(alice with { Name = "bob", AccessKey = "OTHER" }));
        Assert.Equal(IdentityError.IsRoot, await file.AddAsync(alice with { Name = "root" }));

        var reopened = new IdentityFile(folder, root: null);
        Assert.Equal(alice, reopened.FindByAccessKey("AKALICE"));
        Assert.Equal(alice, reopened.FindByCanonicalId("id-alice"));
        Assert.Equal(alice, reopened.FindByEmail("ALICE@example.com"));
        Assert.Equal(IdentityError.None, await reopened.RemoveAsync("alice"));
        Assert.Equal(IdentityError.NotFound, await reopened.RemoveAsync("alice"));
        Assert.Null(reopened.FindByAccessKey("AKALICE"));
    }

    [Fact]
    public async Task Admin_commands_reach_a_server_over_its_socket_even_below_a_very_long_path()
    {
        string deep = Path.Join(_path, new string('d', 120));
        using DataFolder folder = DataFolder.TryAcquire(deep)!;
        using var trace = new JsonTrace(Stream.Null);
        await using var socket = new AdminSocket(folder.Path, new AdminService(new IdentityFile(folder, root: null)), trace);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(DataFolder.SocketPath(deep)));
        var user = new Identity("eve", "AKEVE", "secret-of-eve", "id-eve", "", IsRoot: false);
        AdminResponse? added = await AdminSocket.AskAsync(deep, new AdminRequest(AdminVerb.UserAdd, user));
        AdminResponse? again = await AdminSocket.AskAsync(deep, new AdminRequest(AdminVerb.UserAdd, user));
        AdminResponse? list = await AdminSocket.AskAsync(deep, new AdminRequest(AdminVerb.UserList));
        Assert.Equal(ExitCode.Ok, added!.Code);
        Assert.Equal(ExitCode.Conflict, again!.Code);
        Assert.Equal(new AdminUser("eve", "AKEVE", "id-eve", ""), Assert.Single(list!.Users));
    }
}
