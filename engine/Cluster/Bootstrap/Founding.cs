using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Rpc;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>Finds out which cluster a node belongs to, founding one when there is none yet.</summary>
/// <remarks>
/// The first node of the topology's initial voters is the founder: when all initial voters answer that they belong to no cluster, it makes an identity that names their peers, keeps it, and
/// offers it to the others. A node keeps the first identity that it is offered or finds, and never another.
/// Invariant: two identities are never both kept by a majority of initial voters: only the founder makes one, it keeps it before anybody else, and it makes none while a single voter is silent or
/// already belongs somewhere. A founder whose disk is wiped finds the cluster at the others and joins it as somebody new.
/// Lives on the loop that owns the ordered store.
/// </remarks>
public sealed class Founding
{
    private static readonly byte[] Row = [0x22, 0x01];
    private static readonly RpcMethod Describe = new(0x0401);
    private static readonly RpcMethod Offer = new(0x0402);
    private static readonly TimeSpan CallTimeout = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly NodeEnvironment _environment;
    private readonly RpcEndpoint _rpc;
    private readonly ILoop _loop;
    private readonly IOrderedStore _store;
    private readonly IReadOnlyList<NodeId> _initialVoters;
    private readonly ulong _peer;
    private readonly Gate _changed = new();
    private ClusterIdentity? _durable;
    private bool _isLoaded;
    private bool _isKeeping;

