using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>Where the parts of a run are. In the last 4 KiB of its file. Layout: DiskFormat.md, "Run footer".</summary>
/// <param name="Number">The run's.</param>
/// <param name="Index">The top of the index: where its parts are.</param>
/// <param name="Filter">Over the keys of all rows.</param>
/// <param name="Rows">How many.</param>
internal readonly record struct RunFooter(ulong Number, BlockHandle Index, BlockHandle Filter, long Rows)
{
    internal const int SizeBytes = 4096;
    internal const uint FormatVersion = 2;
    private const ulong Magic = 0x314e_5552_5353_424f;
    private const int ContentBytes = 64;

    internal void Encode(Span<byte> footer, uint checksumSeed)
    {
        footer.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(footer, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(footer[8..], FormatVersion);
        BinaryPrimitives.WriteUInt64LittleEndian(footer[16..], Number);
        BinaryPrimitives.WriteInt64LittleEndian(footer[24..], Index.Offset);
        BinaryPrimitives.WriteInt32LittleEndian(footer[32..], Index.LengthBytes);
        BinaryPrimitives.WriteInt32LittleEndian(footer[36..], Filter.LengthBytes);
        BinaryPrimitives.WriteInt64LittleEndian(footer[40..], Filter.Offset);
        BinaryPrimitives.WriteInt64LittleEndian(footer[48..], Rows);
        BinaryPrimitives.WriteUInt32LittleEndian(footer[12..], Checksum(footer, checksumSeed));
    }

    /// <summary>Reads a footer, or throws naming the file.</summary>
    internal static RunFooter Decode(ReadOnlySpan<byte> footer, uint checksumSeed, string file, long offset)
    {
        if (BinaryPrimitives.ReadUInt64LittleEndian(footer) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(footer[12..]) != Checksum(footer, checksumSeed))
        {
            throw StoreFault.Corrupt(file, offset, "damaged run footer");
        }

        uint version = BinaryPrimitives.ReadUInt32LittleEndian(footer[8..]);
        if (version != FormatVersion)
        {
            throw new StorageException(StorageError.UnknownFormat, file, offset, $"run format {version}; this program knows {FormatVersion}");
        }

        return new RunFooter(
            BinaryPrimitives.ReadUInt64LittleEndian(footer[16..]),
            new BlockHandle(BinaryPrimitives.ReadInt64LittleEndian(footer[24..]), BinaryPrimitives.ReadInt32LittleEndian(footer[32..])),
            new BlockHandle(BinaryPrimitives.ReadInt64LittleEndian(footer[40..]), BinaryPrimitives.ReadInt32LittleEndian(footer[36..])),
            BinaryPrimitives.ReadInt64LittleEndian(footer[48..]));
    }

    private static uint Checksum(ReadOnlySpan<byte> footer, uint seed) =>
        Crc32C.Compute(footer[16..ContentBytes], Crc32C.Compute(footer[..12], seed));
}

/// <summary>Writes one sorted run: data blocks with the parts of their index between them, filter, top of the index, footer. Nothing names the file until the manifest does.</summary>
internal sealed class RunWriter : IAsyncDisposable
{
    private const int OutputBytes = 1024 * 1024;
    private readonly IDiskFile _file;
    private readonly ulong _number;
    private readonly int _level;
    private readonly int _blockBytes;
    private readonly int _filterBitsPerKey;
    private readonly uint _seed;
    private readonly AlignedMemory _output = AlignedMemory.Allocate(OutputBytes);
    private readonly BlockBuilder _block = new();
    private readonly BlockBuilder _index = new();
    private readonly BlockBuilder _top = new();
    private readonly ByteWriter _handle = new(32);
    private readonly List<ulong> _hashes = [];
    private byte[]? _smallest;
    private long _written;
    private int _buffered;
    private long _deletes;

    private RunWriter(IDiskFile file, ulong number, int level, OrderedStoreOptions options, uint storeSeed)
    {
        (_file, _number, _level) = (file, number, level);
        (_blockBytes, _filterBitsPerKey) = (options.BlockBytes, options.FilterBitsPerKey);
        _seed = RunInfo.ChecksumSeed(storeSeed, number);
    }

    /// <summary>Bytes so far.</summary>
    internal long SizeBytes => _written + _buffered + _block.SizeBytes;

    internal bool IsEmpty => _hashes.Count == 0;

    internal static async ValueTask<RunWriter> CreateAsync(IDisk disk, ulong number, int level, OrderedStoreOptions options, uint storeSeed) =>
        new(await StoreFault.OpenAsync(disk, StoreFiles.Run(number), DiskOpen.Create | DiskOpen.Direct), number, level, options, storeSeed);

    /// <summary>Adds a row with a key above all before.</summary>
    internal async ValueTask AddAsync(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value, bool isDelete)
    {
        _smallest ??= key.ToArray();
        _block.Add(key.Span, value.Span, isDelete);
        _hashes.Add(KeyFilter.Hash(key.Span));
        _deletes += isDelete ? 1 : 0;
        if (_block.SizeBytes >= _blockBytes)
        {
            await FinishBlockAsync();
        }
    }

    /// <summary>Ends the run and makes its bytes durable; the name is not yet.</summary>
    internal async ValueTask<RunInfo> FinishAsync()
    {
        Invariant.Check(_smallest is not null, "an empty run");
        await FinishBlockAsync();
        await FinishIndexPartAsync();
        byte[] largest = _top.LastKey.ToArray();
        BlockHandle filter = await WriteFilterAsync();
        BlockHandle index = await WriteBlockAsync(_top);
        await PadAsync();
        var footer = new byte[RunFooter.SizeBytes];
        new RunFooter(_number, index, filter, _hashes.Count).Encode(footer, _seed);
        await WriteAsync(footer);
        await FlushAsync();
        StoreFault.ThrowIfFailed(await _file.SyncAsync(), _file.Name, "sync");
        return new RunInfo
        {
            Number = _number,
            Level = _level,
            LengthBytes = _written,
            Rows = _hashes.Count,
            Deletes = _deletes,
            Smallest = _smallest,
            Largest = largest,
        };
    }

    public ValueTask DisposeAsync()
    {
        _output.Dispose();
        return _file.DisposeAsync();
    }

    private async ValueTask FinishBlockAsync()
    {
        if (_block.IsEmpty)
        {
            return;
        }

        Point(_index, await WriteBlockAsync(_block), _block);
        if (_index.SizeBytes >= _blockBytes)
        {
            await FinishIndexPartAsync();
        }
    }

    private async ValueTask FinishIndexPartAsync()
    {
        if (!_index.IsEmpty)
        {
            Point(_top, await WriteBlockAsync(_index), _index);
        }
    }

    /// <summary>Notes in an index where a block was written, and begins the next one.</summary>
    private void Point(BlockBuilder index, BlockHandle written, BlockBuilder block)
    {
        _handle.Clear();
        _handle.VarUInt((ulong)written.Offset);
        _handle.VarUInt((ulong)written.LengthBytes);
        index.Add(block.LastKey, _handle.Written, isDelete: false);
        block.Clear();
    }

    private async ValueTask<BlockHandle> WriteBlockAsync(BlockBuilder block)
    {
        long offset = _written + _buffered;
        ReadOnlyMemory<byte> finished = block.Finish(_seed, offset);
        await WriteAsync(finished);
        return new BlockHandle(offset, finished.Length);
    }

    private async ValueTask<BlockHandle> WriteFilterAsync()
    {
        long offset = _written + _buffered;
        byte[] filter = KeyFilter.Build(_hashes, _filterBitsPerKey);
        var trailer = new byte[BlockBuilder.TrailerBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, BlockBuilder.Checksum(filter, _seed, offset));
        await WriteAsync(filter);
        await WriteAsync(trailer);
        return new BlockHandle(offset, filter.Length + trailer.Length);
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            int count = Math.Min(bytes.Length, OutputBytes - _buffered);
            bytes.Span[..count].CopyTo(_output.GetSpan()[_buffered..]);
            _buffered += count;
            bytes = bytes[count..];
            if (_buffered == OutputBytes)
            {
                await FlushAsync();
            }
        }
    }

    private ValueTask PadAsync()
    {
        int padding = (int)(-(_written + _buffered) & (AlignedMemory.AlignmentBytes - 1));
        return padding == 0 ? ValueTask.CompletedTask : WriteAsync(new byte[padding]);
    }

    private async ValueTask FlushAsync()
    {
        if (_buffered > 0)
        {
            StoreFault.ThrowIfFailed(await _file.WriteAsync(_written, _output.Memory[.._buffered]), _file.Name, "write", _written);
            _written += _buffered;
            _buffered = 0;
        }
    }
}
