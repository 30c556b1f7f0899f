using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Engine.Proofs.Consensus.Driver;

/// <summary>Goal: what the driver promises, one situation at a time, over real stores on simulated disks and a simulated network.</summary>
public sealed class RaftDriverTests
{
    [Fact]
    public void What_was_applied_is_on_all_replicas_and_after_a_restart_of_all() => Play(1, 3, async rig =>
    {
        await rig.StartAsync(groups: 2);
        for (int i = 0; i < 20; i++)
        {
            await rig.ProposeAsync($"k{i % 7}=v{i}", group: 1 + ((ulong)i % 2));
        }

        ProposalOutcome last = await rig.ProposeAsync("k=old");
        Assert.Null(last.Result);
        Assert.Equal("old", (await rig.ProposeAsync("k=new")).Result);
        foreach (RaftNode node in rig.Nodes)
        {
            node.Crash();
        }

        foreach (RaftNode node in rig.Nodes)
        {
            await node.StartAsync();
        }

        await rig.ProposeAsync("after=restart");
        SortedDictionary<string, string> table = await rig.ConvergeAsync(1, [.. rig.Nodes]);
        Assert.Equal("new", table["k"]);
        Assert.Equal("restart", table["after"]);
    });

    [Fact]
    public void A_replica_that_was_away_for_long_gets_a_snapshot() => Play(2, 3, async rig =>
    {
        await rig.StartAsync(groups: 1);
        await rig.LeaderAsync();
        RaftNode away = rig.Nodes[2];
        away.Crash();
        for (int i = 0; i < 400; i++)
        {
            await rig.ProposeAsync($"key{i % 40}=value {i} {new string('x', 60)}");
        }

        RaftNode leader = await rig.LeaderAsync();
        Assert.True(leader.Group(1).Status().LogStart.Value > 100, "the log was not cut");
        await away.StartAsync();
        await rig.ConvergeAsync(1, [.. rig.Nodes]);
        Assert.True(rig.Checker.Counts["snapshot-installed"] >= 1);
        Assert.True(away.Group(1).Status().LogStart.Value > 100);

        // And once more from what it has on its disk now.
        away.Crash();
        await away.StartAsync();
        await rig.ProposeAsync("more=1");
        await rig.ConvergeAsync(1, [.. rig.Nodes]);
    });

    [Fact]
    public void A_snapshot_that_lacks_a_row_is_seen() => Play(2, 3, async rig =>
    {
        foreach (RaftNode node in rig.Nodes)
        {
            node.CutsSnapshots = true;
        }

        await rig.StartAsync(groups: 1);
        await rig.LeaderAsync();
        rig.Nodes[2].Crash();
        for (int i = 0; i < 400; i++)
        {
            await rig.ProposeAsync($"key{i % 40}=value {i} {new string('x', 60)}");
        }

        await rig.Nodes[2].StartAsync();
        await Assert.ThrowsAsync<PromiseBrokenException>(() => rig.ConvergeAsync(1, [.. rig.Nodes]));
    });

    [Fact]
    public void A_wiped_disk_comes_back_as_another_peer_and_is_taken_in() => Play(3, 4, async rig =>
    {
        await rig.StartAsync(groups: 1, voters: 3);
        await rig.ProposeAsync("a=1");
        RaftNode leader = await rig.LeaderAsync();
        RaftNode wiped = rig.Nodes.First(node => node != leader && node != rig.Nodes[3]);
        PeerId old = wiped.Peer;
        wiped.Crash();
        wiped.Sim.WipeDisk();
        await wiped.StartAsync();
        Assert.NotEqual(old, wiped.Peer);
        Assert.Empty(await wiped.OnLoopAsync(() => wiped.Host!.ListGroupsAsync()));

        RaftNode[] others = [.. rig.Nodes.Take(3).Where(node => node != wiped)];
        var asked = new List<GroupId>();
        wiped.Host!.UnknownGroup = (group, _) => asked.Add(group);
        await ChangeAsync(rig, RaftRig.MembershipOf(others.Append(rig.Nodes[3]), wiped));
        await rig.DelayAsync(200);
        Assert.Contains(new GroupId(1), asked);
        await wiped.CreateAsync(1, RaftMembership.Empty);
        await rig.ConvergeAsync(1, [.. rig.Nodes]);
        await ChangeAsync(rig, RaftRig.MembershipOf(others.Append(wiped)));
        await rig.ProposeAsync("b=2");
        Assert.Equal("2", (await rig.ConvergeAsync(1, [.. others, wiped]))["b"]);
    });

