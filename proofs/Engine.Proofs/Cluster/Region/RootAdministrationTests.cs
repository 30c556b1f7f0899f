using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Placement;
using Xunit;

namespace ObjectStore.Engine.Proofs.Cluster;

/// <summary>Goal: what administrators are told is so, and what they ask is done or refused with the reason. Method: regions in the simulator, asked while disks and nodes come and go.</summary>
public sealed class RootAdministrationTests
{
    private static readonly Layout TwoOne = new(2, 1, new Losses(1, 0, 0), new Losses(1, 0, 0), 0);

    [Fact]
    public void A_whole_region_is_healthy_and_every_slot_is_on_a_listed_disk() =>
        RegionRig.Tell(1, TwoOne, zones: 3, nodesPerZone: 1, disksPerNode: 2, async rig =>
        {
            await rig.MustPutAsync(rig.Up, 100_000);
            await rig.RestAsync(1);
            ClusterStatus status = await rig.AskAsync(static ask => ask.StatusAsync());
            Assert.Equal(("region-1", "root", ClusterHealth.Healthy), (status.Region, status.RootLeader, status.Health));
            Assert.Equal("00000000000000000000000000000011", status.ClusterId);
            Assert.Empty(status.Troubles);
            Assert.All(status.Nodes, static node => Assert.Equal((NodeState.Up, 2, 2), (node.State, node.DisksUp, node.DiskCount)));
            Assert.True(status.Repair is { IsFullyRedundant: true, PlacementGroups: 4, Dirty: 0, Degraded: 0 });
            IReadOnlyList<DiskStatus> disks = await rig.AskAsync(static ask => ask.DisksAsync());
            Assert.Equal(4 * 3, disks.Sum(static disk => disk.Slots));
            Assert.All(disks, static disk => Assert.True(disk is { State: DiskState.Up, SlotsToMove: 0, TotalBytes: > 0 }));
            Assert.Contains(disks, static disk => disk.UsedBytes > 0);
        });

    [Fact]
    public void A_node_that_is_gone_is_told_of_and_the_region_is_degraded_until_it_is_back() =>
        RegionRig.Tell(2, TwoOne, zones: 3, nodesPerZone: 1, disksPerNode: 1, async rig =>
        {
            rig.Members[0].Machine.Crash();
            await rig.RestAsync(2);
            ClusterStatus status = await rig.AskAsync(static ask => ask.StatusAsync());
            NodeStatus gone = Assert.Single(status.Nodes, static node => node.State == NodeState.Silent);
            Assert.Equal((rig.Members[0].Machine.Name, 0, ClusterHealth.Degraded), (gone.Name, gone.DisksUp, status.Health));
            Assert.True(gone.SilentMs >= 800, $"silent for {gone.SilentMs} ms");
            Assert.True(status.Repair is { IsFullyRedundant: false, Degraded: 4, AtRisk: 4, Unreadable: 0 }, status.Repair.ToString());
            Assert.Contains(status.Troubles, trouble => trouble.Contains(gone.Name, StringComparison.Ordinal));
            await rig.StartAsync(rig.Members[0]);
            await rig.RestAsync(1);
            await rig.RedundantAsync(TimeSpan.FromSeconds(30));
            Assert.Equal(ClusterHealth.Healthy, (await rig.AskAsync(static ask => ask.StatusAsync())).Health);
        });

    [Fact]
    public void A_node_is_emptied_and_leaves_and_its_bodies_stay() =>
        RegionRig.Tell(3, TwoOne, zones: 3, nodesPerZone: 2, disksPerNode: 1, async rig =>
        {
            for (int body = 0; body < 8; body++)
            {
                await rig.MustPutAsync(rig.Up, 20_000);
            }

            string name = rig.Members[0].Machine.Name;
            Assert.True(await DecommissionAsync(rig, DecommissionKind.Node, name));
            await rig.RestAsync(1);
            for (int wait = 0; wait < 60 && (await rig.AskAsync(static ask => ask.DisksAsync())).Any(disk => disk.Node == name); wait++)
            {
                await rig.RestAsync(0.5);
            }

            Assert.DoesNotContain(await rig.AskAsync(static ask => ask.DisksAsync()), disk => disk.Node == name);
            ClusterStatus status = await rig.AskAsync(static ask => ask.StatusAsync());
            Assert.Equal(NodeState.Left, status.Nodes.Single(node => node.Name == name).State);
            rig.Members[0].Machine.Crash();
            await rig.RestAsync(2);
            await rig.CheckAllAsync();
        });

