using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Consensus;

/// <summary>
/// A life of a few cores, without disk, network or driver: in each step some message is delivered, time goes by, a write becomes durable, somebody crashes, starts again, stands still, proposes,
/// reads, hands on, changes the members or cuts its log; in phases of a <see cref="CoreMood"/> each. Then everything heals and the group has to go on.
/// </summary>
internal sealed partial class CoreLife
{
    private const int MessagesMax = 250;

    /// <summary>Pre-vote, vote, append, and the answer to each.</summary>
    private const int HurriedRounds = 6;

    private static readonly TimeSpan StepTime = TimeSpan.FromMilliseconds(1);

    private readonly SimWorld _world;
    private readonly IChoices _choices;
    private readonly CoreLifeOptions _options;
    private readonly CoreCluster _cluster;
    private readonly Dictionary<(PeerId Peer, ulong Context), LogIndex> _reads = [];
    private CoreMood _mood = null!;
    private string _label = "";
    private int _step;
    private int _commands;
    private ulong _context;

    internal CoreLife(SimWorld world, CoreLifeOptions options)
    {
        (_world, _choices, _options) = (world, world.Choices, options);
        _cluster = new CoreCluster(DrawOptions())
        {
            // Not asked of the choices one by one: what is drawn here would make every step of a shrunk life another one.
            Random = (_, bound) => (int)(world.Entropy.NextUInt64() % (ulong)bound),
            NewNode = (cluster, peer, first) => new CoreNode(cluster, peer, first) { CutsSnapshots = options.CutsSnapshots, ForgetsVote = options.ForgetsVotes },
        };
        int voters = _choices.OneOf("shape.voters?", 3, 3, 3, 5, 4);
        var first = new RaftMembership(Enumerable.Range(1, voters).Select(static peer => CoreCluster.Member((ulong)peer)), []);
        int peers = options.ChangesMembership ? voters + 2 : voters;
        ReadOnlySpan<double> rates = [1, 0.95, 1.05];
        for (int peer = 1; peer <= peers; peer++)
        {
            CoreNode node = _cluster.Add((ulong)peer, peer <= voters ? first : RaftMembership.Empty);
            node.PersistsAtOnce = _choices.Next(3, "shape.disk?") != 2;
            int rate = _choices.Next(rates.Length, "shape.rate?");
            node.Rate = options.ClocksRunApart ? (peer % 3 == 1 ? 0.1 : 6) : rates[rate];
        }
    }

    internal int CommittedCount => _cluster.Promises.Committed.Count;

    internal int TermCount => _cluster.Promises.LeaderCount;

    internal int ReadCount { get; private set; }

    internal int SnapshotCount { get; private set; }

    internal int ChangeCount { get; private set; }

    /// <summary>The whole life.</summary>
    /// <exception cref="PromiseBrokenException">Raft broke a promise.</exception>
    internal async Task RunAsync()
    {
        Warm();
        int phases = _choices.Between(_options.Phases, 2 * _options.Phases, "shape.phases");
        for (int phase = 0; phase < phases; phase++)
        {
            _mood = CoreMood.Draw(_choices, _cluster, _options, phase);
            Begin(_mood);
            int terms = TermCount;
            for (int step = 0; step < _mood.Steps && !(_mood.EndsAtElection && TermCount > terms); step++)
            {
                _label = string.Create(CultureInfo.InvariantCulture, $"client.{_step++}.");
                await _world.Clock.DelayAsync(StepTime);
                _mood.At(step);
                bool wasAlone = _mood.IsLeaderAlone;
                Do();
                if (_mood.IsLeaderAlone && !wasAlone)
                {
                    Hurry();
                }

                Probe();
                Watch();
            }

            End(_mood);
            _cluster.Promises.CheckLogMatching();
        }

        await HealAsync();
    }

    private RaftHostOptions DrawOptions()
    {
        (int election, int heartbeat) = _choices.OneOf("shape.ticks", (4, 1), (4, 2), (6, 2), (10, 5));
        return new RaftHostOptions
        {
            TickInterval = TimeSpan.FromMilliseconds(100),
            ElectionTicks = election,
            HeartbeatTicks = heartbeat,
            AppendBytesMax = _choices.Next(2, "shape.append") == 0 ? 1 : 200,
            LogBatchBytesMax = 400,
            InflightMessagesMax = 4,
            LogCacheBytes = 100,
            LeaseReads = _options.LeaseReads && _choices.Next(2, "shape.lease") == 1,
        };
    }

