using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Proofs.Consensus;

/// <summary>A promise of Raft was broken.</summary>
internal sealed class RaftSafetyException(string promise) : Exception(promise);

/// <summary>Cores and the messages between them, moved by hand or by a random schedule, and watched: the five safety properties are looked at after every step.</summary>
internal sealed class CoreCluster
{
    private readonly SortedDictionary<PeerId, CoreNode> _nodes = [];
    private readonly SortedDictionary<Term, PeerId> _leaders = [];
    private readonly SortedDictionary<PeerId, (Term Term, LogIndex Last, Term LastTerm)> _leading = [];
    private readonly List<string> _machine = [];

    internal CoreCluster(RaftHostOptions? options = null) => Options = options ?? new RaftHostOptions
    {
        TickInterval = TimeSpan.FromMilliseconds(100),
        ElectionTicks = 10,
        HeartbeatTicks = 1,
        AppendBytesMax = 200,
        LogBatchBytesMax = 400,
        InflightMessagesMax = 4,
        LogCacheBytes = 100,
    };

    internal RaftHostOptions Options { get; }

    internal Func<PeerId, int, int> Random { get; set; } = static (_, _) => 0;

    internal IReadOnlyCollection<CoreNode> Nodes => _nodes.Values;

    internal IEnumerable<PeerId> Peers => _nodes.Keys;

    /// <summary>On their way.</summary>
    internal List<RaftMessage> Wire { get; } = [];

    /// <summary>Committed and applied by somebody, by index: term at which it was first seen committed, and the entry.</summary>
    internal SortedDictionary<LogIndex, (Term SeenIn, RaftEntry Entry)> Committed { get; } = [];

    internal Func<CoreCluster, PeerId, RaftMembership, CoreNode> NewNode { get; init; } = static (cluster, peer, first) => new CoreNode(cluster, peer, first);

    internal CoreNode this[PeerId peer] => _nodes[peer];

    internal CoreNode this[ulong peer] => _nodes[new PeerId(peer)];

    internal static RaftMember Member(ulong peer) => new(new PeerId(peer), new NodeId($"n{peer}"));

    internal static string TextOf(RaftEntry entry) => Encoding.UTF8.GetString(entry.Payload.Span);

    internal CoreNode Add(ulong peer, RaftMembership membership)
    {
        CoreNode node = NewNode(this, new PeerId(peer), membership);
        _nodes.Add(node.Peer, node);
        return node;
    }

    internal bool Has(PeerId peer) => _nodes.ContainsKey(peer);

    internal void Send(IReadOnlyList<RaftMessage> messages)
    {
        foreach (RaftMessage message in messages)
        {
            // Through the codec, so that what it drops is missed.
            var bytes = new ByteWriter();
            RaftMessageCodec.Write(bytes, message);
            Wire.Add(RaftMessageCodec.Read(bytes.ToArray()));
        }
    }

    /// <summary>A command goes into the log of a leader. True when it was taken.</summary>
    internal static bool Propose(CoreNode node, string command)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(command);
        if (!node.IsUp || node.Core.MayPropose(bytes.Length) != ProposalStatus.Applied)
        {
            return false;
        }

        node.Core.Propose(bytes);
        node.Pump();
        return true;
    }

    /// <summary>Election safety, leader append-only, leader completeness.</summary>
    internal void Look(CoreNode node)
    {
        if (!node.IsUp || node.Core.Role != RaftRole.Leader)
        {
            _leading.Remove(node.Peer);
            return;
        }

        RaftCore core = node.Core;
        if (_leaders.TryGetValue(core.Term, out PeerId other) && other != node.Peer)
        {
            throw new RaftSafetyException($"election safety: {other} and {node.Peer} lead in term {core.Term}");
        }

        bool isNew = !_leading.TryGetValue(node.Peer, out (Term Term, LogIndex Last, Term LastTerm) before) || before.Term != core.Term;
        _leaders[core.Term] = node.Peer;
        if (isNew)
        {
            foreach ((LogIndex index, (Term seenIn, RaftEntry entry)) in Committed)
            {
                if (seenIn < core.Term && index > core.Log.Start && core.Log.TermAt(index) != entry.Term)
                {
                    throw new RaftSafetyException($"leader completeness: {node.Peer} leads term {core.Term} without entry {index}.{entry.Term}");
                }
            }
        }
        else if (core.Log.Last < before.Last || (core.Log.TermAt(before.Last) is { } term && term != before.LastTerm))
        {
            throw new RaftSafetyException($"leader append-only: {node.Peer} in term {core.Term}");
        }

        _leading[node.Peer] = (core.Term, core.Log.Last, core.Log.LastTerm);
    }

    /// <summary>State machine safety.</summary>
    internal void NoteApplied(CoreNode node, RaftEntry entry)
    {
        if (!Committed.TryGetValue(entry.Index, out (Term SeenIn, RaftEntry Entry) known))
        {
            Committed.Add(entry.Index, (node.Core.Term, entry));
            if (entry.Kind == EntryKind.Normal)
            {
                _machine.Add(TextOf(entry));
            }
        }
        else if (!known.Entry.Encoded.Span.SequenceEqual(entry.Encoded.Span))
        {
            throw new RaftSafetyException($"state machine safety: {node.Peer} applies another entry at {entry.Index}");
        }

        CheckState(node);
    }

    internal void NoteRestored(CoreNode node) => CheckState(node);

    /// <summary>Log matching: where two logs have an entry of equal index and term, they are equal up to it.</summary>
    internal void CheckLogMatching()
    {
        CoreNode[] nodes = [.. _nodes.Values];
        for (int i = 0; i < nodes.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                CheckPair(nodes[i], nodes[j]);
            }
        }
    }

    private static void CheckPair(CoreNode left, CoreNode right)
    {
        ulong first = Math.Max(left.MirrorStart.Value, right.MirrorStart.Value) + 1;
        ulong last = Math.Min(left.MirrorStart.Value + (ulong)left.Mirror.Count, right.MirrorStart.Value + (ulong)right.Mirror.Count);
        bool agreed = false;
        for (ulong index = last; index >= first; index--)
        {
            RaftEntry ours = left.Mirror[(int)(index - left.MirrorStart.Value - 1)];
            RaftEntry theirs = right.Mirror[(int)(index - right.MirrorStart.Value - 1)];
            agreed |= ours.Term == theirs.Term;
            if (agreed && !ours.Encoded.Span.SequenceEqual(theirs.Encoded.Span))
            {
                throw new RaftSafetyException($"log matching: {left.Peer} and {right.Peer} differ at {index} and agree after it");
            }
        }
    }

    private void CheckState(CoreNode node)
    {
        int count = node.State.Count;
        bool isPrefix = count <= _machine.Count
            && count == Committed.Values.Count(known => known.Entry.Kind == EntryKind.Normal && known.Entry.Index <= node.Applied)
            && (count == 0 || node.State[^1] == _machine[count - 1]);
        if (!isPrefix)
        {
            throw new RaftSafetyException($"state machine safety: the state of {node.Peer} at {node.Applied} is not what was committed");
        }
    }
}
