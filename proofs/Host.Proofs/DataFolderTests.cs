using System;
using System.Collections.Generic;
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
    public async Task Admin_commands_reach_a_server_over_its_socket_even_below_a_very_long_path()
    {
        string deep = Path.Join(_path, new string('d', 120));
        using DataFolder folder = DataFolder.TryAcquire(deep)!;
        using var trace = new JsonTrace(Stream.Null);
        var asked = new List<AdminRequest>();
        await using var socket = new AdminSocket(folder.Path, request => Answer(asked, request), trace);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(DataFolder.SocketPath(deep)));
        var user = new Identity("eve", "AKEVE", "secret-of-eve", "id-eve", "", IsRoot: false);
        AdminResponse? added = await AdminSocket.AskAsync(deep, new AdminRequest(AdminVerb.UserAdd, user));
        AdminResponse? removed = await AdminSocket.AskAsync(deep, new AdminRequest(AdminVerb.UserRemove, Name: "eve"));
        Assert.Equal(ExitCode.Conflict, added!.Code);
        Assert.Equal(new AdminUser("eve", "AKEVE", "id-eve", ""), Assert.Single(removed!.Users));
        Assert.Equal([new AdminRequest(AdminVerb.UserAdd, user), new AdminRequest(AdminVerb.UserRemove, Name: "eve")], asked);
    }

    private static Task<AdminResponse> Answer(List<AdminRequest> asked, AdminRequest request)
    {
        asked.Add(request);
        return Task.FromResult(new AdminResponse(ExitCode.Conflict, "no", [new AdminUser("eve", "AKEVE", "id-eve", "")]));
    }
}