    [Fact]
    public void What_would_break_the_promise_is_refused_with_the_reason_and_changes_nothing() =>
        RegionRig.Tell(4, TwoOne, zones: 3, nodesPerZone: 1, disksPerNode: 1, async rig =>
        {
            ulong version = rig.Root.Map.Version;
            string zone = rig.Members[1].Zone;
            AdministrationException refused = await Assert.ThrowsAsync<AdministrationException>(() => DecommissionAsync(rig, DecommissionKind.Zone, zone));
            Assert.Contains("cannot keep its promise", refused.Message, StringComparison.Ordinal);
            Assert.False(refused.Retry);
            Assert.Contains("no node", (await Assert.ThrowsAsync<AdministrationException>(() => DecommissionAsync(rig, DecommissionKind.Node, "nobody"))).Message, StringComparison.Ordinal);
            Assert.Contains("no disk", (await Assert.ThrowsAsync<AdministrationException>(() => DecommissionAsync(rig, DecommissionKind.Disk, "99"))).Message, StringComparison.Ordinal);
            string disk = rig.Root.Map.Disks.Keys.First().ToString();
            AdministrationException isThere = await Assert.ThrowsAsync<AdministrationException>(() => DecommissionAsync(rig, DecommissionKind.Disk, disk, giveUp: true));
            Assert.Contains("is up", isThere.Message, StringComparison.Ordinal);
            Assert.All(rig.Root.Map.Disks.Values, static one => Assert.Equal(MemberState.In, one.State));
            Assert.Equal(version, rig.Root.Map.Version);
        });

    [Fact]
    public void A_disk_that_is_lost_is_given_up_at_once_and_its_shards_are_built_elsewhere() =>
        RegionRig.Tell(5, TwoOne, zones: 3, nodesPerZone: 2, disksPerNode: 1, async rig =>
        {
            for (int body = 0; body < 8; body++)
            {
                await rig.MustPutAsync(rig.Up, 20_000);
            }

            DiskId lost = rig.Root.Map.Disks.Values.First(disk => disk.Node.Value == rig.Members[0].Machine.Name).Id;
            rig.Members[0].Machine.Crash();
            await rig.RestAsync(1.5);
            Assert.True(await DecommissionAsync(rig, DecommissionKind.Disk, lost.ToString(), giveUp: true));
            Assert.Equal(MemberState.Removed, rig.Root.Map.Disks[lost].State);
            await rig.RestAsync(0.5);
            await rig.RedundantAsync(TimeSpan.FromSeconds(30));
            await rig.CheckAllAsync();
        });

    [Fact]
    public void Draining_can_be_taken_back() =>
        RegionRig.Tell(6, TwoOne, zones: 3, nodesPerZone: 2, disksPerNode: 1, async rig =>
        {
            string disk = rig.Root.Map.Disks.Keys.First().ToString();
            Assert.True(await DecommissionAsync(rig, DecommissionKind.Disk, disk));
            Assert.Equal(DiskState.Draining, (await rig.AskAsync(static ask => ask.DisksAsync())).Single(one => one.Id == disk).State);
            Assert.True(await DecommissionAsync(rig, DecommissionKind.Disk, disk, cancel: true));
            Assert.Equal(DiskState.Up, (await rig.AskAsync(static ask => ask.DisksAsync())).Single(one => one.Id == disk).State);
            await rig.RedundantAsync(TimeSpan.FromSeconds(30));
        });

    [Fact]
    public void A_node_joins_once_and_a_name_in_use_stays_where_it_is() =>
        RegionRig.Tell(7, TwoOne, zones: 3, nodesPerZone: 1, disksPerNode: 1, async rig =>
        {
            Assert.True(await JoinAsync(rig, new JoinRequest("d1", "d", "10.0.0.9:7000", "10.0.0.9:9000")));
            NodeRecord joined = rig.Root.Map.Nodes[new NodeId("d1")];
            Assert.Equal(("d", "10.0.0.9:7000"), (joined.Zone, joined.ClusterAddress));
            string taken = rig.Members[0].Machine.Name;
            AdministrationException refused = await Assert.ThrowsAsync<AdministrationException>(
                () => JoinAsync(rig, new JoinRequest(taken, rig.Members[0].Zone, "10.0.0.9:7001", "10.0.0.9:9000")));
            Assert.Contains("is up at", refused.Message, StringComparison.Ordinal);
        });

    [Fact]
    public void A_replica_that_does_not_lead_answers_nothing_and_says_that_another_one_may() =>
        RegionRig.Tell(8, TwoOne, zones: 3, nodesPerZone: 1, disksPerNode: 1, async rig =>
        {
            rig.Root.IsLeader = false;
            AdministrationException failure = await Assert.ThrowsAsync<AdministrationException>(() => rig.AskAsync(static ask => ask.StatusAsync()));
            Assert.True(failure.Retry);
            failure = await Assert.ThrowsAsync<AdministrationException>(() => DecommissionAsync(rig, DecommissionKind.Disk, "1"));
            Assert.True(failure.Retry);
            rig.Root.IsLeader = true;
        });

    private static Task<bool> DecommissionAsync(RegionRig rig, DecommissionKind kind, string name, bool giveUp = false, bool cancel = false) =>
        rig.AskAsync(async ask =>
        {
            await ask.DecommissionAsync(new DecommissionRequest(kind, name, giveUp, cancel));
            return true;
        });

    private static Task<bool> JoinAsync(RegionRig rig, JoinRequest request) =>
        rig.AskAsync(async ask =>
        {
            await ask.JoinAsync(request);
            return true;
        });
}
