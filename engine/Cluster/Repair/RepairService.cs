using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Rpc;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>Does passes over placement groups on this node when the coordinator asks. Lives on the loop of the endpoint.</summary>
/// <remarks>One method starts a pass and asks after it, so it does not matter how often it is called; a pass that this node has never heard of, because it died, begins where the caller says.</remarks>
public sealed class RepairService
{
    internal static readonly RpcMethod Pass = new(0x0311);

    private const byte Version = 1;

    private readonly NodeEnvironment _environment;
    private readonly ShardClient _client;
    private readonly ClusterContentStore _store;
    private readonly ILiveBlobs _live;
    private readonly RepairOptions _options;
    private readonly SortedDictionary<int, (ulong Attempt, GroupPass Pass)> _passes = [];

    /// <summary>Registers its method, so before the endpoint starts.</summary>
    public RepairService(
        NodeEnvironment environment, RpcEndpoint rpc, ShardClient client, ClusterContentStore store, ILiveBlobs live, RateBudget budget, RepairOptions options)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(rpc);
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(live);
        ArgumentNullException.ThrowIfNull(budget);
        ArgumentNullException.ThrowIfNull(options);
        (_environment, _client, _store, _live, Budget, _options) = (environment, client, store, live, budget, options);
        rpc.Handle(Pass, (_, request) => new ValueTask<ReadOnlyMemory<byte>>(Answer(request)));
    }

    /// <summary>What this node's background work may move.</summary>
    public RateBudget Budget { get; }

    internal static byte[] Request(int group, ulong dirtySince, ulong attempt, ChunkId from)
    {
        var to = new ByteWriter();
        to.Byte(Version);
        to.VarUInt((ulong)group);
        to.UInt64(dirtySince);
        to.UInt64(attempt);
        Write(to, from);
        return to.ToArray();
    }

    internal static PassProgress ReadAnswer(ReadOnlySpan<byte> answer)
    {
        var from = new ByteReader(answer);
        Check(from.Byte());
        byte state = from.Byte();
        var position = new ChunkId(new BlobId(from.UInt64(), from.UInt64()), from.UInt32());
        var progress = new PassProgress(
            (PassState)state, position, MapForm.ReadLong(ref from), MapForm.ReadLong(ref from), MapForm.ReadLong(ref from), MapForm.ReadLong(ref from), MapForm.ReadLong(ref from));
        from.End();
        return state <= (byte)PassState.Partial ? progress : throw new MalformedDataException($"pass in state {state}");
    }

    private ReadOnlyMemory<byte> Answer(ReadOnlyMemory<byte> request)
    {
        var from = new ByteReader(request.Span);
        Check(from.Byte());
        int group = MapForm.ReadInt(ref from, ClusterMap.GroupCountMax);
        ulong dirtySince = from.UInt64();
        ulong attempt = from.UInt64();
        var position = new ChunkId(new BlobId(from.UInt64(), from.UInt64()), from.UInt32());
        from.End();
        if (!_passes.TryGetValue(group, out (ulong Attempt, GroupPass Pass) known) || known.Attempt != attempt)
        {
            if (known.Pass is { } before)
            {
                before.IsCancelled = true;
            }

            known = (attempt, new GroupPass(_environment, _client, _store.Reader, _live, Budget, _options, _store.Options, group, dirtySince, position));
            _passes[group] = known;
            _environment.Spawner.Spawn(_client.Loop, $"pass-{group}", known.Pass.RunAsync);
        }

        PassProgress progress = known.Pass.Progress;
        var to = new ByteWriter();
        to.Byte(Version);
        to.Byte((byte)progress.State);
        Write(to, progress.Position);
        to.UInt64((ulong)progress.Checked);
        to.UInt64((ulong)progress.ShardsBuilt);
        to.UInt64((ulong)progress.BytesBuilt);
        to.UInt64((ulong)progress.OrphansDeleted);
        to.UInt64((ulong)progress.Unreadable);
        return to.WrittenMemory;
    }

    private static void Write(ByteWriter to, ChunkId position)
    {
        to.UInt64(position.Blob.Epoch);
        to.UInt64(position.Blob.Number);
        to.UInt32(position.Index);
    }

    private static void Check(byte version)
    {
        if (version != Version)
        {
            throw new MalformedDataException($"message about a pass of form {version}");
        }
    }
}
