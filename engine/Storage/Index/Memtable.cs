using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>The newest rows, in memory: a skip list over arrays, with every version of a key, newest first.</summary>
/// <remarks>
/// Nodes are numbers into arrays of structs and keys and values lie in 256 KiB blocks, so the heap holds some hundred objects however many rows there are.
/// Rows of a table whose keys grow, as those of bodies do, find their place behind the last one instead of from the top, and so do those of many streams that grow side by side, as the objects of
/// clients that number theirs do (<see cref="Finger"/>).
/// A filter knows most keys that are not here from one cache line or two, where the list costs as many for each of some twenty nodes: nearly all that is looked up lies elsewhere.
/// After <see cref="Freeze"/> nothing changes any more and another loop may read. Values handed out keep their block alive.
/// Source: Pugh, "Skip Lists", CACM 33(6), 1990; fingers: Pugh, "A Skip List Cookbook", CS-TR-2286, University of Maryland, 1989.
/// </remarks>
/// <param name="firstSegment">See <see cref="FirstSegment"/>.</param>
/// <param name="sizeBytesMax">How large it will get, about.</param>
internal sealed class Memtable(ulong firstSegment, long sizeBytesMax)
{
    // A row takes a hundred bytes and more: twelve bits of the filter.
    private const int BytesPerFilterBit = 8;
    private const int BlockBits = 18;
    private const int HeightMax = 12;
    private const int ChunkBits = 12;
    private const int ChunkMask = (1 << ChunkBits) - 1;

    /// <summary>Of the number of a stream: so many ends of streams are known.</summary>
    private const int StreamBits = 6;
    private const int NodeCostBytes = 48;

    /// <summary>As far as a finger is followed along the lowest level before the search begins at the top.</summary>
    private const int NearSteps = 4;

    /// <summary>The same on the levels above, where rows of other tables may have come between since.</summary>
    private const int NearStepsAbove = 32;

    private readonly List<byte[]> _blocks = [];
    private readonly List<Node[]> _nodes = [new Node[1 << ChunkBits]];
    private readonly List<int[]> _links = [NewHeadLinks()];
    private readonly int[] _path = new int[HeightMax];
    private readonly Finger?[] _tables = new Finger?[byte.MaxValue + 1];
    private readonly Finger?[] _streams = new Finger?[1 << StreamBits];
    private readonly byte[] _filter = KeyFilter.Empty(sizeBytesMax / (8 * BytesPerFilterBit));
    private int _nodeCount = 1;
    private int _linkCount = HeightMax;
    private int _fillBlock;
    private int _blockUsed = 1 << BlockBits;
    private ulong _random = 0x9e37_79b9_7f4a_7c15;
    private bool _isFrozen;

    /// <summary>Nothing in the table is in a log segment before this one.</summary>
    internal ulong FirstSegment { get; } = firstSegment;

    /// <summary>Newest batch in the table; 0 when empty.</summary>
    internal ulong LastSequence { get; private set; }

    /// <summary>Memory taken, the filter and the copies of the heads of keys apart.</summary>
    internal long SizeBytes { get; private set; }

    internal bool IsEmpty => _nodeCount == 1;

    /// <summary>Rows of all versions.</summary>
    internal int Count => _nodeCount - 1;

    internal void Freeze() => _isFrozen = true;

    internal void Add(ulong sequence, WriteBatch batch)
    {
        Invariant.Check(!_isFrozen && sequence > LastSequence, "memtable takes batches in order, until it is frozen");
        for (int i = 0; i < batch.Operations.Count; i++)
        {
            WriteOperation operation = batch.Operations[i];
            Add(sequence, operation.Key.Span, operation.Value.Span, operation.IsDelete);
        }

        LastSequence = sequence;
    }

    /// <summary>The newest version of a key that is not newer than <paramref name="sequence"/>.</summary>
    /// <param name="key">The key.</param>
    /// <param name="hash">Its <see cref="KeyFilter.Hash"/>.</param>
    /// <param name="sequence">Of the newest batch that counts.</param>
    /// <param name="value">What it is set to; empty for a deletion.</param>
    /// <param name="isDelete">That version is a deletion.</param>
    internal bool TryGet(ReadOnlySpan<byte> key, ulong hash, ulong sequence, out ReadOnlyMemory<byte> value, out bool isDelete)
    {
        int found = KeyFilter.MayContain(_filter, hash) ? FindFirst(new KeyHead(key), key, sequence, path: null) : 0;
        if (found != 0 && KeyOf(found).SequenceEqual(key))
        {
            ref Node node = ref At(found);
            value = ValueOf(ref node);
            isDelete = node.IsDelete;
            return true;
        }

        (value, isDelete) = (default, false);
        return false;
    }

    internal Cursor OpenCursor(ulong sequence) => new MemtableCursor(this, sequence);

    private static int[] NewHeadLinks() => new int[1 << ChunkBits];

