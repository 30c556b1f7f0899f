using System;
using System.Collections.Generic;
using System.Numerics;

namespace ObjectStore.Engine.Storage;

/// <summary>Verified blocks of all runs in bounded memory. Each run finds its own (<see cref="RunBlocks"/>); the cache says which of all of them go.</summary>
/// <remarks>
/// Second chance: a hand goes round, and takes what was not used since it last came by. A hit writes one flag at most, where keeping an order of use would touch four blocks' entries.
/// A full cache takes a block of rows in only when it is missed for the second time in a while: blocks that are read once, by a listing or out of far more rows than fit, would push out those
/// that are read again, and cost the collector more than the read. What is handed out outlives its eviction.
/// Sources: Corbató, "A Paging Experiment with the Multics System", 1968 (the hand); 2Q (<see cref="RecentMisses"/>).
/// </remarks>
/// <param name="bytesMax">All blocks together and what each costs beside its bytes.</param>
/// <param name="blockBytes">What most of them have.</param>
internal sealed class BlockCache(long bytesMax, int blockBytes)
{
    private readonly RecentMisses _missed = new(bytesMax / (blockBytes + CachedBlock.EntryCostBytes));
    private CachedBlock? _hand;

    internal long SizeBytes { get; private set; }

    /// <summary>Whether a block of rows that was just missed is worth its place; if not, the miss is remembered for a while.</summary>
    internal bool Wants(ulong run, long offset, int lengthBytes) =>
        SizeBytes + lengthBytes + CachedBlock.EntryCostBytes <= bytesMax || _missed.TakeOrRemember(run, offset);

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

/// <summary>The blocks of one run that the cache holds now: parts of the index, which nearly every lookup needs, by their number; all others by where they lie.</summary>
internal sealed class RunBlocks(BlockCache cache, ulong run)
{
    private readonly Dictionary<long, CachedBlock> _byOffset = [];
    private CachedBlock?[] _parts = [];

    internal byte[]? Find(long offset) => _byOffset.TryGetValue(offset, out CachedBlock? block) ? block.Use() : null;

    internal byte[]? FindPart(int number) => number < _parts.Length ? _parts[number]?.Use() : null;

    /// <summary>Whether a block of rows that was just missed is to be added.</summary>
    internal bool Wants(BlockHandle handle) => cache.Wants(run, handle.Offset, handle.LengthBytes);

    /// <summary>Adds a block, unless it was added while this one was read.</summary>
    internal CachedBlock Add(long offset, byte[] bytes)
    {
        if (!_byOffset.TryGetValue(offset, out CachedBlock? block))
        {
            block = new CachedBlock(this, new BlockPlace(offset, -1), bytes);
            _byOffset.Add(offset, block);
            cache.Add(block);
        }

        return block;
    }

    /// <summary>Adds a part of the index, unless it was added while this one was read.</summary>
    /// <param name="number">How many parts of the run come before it.</param>
    /// <param name="bytes">The part.</param>
    internal void AddPart(int number, byte[] bytes)
    {
        if (number >= _parts.Length)
        {
            Array.Resize(ref _parts, (int)BitOperations.RoundUpToPowerOf2((uint)number + 1));
        }

        if (_parts[number] is null)
        {
            var block = new CachedBlock(this, new BlockPlace(-1, number), bytes);
            _parts[number] = block;
            cache.Add(block);
        }
    }

    /// <summary>The run is read no more.</summary>
    internal void Clear()
    {
        foreach (CachedBlock? part in _parts)
        {
            if (part is not null)
            {
                cache.Drop(part);
            }
        }

        // Each takes itself out of the dictionary, which may be walked meanwhile (.NET Core 3.0 and later).
        foreach (CachedBlock block in _byOffset.Values)
        {
            cache.Drop(block);
        }
    }

    internal void Remove(BlockPlace place)
    {
        if (place.Part >= 0)
        {
            _parts[place.Part] = null;
        }
        else
        {
            _byOffset.Remove(place.Offset);
        }
    }
}

/// <summary>Where a run looks for a block.</summary>
/// <param name="Offset">Where it lies, if it is no part of the index.</param>
/// <param name="Part">Its number, if it is one; else -1.</param>
internal readonly record struct BlockPlace(long Offset, int Part);

/// <summary>A block in the cache, in a ring with all others.</summary>
internal sealed class CachedBlock
{
    internal const int EntryCostBytes = 128;

    private readonly RunBlocks _run;
    private readonly BlockPlace _place;
    private byte[]? _bytes;
    private CachedBlock _previous;
    private bool _wasUsed;

    internal CachedBlock(RunBlocks run, BlockPlace place, byte[] bytes)
    {
        (_run, _place, _bytes, CostBytes) = (run, place, bytes, bytes.Length + EntryCostBytes);
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
        _run.Remove(_place);
    }
}
