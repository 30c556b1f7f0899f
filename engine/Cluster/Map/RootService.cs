using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Rpc;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>Answers beats, map commands and questions after gateways, on nodes that have a replica of the root group.</summary>
/// <remarks>
/// Invariant: a lease is renewed only by a replica that confirmed, after the beat had come, that it leads; so a leader that was deposed renews nothing that its successor does not know of.
/// </remarks>
public sealed class RootService
{
    private readonly NodeEnvironment _environment;
    private IRootGroup? _root;

    /// <summary>Registers its methods, so before the endpoint starts.</summary>
    public RootService(NodeEnvironment environment, RpcEndpoint rpc)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(rpc);
        _environment = environment;
        Beats = new RootBeats(environment.Clock);
        rpc.Handle(MapMessages.Beat, (_, request) => OnRootAsync(request, static (self, root, request) => self.BeatAsync(root, request), MapMessages.Encode(BeatStatus.NotLeader, null, false, null, 0)));
        rpc.Handle(MapMessages.Command, (_, request) => OnRootAsync(request, static (self, root, request) => CommandAsync(root, request), MapMessages.EncodeCommandAnswer(null, null)));
        rpc.Handle(MapMessages.Gateways, (_, request) => OnRootAsync(request, static (_, root, _) => GatewaysAsync(root), MapMessages.EncodeGateways(null, null)));
    }

    internal RootBeats Beats { get; }

    /// <summary>This node's replica opened. Until then it leads nothing.</summary>
    public void Attach(IRootGroup root)
    {
        ArgumentNullException.ThrowIfNull(root);
        _root = root;
    }

    private ValueTask<ReadOnlyMemory<byte>> OnRootAsync(
        ReadOnlyMemory<byte> request, Func<RootService, IRootGroup, ReadOnlyMemory<byte>, ValueTask<ReadOnlyMemory<byte>>> body, ReadOnlyMemory<byte> otherwise) =>
        _root is { } root
            ? new ValueTask<ReadOnlyMemory<byte>>(
                root.Loop.CallAsync(static call => call.body(call.Self, call.root, call.request), (Self: this, root, request, body)))
            : new ValueTask<ReadOnlyMemory<byte>>(otherwise);

    private async ValueTask<ReadOnlyMemory<byte>> BeatAsync(IRootGroup root, ReadOnlyMemory<byte> request)
    {
        NodeBeat beat = MapMessages.DecodeBeat(request.Span);
        if (!root.IsLeader || !await root.ConfirmAsync() || !root.IsLeader)
        {
            return MapMessages.Encode(BeatStatus.NotLeader, root.Leader, false, null, 0);
        }

        Beats.Enter(root.Term);
        if (!root.Map.Nodes.TryGetValue(beat.Node, out NodeRecord? node) || node.State == MemberState.Removed)
        {
            return MapMessages.Encode(BeatStatus.Unknown, null, false, root.Map, beat.MapVersion);
        }

        if (beat.MissedGroups.Count > 0)
        {
            try
            {
                await root.ProposeAsync(new MarkDirtyCommand(beat.MissedGroups));
            }
            catch (StorageException)
            {
                _environment.Trace.Mark("map-missed-not-noted");
                return MapMessages.Encode(BeatStatus.NotLeader, root.Leader, false, null, 0);
            }

            if (!root.IsLeader || !await root.ConfirmAsync() || !root.IsLeader)
            {
                return MapMessages.Encode(BeatStatus.NotLeader, root.Leader, false, null, 0);
            }

            Beats.Enter(root.Term);
        }

        // Nothing is awaited from here on: the epoch is open by the map, and nobody is taking it away.
        Beats.Hear(beat);
        bool isOpen = beat.Epoch != 0 && root.Map.Epochs.TryGetValue(beat.Epoch, out GatewayEpoch? epoch) && !epoch.IsExpired && epoch.Node == beat.Node;
        return MapMessages.Encode(BeatStatus.Taken, null, isOpen && Beats.TryRenew(beat.Epoch), root.Map, beat.MapVersion);
    }

    private static async ValueTask<ReadOnlyMemory<byte>> CommandAsync(IRootGroup root, ReadOnlyMemory<byte> request)
    {
        MapCommand command = MapCommandCodec.Decode(request.Span);
        if (!root.IsLeader)
        {
            return MapMessages.EncodeCommandAnswer(root.Leader, null);
        }

        try
        {
            return MapMessages.EncodeCommandAnswer(null, await root.ProposeAsync(command));
        }
        catch (StorageException)
        {
            return MapMessages.EncodeCommandAnswer(root.Leader, null);
        }
    }

    private static async ValueTask<ReadOnlyMemory<byte>> GatewaysAsync(IRootGroup root)
    {
        if (!root.IsLeader || !await root.ConfirmAsync() || !root.IsLeader)
        {
            return MapMessages.EncodeGateways(root.Leader, null);
        }

        var nodes = new SortedSet<NodeId>();
        foreach (GatewayEpoch epoch in root.Map.Epochs.Values)
        {
            if (!epoch.IsExpired)
            {
                nodes.Add(epoch.Node);
            }
        }

        return MapMessages.EncodeGateways(null, [.. nodes]);
    }
}
