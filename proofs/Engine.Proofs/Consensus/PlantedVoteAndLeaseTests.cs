using System.Linq;
using ObjectStore.Engine.Consensus;
using ObjectStore.Sim.Consensus;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Engine.Proofs.Consensus;

/// <summary>Goal: bugs that need a chain of steps, led to by hand; the same steps without the bug are safe.</summary>
public sealed class PlantedVoteAndLeaseTests
{
    private static readonly RaftMembership Three = new(new ulong[] { 1, 2, 3 }.Select(CoreCluster.Member), []);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_vote_that_is_not_persisted_is_given_twice(bool planted)
    {
        var cluster = new CoreCluster
        {
            NewNode = (all, peer, first) => new CoreNode(all, peer, first) { ForgetsVote = planted && peer.Value == 3 },
        };
        CoreNode[] nodes = StandTwo(cluster);

        // Peer 3 votes for 1, forgets that in a crash, and is asked by 2.
        Assert.All(nodes[..2], static node => Assert.Equal(RaftRole.Candidate, node.Core.Role));
        Deliver(cluster, MessageKind.Vote, from: 1, to: 3);
        nodes[2].Crash();
        nodes[2].Boot();
        if (planted)
        {
            var broken = Assert.Throws<PromiseBrokenException>(() => Deliver(cluster, MessageKind.Vote, from: 2, to: 3));
            Assert.Equal("one-vote-a-term", broken.Promise);
        }
        else
        {
            Deliver(cluster, MessageKind.Vote, from: 2, to: 3);
            DeliverAll(cluster, MessageKind.VoteResponse, to: null);
            Assert.Equal(RaftRole.Leader, nodes[0].Core.Role);
            Assert.NotEqual(RaftRole.Leader, nodes[1].Core.Role);
        }
    }

    [Fact]
    public void Two_leaders_of_one_term_are_seen()
    {
        var cluster = new CoreCluster();
        CoreNode[] nodes = StandTwo(cluster);

        // A vote for each that nobody gave.
        nodes[0].Step(VoteOf(3, nodes[0]));
        var broken = Assert.Throws<PromiseBrokenException>(() => nodes[1].Step(VoteOf(3, nodes[1])));
        Assert.Equal("election-safety", broken.Promise);

        static RaftMessage VoteOf(ulong voter, CoreNode to) => new() { Kind = MessageKind.VoteResponse, From = new PeerId(voter), To = to.Peer, Term = to.Core.Term };
    }

    [Theory]
    [InlineData(8, true)]
    [InlineData(1.04, false)]
    public void A_lease_is_stale_only_when_clocks_run_apart_beyond_the_assumption(double rate, bool isStale)
    {
        var cluster = new CoreCluster { Random = static (peer, bound) => peer.Value == 3 ? bound - 1 : 0 };
        CoreNode[] nodes = [.. new ulong[] { 1, 2, 3 }.Select(peer => cluster.Add(peer, Three))];
        nodes[0].Core.CampaignNow(nodes[0].Now);
        nodes[0].Pump();
        Settle(cluster);
        CoreCluster.Propose(nodes[0], "a");
        nodes[0].Tick();
        Settle(cluster);
        Assert.True(nodes[0].Core.LeaseLeft(nodes[0].Now) > System.TimeSpan.Zero);

        // The leader is cut off. The others' clocks run at their own rate; they elect another and commit as soon as they may, and then the old one reads.
        int ticksAtOnce = rate >= 2 ? (int)rate : 1;
        nodes[1].Rate = nodes[2].Rate = rate / ticksAtOnce;
        ulong context = 0;
        LogIndex committed = default;
        for (int tick = 0; tick < 60; tick++)
        {
            nodes[0].Tick();
            nodes[1].Tick(ticksAtOnce);
            nodes[2].Tick(ticksAtOnce);
            Settle(cluster, cutOff: 1);
            if (committed == default && nodes.Skip(1).FirstOrDefault(static node => node.Core.HasCommittedInTerm) is { } leader)
            {
                CoreCluster.Propose(leader, "b");
                Settle(cluster, cutOff: 1);
                committed = leader.Core.Commit;
            }

            nodes[0].Core.ReadIndex(++context, nodes[0].Now);
            nodes[0].Pump();
            cluster.Wire.Clear();
            if (committed != default && nodes[0].Reads.TryGetValue(context, out ReadPoint read) && !read.Failed)
            {
                Assert.True(read.Index < committed);
                Assert.True(isStale, "a lease outlived the promise that it rests on");
                return;
            }
        }

        Assert.NotEqual(default, committed);
        Assert.False(isStale, "the planted drift was not found");
    }

    /// <summary>Three peers, of which 3 would vote for both others: so both stand in term 1.</summary>
    private static CoreNode[] StandTwo(CoreCluster cluster)
    {
        CoreNode[] nodes = [.. new ulong[] { 1, 2, 3 }.Select(peer => cluster.Add(peer, Three))];
        foreach (CoreNode candidate in nodes[..2])
        {
            candidate.Core.CampaignNow(candidate.Now);
            candidate.Pump();
        }

        DeliverAll(cluster, MessageKind.PreVote, to: 3);
        DeliverAll(cluster, MessageKind.PreVoteResponse, to: null);
        return nodes;
    }

    private static void Settle(CoreCluster cluster, ulong cutOff = 0)
    {
        while (cluster.Wire.Count > 0)
        {
            RaftMessage message = cluster.Wire[0];
            cluster.Wire.RemoveAt(0);
            if (message.From.Value != cutOff && message.To.Value != cutOff)
            {
                cluster[message.To].Step(message);
            }
        }
    }

    private static void Deliver(CoreCluster cluster, MessageKind kind, ulong from, ulong to)
    {
        RaftMessage message = cluster.Wire.Single(each => each.Kind == kind && each.From.Value == from && each.To.Value == to);
        cluster.Wire.Remove(message);
        cluster[message.To].Step(message);
    }

    private static void DeliverAll(CoreCluster cluster, MessageKind kind, ulong? to)
    {
        foreach (RaftMessage message in cluster.Wire.Where(each => each.Kind == kind && (to is null || each.To.Value == to)).ToArray())
        {
            cluster.Wire.Remove(message);
            cluster[message.To].Step(message);
        }
    }
}
