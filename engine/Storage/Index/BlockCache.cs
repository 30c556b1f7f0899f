using System.Collections.Generic;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>Verified blocks of all runs in bounded memory. Each run finds its own (<see cref="RunBlocks"/>); the cache says which of all of them go.</summary>
/// <remarks>
/// Second chance: a hand goes round, and takes what was not used since it last came by. A hit writes one flag at most, where keeping an order of use would touch four blocks' entries.
/// A full cache takes a block of rows in only when it is missed for the second time in a while: blocks that are read once, by a listing or out of far more rows than fit, would push out those
/// that are read again, and cost the collector more than the read. What is handed out outlives its eviction.
/// Sources: Corbató, "A Paging Experiment with the Multics System", 1968 (the hand); 2Q (<see cref="GhostQueue{TKey}"/>).
/// </remarks>
internal sealed class BlockCache(long bytesMax)
{
    private readonly GhostQueue<(ulong Run, long Offset)> _missed = new(bytesMax);
    private CachedBlock? _hand;

    internal long SizeBytes { get; private set; }

    /// <summary>Whether a block of rows that was just missed is worth its place; if not, the miss is remembered for as many misses as the cache has room for.</summary>
    internal bool Wants(ulong run, long offset, int lengthBytes)
    {
        if (SizeBytes + lengthBytes + CachedBlock.EntryCostBytes <= bytesMax || _missed.Remove((run, offset)))
        {
            return true;
        }

        _missed.Add((run, offset), lengthBytes);
        return false;
    }

    /// <summary>Takes a block in, unless it is larger than the bound; the hand comes to it last.</summary>
    internal void Add(CachedBlock block)
    {
        if (block.CostBytes > bytesMax)
        {
            block.Drop();
            return;
        }

        while (SizeBytes + block.CostBytes > bytesMax)
        {
            CachedBlock candidate = _hand!;
            if (candidate.TakeChance())
            {
                _hand = candidate.Next;
            }
            else
            {
                Drop(candidate);
            }
        }

        block.LinkBefore(_hand);
        _hand ??= block;
        SizeBytes += block.CostBytes;
    }

    /// <summary>Gives a block up.</summary>
    internal void Drop(CachedBlock block)
    {
        CachedBlock next = block.Next;
        if (_hand == block)
        {
            _hand = next == block ? null : next;
        }

        SizeBytes -= block.CostBytes;
        block.Drop();
    }
}

/// <summary>The blocks of one run that the cache holds now.</summary>
internal sealed class RunBlocks(BlockCache cache, ulong run)
{
    private readonly Dictionary<long, CachedBlock> _byOffset = [];

    internal byte[]? Find(long offset) => _byOffset.TryGetValue(offset, out CachedBlock? block) ? block.Use() : null;

    /// <summary>Whether a block of rows that was just missed is to be added.</summary>
    internal bool Wants(BlockHandle handle) => cache.Wants(run, handle.Offset, handle.LengthBytes);

    /// <summary>Adds a block, unless it was added while this one was read.</summary>
    internal CachedBlock Add(long offset, byte[] bytes)
    {
        if (!_byOffset.TryGetValue(offset, out CachedBlock? block))
        {
            block = new CachedBlock(this, offset, bytes);
            _byOffset.Add(offset, block);
            cache.Add(block);
        }

        return block;
    }

    /// <summary>The run is read no more.</summary>
    internal void Clear()
    {
        // Each takes itself out of the dictionary, which may be walked meanwhile (.NET Core 3.0 and later).
        foreach (CachedBlock block in _byOffset.Values)
        {
            cache.Drop(block);
        }
    }

    internal void Remove(long offset) => _byOffset.Remove(offset);
}

/// <summary>A block in the cache, in a ring with all others.</summary>
internal sealed class CachedBlock
{
    internal const int EntryCostBytes = 128;

    private readonly RunBlocks _run;
    private readonly long _offset;
    private byte[]? _bytes;
    private CachedBlock _previous;
    private bool _wasUsed;

    internal CachedBlock(RunBlocks run, long offset, byte[] bytes)
    {
        (_run, _offset, _bytes, CostBytes) = (run, offset, bytes, bytes.Length + EntryCostBytes);
        Next = _previous = this;
    }

    /// <summary>What it weighs in the cache.</summary>
    internal int CostBytes { get; }

    /// <summary>The one that the hand comes to after this.</summary>
    internal CachedBlock Next { get; private set; }

    /// <summary>The bytes, or null when the cache gave them up.</summary>
    internal byte[]? Use()
    {
        if (!_wasUsed)
        {
            _wasUsed = true;
        }

        return _bytes;
    }

    /// <summary>Takes the chance that a use since the last time gave it; false when there was none.</summary>
    internal bool TakeChance()
    {
        bool had = _wasUsed;
        _wasUsed = false;
        return had;
    }

    internal void LinkBefore(CachedBlock? next)
    {
        if (next is not null)
        {
            (_previous, Next) = (next._previous, next);
            _previous.Next = next._previous = this;
        }
    }

    internal void Drop()
    {
        (_previous.Next, Next._previous) = (Next, _previous);
        Next = _previous = this;
        _bytes = null;
        _run.Remove(_offset);
    }
}