    private void Add(ulong sequence, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isDelete)
    {
        var head = new KeyHead(key);
        Finger table = _tables[key[0]] ??= new Finger();
        Finger finger = table.IsAppending ? table : _streams[head.Stream()] ??= new Finger();
        bool isNear = finger.IsAppending && IsBefore(finger.Path[0], head, key, sequence) && Walk(finger.Path, 0, head, key, sequence, NearSteps);
        int[] path = isNear ? finger.Path : _path;
        int after = isNear ? Link(LinksOf(path[0])) : FindFirst(head, key, sequence, path);
        if (after != 0 && At(after).Sequence == sequence && KeyOf(after).SequenceEqual(key))
        {
            StoreValue(ref At(after), value, isDelete);
            return;
        }

        KeyFilter.Add(_filter, KeyFilter.Hash(key));
        int height = NextHeight();
        int links = ReserveLinks(height);
        int index = ReserveNode();
        ref Node node = ref At(index);
        node.Head = head;
        node.Sequence = sequence;
        node.Links = links;
        node.KeyLength = key.Length;
        (node.KeyBlock, node.KeyOffset) = Store(key);
        StoreValue(ref node, value, isDelete);
        if (!isNear)
        {
            table.Follow(path);
            if (finger != table)
            {
                finger.Follow(path);
            }
        }
        else if (!WalkAbove(finger.Path, height, head, key, sequence))
        {
            FindFirst(head, key, sequence, finger.Path);
        }

        for (int level = 0; level < height; level++)
        {
            int before = finger.Path[level];
            Link(links + level) = Link(LinksOf(before) + level);
            Link(LinksOf(before) + level) = index;
            finger.Path[level] = index;
            if (!isNear)
            {
                table.Path[level] = index;
            }
        }

        SizeBytes += NodeCostBytes + (4 * height);
    }

    /// <summary>First node in order (key ascending, sequence descending) at or after the given place; 0 for none.</summary>
    private int FindFirst(in KeyHead head, ReadOnlySpan<byte> key, ulong sequence, int[]? path)
    {
        int node = 0;
        int next = 0;
        for (int level = HeightMax - 1; level >= 0; level--)
        {
            next = Link(LinksOf(node) + level);
            while (next != 0 && IsBefore(next, head, key, sequence))
            {
                node = next;
                next = Link(LinksOf(node) + level);
            }

            if (path is not null)
            {
                path[level] = node;
            }
        }

        return next;
    }

    /// <summary>Goes on at the levels above the lowest, below <paramref name="height"/>.</summary>
    /// <returns>False when that takes too many steps.</returns>
    private bool WalkAbove(int[] path, int height, in KeyHead head, ReadOnlySpan<byte> key, ulong sequence)
    {
        bool isNear = true;
        for (int level = 1; level < height && isNear; level++)
        {
            isNear = Walk(path, level, head, key, sequence, NearStepsAbove);
        }

        return isNear;
    }

    /// <summary>Goes on at one level from a node before the given place to the last one before it.</summary>
    /// <returns>False when that takes more steps.</returns>
    private bool Walk(int[] path, int level, in KeyHead head, ReadOnlySpan<byte> key, ulong sequence, int stepsMax)
    {
        for (int next = Link(LinksOf(path[level]) + level); next != 0 && IsBefore(next, head, key, sequence); next = Link(LinksOf(next) + level))
        {
            if (stepsMax-- == 0)
            {
                return false;
            }

            path[level] = next;
        }

        return true;
    }

    private bool IsBefore(int index, in KeyHead head, ReadOnlySpan<byte> key, ulong sequence)
    {
        ref Node node = ref At(index);
        if (!node.Head.Equals(head))
        {
            return node.Head.IsBefore(head);
        }

        int order = KeyOf(ref node).SequenceCompareTo(key);
        return order < 0 || (order == 0 && node.Sequence > sequence);
    }

    private ref Node At(int index) => ref _nodes[index >> ChunkBits][index & ChunkMask];

    private ref int Link(int position) => ref _links[position >> ChunkBits][position & ChunkMask];

    private int LinksOf(int index) => index == 0 ? 0 : At(index).Links;

    private ReadOnlySpan<byte> KeyOf(int index) => KeyOf(ref At(index));

    private ReadOnlySpan<byte> KeyOf(ref Node node) => _blocks[node.KeyBlock].AsSpan(node.KeyOffset, node.KeyLength);

    private ReadOnlyMemory<byte> ValueOf(ref Node node) =>
        node.ValueLength == 0 ? ReadOnlyMemory<byte>.Empty : _blocks[node.ValueBlock].AsMemory(node.ValueOffset, node.ValueLength);

    private int ReserveNode()
    {
        if (_nodeCount >> ChunkBits == _nodes.Count)
        {
            _nodes.Add(new Node[1 << ChunkBits]);
        }

        return _nodeCount++;
    }

    /// <summary>Links of one node lie in one chunk.</summary>
    private int ReserveLinks(int height)
    {
        if ((_linkCount & ChunkMask) + height > 1 << ChunkBits || _linkCount >> ChunkBits == _links.Count)
        {
            _links.Add(new int[1 << ChunkBits]);
            _linkCount = (_links.Count - 1) << ChunkBits;
        }

        int first = _linkCount;
        _linkCount += height;
        return first;
    }