    [Fact]
    public void Leadership_is_handed_over_and_no_proposal_is_lost() => Play(4, 3, async rig =>
    {
        await rig.StartAsync(groups: 1);
        RaftNode leader = await rig.LeaderAsync();
        RaftNode next = rig.Nodes.First(node => node != leader);
        Task<ProposalOutcome>[] proposals = [.. Enumerable.Range(0, 20).Select(i => leader.ProposeAsync(1, $"k{i}=v"))];
        bool handedOver = await leader.OnLoopAsync(() => leader.Group(1).TransferLeadershipAsync(next.Peer));
        Assert.True(handedOver);
        Assert.Same(next, await rig.LeaderAsync());
        foreach (Task<ProposalOutcome> proposal in proposals)
        {
            Assert.Equal(ProposalStatus.Applied, (await proposal).Status);
        }

        Assert.Equal(ProposalStatus.NotLeader, (await leader.ProposeAsync(1, "x=y")).Status);
    });

    [Fact]
    public void Proposals_that_come_together_share_one_append_and_one_message_a_peer() => Play(5, 3, async rig =>
    {
        await rig.StartAsync(groups: 1);
        RaftNode leader = await rig.LeaderAsync();
        await rig.DelayAsync(100);
        int frames = leader.Sent.Frames;
        ulong batches = leader.Store.AppliedSequence;
        ProposalOutcome[] outcomes = await leader.OnLoopAsync(async () =>
        {
            Task<ProposalOutcome>[] all = [.. Enumerable.Range(0, 64).Select(i => leader.Group(1).ProposeAsync(Encoding.UTF8.GetBytes($"k{i}=v{i}")))];
            return await EachAsync(all);
        });
        Assert.All(outcomes, static outcome => Assert.Equal(ProposalStatus.Applied, outcome.Status));

        // One append to each of two peers and one more that tells them the commit; besides, a heartbeat or two. One batch of the log and 64 of the machine.
        Assert.InRange(leader.Sent.Frames - frames, 2, 8);
        Assert.InRange(leader.Store.AppliedSequence - batches, 65UL, 67UL);
    });

    [Fact]
    public void Heartbeats_of_all_groups_share_a_frame() => Play(6, 3, async rig =>
    {
        await rig.StartAsync(groups: 20);
        for (ulong group = 1; group <= 20; group++)
        {
            await rig.LeaderAsync(group);
        }

        await rig.DelayAsync(300);
        int before = rig.Nodes.Sum(static node => node.Sent.Frames);
        await rig.DelayAsync(1000);
        int perTick = (rig.Nodes.Sum(static node => node.Sent.Frames) - before) / 50;

        // 50 rounds of heartbeats; each of six directed pairs carries at most a frame of heartbeats and a few of answers, not 40 of each.
        Assert.InRange(perTick, 1, 30);
    });

    [Fact]
    public void A_follower_reads_what_was_acknowledged() => Play(7, 3, async rig =>
    {
        await rig.StartAsync(groups: 1);
        for (int i = 0; i < 10; i++)
        {
            await rig.ProposeAsync($"k={i}");
            foreach (RaftNode node in rig.Nodes)
            {
                (ReadStatus status, string? value) = await node.ReadAsync(1, "k");
                Assert.Equal(ReadStatus.Ok, status);
                Assert.Equal($"{i}", value);
            }
        }
    });

    [Fact]
    public void A_leader_that_is_cut_off_answers_no_read_and_its_proposals_are_unknown() => Play(8, 3, async rig =>
    {
        await rig.StartAsync(groups: 1);
        await rig.ProposeAsync("k=1");
        RaftNode old = await rig.LeaderAsync();
        string[] others = [.. rig.Nodes.Where(node => node != old).Select(static node => node.Sim.Name)];
        rig.World.Network.Partition([old.Sim.Name], others);
        Task<ProposalOutcome> lost = old.ProposeAsync(1, "k=lost");
        await rig.DelayAsync(500);
        Assert.NotSame(old, await rig.LeaderAsync());
        await rig.ProposeAsync("k=2");
        Assert.NotEqual(ReadStatus.Ok, (await old.ReadAsync(1, "k")).Status);
        ProposalStatus status = (await lost).Status;
        Assert.True(status is ProposalStatus.Unknown or ProposalStatus.Dropped, $"{status}");
        rig.World.Network.Heal();
        Assert.Equal("2", (await rig.ConvergeAsync(1, [.. rig.Nodes]))["k"]);
    });

