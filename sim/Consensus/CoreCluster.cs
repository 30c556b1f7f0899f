using System;
using System.Collections.Generic;
using System.Text;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Sim.Consensus;

/// <summary>Cores and the messages between them, moved by hand or by a <see cref="CoreLife"/>; what they promise is looked at after every step.</summary>
internal sealed class CoreCluster
{
    private readonly SortedDictionary<PeerId, CoreNode> _nodes = [];

    internal CoreCluster(RaftHostOptions? options = null)
    {
        Options = options ?? new RaftHostOptions
        {
            TickInterval = TimeSpan.FromMilliseconds(100),
            ElectionTicks = 10,
            HeartbeatTicks = 1,
            AppendBytesMax = 200,
            LogBatchBytesMax = 400,
            InflightMessagesMax = 4,
            LogCacheBytes = 100,
        };
        Promises = new CorePromises(this);
    }

    internal RaftHostOptions Options { get; }

    internal CorePromises Promises { get; }

    internal Func<PeerId, int, int> Random { get; set; } = static (_, _) => 0;

    internal IReadOnlyCollection<CoreNode> Nodes => _nodes.Values;

    internal IEnumerable<PeerId> Peers => _nodes.Keys;

    /// <summary>On their way.</summary>
    internal List<RaftMessage> Wire { get; } = [];

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

    internal void Send(IReadOnlyList<RaftMessage> messages)
    {
        foreach (RaftMessage message in messages)
        {
            // Through the codec, so that what it drops is missed.
            var bytes = new ByteWriter();
            RaftMessageCodec.Write(bytes, message);
            RaftMessage sent = RaftMessageCodec.Read(bytes.ToArray());
            Promises.NoteSent(sent);
            Wire.Add(sent);
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
}
