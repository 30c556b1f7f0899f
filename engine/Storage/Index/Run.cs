using System;
using System.Buffers;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>An open sorted run: immutable, read by position, every block verified when it is read.</summary>
internal sealed class Run
{
    private readonly IDiskFile _file;
    private readonly RunFooter _footer;
    private readonly uint _seed;
    private readonly RunBlocks? _blocks;
    private CachedBlock? _filter;
    private CachedBlock? _top;

    private Run(RunInfo info, IDiskFile file, RunFooter footer, uint seed, BlockCache? cache)
    {
        (Info, _file, _footer, _seed) = (info, file, footer, seed);
        _blocks = cache is null ? null : new RunBlocks(cache, info.Number);
    }

    /// <summary>As the newest run set has it: only the level ever changes.</summary>
    internal RunInfo Info { get; private set; }

    /// <summary>Run sets that this run is in.</summary>
    internal int References { get; set; }

    /// <summary>Opens the file that the manifest names and checks that it is that run and whole.</summary>
    /// <param name="cache">Null for a reader that goes through once.</param>
    internal static async ValueTask<Run> OpenAsync(IDisk disk, RunInfo info, uint storeSeed, BlockCache? cache)
    {
        IDiskFile file = await StoreFault.OpenAsync(disk, info.FileName, DiskOpen.Existing);
        try
        {
            uint seed = RunInfo.ChecksumSeed(storeSeed, info.Number);
            if (file.LengthBytes != info.LengthBytes)
            {
                throw StoreFault.Corrupt(file.Name, 0, $"{file.LengthBytes} bytes long, the manifest says {info.LengthBytes}");
            }

            return new Run(info, file, await ReadFooterAsync(file, info, seed, new byte[RunFooter.SizeBytes]), seed, cache);
        }
        catch (StorageException)
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads the footer again, from the disk.</summary>
    /// <exception cref="StorageException"><see cref="StorageError.Corrupt"/> or <see cref="StorageError.ReadFailed"/>: the run could not be opened any more.</exception>
    internal async ValueTask VerifyFooterAsync(IDisk disk)
    {
        await using IDiskFile file = await StoreFault.OpenAsync(disk, Info.FileName, DiskOpen.Existing | DiskOpen.Direct);
        using AlignedMemory memory = AlignedMemory.Allocate(RunFooter.SizeBytes);
        await ReadFooterAsync(file, Info, _seed, memory.Memory[..RunFooter.SizeBytes]);
    }

    /// <summary>A durable manifest has it in another level; sets made before keep it where it was.</summary>
    internal void MoveTo(int level) => Info = Info with { Level = level };

    /// <summary>Gives up the file and what the cache holds of it.</summary>
    internal ValueTask CloseAsync()
    {
        _blocks?.Clear();
        return _file.DisposeAsync();
    }

    /// <summary>Looks a key up; the outcome is null when this run does not know it.</summary>
    internal ValueTask<FoundRow?> GetAsync(ReadOnlyMemory<byte> key, ulong hash) =>
        _filter?.Use() is { } filter && !MayContain(filter, hash) ? new ValueTask<FoundRow?>((FoundRow?)null) : FindAsync(key, hash);

    private async ValueTask<FoundRow?> FindAsync(ReadOnlyMemory<byte> key, ulong hash)
    {
        if (_filter?.Use() is null && !MayContain(await LoadFilterAsync(), hash))
        {
            return null;
        }

        if (!Points(await ReadIndexAsync(), key.Span, out BlockHandle part, out int number)
            || !Points(await ReadIndexPartAsync(part, number), key.Span, out BlockHandle handle, out _))
        {
            return null;
        }

        byte[]? cached = FindCached(handle);
        if (cached is null && !IsWanted(handle))
        {
            return await GetOnceAsync(key, handle);
        }

        return FindRow(cached ?? await LoadBlockAsync(handle), key.Span);
    }

    /// <summary>The verified top of the index, which says where its parts are; from the cache or the disk.</summary>
    internal ValueTask<byte[]> ReadIndexAsync() => _top?.Use() is { } top ? new ValueTask<byte[]>(top) : LoadIndexAsync();

    /// <summary>A verified part of the index, which says where blocks of rows are; from the cache or the disk. Lookups of many rows need it: it is always worth its place.</summary>
    /// <param name="handle">Where it lies.</param>
    /// <param name="number">How many parts come before it.</param>
    internal ValueTask<byte[]> ReadIndexPartAsync(BlockHandle handle, int number) =>
        _blocks?.FindPart(number) is { } cached ? new ValueTask<byte[]>(cached) : LoadIndexPartAsync(handle, number);

    /// <summary>A verified block of rows, from the cache or the disk.</summary>
    internal ValueTask<byte[]> ReadBlockAsync(BlockHandle handle) =>
        FindCached(handle) is { } cached ? new ValueTask<byte[]>(cached) : IsWanted(handle) ? LoadBlockAsync(handle) : VerifyBlockAsync(handle);

    /// <summary>Reads and verifies a block from the disk, whatever the cache holds.</summary>
    internal async ValueTask<byte[]> VerifyBlockAsync(BlockHandle handle)
    {
        ThrowIfOutside(handle);
        var block = new byte[handle.LengthBytes];
        await StoreFault.ReadExactAsync(_file, handle.Offset, block);
        ThrowIfDamaged(handle, block);
        return block;
    }

    /// <exception cref="StorageException"><see cref="StorageError.Corrupt"/>: no block can lie there.</exception>
    internal void ThrowIfOutside(BlockHandle handle)
    {
        if (handle.Offset < 0 || handle.LengthBytes <= BlockBuilder.TrailerBytes || handle.Offset > Info.LengthBytes - handle.LengthBytes)
        {
            throw StoreFault.Corrupt(_file.Name, handle.Offset, $"block of {handle.LengthBytes} bytes outside the run");
        }
    }

    /// <exception cref="StorageException"><see cref="StorageError.Corrupt"/>: these are not the bytes that were written there.</exception>
    internal void ThrowIfDamaged(BlockHandle handle, ReadOnlySpan<byte> block)
    {
        if (!BlockBuilder.Verify(block, _seed, handle.Offset))
        {
            throw StoreFault.Corrupt(_file.Name, handle.Offset, $"block of {handle.LengthBytes} bytes does not match its checksum");
        }
    }

    internal BlockHandle Filter => _footer.Filter;

    internal BlockHandle Index => _footer.Index;

    internal static BlockHandle HandleOf(ReadOnlySpan<byte> indexValue)
    {
        var reader = new ByteReader(indexValue);
        return new BlockHandle((long)reader.VarUInt(), (int)reader.VarUInt());
    }

    private static async ValueTask<RunFooter> ReadFooterAsync(IDiskFile file, RunInfo info, uint seed, Memory<byte> memory)
    {
        long offset = info.LengthBytes - RunFooter.SizeBytes;
        await StoreFault.ReadExactAsync(file, offset, memory);
        RunFooter footer = RunFooter.Decode(memory.Span, seed, file.Name, offset);
        return footer.Number == info.Number && footer.Rows == info.Rows ? footer : throw StoreFault.Corrupt(file.Name, offset, "the footer is that of another run");
    }

    private static bool MayContain(byte[] filter, ulong hash) => KeyFilter.MayContain(filter.AsSpan(0, filter.Length - BlockBuilder.TrailerBytes), hash);

    /// <summary>What an index says of a key: where the block, or the part of the index, lies that alone may know it.</summary>
    private static bool Points(byte[] index, ReadOnlySpan<byte> key, out BlockHandle handle, out int number)
    {
        BlockSearch found = BlockSearch.Find(index, key);
        (handle, number) = found.IsFound ? (HandleOf(index.AsSpan(found.ValueStart, found.ValueLength)), found.Ordinal) : default;
        return found.IsFound;
    }

    /// <summary>The value is a part of the block.</summary>
    private static FoundRow? FindRow(ReadOnlyMemory<byte> block, ReadOnlySpan<byte> key)
    {
        BlockSearch found = BlockSearch.Find(block.Span, key);
        return found.IsExact ? new FoundRow(block.Slice(found.ValueStart, found.ValueLength), found.IsDelete) : null;
    }

    private byte[]? FindCached(BlockHandle handle) => _blocks?.Find(handle.Offset);

    private bool IsWanted(BlockHandle handle) => _blocks?.Wants(handle) == true;

    /// <summary>Looks for a row in a block that nobody keeps: the row is copied, the memory used again.</summary>
    private async ValueTask<FoundRow?> GetOnceAsync(ReadOnlyMemory<byte> key, BlockHandle handle)
    {
        ThrowIfOutside(handle);
        byte[] block = ArrayPool<byte>.Shared.Rent(handle.LengthBytes);
        try
        {
            await StoreFault.ReadExactAsync(_file, handle.Offset, block.AsMemory(0, handle.LengthBytes));
            ThrowIfDamaged(handle, block.AsSpan(0, handle.LengthBytes));
            return FindRow(block.AsMemory(0, handle.LengthBytes), key.Span) is { } row ? row with { Value = row.Value.ToArray() } : null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    private async ValueTask<byte[]> LoadFilterAsync()
    {
        byte[] filter = await VerifyBlockAsync(_footer.Filter);
        _filter = _blocks?.Add(_footer.Filter.Offset, filter);
        return filter;
    }

    private async ValueTask<byte[]> LoadIndexAsync()
    {
        byte[] top = await VerifyBlockAsync(_footer.Index);
        _top = _blocks?.Add(_footer.Index.Offset, top);
        return top;
    }

    private async ValueTask<byte[]> LoadIndexPartAsync(BlockHandle handle, int number)
    {
        byte[] part = await VerifyBlockAsync(handle);
        _blocks?.AddPart(number, part);
        return part;
    }

    private async ValueTask<byte[]> LoadBlockAsync(BlockHandle handle)
    {
        byte[] block = await VerifyBlockAsync(handle);
        _blocks?.Add(handle.Offset, block);
        return block;
    }
}

/// <summary>What a source knows of a key: its value, or that it is gone.</summary>
internal readonly record struct FoundRow(ReadOnlyMemory<byte> Value, bool IsDelete);

/// <summary>Walks disjoint runs in key order as one source.</summary>
/// <param name="runs">In key order.</param>
/// <param name="ahead">Reads the rows of a walk from end to end: a value is valid until the cursor moves then. Null: through the cache.</param>
internal sealed class RunCursor(Run[] runs, ReadAhead? ahead = null) : Cursor
{
    private int _run = -1;
    private BlockIterator _top;
    private BlockIterator _index;
    private BlockIterator _rows;

    internal override async ValueTask SeekAsync(ReadOnlyMemory<byte> key)
    {
        _run = FirstRunEndingAtOrAfter(key.Span);
        IsValid = false;
        if (_run == runs.Length)
        {
            return;
        }

        _top.Open(await runs[_run].ReadIndexAsync());
        _top.Seek(key.Span);
        _index.Close();
        if (_top.IsValid)
        {
            await OpenIndexPartAsync();
            _index.Seek(key.Span);
        }

        if (_index.IsValid)
        {
            await OpenRowsAsync();
            _rows.Seek(key.Span);
            if (_rows.IsValid)
            {
                Show();
                return;
            }
        }

        await OpenNextBlockAsync();
    }

    internal override ValueTask NextAsync()
    {
        if (_rows.Next())
        {
            Show();
            return ValueTask.CompletedTask;
        }

        return OpenNextBlockAsync();
    }

    private async ValueTask OpenNextBlockAsync()
    {
        IsValid = false;
        while (true)
        {
            if (_index.Next())
            {
                await OpenRowsAsync();
                if (_rows.Next())
                {
                    Show();
                    return;
                }
            }
            else if (_top.Next())
            {
                await OpenIndexPartAsync();
            }
            else if (++_run < runs.Length)
            {
                _top.Open(await runs[_run].ReadIndexAsync());
            }
            else
            {
                return;
            }
        }
    }

    private async ValueTask OpenIndexPartAsync() => _index.Open(await runs[_run].ReadIndexPartAsync(Run.HandleOf(_top.Value.Span), _top.Ordinal));

    private async ValueTask OpenRowsAsync()
    {
        BlockHandle handle = Run.HandleOf(_index.Value.Span);
        if (ahead is null)
        {
            _rows.Open(await runs[_run].ReadBlockAsync(handle));
        }
        else
        {
            await ahead.ReadAsync(runs[_run], handle);
            _rows.Open(ahead.Block, handle.LengthBytes);
        }
    }

    private int FirstRunEndingAtOrAfter(ReadOnlySpan<byte> key)
    {
        int low = 0;
        int high = runs.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (runs[middle].Info.Largest.AsSpan().SequenceCompareTo(key) < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private void Show()
    {
        IsValid = true;
        Key = _rows.Key;
        Value = _rows.Value;
        IsDelete = _rows.IsDelete;
    }
}
