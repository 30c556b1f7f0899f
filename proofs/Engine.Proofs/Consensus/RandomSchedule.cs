using System;
using System.Collections.Generic;
using System.Linq;
using ObjectStore.Engine.Consensus;

namespace ObjectStore.Engine.Proofs.Consensus;

/// <summary>What a schedule may do, and the bugs that are planted in it.</summary>
internal sealed record ScheduleOptions
{
    internal int Steps { get; init; } = 1500;

    internal bool ChangesMembership { get; init; } = true;

    internal bool Crashes { get; init; } = true;

    /// <summary>Planted: a sent append counts as acknowledged.</summary>
    internal bool CommitsWithoutQuorum { get; init; }

    /// <summary>Planted: snapshots lack the last entry.</summary>
    internal bool CutsSnapshots { get; init; }

    /// <summary>Planted: clocks run apart by far more than leases allow for.</summary>
    internal bool ClocksRunApart { get; init; }

    internal bool LeaseReads { get; init; } = true;
}

/// <summary>A life of a few peers drawn from a seed: messages lost, repeated, overtaken, crashes that lose what was not synced, pauses, partitions, membership
/// changes, transfers, compaction, reads; then everything heals and the group has to go on.</summary>
internal sealed class RandomSchedule
{
    private const int PeersMax = 6;

    private readonly Random _random;
    private readonly ScheduleOptions _options;
    private readonly CoreCluster _cluster;
    private readonly HashSet<(PeerId From, PeerId To)> _cut = [];
    private readonly Dictionary<(PeerId Peer, ulong Context), LogIndex> _reads = [];
    private int _commands;
    private ulong _context;

    internal RandomSchedule(int seed, ScheduleOptions options)
    {
        (_random, _options) = (new Random(seed), options);
        RaftHostOptions raft = new CoreCluster().Options with { LeaseReads = options.LeaseReads, HeartbeatTicks = 2 };
        _cluster = new CoreCluster(raft)
        {
            Random = (_, bound) => _random.Next(bound),
            NewNode = (cluster, peer, first) => new CoreNode(cluster, peer, first) { CutsSnapshots = options.CutsSnapshots },
        };
        int voters = _random.Next(4) == 0 ? 5 : 3;
        var first = new RaftMembership(Enumerable.Range(1, voters).Select(peer => CoreCluster.Member((ulong)peer)), []);
        for (int peer = 1; peer <= PeersMax; peer++)
        {
            CoreNode node = _cluster.Add((ulong)peer, peer <= voters ? first : RaftMembership.Empty);
            node.PersistsAtOnce = _random.Next(2) == 0;
            node.Rate = options.ClocksRunApart ? (peer % 2 == 0 ? 6 : 0.5) : 1 + ((_random.NextDouble() - 0.5) * 0.09);
        }
    }

    internal int CommittedCount => _cluster.Committed.Count;

    internal int ReadCount { get; private set; }

    internal int SnapshotCount { get; private set; }

    internal int ChangeCount { get; private set; }

    internal void Run()
    {
        for (int step = 0; step < _options.Steps; step++)
        {
            Do();
            Watch();
            if (step % 50 == 0)
            {
                _cluster.CheckLogMatching();
            }
        }

        Heal();
    }

    private void Do()
    {
        switch (_random.Next(100))
        {
            case < 55:
                for (int i = _random.Next(6); i >= 0; i--)
                {
                    Deliver();
                }

                break;
            case < 62:
                Each(static node => node.Tick());
                break;
            case < 74:
                CoreNode? writing = Any(static node => node.PendingCount > 0);
                writing?.PersistNext();
                break;
            case < 84:
                Propose();
                break;
            case < 89:
                Read();
                break;
            case < 91 when _options.Crashes && _random.Next(4) == 0:
                Any().Crash(_random.Next(4));
                break;
            case < 93:
                Restart(Any());
                break;
            case 93 when _random.Next(3) == 0:
                CutOrHeal();
                break;
            case 94 when _random.Next(2) == 0:
                CoreNode paused = Any();
                paused.IsPaused = !paused.IsPaused && _random.Next(2) == 0;
                break;
            case 95 when _options.ChangesMembership && _random.Next(2) == 0:
                ChangeMembership();
                break;
            case 96 when _random.Next(3) == 0:
                if (Any(static node => node.IsUp && node.Core.Role == RaftRole.Leader) is { } old)
                {
                    old.Core.TransferLeadership(Any().Peer, old.Now);
                    old.Pump();
                }

                break;
            case < 99:
                CoreNode cut = Any();
                cut.Compact(new LogIndex(cut.Applied.Value - Math.Min(cut.Applied.Value, (ulong)_random.Next(3))));
                break;
            default:
                break;
        }
    }

    private void Deliver()
    {
        List<RaftMessage> wire = _cluster.Wire;
        while (wire.Count > 400)
        {
            wire.RemoveAt(_random.Next(wire.Count));
        }

        if (wire.Count == 0)
        {
            return;
        }

        // Mostly the oldest few, sometimes any.
        int at = _random.Next(_random.Next(5) == 0 ? wire.Count : Math.Min(3, wire.Count));
        RaftMessage message = wire[at];
        if (_random.Next(20) != 0)
        {
            wire.RemoveAt(at);
        }

        if (_random.Next(20) == 0 || _cut.Contains((message.From, message.To)) || _cluster[message.To].IsPaused)
        {
            return;
        }

        Give(message);
    }

    private void Give(RaftMessage message)
    {
        SnapshotCount += message.Kind == MessageKind.SnapshotChunk ? 1 : 0;
        if (_options.CommitsWithoutQuorum && message.Kind == MessageKind.Append)
        {
            _cluster.Wire.Insert(0, new RaftMessage
            {
                Kind = MessageKind.AppendResponse,
                From = message.To,
                To = message.From,
                Term = message.Term,
                Index = message.Entries.Count == 0 ? message.Index : message.Entries[^1].Index,
                Round = message.Round,
            });
        }

        _cluster[message.To].Step(message);
    }