    [Fact]
    public void A_slow_machine_holds_up_neither_its_own_log_nor_other_groups() => Play(9, 3, async rig =>
    {
        await rig.StartAsync(groups: 2);
        RaftNode leader = await rig.LeaderAsync();
        await rig.LeaderAsync(2);
        var gate = new TaskCompletionSource();
        foreach (RaftNode node in rig.Nodes)
        {
            node.Machines[1].Slow = () => gate.Task;
        }

        Task<ProposalOutcome> slow = leader.ProposeAsync(1, "k=slow");
        Term term = leader.Group(1).Status().Term;
        await rig.DelayAsync(1000);
        await rig.ProposeAsync("k=quick", group: 2);
        Assert.False(slow.IsCompleted);
        Assert.Equal(term, leader.Group(1).Status().Term);
        foreach (RaftNode node in rig.Nodes)
        {
            node.Machines[1].Slow = null;
        }

        await leader.OnLoopAsync(() =>
        {
            gate.SetResult();
            return Task.FromResult(true);
        });
        Assert.Equal(ProposalStatus.Applied, (await slow).Status);
    });

    [Fact]
    public void A_removed_replica_keeps_its_vote_and_may_come_back() => Play(10, 3, async rig =>
    {
        await rig.StartAsync(groups: 1);
        await rig.ProposeAsync("a=1");
        RaftNode leader = await rig.LeaderAsync();
        RaftNode gone = rig.Nodes.First(node => node != leader);
        RaftNode[] rest = [.. rig.Nodes.Where(node => node != gone)];
        await ChangeAsync(rig, RaftRig.MembershipOf(rest));
        Term term = gone.Group(1).Status().Term;
        await gone.OnLoopAsync(async () =>
        {
            await gone.Host!.RemoveGroupAsync(new GroupId(1));
            return true;
        });
        Assert.Empty(await gone.OnLoopAsync(() => gone.Host!.ListGroupsAsync()));
        Assert.Equal(0, await gone.OnLoopAsync(() => CountLogEntriesAsync(gone.Store)));
        var fresh = new RaftLogStore(gone.Store, new byte[] { 0x21 });
        Assert.Equal(term, (await gone.OnLoopAsync(() => fresh.ReadRemovedAsync(new GroupId(1)).AsTask())).Term);
    });

    [Fact]
    public void Too_much_is_refused() => Play(
        11,
        3,
        async rig =>
        {
            await rig.StartAsync(groups: 1);
            RaftNode leader = await rig.LeaderAsync();
            ProposalStatus[] statuses = await leader.OnLoopAsync(async () =>
            {
                Task<ProposalOutcome>[] all = [.. Enumerable.Range(0, 10).Select(i => leader.Group(1).ProposeAsync(Encoding.UTF8.GetBytes($"k{i}=v")))];
                return (await EachAsync(all)).Select(static outcome => outcome.Status).ToArray();
            });
            Assert.Equal(4, statuses.Count(static status => status == ProposalStatus.Applied));
            Assert.Equal(6, statuses.Count(static status => status == ProposalStatus.Overloaded));
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => leader.OnLoopAsync(() => leader.Group(1).ProposeAsync(new byte[RaftHostOptions.CommandSizeBytesMax + 1])));
        },
        new RaftHostOptions { TickInterval = TimeSpan.FromMilliseconds(10), ElectionTicks = 10, ProposalsMax = 4 });

    /// <summary>Not WhenAll: it completes on a thread of the pool when a source does so asynchronously.</summary>
    private static async Task<ProposalOutcome[]> EachAsync(Task<ProposalOutcome>[] all)
    {
        var outcomes = new ProposalOutcome[all.Length];
        for (int i = 0; i < all.Length; i++)
        {
            outcomes[i] = await all[i];
        }

        return outcomes;
    }

    private static async Task<int> CountLogEntriesAsync(OrderedStore store)
    {
        int count = 0;
        using IReadView view = store.ReadLatest();
        using IScan scan = view.Scan(new byte[] { 0x21 }, new byte[] { 0x22 });
        while (await scan.NextAsync())
        {
            count += scan.Key.Span[9] == RaftLogKeys.Entry ? 1 : 0;
        }

        return count;
    }

    private static async Task ChangeAsync(RaftRig rig, RaftMembership target)
    {
        for (int attempt = 0; attempt < 100; attempt++)
        {
            RaftNode leader = await rig.LeaderAsync();
            MembershipOutcome outcome = await leader.OnLoopAsync(() => leader.Group(1).ChangeMembershipAsync(target));
            if (outcome == MembershipOutcome.Done)
            {
                return;
            }

            await rig.DelayAsync(50);
        }

        Assert.Fail("the membership did not change");
    }

    private static void Play(ulong seed, int nodes, Func<RaftRig, Task> body, RaftHostOptions? options = null)
    {
        var rig = new RaftRig(seed, nodes, options);
        rig.World.Run(() => body(rig));
    }
}
