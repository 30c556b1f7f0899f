using System;
using System.IO;
using System.Threading.Tasks;
using Xunit;

namespace ObjectStore.Conformance;

public sealed class ProcessTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("objectstore-process-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task A_second_server_is_refused_and_a_signal_ends_the_first_with_zero()
    {
        using ServerProcess server = await ServerProcess.StartAsync(_data);
        (int code, _, string errors) = await ServerProcess.RunAsync("server", "--data", _data, "--listen", "127.0.0.1:0");
        Assert.Equal(3, code);
        Assert.Contains("in use", errors, StringComparison.Ordinal);
        Assert.Equal("ready\n", await server.GetAsync("/health/ready"));
        Assert.Contains("process_resident_memory_bytes", await server.GetAsync("/metrics"), StringComparison.Ordinal);
        Assert.Equal(0, await server.TerminateAsync());
    }

    [Fact]
    public async Task Users_are_added_with_and_without_a_server_and_stay()
    {
        string[] alice = ["admin", "user", "add", "alice", "--access-key", "AKALICE", "--secret-key", "secret-of-alice", "--data", _data];
        Assert.Equal(0, (await ServerProcess.RunAsync(alice)).Code);
        Assert.Equal(4, (await ServerProcess.RunAsync(alice)).Code);
        using (ServerProcess server = await ServerProcess.StartAsync(_data))
        {
            (int code, _, string errors) = await ServerProcess.RunAsync(
                "admin", "user", "add", "bob", "--access-key", "AKBOB", "--secret-key", "secret-of-bob", "--data", _data);
            Assert.True(code == 0, errors);
            await server.KillAsync();
        }

        (int listed, string output, _) = await ServerProcess.RunAsync("admin", "user", "list", "--json", "--data", _data);
        Assert.Equal(0, listed);
        Assert.Contains("AKALICE", output, StringComparison.Ordinal);
        Assert.Contains("AKBOB", output, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-of", output, StringComparison.Ordinal);
        Assert.Equal(4, (await ServerProcess.RunAsync("admin", "user", "remove", "carol", "--data", _data)).Code);
        Assert.Equal(0, (await ServerProcess.RunAsync("admin", "user", "remove", "bob", "--data", _data)).Code);
    }

    [Fact]
    public async Task Wrong_arguments_end_with_two() => Assert.Equal(2, (await ServerProcess.RunAsync("server", "--bogus")).Code);
}