    /// <summary>In half of the lives somebody leads at the start.</summary>
    private void Warm()
    {
        if (_choices.Next(2, "shape.warm") == 0)
        {
            CoreNode first = _cluster[1];
            first.Core.CampaignNow(first.Now);
            first.Pump();
            for (int i = 0; i < 200 && _cluster.Wire.Count > 0; i++)
            {
                TakeAndGive(0);
                Each(static node => node.PersistNext());
            }
        }
    }

    private void Begin(CoreMood mood)
    {
        _world.Fault("mood", mood.Pace.ToString(), ("is", mood.ToString()));
        if (mood.Leader is not { IsPaused: false } leader)
        {
            return;
        }

        for (int i = 0; i < mood.First; i++)
        {
            ProposeAt(leader);
        }

        leader.IsPaused = mood.Story == CoreStory.StandsStill;
    }

    private void End(CoreMood mood)
    {
        if (mood is { Story: CoreStory.StandsStill, Leader: { } leader })
        {
            leader.IsPaused = false;
            Read(leader);
            Watch();
        }
    }

    private CoreNode? Leader() => Any(static node => node.IsUp && !node.IsPaused && node.Core.Role == RaftRole.Leader, "leader");

    private void Propose()
    {
        if (Leader() is { } leader)
        {
            ProposeAt(leader);
        }
    }

    private void ProposeAt(CoreNode leader)
    {
        int size = _choices.Next(8, _label + "size") switch { 7 => 300, var few => 4 * few };
        string command = string.Create(CultureInfo.InvariantCulture, $"c{_commands}{new string('x', size)}");
        if (CoreCluster.Propose(leader, command))
        {
            _commands++;
            Say("client", "call", leader, ("command", _commands));
        }
    }

    private void Read(CoreNode node)
    {
        if (node.IsUp && !node.IsPaused)
        {
            _context++;
            _reads.Add((node.Peer, _context), _cluster.Promises.CommittedLast);
            Say("client", "call", node, ("read", (long)_context));
            node.Core.ReadIndex(_context, node.Now);
            node.Pump();
        }
    }

    /// <summary>Whoever trusts its lease is asked in the moment when others have gone on.</summary>
    private void Probe()
    {
        foreach (CoreNode node in _cluster.Nodes)
        {
            if (node is { IsUp: true, IsPaused: false, Core.Role: RaftRole.Leader } && node.Core.Commit < _cluster.Promises.CommittedLast && node.Core.LeaseLeft(node.Now) > TimeSpan.Zero)
            {
                Read(node);
            }
        }
    }

    private void Watch()
    {
        foreach (CoreNode node in _cluster.Nodes)
        {
            foreach ((ulong context, ReadPoint point) in node.Reads)
            {
                if (!point.Failed && _reads.TryGetValue((node.Peer, context), out LogIndex committed))
                {
                    ReadCount++;
                    CorePromises.CheckRead(node, point, committed);
                }
            }

            node.Reads.Clear();
        }
    }

    private void ChangeMembership()
    {
        if (Any(static node => node.IsUp && node.Core.Role == RaftRole.Leader, "leader") is not { } leader)
        {
            return;
        }

        var voters = new List<RaftMember>();
        var learners = new List<RaftMember>();
        foreach (PeerId peer in _cluster.Peers)
        {
            (_choices.Next(5, _label + "role") switch { < 3 => voters, 3 => learners, _ => null })?.Add(CoreCluster.Member(peer.Value));
        }

        if (voters.Count > 0 && leader.Core.ProposeMembership(new RaftMembership(voters, learners), leader.Now) == MembershipOutcome.Done)
        {
            ChangeCount++;
            Say("client", "call", leader, ("change", ChangeCount));
            leader.Pump();
        }
    }

    private void Say(string area, string name, CoreNode node, TraceField what) =>
        _world.Trace.Emit(TraceLevel.Info, area, name, ("peer", (long)node.Peer.Value), what);

    private void Each(Action<CoreNode> action)
    {
        foreach (CoreNode node in _cluster.Nodes)
        {
            action(node);
        }
    }

    private CoreNode Any(string what) => _cluster[(ulong)_choices.Next(_cluster.Nodes.Count, _label + what) + 1];

    private CoreNode? Any(Func<CoreNode, bool> isWanted, string what)
    {
        CoreNode[] wanted = [.. _cluster.Nodes.Where(isWanted)];
        return wanted.Length == 0 ? null : wanted[_choices.Next(wanted.Length, _label + what)];
    }
}
