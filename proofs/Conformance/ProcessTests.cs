using System;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Tasks;
using Xunit;

namespace ObjectStore.Conformance;

public sealed class ProcessTests : IDisposable
{
    /// <summary>Threads of a server, by what the system calls them.</summary>
    private static readonly string[] Named = ["(.NET Sockets)", "(.NET TP Worker)", "(disk-sync-0)", "(disk-data-0)"];

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

    /// <summary>Nothing but speed would tell if it were otherwise, or if the runtime called its threads something else.</summary>
    [Fact]
    public async Task Only_threads_that_wait_for_the_disk_interrupt_those_that_work()
    {
        using ServerProcess server = await ServerProcess.StartAsync(_data);
        (string Name, string Policy)[] threads = [];

        // The runtime makes threads when they are needed, and sets the policy of a new one a moment after it is there.
        for (int request = 0; request < 100 && !(Named.All(name => threads.Any(thread => thread.Name == name)) && threads.All(IsAsItShouldBe)); request++)
        {
            Assert.Equal("ready\n", await server.GetAsync("/health/ready"));
            threads = [.. Directory.GetDirectories($"/proc/{server.Id}/task").Select(StatOf).Where(static stat => stat.Length > 0).Select(Read)];
        }

        Assert.All(Named, name => Assert.Contains(name, threads.Select(static thread => thread.Name)));
        Assert.All(threads, static thread => Assert.True(IsAsItShouldBe(thread), $"{thread}"));
        Assert.Equal(0, await server.TerminateAsync());

        // proc_pid_stat(5): the second field is the name in brackets, the 41st the policy, 0 for SCHED_OTHER and 3 for SCHED_BATCH.
        static (string, string) Read(string stat) => (stat[stat.IndexOf('(', StringComparison.Ordinal)..(stat.LastIndexOf(')') + 1)], stat.Split(") ")[^1].Split(' ')[41 - 3]);

        static bool IsAsItShouldBe((string Name, string Policy) thread) => thread.Name.StartsWith("(disk-", StringComparison.Ordinal)
            ? thread.Policy == "0"
            : thread.Policy == "3" || thread.Name is not ("(.NET Sockets)" or "(.NET TP Worker)");

        // A thread of the pool may end meanwhile.
        static string StatOf(string thread)
        {
            try
            {
                return File.ReadAllText(Path.Combine(thread, "stat"));
            }
            catch (IOException)
            {
                return "";
            }
        }
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
    public async Task Certificates_come_from_files_and_version_2_can_be_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        string certificateFile = Path.Join(_data, "cert.pem");
        string keyFile = Path.Join(_data, "key.pem");
        await File.WriteAllTextAsync(certificateFile, certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(keyFile, key.ExportPkcs8PrivateKeyPem());
        using ServerProcess server = await ServerProcess.StartAsync(
            Path.Join(_data, "tls"), "--tls-cert", certificateFile, "--tls-key", keyFile, "--no-signature-v2");
        Assert.Equal("https", server.Address.Scheme);
        using var handler = new SocketsHttpHandler();
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(certificate);
        handler.SslOptions.CertificateChainPolicy = trust;
        using var client = new HttpClient(handler);
        Assert.Equal("ready\n", await client.GetStringAsync(new Uri(server.Address, "/health/ready")));
        using HttpResponseMessage old = await client.GetAsync(
            new Uri(server.Address, $"/b/k?AWSAccessKeyId={ServerProcess.AccessKey}&Expires=9999999999&Signature=x"));
        Assert.Contains("<Code>InvalidRequest</Code>", await old.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_cache_has_the_size_that_is_asked_for_and_shows_in_the_metrics()
    {
        using (ServerProcess server = await ServerProcess.StartAsync(_data, "--cache", "3MiB"))
        {
            string page = await server.GetAsync("/metrics");
            Assert.Contains("\nobjectstore_chunk_cache_limit_bytes 3145728\n", page, StringComparison.Ordinal);
            Assert.Contains("\nobjectstore_chunk_cache_hits_total 0\n", page, StringComparison.Ordinal);
            Assert.Equal(0, await server.TerminateAsync());
        }

        using ServerProcess without = await ServerProcess.StartAsync(_data, "--cache", "0");
        Assert.Contains("\nobjectstore_chunk_cache_limit_bytes 0\n", await without.GetAsync("/metrics"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--bogus")]
    [InlineData("--data", "x", "--cache", "much")]
    public async Task Wrong_arguments_end_with_two(params string[] arguments) => Assert.Equal(2, (await ServerProcess.RunAsync(["server", .. arguments])).Code);
}
