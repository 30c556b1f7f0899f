using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Rpc;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>Finds the root leader from any node. Lives on the loop of the endpoint.</summary>
public sealed class RootClient
{
    private readonly RpcEndpoint _rpc;
    private readonly IClock _clock;
    private readonly MapOptions _options;
    private readonly List<NodeId> _candidates;
    private NodeId? _leader;
    private int _next;

    /// <summary>Prepares it.</summary>
    /// <param name="environment">The seams.</param>
    /// <param name="rpc">Calls to other nodes.</param>
    /// <param name="candidates">Nodes that may have a replica of the root group, such as the first voters.</param>
    /// <param name="options">Times.</param>
    public RootClient(NodeEnvironment environment, RpcEndpoint rpc, IReadOnlyList<NodeId> candidates, MapOptions options)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(rpc);
        ArgumentNullException.ThrowIfNull(candidates);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfZero(candidates.Count);
        (_rpc, _clock, _options, _candidates) = (rpc, environment.Clock, options, [.. candidates]);
    }

    /// <summary>Who is asked next.</summary>
    public NodeId Target => _leader ?? _candidates[_next % _candidates.Count];

    internal RpcEndpoint Rpc => _rpc;

    /// <summary>Nodes that may have a replica now, besides those known.</summary>
    public void AddCandidates(IEnumerable<NodeId> nodes)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        foreach (NodeId node in nodes)
        {
            if (!_candidates.Contains(node))
            {
                _candidates.Add(node);
            }
        }
    }

    /// <summary>The target does not lead, or did not answer.</summary>
    internal void Missed(NodeId? hint)
    {
        _leader = hint != _leader ? hint : null;
        _next++;
    }

    /// <summary>The target leads.</summary>
    internal void Hit(NodeId target) => _leader = target;

    /// <summary>Has the root group decide a command; tried again until it was decided, so it must be one that does no harm twice.</summary>
    /// <exception cref="StorageException"><see cref="StorageError.Unavailable"/>: no leader answered in time; it may have been decided.</exception>
    public async Task<MapResult> ExecuteAsync(MapCommand command)
    {
        var to = new ByteWriter();
        MapCommandCodec.Encode(command, to);
        byte[] request = to.ToArray();
        TimeSpan deadline = _clock.Now + (3 * _options.CommandTimeout);
        while (_clock.Now < deadline)
        {
            NodeId target = Target;
            RpcReply reply = await _rpc.CallAsync(target, MapMessages.Command, request, _options.CommandTimeout);
            (NodeId? leader, MapResult? result) = reply.Ok ? MapMessages.DecodeCommandAnswer(reply.Payload.Span) : (null, null);
            if (result is { } decided)
            {
                Hit(target);
                return decided;
            }

            Missed(leader);
            await _clock.DelayAsync(_options.BeatInterval / 10);
        }

        throw new StorageException(StorageError.Unavailable, "map", -1, "no leader of the root group answers");
    }

    /// <summary>The nodes of all gateways whose epoch is not over: every one that may serve a read now is among them.</summary>
    /// <exception cref="StorageException"><see cref="StorageError.Unavailable"/>: no leader answers.</exception>
    public async Task<IReadOnlyList<NodeId>> ListGatewaysAsync()
    {
        TimeSpan deadline = _clock.Now + _options.CommandTimeout;
        while (_clock.Now < deadline)
        {
            NodeId target = Target;
            RpcReply reply = await _rpc.CallAsync(target, MapMessages.Gateways, default, _options.BeatTimeout);
            (NodeId? leader, NodeId[]? gateways) = reply.Ok ? MapMessages.DecodeGateways(reply.Payload.Span) : (null, null);
            if (gateways is not null)
            {
                Hit(target);
                return gateways;
            }

            Missed(leader);
            await _clock.DelayAsync(_options.BeatInterval / 10);
        }

        throw new StorageException(StorageError.Unavailable, "map", -1, "no leader of the root group answers");
    }
}
