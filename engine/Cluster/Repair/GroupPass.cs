using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Placement;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>How a pass stands. Wire format.</summary>
public enum PassState : byte
{
    /// <summary>Under way.</summary>
    Running = 0,

    /// <summary>Everything that the metadata names is in its place, and nothing else is there.</summary>
    Done = 1,

    /// <summary>It went to the end, and something could not be read, written or deleted.</summary>
    Incomplete = 2,

    /// <summary>The map changed meanwhile.</summary>
    Stale = 3,

    /// <summary>All that can be there is; some disks are not up. It is no use to look again before the map changes.</summary>
    Partial = 4,
}

/// <summary>What a pass has done.</summary>
/// <param name="State">How it stands.</param>
/// <param name="Position">Everything below it has been looked at.</param>
/// <param name="Checked">Chunks looked at.</param>
/// <param name="ShardsBuilt">Shards written.</param>
/// <param name="BytesBuilt">Their bytes.</param>
/// <param name="OrphansDeleted">Chunks that nothing names, deleted.</param>
/// <param name="Unreadable">Chunks with fewer than k whole shards.</param>
public readonly record struct PassProgress(
    PassState State, ChunkId Position, long Checked, long ShardsBuilt, long BytesBuilt, long OrphansDeleted, long Unreadable);

/// <summary>One look at everything of a placement group: what the metadata names against what the disks list. Lives on the client's loop.</summary>
/// <remarks>
/// Goes through the group's chunks in the order of their names, a window at a time. In each, the map is looked at first, then the metadata is asked, then the disks: so a blob that is not named, of a gateway
/// whose epoch was closed before, will never be named (the metadata refuses its commands), and is an orphan; blobs of open epochs are never deleted. While slots are on new disks, chunks that are not named yet
/// are put in place as well, for they may be named when nobody looks any more.
/// </remarks>
internal sealed class GroupPass
{
    private readonly NodeEnvironment _environment;
    private readonly ShardClient _client;
    private readonly ChunkRebuild _rebuild;
    private readonly ILiveBlobs _live;
    private readonly ChunkCodec _codec;
    private readonly RepairOptions _options;
    private readonly ChunkIoOptions _io;
    private readonly int _group;
    private readonly ulong _dirtySince;
    private readonly ChunkId _last;
    private ChunkId _position;
    private PassState _state;
    private bool _isIncomplete;
    private bool _isPartial;
    private long _checked;
    private long _orphans;
    private long _unreadable;

    internal GroupPass(
        NodeEnvironment environment, ShardClient client, ChunkReader reader, ILiveBlobs live, RateBudget budget, RepairOptions options, ChunkIoOptions io, int group, ulong dirtySince, ChunkId from)
    {
        (_environment, _client, _live, _options, _io, _group, _dirtySince) = (environment, client, live, options, io, group, dirtySince);
        _codec = reader.Codec;
        _rebuild = new ChunkRebuild(environment, client, reader, io, budget);
        ShardRange all = ShardRange.OfGroup(group);
        _last = all.Last;
        _position = Compare(from, ShardHeader.ChunkOf(all.From)) > 0 ? from : ShardHeader.ChunkOf(all.From);
    }

    /// <summary>Set to end it before the next window.</summary>
    internal bool IsCancelled { get; set; }

    internal PassProgress Progress => new(_state, _position, _checked, _rebuild.ShardsBuilt, _rebuild.BytesBuilt, _orphans, _unreadable);

    internal async Task RunAsync()
    {
        try
        {
            await _client.Maps.WaitForAsync(_dirtySince, _options.CallTimeout);
            bool goesOn = true;
            while (goesOn)
            {
                ClusterMap map = _client.Maps.Current;
                if (IsCancelled || map.Version < _dirtySince || _group >= map.Groups.Length || map.Groups[_group].DirtySince != _dirtySince)
                {
                    _state = PassState.Stale;
                    return;
                }

                goesOn = await WindowAsync(map, map.Groups[_group]);
            }

            _state = _isIncomplete ? PassState.Incomplete : _isPartial ? PassState.Partial : PassState.Done;
        }
        catch (StorageException failure)
        {
            _environment.Trace.Emit(TraceLevel.Info, "repair", "pass-failed", ("group", _group), ("reason", failure.Message));
            _state = PassState.Incomplete;
        }
    }

