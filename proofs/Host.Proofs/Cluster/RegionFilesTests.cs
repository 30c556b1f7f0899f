using System;
using System.IO;
using System.Security.Cryptography.X509Certificates;
using ObjectStore.Engine.Host;
using ObjectStore.Engine.Kernel;
using Xunit;

namespace ObjectStore.Host.Proofs.Cluster;

public sealed class RegionFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("objectstore-region-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_prepared_data_folder_has_a_certificate_of_its_node_and_the_secrets_and_keys_are_its_owners_only()
    {
        using X509Certificate2 authority = RegionFiles.CreateAuthority(_folder, "eu-1", TimeSpan.FromDays(10));
        string data = Path.Join(_folder, "a1");
        RegionFiles.PrepareDataFolder(authority, data, "a1", TimeSpan.FromDays(900), "{}", "00");
        using DataFolder held = DataFolder.TryAcquire(data)!;
        RegionFiles.RequireSecrets(held);
        using NodeCredentials credentials = RegionFiles.LoadCredentials(held, new NodeId("a1"));
        Assert.True(credentials.IsOf(new NodeId("a1")));
        Assert.False(credentials.IsOf(new NodeId("A1")));

        // No certificate outlives its authority.
        Assert.Equal(authority.NotAfter.ToUniversalTime(), credentials.ExpiresUtc);
        foreach (string secret in (string[])["ca.key", "a1/root.json", "a1/master.key", "a1/cluster/node.key"])
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Join(_folder, secret)));
        }

        Assert.Equal(ExitCode.Failed, Assert.Throws<CommandFailedException>(() => RegionFiles.LoadCredentials(held, new NodeId("a2"))).Code);
    }

    [Fact]
    public void An_authority_is_made_once_and_can_be_loaded_to_issue_more()
    {
        RegionFiles.CreateAuthority(_folder, "eu-1", TimeSpan.FromDays(10)).Dispose();
        Assert.Equal(ExitCode.Conflict, Assert.Throws<CommandFailedException>(() => RegionFiles.CreateAuthority(_folder, "eu-1", TimeSpan.FromDays(10))).Code);
        using X509Certificate2 authority = RegionFiles.LoadAuthority(_folder);
        RegionFiles.IssueCertificate(authority, Path.Join(_folder, "b1"), "b1", TimeSpan.FromDays(1));
        using NodeCredentials credentials = NodeCredentials.Load(Path.Join(_folder, "b1/ca.pem"), Path.Join(_folder, "b1/node.pem"), Path.Join(_folder, "b1/node.key"));
        Assert.True(credentials.IsOf(new NodeId("b1")));
    }

    [Fact]
    public void A_data_folder_without_the_shared_secrets_is_refused()
    {
        using DataFolder held = DataFolder.TryAcquire(Path.Join(_folder, "empty"))!;
        Assert.Contains("cluster init", Assert.Throws<CommandFailedException>(() => RegionFiles.RequireSecrets(held)).Message, StringComparison.Ordinal);
        Assert.Contains("issue-cert", Assert.Throws<CommandFailedException>(() => RegionFiles.LoadCredentials(held, new NodeId("a"))).Message, StringComparison.Ordinal);
    }
}
