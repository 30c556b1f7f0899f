using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Placement;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>One chunk on its way to its disks. Lives on the loop of the content store.</summary>
internal sealed class ChunkWrite
{
    private readonly ClusterContentStore _store;
    private readonly ChunkId _chunk;
    private readonly AlignedMemory[] _requests;
    private readonly int _chunkLength;
    private readonly bool[] _acknowledged;
    private readonly Gate _changed = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ShardError _lastError;
    private int _running;
    private TimeSpan _deadline;
    private bool _isDecided;

    internal ChunkWrite(ClusterContentStore store, ChunkId chunk, AlignedMemory[] requests, int chunkLength)
    {
        (_store, _chunk, _requests, _chunkLength) = (store, chunk, requests, chunkLength);
        _acknowledged = new bool[requests.Length];
    }

    internal ChunkId Chunk => _chunk;

    /// <summary>Ends when no shard of it is on its way any more.</summary>
    internal Task Ended => _ended.Task;

    /// <summary>Bytes of shards still on their way.</summary>
    internal long BytesRunning => (long)_running * _store.Codec.FrameBytes(_chunkLength);

    /// <summary>Ends when the chunk is written as the layout promises.</summary>
    internal async ValueTask<StagedChunk> RunAsync()
    {
        IClock clock = _store.Environment.Clock;
        _deadline = clock.Now + _store.Options.WriteDeadline;
        ClusterMap map = _store.Maps.Current;
        try
        {
            map.GroupFor(_chunk.Blob);
        }
        catch (StorageException)
        {
            foreach (AlignedMemory request in _requests)
            {
                request.Dispose();
            }

            End();
            throw;
        }

        // Shards that arrive later count for nothing: where they go does not matter.
        using InUse use = _store.Use(map.Version);
        try
        {
            _running = _requests.Length;
            for (int slot = 0; slot < _requests.Length; slot++)
            {
                PutSlotAsync(slot);
            }

            await DecideAsync();
        }
        catch (StorageException)
        {
            // The caller knows of no chunk that it could give up.
            _store.GiveUp(_chunk);
            throw;
        }
        finally
        {
            _isDecided = true;
            if (_running == 0)
            {
                End();
            }
        }

        return new StagedChunk(_chunk, 0, 0, _chunkLength);
    }

    private async ValueTask DecideAsync()
    {
        TimeSpan? enoughSince = null;
        while (true)
        {
            bool isEnough = WriteQuorum.Accepts(_store.Codec.Layout, Places(), _acknowledged);
            if (_running == 0)
            {
                if (isEnough)
                {
                    return;
                }

                throw Failed();
            }

            TimeSpan now = _store.Environment.Clock.Now;
            enoughSince ??= isEnough ? now : null;
            bool mayLeave = isEnough && (now - enoughSince >= _store.Options.LatePatience || !ExpectsMore()) && _store.MayLeaveBehind(BytesRunning);
            if (mayLeave)
            {
                _store.Environment.Trace.Mark("write-left-late-shards");
                return;
            }

            TimeSpan until = isEnough && _store.MayLeaveBehind(BytesRunning) ? enoughSince!.Value + _store.Options.LatePatience : _deadline;
            if (now >= _deadline)
            {
                if (isEnough)
                {
                    return;
                }

                throw Failed();
            }

            await WaitAsync((until < _deadline ? until : _deadline) - now);
        }
    }

    /// <summary>Whether a shard that is not there yet goes to a disk that is up.</summary>
    private bool ExpectsMore()
    {
        ClusterMap map = _store.Maps.Current;
        PlacementGroup group = map.GroupFor(_chunk.Blob);
        for (int slot = 0; slot < _acknowledged.Length; slot++)
        {
            if (!_acknowledged[slot] && map.IsUp(group.Slots[slot].Disk))
            {
                return true;
            }
        }

        return false;
    }

    private PlacementDisk?[] Places()
    {
        ClusterMap map = _store.Maps.Current;
        PlacementGroup group = map.GroupFor(_chunk.Blob);
        var places = new PlacementDisk?[_acknowledged.Length];
        for (int slot = 0; slot < places.Length; slot++)
        {
            places[slot] = map.PlacementOf(group.Slots[slot].Disk);
        }

        return places;
    }

    private async ValueTask WaitAsync(TimeSpan atMost) => await _changed.WaitAsync().EndsWithinAsync(_store.Environment.Clock, atMost);

    private async void PutSlotAsync(int slot)
    {
        ChunkId shard = ShardHeader.IdOf(_chunk, slot);
        Memory<byte> request = _requests[slot].Memory[..(ShardMessages.PutPrefixBytes + _store.Codec.FrameBytes(_chunkLength))];
        while (true)
        {
            ClusterMap map = _store.Maps.Current;
            DiskId disk = map.GroupFor(_chunk.Blob).Slots[slot].Disk;
            ShardError error = disk.IsSome && map.IsUp(disk)
                ? await _store.Client.PutAsync(disk, request, shard, map.Version, _store.Options.PutTimeout)
                : ShardError.Down;
            if (error == ShardError.None)
            {
                _acknowledged[slot] = true;
                break;
            }

            _lastError = error;
            bool mayRetry = error is ShardError.Moved or ShardError.Behind or ShardError.Unreachable or ShardError.NoSuchDisk;
            if (!mayRetry || _store.Environment.Clock.Now >= _deadline)
            {
                break;
            }

            if (error == ShardError.Moved)
            {
                await _store.Maps.WaitForAsync(map.Version + 1, _store.Options.PutTimeout);
            }
            else
            {
                await _store.Environment.Clock.DelayAsync(_store.Options.RetryDelay);
            }
        }

        _requests[slot].Dispose();
        _running--;
        if (!_acknowledged[slot])
        {
            _store.Missed(ClusterMap.GroupOf(_chunk.Blob));
        }

        _changed.Open();
        if (_running == 0 && _isDecided)
        {
            End();
        }
    }

    private void End()
    {
        _store.Ended(this);
        _ended.TrySetResult();
    }

    private StorageException Failed()
    {
        int count = 0;
        foreach (bool acknowledged in _acknowledged)
        {
            count += acknowledged ? 1 : 0;
        }

        _store.Environment.Trace.Mark("write-without-quorum");
        StorageError error = _lastError == ShardError.Full ? StorageError.Full : StorageError.Unavailable;
        return new StorageException(error, "chunk", -1, $"{count} of {_acknowledged.Length} shards are durable, which is too few; the last error was {_lastError}");
    }
}
