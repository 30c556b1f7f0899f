using System;
using System.Collections.Generic;
using System.IO;
using System.Threading.Tasks;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Host;
using Xunit;

namespace ObjectStore.Host.Proofs.Cluster;

/// <summary>Goal: what operators read, as text and as JSON. Method: one scripted region, the text compared as a whole.</summary>
public sealed class ClusterTablesTests
{
    private static readonly RepairStatus Repair =
        new(false, 64, 5, 3, 1, 0, 40, 5_000_000, 1_048_576, 67_108_864, [new RepairTask(7, 0, "b1", 100, 8), new RepairTask(61, 1, "c1", 5, 0)]);

    private static readonly ClusterStatus Status = new(
        "0f", "eu-1", "a1", "b1", 12, ClusterHealth.Degraded,
        [
            new NodeStatus("a1", "a", NodeState.Up, "127.0.0.1:7001", "127.0.0.1:9001", 12, 2, 2, 3, 5),
            new NodeStatus("long-name", "b", NodeState.Silent, "127.0.0.1:7002", "127.0.0.1:9002", 65_000, 0, 2, 0, 5),
        ],
        Repair,
        ["node long-name has been silent for 65 s"]);

    [Fact]
    public void Status_as_text() => AssertText(
        """
        region eu-1, cluster 0f: degraded
        root leader b1, map version 12, answered by a1

        NODE       ZONE  STATE   SILENT  DISKS  LEADS  VOTES         CLUSTER              S3
        a1         a     up        12ms    2/2      3      5  127.0.0.1:7001  127.0.0.1:9001
        long-name  b     silent     65s    0/2      0      5  127.0.0.1:7002  127.0.0.1:9002

        redundancy: 3 of 64 placement groups miss shards, 1 could lose no more, 0 cannot be read
        repair: 5 placement groups to look at, 40 shards built (4.8MiB), 1.0MiB/s of at most 64.0MiB/s
        PG  LOSSES-LEFT  NODE  CHECKED  BUILT
         7            0  b1        100      8
        61            1  c1          5      0
        ! node long-name has been silent for 65 s

        """,
        to => ClusterTables.Write(to, Status));

    [Fact]
    public void Disks_as_text() => AssertText(
        """
        DISK  NODE  ZONE  STATE     USED   TOTAL  SLOTS  TO-MOVE  PATH
        00ff  a1    a     draining  512B  2.0KiB     10        4  /d1

        """,
        static to => ClusterTables.Write(to, [new DiskStatus("00ff", "a1", "a", "/d1", DiskState.Draining, 2048, 512, 10, 4)]));

    [Fact]
    public void Groups_as_text() => AssertText(
        """
        GROUP  LEADER  TERM  COMMIT  REPLICAS                 RANGE
            1  a1         3     100  a1 b1-2 c1(learner)-100  root
            2  -          4     101  a1                       begin .. 1/m

        """,
        static to => ClusterTables.Write(to, (IReadOnlyList<GroupStatus>)
        [
            new GroupStatus(1, "", "", "a1", 3, 100, [new("a1", true, 100, true), new("b1", true, 98, true), new("c1", false, 0, false)]),
            new GroupStatus(2, "", "1/m", "", 4, 101, [new("a1", true, 101, true)]),
        ]));

    [Fact]
    public async Task An_answer_survives_the_admin_socket_format()
    {
        using var service = new AdminService(null!, new Scripted());
        AdminResponse response = await service.HandleAsync(new AdminRequest(AdminVerb.Status));
        string line = System.Text.Json.JsonSerializer.Serialize(response, AdminFormat.Line);
        Assert.Contains("\"health\":\"Degraded\"", line, StringComparison.Ordinal);
        AdminResponse read = System.Text.Json.JsonSerializer.Deserialize<AdminResponse>(line, AdminFormat.Line)!;
        ClusterStatus status = System.Text.Json.JsonSerializer.Deserialize<ClusterStatus>(read.Result!.Value, AdminFormat.Line)!;
        Assert.Equal(Text(to => ClusterTables.Write(to, Status)), Text(to => ClusterTables.Write(to, status)));
    }

    [Fact]
    public async Task Without_a_leader_the_answer_is_to_try_again_and_a_server_that_stands_alone_says_so()
    {
        using var service = new AdminService(null!, new Scripted());
        AdminResponse response = await service.HandleAsync(new AdminRequest(AdminVerb.Disks));
        Assert.Equal((ExitCode.TryAgain, "no root leader"), (response.Code, response.Message));
        response = await service.HandleAsync(new AdminRequest(AdminVerb.Decommission, Decommission: new(DecommissionKind.Zone, "a", false, false)));
        Assert.Equal((ExitCode.Failed, "two zones cannot keep the promise"), (response.Code, response.Message));
        using var alone = new AdminService(null!);
        Assert.Contains("stands alone", (await alone.HandleAsync(new AdminRequest(AdminVerb.Status))).Message, StringComparison.Ordinal);
    }

    private static void AssertText(string expected, Action<TextWriter> write) => Assert.Equal(expected.ReplaceLineEndings("\n"), Text(write));

    private static string Text(Action<TextWriter> write)
    {
        var writer = new StringWriter { NewLine = "\n" };
        write(writer);
        return writer.ToString();
    }

    private sealed class Scripted : IClusterAdministration
    {
        public Task<ClusterStatus> StatusAsync() => Task.FromResult(Status);

        public Task<IReadOnlyList<DiskStatus>> DisksAsync() => throw new AdministrationException("no root leader", retry: true);

        public Task<IReadOnlyList<GroupStatus>> GroupsAsync() => Task.FromResult<IReadOnlyList<GroupStatus>>([]);

        public Task<RepairStatus> RepairAsync(bool now) => Task.FromResult(Repair);

        public Task DecommissionAsync(DecommissionRequest request) => throw new AdministrationException("two zones cannot keep the promise");

        public Task JoinAsync(JoinRequest request) => Task.CompletedTask;
    }
}