    /// <summary>Looks at the next chunks; false behind the last.</summary>
    private async ValueTask<bool> WindowAsync(ClusterMap map, PlacementGroup group)
    {
        (IReadOnlyList<BlobRef> blobs, bool more) = await _live.ListAsync(_position.Blob, _last.Blob, _options.BlobsMax);
        ChunkId last = more ? new ChunkId(blobs[^1].Id, uint.MaxValue >> 8) : ShardHeader.ChunkOf(_last);
        bool isEnd = !more;
        var chunks = new SortedDictionary<ChunkId, FoundChunk>(ByName.Instance);
        (last, bool cut) = await ListDisksAsync(map, group, last, chunks);
        isEnd &= !cut;
        var expected = new SortedDictionary<ChunkId, int>(ByName.Instance);
        (last, cut) = Expect(blobs, last, expected);
        isEnd &= !cut;
        foreach (ChunkId chunk in expected.Keys)
        {
            chunks.TryAdd(chunk, new FoundChunk(group));
        }

        var named = new SortedSet<(ulong, ulong)>();
        foreach (BlobRef blob in blobs)
        {
            named.Add((blob.Id.Epoch, blob.Id.Number));
        }

        var orphans = new SortedDictionary<DiskId, List<ShardRange>>();
        foreach ((ChunkId chunk, FoundChunk found) in chunks)
        {
            if (Compare(chunk, last) > 0)
            {
                break;
            }

            _checked++;
            bool isNamed = named.Contains((chunk.Blob.Epoch, chunk.Blob.Number));
            if (expected.TryGetValue(chunk, out int chunkLength))
            {
                await KeepAsync(map, group, chunk, found, _codec.FrameBytes(chunkLength), isNamed: true);
            }
            else if (!isNamed && map.IsClosed(ClusterMap.GatewayEpochOf(chunk.Blob)))
            {
                _orphans++;
                Forget(orphans, found, ShardRange.Of(chunk));
            }
            else if (!isNamed && group.CleanAt < group.Version && found.WholeCount >= _codec.Layout.DataShards)
            {
                await KeepAsync(map, group, chunk, found, null, isNamed: false);
            }

            if (_state == PassState.Stale)
            {
                return false;
            }
        }

        if (orphans.Count > 0)
        {
            _environment.Trace.Mark("repair-orphans");
            _isIncomplete |= await BlobDeletion.DeleteAsync(_client, orphans, _io.DeleteTimeout) > 0;
        }

        _position = Next(last);
        return !isEnd;
    }

    private static void Forget(SortedDictionary<DiskId, List<ShardRange>> orphans, FoundChunk found, ShardRange range)
    {
        foreach (DiskId disk in found.Holders)
        {
            if (!orphans.TryGetValue(disk, out List<ShardRange>? ranges))
            {
                orphans.Add(disk, ranges = []);
            }

            ranges.Add(range);
        }
    }

    private async ValueTask<(ChunkId Last, bool Cut)> ListDisksAsync(
        ClusterMap map, PlacementGroup group, ChunkId last, SortedDictionary<ChunkId, FoundChunk> chunks)
    {
        var disks = new SortedSet<DiskId>();
        foreach (SlotRecord slot in group.Slots)
        {
            _isPartial |= !map.IsUp(slot.Disk);
            foreach (DiskId disk in new[] { slot.Disk, slot.Source })
            {
                if (disk.IsSome && map.IsUp(disk))
                {
                    disks.Add(disk);
                }
            }
        }

        bool cut = false;
        var range = new ShardRange(ShardHeader.IdOf(_position, 0), ShardHeader.IdOf(last, 0xFF));
        foreach (DiskId disk in disks)
        {
            (ShardError error, IReadOnlyList<StoredChunk> shards, bool more) = await _client.ListAsync(disk, range, _options.ListMax, _options.CallTimeout);
            if (error != ShardError.None)
            {
                throw new StorageException(StorageError.Unavailable, "shards", -1, $"disk {disk} does not list its shards: {error}");
            }

            if (more)
            {
                // The last chunk may not be there with all its shards.
                ChunkId before = Previous(ShardHeader.ChunkOf(shards[^1].Id));
                (last, cut) = Compare(before, last) < 0 ? (before, true) : (last, cut);
            }

            foreach (StoredChunk shard in shards)
            {
                ChunkId chunk = ShardHeader.ChunkOf(shard.Id);
                if (!chunks.TryGetValue(chunk, out FoundChunk? found))
                {
                    chunks.Add(chunk, found = new FoundChunk(group));
                }

                found.Add(disk, shard);
            }
        }

        return (last, cut);
    }

