using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Rpc;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Engine.Proofs.Cluster;

/// <summary>Goal: administration through any node reaches the root leader, also while that changes. Method: simulated nodes over a network that loses and repeats, with scripted leadership.</summary>
public sealed class AdministrationEndpointTests
{
    private static readonly string[] Names = ["a", "b", "c"];
    private readonly SimWorld _world = new(new SeededChoices(4));
    private readonly SortedDictionary<string, Scripted> _nodes = [];
    private readonly SortedDictionary<string, AdministrationEndpoint> _ends = [];
    private NodeId? _believed;
    private string _leads = "";

    public AdministrationEndpointTests()
    {
        foreach (string name in Names)
        {
            NodeEnvironment environment = _world.CreateEnvironment(_world.CreateDisk(), name);
            var rpc = new RpcEndpoint(environment, environment.Spawner.CreateLoop("rpc"));
            _nodes[name] = new Scripted(() => _leads == name);
            _ends[name] = new AdministrationEndpoint(environment.Clock, rpc, () => _believed, _nodes[name]);
            rpc.Start();
        }
    }

    [Fact]
    public void Any_node_gets_the_answer_of_the_leader_though_frames_are_lost_and_repeated()
    {
        _world.Network.Default = new LinkOptions { LossPerMillion = 200_000, RepeatPerMillion = 200_000 };
        Lead("b");
        _world.Run(async () =>
        {
            foreach (string name in Names)
            {
                ClusterStatus status = await _ends[name].StatusAsync();
                Assert.Equal((name, "b", ClusterHealth.Healthy), (status.AnsweredBy, status.RootLeader, status.Health));
                Assert.Equal("/d1", Assert.Single(await _ends[name].DisksAsync()).Path);
                Assert.Equal(7UL, Assert.Single(await _ends[name].GroupsAsync()).Group);
                Assert.Equal(5, (await _ends[name].RepairAsync(now: true)).Dirty);
                await _ends[name].DecommissionAsync(new DecommissionRequest(DecommissionKind.Zone, name, GiveUp: true, Cancel: false));
                await _ends[name].JoinAsync(new JoinRequest("d", "z", "h:1", "h:2"));
            }
        });
        Assert.Contains(new DecommissionRequest(DecommissionKind.Zone, "c", true, false), _nodes["b"].Decommissioned);
        Assert.Empty(_nodes["a"].Decommissioned);
    }

    [Fact]
    public void A_request_during_an_election_is_answered_by_the_next_leader()
    {
        _believed = new NodeId("a");
        _world.Run(async () =>
        {
            Task<ClusterStatus> asking = _ends["c"].StatusAsync();
            await _world.Clock.DelayAsync(TimeSpan.FromSeconds(1));
            Assert.False(asking.IsCompleted);
            _believed = null;
            await _world.Clock.DelayAsync(TimeSpan.FromSeconds(1));
            Lead("b");
            Assert.Equal("b", (await asking).RootLeader);
        });
    }

    [Fact]
    public void Without_a_leader_the_request_fails_after_a_while_and_may_be_tried_again() => _world.Run(async () =>
    {
        AdministrationException failure = await Assert.ThrowsAsync<AdministrationException>(() => _ends["a"].StatusAsync());
        Assert.True(failure.Retry);
        Assert.InRange(_world.Now, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(11));
    });

    [Fact]
    public void A_refusal_is_final_and_says_why()
    {
        Lead("b");
        _world.Run(async () =>
        {
            AdministrationException failure =
                await Assert.ThrowsAsync<AdministrationException>(() => _ends["a"].DecommissionAsync(new DecommissionRequest(DecommissionKind.Disk, "refused", false, false)));
            Assert.False(failure.Retry);
            Assert.Equal("the rest could not keep the promise", failure.Message);
        });
    }

    private void Lead(string name) => (_leads, _believed) = (name, new NodeId(name));

    private sealed class Scripted(Func<bool> leads) : IClusterAdministration
    {
        internal List<DecommissionRequest> Decommissioned { get; } = [];

        public Task<ClusterStatus> StatusAsync() => Led(new ClusterStatus("1", "r", "", "b", 3, ClusterHealth.Healthy, [], Repair, []));

        public Task<IReadOnlyList<DiskStatus>> DisksAsync() => Led<IReadOnlyList<DiskStatus>>([new DiskStatus("1", "a", "z", "/d1", DiskState.Up, 1, 1, 1, 0)]);

        public Task<IReadOnlyList<GroupStatus>> GroupsAsync() => Led<IReadOnlyList<GroupStatus>>([new GroupStatus(7, "", "", "b", 1, 1, [])]);

        public Task<RepairStatus> RepairAsync(bool now) => Led(Repair);

        public Task DecommissionAsync(DecommissionRequest request)
        {
            Decommissioned.Add(request);
            return request.Name == "refused" ? throw new AdministrationException("the rest could not keep the promise") : Led(true);
        }

        public Task JoinAsync(JoinRequest request) => Led(true);

        private static RepairStatus Repair => new(false, 9, 5, 0, 0, 1, 2, 3, 4, 5, [new RepairTask(1, 2, "a", 3, 4)]);

        private Task<T> Led<T>(T answer) => leads() ? Task.FromResult(answer) : throw new AdministrationException("not the root leader", retry: true);
    }
}
