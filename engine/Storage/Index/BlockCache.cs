using System.Collections.Generic;

namespace ObjectStore.Engine.Storage;

/// <summary>Verified blocks of runs, least recently used out first. Bounded by bytes; what is handed out outlives its eviction.</summary>
internal sealed class BlockCache(long bytesMax)
{
    private const int EntryCostBytes = 128;
    private readonly Dictionary<(ulong Run, long Offset), LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = new();

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

    private readonly record struct Entry(ulong Run, long Offset, byte[] Block);
}