    private void Propose()
    {
        CoreNode? leader = Any(static node => node.IsUp && !node.IsPaused && node.Core.Role == RaftRole.Leader);
        if (leader is not null && CoreCluster.Propose(leader, $"c{_commands}{new string('x', _random.Next(8) == 0 ? 300 : _random.Next(30))}"))
        {
            _commands++;
        }
    }

    private void Read()
    {
        CoreNode node = Any();
        if (node.IsUp && !node.IsPaused)
        {
            _context++;
            LogIndex committed = _cluster.Committed.Count == 0 ? default : _cluster.Committed.Keys.Last();
            _reads.Add((node.Peer, _context), committed);
            node.Core.ReadIndex(_context, node.Now);
            node.Pump();
        }
    }

    /// <summary>Linearizable reads: a read point is not below what was committed, by anybody, when the read began.</summary>
    private void Watch()
    {
        foreach (CoreNode node in _cluster.Nodes)
        {
            foreach ((ulong context, ReadPoint point) in node.Reads)
            {
                if (!point.Failed && _reads.TryGetValue((node.Peer, context), out LogIndex committed))
                {
                    ReadCount++;
                    if (point.Index < committed)
                    {
                        throw new RaftSafetyException($"stale read: {node.Peer} reads at {point.Index}, {committed} was committed before");
                    }
                }
            }

            node.Reads.Clear();
        }
    }

    private void CutOrHeal()
    {
        if (_cut.Count > 0)
        {
            _cut.Clear();
            return;
        }

        PeerId alone = Any().Peer;
        bool isOneWay = _random.Next(3) == 0;
        foreach (PeerId other in _cluster.Peers)
        {
            if (_random.Next(4) != 0)
            {
                _cut.Add((alone, other));
                if (!isOneWay)
                {
                    _cut.Add((other, alone));
                }
            }
        }
    }

    private void ChangeMembership()
    {
        CoreNode? leader = Any(static node => node.IsUp && node.Core.Role == RaftRole.Leader);
        if (leader is null)
        {
            return;
        }

        var voters = new List<RaftMember>();
        var learners = new List<RaftMember>();
        foreach (PeerId peer in _cluster.Peers)
        {
            (_random.Next(5) switch { < 3 => voters, 3 => learners, _ => null })?.Add(CoreCluster.Member(peer.Value));
        }

        if (voters.Count > 0 && leader.Core.ProposeMembership(new RaftMembership(voters, learners), leader.Now) == MembershipOutcome.Done)
        {
            ChangeCount++;
            leader.Pump();
        }
    }

    /// <summary>Everybody up, nothing lost any more: the group elects, commits something new, and all members come to the same state.</summary>
    private void Heal()
    {
        _cut.Clear();
        Each(node =>
        {
            node.IsPaused = false;
            node.PersistsAtOnce = true;
            Restart(node);
            node.PersistNext();
        });
        string last = "";
        for (int round = 0; round < 2000; round++)
        {
            Each(static node => node.Tick());
            for (int i = 0; i < 2000 && _cluster.Wire.Count > 0; i++)
            {
                RaftMessage message = _cluster.Wire[0];
                _cluster.Wire.RemoveAt(0);
                Give(message);
            }

            Watch();
            if (last.Length == 0)
            {
                CoreNode? leader = Any(static node => node.Core.HasCommittedInTerm && !node.Core.Membership.IsJoint);
                last = leader is not null && CoreCluster.Propose(leader, "last") ? "last" : "";
            }
            else if (round % 20 == 0 && HasConverged())
            {
                _cluster.CheckLogMatching();
                return;
            }
        }

        throw new RaftSafetyException("liveness: the group did not go on after everything had healed\n" + string.Join('\n', _cluster.Nodes.Select(Describe)));
    }

    private bool HasConverged()
    {
        CoreNode? leader = Any(static node => node.Core.HasCommittedInTerm);
        if (leader is null || leader.State.Count == 0 || leader.State[^1] != "last")
        {
            // A leader that was replaced may have lost it before it was committed.
            if (leader is not null && leader.Core.Commit == leader.Core.Log.Last)
            {
                CoreCluster.Propose(leader, "last");
            }

            return false;
        }

        return leader.Core.Membership.All().All(member => _cluster[member.Peer].Applied == leader.Applied);
    }

    private static string Describe(CoreNode node) =>
        $"{node.Peer}: {node.Core.Role} term {node.Core.Term} vote {node.Core.Vote} leader {node.Core.Leader} log {node.Core.Log.Start}..{node.Core.Log.Last}.{node.Core.Log.LastTerm}"
        + $" durable {node.Core.PersistedLast} commit {node.Core.Commit} applied {node.Applied} members {node.Core.Membership} at {node.Core.MembershipIndex} transfer {node.Core.TransferTo}";

    private static void Restart(CoreNode node)
    {
        if (!node.IsUp)
        {
            node.Boot();
        }
    }

    private void Each(Action<CoreNode> action)
    {
        foreach (CoreNode node in _cluster.Nodes.ToArray())
        {
            action(node);
        }
    }

    private CoreNode Any() => _cluster[new PeerId((ulong)_random.Next(PeersMax) + 1)];

    private CoreNode? Any(Func<CoreNode, bool> isWanted)
    {
        CoreNode[] wanted = [.. _cluster.Nodes.Where(isWanted)];
        return wanted.Length == 0 ? null : wanted[_random.Next(wanted.Length)];
    }
}