    /// <summary>Chunks that must be there, and how long they are; no more than a window's worth.</summary>
    private (ChunkId Last, bool Cut) Expect(IReadOnlyList<BlobRef> blobs, ChunkId last, SortedDictionary<ChunkId, int> expected)
    {
        foreach (BlobRef blob in blobs)
        {
            long count = (blob.LengthBytes + blob.ChunkSizeBytes - 1) / blob.ChunkSizeBytes;
            long from = blob.Id == _position.Blob ? _position.Index : 0;
            for (long index = from; index < count; index++)
            {
                var chunk = new ChunkId(blob.Id, (uint)index);
                if (Compare(chunk, last) > 0)
                {
                    return (last, false);
                }

                if (expected.Count == _options.ListMax)
                {
                    return (Previous(chunk), true);
                }

                expected.Add(chunk, (int)long.Min(blob.ChunkSizeBytes, blob.LengthBytes - (index * blob.ChunkSizeBytes)));
            }
        }

        return (last, false);
    }

    private async ValueTask KeepAsync(ClusterMap map, PlacementGroup group, ChunkId chunk, FoundChunk found, int? frameLength, bool isNamed)
    {
        var missing = new List<int>();
        for (int slot = 0; slot < group.Slots.Length; slot++)
        {
            if (map.IsUp(group.Slots[slot].Disk) && !found.IsInPlace(slot, frameLength))
            {
                missing.Add(slot);
            }
        }

        RebuildOutcome outcome = missing.Count == 0 ? RebuildOutcome.Done : await _rebuild.RunAsync(map, chunk, found, missing);
        if (outcome == RebuildOutcome.Unreadable && isNamed && await SearchAsync(map, group, chunk, found))
        {
            _environment.Trace.Mark("repair-found-elsewhere");
            outcome = await _rebuild.RunAsync(map, chunk, found, missing);
        }

        switch (outcome)
        {
            case RebuildOutcome.Done when !_isPartial:
                await DropStraysAsync(found);
                break;
            case RebuildOutcome.Done:
                break;
            case RebuildOutcome.Moved:
                _state = PassState.Stale;
                break;
            case RebuildOutcome.Unreadable:
                _unreadable += isNamed ? 1 : 0;
                _isIncomplete |= isNamed;
                break;
            default:
                _isIncomplete = true;
                break;
        }
    }

    /// <summary>Looks for shards of a chunk on every disk that the group does not use: one that was given up and came back may hold what nobody else does.</summary>
    private async ValueTask<bool> SearchAsync(ClusterMap map, PlacementGroup group, ChunkId chunk, FoundChunk found)
    {
        bool any = false;
        foreach (DiskId disk in map.Disks.Keys)
        {
            if (!map.IsUp(disk) || group.Uses(disk))
            {
                continue;
            }

            (ShardError error, IReadOnlyList<StoredChunk> shards, _) = await _client.ListAsync(disk, ShardRange.Of(chunk), _options.ListMax, _options.CallTimeout);
            foreach (StoredChunk shard in error == ShardError.None ? shards : [])
            {
                any |= found.AddFromElsewhere(disk, shard);
            }
        }

        return any;
    }

    /// <summary>Copies on disks that the group uses for other slots: left over from when it was theirs.</summary>
    private async ValueTask DropStraysAsync(FoundChunk found)
    {
        foreach ((DiskId disk, ChunkId shard) in found.Strays)
        {
            await _client.DeleteStrayAsync(disk, shard, _io.DeleteTimeout);
        }
    }

    private static ChunkId Next(ChunkId chunk) => chunk.Index < uint.MaxValue >> 8
        ? new ChunkId(chunk.Blob, chunk.Index + 1)
        : new ChunkId(
            chunk.Blob.Number < ulong.MaxValue ? new BlobId(chunk.Blob.Epoch, chunk.Blob.Number + 1) : new BlobId(unchecked(chunk.Blob.Epoch + 1), 0), 0);

    private static ChunkId Previous(ChunkId chunk) => chunk.Index > 0
        ? new ChunkId(chunk.Blob, chunk.Index - 1)
        : new ChunkId(
            chunk.Blob.Number > 0 ? new BlobId(chunk.Blob.Epoch, chunk.Blob.Number - 1) : new BlobId(unchecked(chunk.Blob.Epoch - 1), ulong.MaxValue), uint.MaxValue >> 8);

    private static int Compare(ChunkId left, ChunkId right) =>
        (left.Blob.Epoch, left.Blob.Number, left.Index).CompareTo((right.Blob.Epoch, right.Blob.Number, right.Index));

    private sealed class ByName : IComparer<ChunkId>
    {
        internal static readonly ByName Instance = new();

        public int Compare(ChunkId x, ChunkId y) => GroupPass.Compare(x, y);
    }
}