    private int NextHeight()
    {
        unchecked
        {
            _random ^= _random << 13;
            _random ^= _random >> 7;
            _random ^= _random << 17;
        }

        int height = 1;
        for (ulong bits = _random >> 8; height < HeightMax && (bits & 3) == 0; bits >>= 2)
        {
            height++;
        }

        return height;
    }

    private void StoreValue(ref Node node, ReadOnlySpan<byte> value, bool isDelete)
    {
        node.IsDelete = isDelete;
        node.ValueLength = value.Length;
        (node.ValueBlock, node.ValueOffset) = value.Length == 0 ? (0, 0) : Store(value);
    }

    private (int Block, int Offset) Store(ReadOnlySpan<byte> bytes)
    {
        SizeBytes += bytes.Length;
        if (bytes.Length > 1 << (BlockBits - 2))
        {
            _blocks.Add(bytes.ToArray());
            return (_blocks.Count - 1, 0);
        }

        if (_blockUsed + bytes.Length > 1 << BlockBits)
        {
            _blocks.Add(new byte[1 << BlockBits]);
            _fillBlock = _blocks.Count - 1;
            _blockUsed = 0;
        }

        int offset = _blockUsed;
        bytes.CopyTo(_blocks[_fillBlock].AsSpan(offset));
        _blockUsed += bytes.Length;
        return (_fillBlock, offset);
    }

    /// <summary>Where the last row of a table or stream went: at each level a node before its successor, the row itself as far as it is high.</summary>
    private sealed class Finger
    {
        internal readonly int[] Path = new int[HeightMax];

        /// <summary>It went directly behind the one before it: the next one is looked for there first.</summary>
        internal bool IsAppending { get; private set; }

        /// <summary>Points to where a row goes.</summary>
        internal void Follow(int[] path)
        {
            IsAppending = Path[0] == path[0];
            path.CopyTo(Path, 0);
        }
    }

    /// <summary>
    /// The first 24 bytes of a key as numbers, zeros behind a shorter one: beside the node, they say the order of most keys without a look at the keys, which lie elsewhere. Table and bucket or epoch
    /// are nine of them, so that fewer would say little.
    /// </summary>
    private readonly struct KeyHead
    {
        private readonly ulong _first;
        private readonly ulong _second;
        private readonly ulong _third;

        internal KeyHead(ReadOnlySpan<byte> key)
        {
            scoped ReadOnlySpan<byte> head = key;
            Span<byte> padded = stackalloc byte[3 * sizeof(ulong)];
            if (key.Length < padded.Length)
            {
                padded.Clear();
                key.CopyTo(padded);
                head = padded;
            }

            _first = BinaryPrimitives.ReadUInt64BigEndian(head);
            _second = BinaryPrimitives.ReadUInt64BigEndian(head[sizeof(ulong)..]);
            _third = BinaryPrimitives.ReadUInt64BigEndian(head[(2 * sizeof(ulong))..]);
        }

        /// <summary>The same for keys that begin the same way: numbers that grow lie behind, as a rule.</summary>
        internal int Stream() => (int)(unchecked(((_second * 0x9e37_79b9_7f4a_7c15) ^ _third) * 0xd6e8_feb8_6659_fd93) >> (64 - StreamBits));

        internal bool Equals(in KeyHead other) => _first == other._first && _second == other._second && _third == other._third;

        internal bool IsBefore(in KeyHead other) =>
            _first != other._first ? _first < other._first : _second != other._second ? _second < other._second : _third < other._third;
    }

    private struct Node
    {
        internal KeyHead Head;
        internal ulong Sequence;
        internal int Links;
        internal int KeyBlock;
        internal int KeyOffset;
        internal int KeyLength;
        internal int ValueBlock;
        internal int ValueOffset;
        internal int ValueLength;
        internal bool IsDelete;
    }

    private sealed class MemtableCursor(Memtable table, ulong sequence) : Cursor
    {
        private int _node;

        internal override ValueTask SeekAsync(ReadOnlyMemory<byte> key)
        {
            _node = table.FindFirst(new KeyHead(key.Span), key.Span, sequence, path: null);
            Settle();
            return ValueTask.CompletedTask;
        }

        internal override ValueTask NextAsync()
        {
            ReadOnlySpan<byte> current = Key.Span;
            do
            {
                _node = table.Link(table.LinksOf(_node));
            }
            while (_node != 0 && table.KeyOf(_node).SequenceEqual(current));

            Settle();
            return ValueTask.CompletedTask;
        }

        /// <summary>Goes on to the first version that is old enough.</summary>
        private void Settle()
        {
            while (_node != 0 && table.At(_node).Sequence > sequence)
            {
                _node = table.Link(table.LinksOf(_node));
            }

            IsValid = _node != 0;
            if (IsValid)
            {
                ref Node node = ref table.At(_node);
                Key = table._blocks[node.KeyBlock].AsMemory(node.KeyOffset, node.KeyLength);
                Value = table.ValueOf(ref node);
                IsDelete = node.IsDelete;
            }
        }
    }
}
