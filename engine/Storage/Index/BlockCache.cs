using System.Collections.Generic;

namespace ObjectStore.Engine.Storage;

/// <summary>Verified blocks of runs, least recently used out first. Bounded by bytes; what is handed out outlives its eviction.</summary>
/// <remarks>
/// A full cache takes a block in only when it is missed for the second time in a while: blocks of rows that are read once, by a listing or out of far more rows than fit, would push out those
/// that are read again, and cost the collector more than the read. Source: Johnson, Shasha, "2Q: A Low Overhead High Performance Buffer Management Replacement Algorithm", VLDB'94.
/// </remarks>
internal sealed class BlockCache(long bytesMax)
{
    private const int EntryCostBytes = 128;
    private readonly Dictionary<(ulong Run, long Offset), LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = new();
    private readonly HashSet<(ulong Run, long Offset)> _missed = [];
    private readonly Queue<(ulong Run, long Offset, int LengthBytes)> _missedInOrder = new();
    private long _missedBytes;

    internal long SizeBytes { get; private set; }

    internal byte[]? Find(ulong run, long offset)
    {
        if (!_entries.TryGetValue((run, offset), out LinkedListNode<Entry>? node))
        {
            return null;
        }

        if (node != _byUse.First)
        {
            _byUse.Remove(node);
            _byUse.AddFirst(node);
        }

        return node.Value.Block;
    }

    /// <summary>Whether a block of rows that was just missed is worth its place; if not, the miss is remembered for as many misses as the cache has room for.</summary>
    internal bool Wants(ulong run, long offset, int lengthBytes)
    {
        if (SizeBytes + lengthBytes + EntryCostBytes <= bytesMax || _missed.Remove((run, offset)))
        {
            return true;
        }

        _missed.Add((run, offset));
        _missedInOrder.Enqueue((run, offset, lengthBytes));
        _missedBytes += lengthBytes;
        while (_missedBytes > bytesMax)
        {
            (ulong oldRun, long oldOffset, int oldLengthBytes) = _missedInOrder.Dequeue();
            _missed.Remove((oldRun, oldOffset));
            _missedBytes -= oldLengthBytes;
        }

        return false;
    }

    internal void Add(ulong run, long offset, byte[] block)
    {
        if (_entries.ContainsKey((run, offset)))
        {
            return;
        }

        _entries.Add((run, offset), _byUse.AddFirst(new Entry(run, offset, block)));
        SizeBytes += block.Length + EntryCostBytes;
        while (SizeBytes > bytesMax && _byUse.Last is { } oldest)
        {
            _byUse.RemoveLast();
            _entries.Remove((oldest.Value.Run, oldest.Value.Offset));
            SizeBytes -= oldest.Value.Block.Length + EntryCostBytes;
        }
    }

    /// <summary>Gives up what it holds of a run that nobody reads any more.</summary>
    internal void Forget(ulong run)
    {
        LinkedListNode<Entry>? next = _byUse.First;
        while (next is { } node)
        {
            next = node.Next;
            if (node.Value.Run == run)
            {
                _byUse.Remove(node);
                _entries.Remove((run, node.Value.Offset));
                SizeBytes -= node.Value.Block.Length + EntryCostBytes;
            }
        }
    }

    private readonly record struct Entry(ulong Run, long Offset, byte[] Block);
}