    /// <summary>Prepares; registers its methods, so before the endpoint starts.</summary>
    /// <param name="environment">The seams.</param>
    /// <param name="rpc">Calls to the other nodes.</param>
    /// <param name="loop">Owns <paramref name="store"/>.</param>
    /// <param name="store">Where the identity is kept.</param>
    /// <param name="peer">This node's peer number.</param>
    /// <param name="initialVoters">From the topology; the same list on every node. The first is the founder.</param>
    public Founding(NodeEnvironment environment, RpcEndpoint rpc, ILoop loop, IOrderedStore store, ulong peer, IReadOnlyList<NodeId> initialVoters)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(rpc);
        ArgumentNullException.ThrowIfNull(initialVoters);
        ArgumentOutOfRangeException.ThrowIfZero(initialVoters.Count);
        (_environment, _rpc, _loop, _store, _peer, _initialVoters) = (environment, rpc, loop, store, peer, initialVoters);
        rpc.Handle(Describe, (_, _) => new ValueTask<ReadOnlyMemory<byte>>(_loop.CallAsync(static self => self.DescribedAsync(), this)));
        rpc.Handle(Offer, (_, offer) => new ValueTask<ReadOnlyMemory<byte>>(_loop.CallAsync(static call => call.Self.OfferedAsync(call.Offer), (Self: this, Offer: offer))));
    }

    /// <summary>Ends when this node's disk names its cluster, which may take until the others are there.</summary>
    public async Task<ClusterIdentity> RunAsync()
    {
        Invariant.Check(_loop.IsCurrent, "the founding lives on the loop of its store");
        _durable = await LoadAsync();
        _isLoaded = true;
        _changed.Open();
        if (_durable is not null)
        {
            // The founder may have died between its own disk and the others'.
            _environment.Spawner.Spawn(_loop, "founding-offers", OfferToAllAsync);
            return _durable;
        }

        // Ends with the node, or when there is a cluster.
        while (true)
        {
            (ClusterIdentity? found, SortedDictionary<NodeId, ulong> unbound) = await AskVotersAsync();
            if (_durable is null && found is not null)
            {
                await KeepAsync(found);
            }
            else if (_durable is null && unbound.Count == _initialVoters.Count && _initialVoters[0] == _rpc.Self)
            {
                await KeepAsync(Found(unbound));
                _environment.Trace.Emit(TraceLevel.Info, "cluster", "founded", ("voters", _initialVoters.Count));
            }

            if (_durable is not null)
            {
                _environment.Spawner.Spawn(_loop, "founding-offers", OfferToAllAsync);
                return _durable;
            }

            await _environment.Clock.DelayAsync(Pause);
        }
    }

    /// <summary>The peer that a node has now; null when it gives no answer. Any loop.</summary>
    public async Task<ulong?> PeerOfAsync(NodeId node)
    {
        RpcReply reply = await _rpc.CallAsync(node, Describe, default, CallTimeout);
        return reply.Ok ? ReadAnswer(reply.Payload.Span).Peer : null;
    }

    private ClusterIdentity Found(SortedDictionary<NodeId, ulong> peers)
    {
        var voters = new FoundingVoter[_initialVoters.Count];
        for (int i = 0; i < voters.Length; i++)
        {
            voters[i] = new FoundingVoter(_initialVoters[i], peers[_initialVoters[i]]);
        }

        return new ClusterIdentity(((UInt128)_environment.Entropy.NextUInt64() << 64) | _environment.Entropy.NextUInt64(), voters);
    }

    /// <summary>An identity that some voter has, and the peers of those that answered to have none.</summary>
    private async ValueTask<(ClusterIdentity? Found, SortedDictionary<NodeId, ulong> Unbound)> AskVotersAsync()
    {
        var unbound = new SortedDictionary<NodeId, ulong>();
        ClusterIdentity? found = null;
        foreach (NodeId voter in _initialVoters)
        {
            if (voter == _rpc.Self)
            {
                unbound.Add(voter, _peer);
                continue;
            }

            RpcReply reply = await _rpc.CallAsync(voter, Describe, default, CallTimeout);
            if (reply.Ok)
            {
                (ulong peer, ClusterIdentity? identity) = ReadAnswer(reply.Payload.Span);
                found ??= identity;
                if (identity is null)
                {
                    unbound.Add(voter, peer);
                }
            }
        }

        return (found, unbound);
    }

    private async Task OfferToAllAsync()
    {
        var writer = new ByteWriter();
        _durable!.Write(writer);
        foreach (NodeId voter in _initialVoters)
        {
            // A voter that stays silent asks for itself when it starts.
            if (voter != _rpc.Self)
            {
                await _rpc.CallAsync(voter, Offer, writer.ToArray(), CallTimeout);
            }
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> OfferedAsync(ReadOnlyMemory<byte> offer)
    {
        var reader = new ByteReader(offer.Span);
        ClusterIdentity identity = ClusterIdentity.Read(ref reader);
        await LoadedAsync();
        try
        {
            await KeepAsync(identity);
        }
        catch (StorageException failure)
        {
            throw new RpcFailedException($"the identity could not be kept: {failure.Message}");
        }

        return Answer();
    }

    private async ValueTask<ReadOnlyMemory<byte>> DescribedAsync()
    {
        await LoadedAsync();
        return Answer();
    }

    // A node that has not read its own disk yet must not say that it belongs nowhere.
    private async ValueTask LoadedAsync()
    {
        while (!_isLoaded)
        {
            await _changed.WaitAsync();
        }
    }

    private async ValueTask KeepAsync(ClusterIdentity identity)
    {
        while (_isKeeping)
        {
            await _changed.WaitAsync();
        }

        if (_durable is not null)
        {
            return;
        }

        _isKeeping = true;
        var writer = new ByteWriter();
        identity.Write(writer);
        var batch = new WriteBatch();
        batch.Put(Row, writer.ToArray());
        try
        {
            await _store.Apply(batch).Durable;
            _durable = identity;
        }
        finally
        {
            _isKeeping = false;
            _changed.Open();
        }
    }

    private async ValueTask<ClusterIdentity?> LoadAsync()
    {
        using IReadView view = _store.ReadDurable();
        if (await view.GetAsync(Row) is not { } row)
        {
            return null;
        }

        var reader = new ByteReader(row.Span);
        return ClusterIdentity.Read(ref reader);
    }

    private byte[] Answer()
    {
        var writer = new ByteWriter();
        writer.UInt64(_peer);
        writer.Bool(_durable is not null);
        _durable?.Write(writer);
        return writer.ToArray();
    }

    private static (ulong Peer, ClusterIdentity? Identity) ReadAnswer(ReadOnlySpan<byte> answer)
    {
        var reader = new ByteReader(answer);
        ulong peer = reader.UInt64();
        return (peer, reader.Bool() ? ClusterIdentity.Read(ref reader) : null);
    }
}
