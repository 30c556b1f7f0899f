using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ObjectStore.Engine.Consensus;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Consensus;

/// <summary>
/// How things are for a while: what happens often, which links are down, which messages do not come through. A mood is drawn as a whole, so that what needs several things at the same time (a leader
/// cut off right after it appended; answers that come late while another stands for election) comes up much more often than by drawing each message's fate (swarm testing).
/// </summary>
internal sealed class CoreMood
{
    // Ways to cut links: below the first of these, none.
    private const int AroundLeader = 4;
    private const int FromLeader = 6;
    private const int LeaderToOne = 10;

    private static readonly MessageKind[] Answers = [MessageKind.AppendResponse, MessageKind.HeartbeatResponse];

    private static readonly MessageKind[][] Kinds =
    [
        [], [], [], [], [], [], [],
        [MessageKind.Append],
        Answers,
        [MessageKind.Heartbeat, MessageKind.Append],
        [MessageKind.HeartbeatResponse],
        [MessageKind.VoteResponse],
        [MessageKind.SnapshotChunk],
    ];

    private readonly SortedSet<(PeerId From, PeerId To)> _cut;
    private readonly MessageKind[] _kinds;

    private CoreMood(SortedSet<(PeerId From, PeerId To)> cut, MessageKind[] kinds) => (_cut, _kinds) = (cut, kinds);

    internal required CorePace Pace { get; init; }

    /// <summary>Steps that it lasts.</summary>
    internal required int Steps { get; init; }

    /// <summary>Whether what does not come through now waits for better times; else it is lost.</summary>
    internal required bool Waits { get; init; }

    /// <summary>One in so many messages is repeated, and as many are lost; 0: none.</summary>
    internal required int LossOf { get; init; }

    /// <summary>One in so many deliveries takes any message in place of an old one.</summary>
    internal required int AnyOf { get; init; }

    /// <summary>Commands that the leader takes right before it begins.</summary>
    internal required int First { get; init; }

    /// <summary>Whether it is over as soon as somebody is elected.</summary>
    internal required bool EndsAtElection { get; init; }

    /// <summary>What it is about.</summary>
    internal CoreStory Story { get; private init; }

    /// <summary>The leader that the story is about; null: there was none.</summary>
    internal CoreNode? Leader { get; private init; }

    /// <summary>A mood for the next phase.</summary>
    internal static CoreMood Draw(IChoices choices, CoreCluster cluster, CoreLifeOptions options, int phase)
    {
        string label = string.Create(CultureInfo.InvariantCulture, $"fault.mood.{phase}");
        PeerId[] peers = [.. cluster.Peers];
        CoreNode? leader = cluster.Nodes.Where(static node => node.IsUp && node.Core.Role == RaftRole.Leader).MaxBy(static node => node.Core.Term);
        CoreStory story = options.Stories.Count > 0 && choices.Next(2, label + ".story?") == 1 ? options.Stories[choices.Next(options.Stories.Count, label + ".story")] : CoreStory.None;
        CorePace pace = options.Paces[choices.Next(options.Paces.Count, label + ".pace")];
        int how = choices.Next(12, label + ".cut?");
        MessageKind[] kinds = Kinds[choices.Next(Kinds.Length, label + ".kinds?")];
        bool waits = choices.Next(2, label + ".waits") == 1;
        int first = choices.Next(5, label + ".first?");
        (pace, how, kinds, waits, first) = story switch
        {
            CoreStory.LeaderAlone => (CorePace.Elections, AroundLeader, [], waits, first),
            CoreStory.LateAnswers => (CorePace.Elections, FromLeader, Answers, true, 0),
            CoreStory.StandsStill => (CorePace.Elections, how, [], waits, 0),
            CoreStory.ForgetfulVoter => (CorePace.Elections, LeaderToOne, [], waits, 0),
            _ => (pace, how, kinds, waits, first),
        };
        return new CoreMood(DrawCut(choices, peers, leader?.Peer, how, label), kinds)
        {
            Story = story,
            Leader = leader,
            Pace = pace,
            Steps = choices.Between(10, 50, label + ".steps"),
            EndsAtElection = choices.Next(2, label + ".ends") == 1,
            Waits = waits,
            LossOf = choices.Next(3, label + ".loss?") == 2 ? 12 : 0,
            AnyOf = choices.Next(3, label + ".order") switch { 0 => 0, 1 => 5, _ => 1 },
            First = first,
        };
    }

    /// <summary>Whether links are cut by now: when answers are to come late, they are held back first.</summary>
    internal bool IsCut { get; private set; }

    /// <summary>Whether commands come to the leader: a quiet story is about logs that stay equal.</summary>
    internal bool TakesCommands => Story is CoreStory.None or CoreStory.LeaderAlone;

    /// <summary>In the middle of the story the leader was cut off altogether.</summary>
    internal bool IsLeaderAlone { get; private set; }

    internal void CutOffLeader() => IsLeaderAlone = true;

    /// <summary>The mood goes on.</summary>
    internal void At(int step) => IsCut = Story != CoreStory.LateAnswers || step > Steps / 3;

    /// <summary>Whether a message comes through.</summary>
    internal bool Lets(RaftMessage message) =>
        !(IsCut && _cut.Contains((message.From, message.To)))
        && !(IsLeaderAlone && (message.From == Leader?.Peer || message.To == Leader?.Peer))
        && Array.IndexOf(_kinds, message.Kind) < 0;

    /// <summary>For the trace.</summary>
    public override string ToString() =>
        $"{Story} {Pace} cut ({string.Join(' ', _cut.Select(static link => $"{link.From}>{link.To}"))}) without ({string.Join(' ', _kinds)}) {(Waits ? "which waits" : "which is lost")}";

    private static SortedSet<(PeerId, PeerId)> DrawCut(IChoices choices, PeerId[] peers, PeerId? led, int how, string label)
    {
        PeerId any = peers[choices.Next(peers.Length, label + ".peer")];
        PeerId other = peers[choices.Next(peers.Length, label + ".other")];
        PeerId leader = led ?? any;
        Func<PeerId, PeerId, bool> isCut = how switch
        {
            AroundLeader or AroundLeader + 1 => (from, to) => from == leader || to == leader,
            FromLeader => (from, _) => from == leader,
            7 => (_, to) => to == leader,

            // Only a pair talks.
            8 => (from, to) => !((from == leader && to == other) || (from == other && to == leader)),
            9 => (from, to) => !((from == any && to == other) || (from == other && to == any)),
            LeaderToOne => (from, to) => (from == leader && to == other) || (from == other && to == leader),
            11 => (_, _) => choices.Next(3, label + ".link") == 2,
            _ => static (_, _) => false,
        };
        var cut = new SortedSet<(PeerId, PeerId)>();
        foreach (PeerId from in peers)
        {
            foreach (PeerId to in peers)
            {
                if (from != to && isCut(from, to))
                {
                    cut.Add((from, to));
                }
            }
        }

        return cut;
    }
}
