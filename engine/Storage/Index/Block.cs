using System;
using System.Buffers.Binary;
using System.Numerics;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>Where a block lies in its run, its trailer included.</summary>
internal readonly record struct BlockHandle(long Offset, int LengthBytes);

/// <summary>Writes sorted rows with shared key prefixes left out. Layout: DiskFormat.md, "Block".</summary>
internal sealed class BlockBuilder
{
    internal const int RestartInterval = 16;
    internal const int TrailerBytes = 4;

    private readonly ByteWriter _rows = new(32 * 1024);
    private readonly ByteWriter _restarts = new(1024);
    private byte[] _lastKey = new byte[256];
    private int _lastKeyLength;
    private int _count;

    internal bool IsEmpty => _count == 0;

    internal int SizeBytes => _rows.Length + _restarts.Length + 8;

    internal ReadOnlySpan<byte> LastKey => _lastKey.AsSpan(0, _lastKeyLength);

    /// <summary>Adds a row with a key above all before.</summary>
    internal void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isDelete)
    {
        int shared = 0;
        if (_count % RestartInterval == 0)
        {
            _restarts.UInt32((uint)_rows.Length);
        }
        else
        {
            shared = LastKey.CommonPrefixLength(key);
        }

        _rows.VarUInt((uint)shared);
        _rows.VarUInt((uint)(key.Length - shared));
        _rows.VarUInt(((ulong)value.Length << 1) | (isDelete ? 1u : 0u));
        _rows.Raw(key[shared..]);
        _rows.Raw(value);
        Remember(key);
        _count++;
    }

    /// <summary>Ends the block with its checksum; valid until <see cref="Clear"/>.</summary>
    internal ReadOnlyMemory<byte> Finish(uint checksumSeed, long offset)
    {
        _rows.Raw(_restarts.Written);
        _rows.UInt32((uint)(_restarts.Length / 4));
        _rows.UInt32(Checksum(_rows.Written, checksumSeed, offset));
        return _rows.WrittenMemory;
    }

    internal void Clear()
    {
        _rows.Clear();
        _restarts.Clear();
        _count = 0;
        _lastKeyLength = 0;
    }

    /// <summary>The seed holds store and run, and the offset goes in too: a block that was read from elsewhere never verifies.</summary>
    internal static uint Checksum(ReadOnlySpan<byte> content, uint checksumSeed, long offset)
    {
        Span<byte> place = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(place, offset);
        return Crc32C.Compute(content, Crc32C.Compute(place, checksumSeed));
    }

    internal static bool Verify(ReadOnlySpan<byte> block, uint checksumSeed, long offset) =>
        block.Length > TrailerBytes
        && BinaryPrimitives.ReadUInt32LittleEndian(block[^TrailerBytes..]) == Checksum(block[..^TrailerBytes], checksumSeed, offset);

    private void Remember(ReadOnlySpan<byte> key)
    {
        if (_lastKey.Length < key.Length)
        {
            _lastKey = new byte[(int)BitOperations.RoundUpToPowerOf2((uint)key.Length)];
        }

        key.CopyTo(_lastKey);
        _lastKeyLength = key.Length;
    }
}

/// <summary>Walks the rows of one verified block. A struct to be kept in one place.</summary>
internal struct BlockIterator
{
    private byte[]? _block;
    private byte[] _key;
    private int _keyLength;
    private int _rowsEnd;
    private int _restartCount;
    private int _next;
    private int _valueStart;
    private int _valueLength;

    /// <summary>How many rows of the block come before the one that it stands on.</summary>
    internal int Ordinal { get; private set; }

    /// <summary>Stands on a row.</summary>
    internal bool IsValid { get; private set; }

    internal bool IsDelete { get; private set; }

    /// <summary>Until the next move.</summary>
    internal readonly ReadOnlyMemory<byte> Key => _key.AsMemory(0, _keyLength);

    internal readonly ReadOnlyMemory<byte> Value => _block.AsMemory(_valueStart, _valueLength);

    /// <summary>Opens a block before its first row.</summary>
    internal void Open(byte[] block) => Open(block, block.Length);

    /// <summary>Opens the block that lies at the start of an array.</summary>
    internal void Open(byte[] block, int lengthBytes)
    {
        _block = block;
        _key ??= new byte[256];
        int end = lengthBytes - BlockBuilder.TrailerBytes;
        _restartCount = (int)BinaryPrimitives.ReadUInt32LittleEndian(block.AsSpan(end - 4));
        _rowsEnd = end - 4 - (4 * _restartCount);
        Rewind(0);
    }

    /// <summary>Stands on nothing any more, and nothing comes next.</summary>
    internal void Close() => (_block, _next, _rowsEnd, IsValid) = (null, 0, 0, false);

    /// <summary>Moves to the next row, if there is one.</summary>
    internal bool Next()
    {
        IsValid = _next < _rowsEnd;
        if (IsValid)
        {
            var reader = new ByteReader(_block.AsSpan(_next, _rowsEnd - _next));
            int shared = (int)reader.VarUInt();
            int rest = (int)reader.VarUInt();
            ulong valueAndKind = reader.VarUInt();
            GrowKey(shared + rest);
            reader.Raw(rest).CopyTo(_key.AsSpan(shared));
            _keyLength = shared + rest;
            IsDelete = (valueAndKind & 1) != 0;
            _valueLength = (int)(valueAndKind >> 1);
            _valueStart = _rowsEnd - reader.Remaining;
            reader.Raw(_valueLength);
            _next = _valueStart + _valueLength;
            Ordinal++;
        }

        return IsValid;
    }

    /// <summary>Moves to the first row with a key of at least <paramref name="key"/>.</summary>
    internal void Seek(ReadOnlySpan<byte> key)
    {
        Rewind(BlockSearch.LastBelow(_block.AsSpan(0, _rowsEnd), _block.AsSpan(_rowsEnd, sizeof(uint) * _restartCount), key));
        while (Next() && Key.Span.SequenceCompareTo(key) < 0)
        {
            // Walks within one restart interval.
        }
    }

    private void Rewind(int restart)
    {
        _next = _restartCount == 0 ? _rowsEnd : RestartOffset(restart);
        _keyLength = 0;
        Ordinal = (restart * BlockBuilder.RestartInterval) - 1;
        IsValid = false;
    }

    private readonly int RestartOffset(int restart) =>
        (int)BinaryPrimitives.ReadUInt32LittleEndian(_block.AsSpan(_rowsEnd + (4 * restart)));

    private void GrowKey(int length)
    {
        if (_key.Length < length)
        {
            Array.Resize(ref _key, (int)BitOperations.RoundUpToPowerOf2((uint)length));
        }
    }
}
