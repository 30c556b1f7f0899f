using System;
using System.Numerics;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>Reads the blocks of runs in file order through one window, past the page cache: for merges and scrubs, which read everything once and throw it away.</summary>
/// <param name="disk">Where the runs are.</param>
/// <param name="windowBytes">How much is read at once; a block that is longer, or any when this is 0, is read alone.</param>
internal sealed class ReadAhead(IDisk disk, int windowBytes) : IAsyncDisposable
{
    private AlignedMemory? _window;
    private IDiskFile? _file;
    private Run? _run;
    private long _windowStart;
    private int _windowLength;

    /// <summary>The block that was read last, from the start; longer than it. Overwritten by the next read.</summary>
    internal byte[] Block { get; private set; } = new byte[1024];

    /// <summary>Reads and verifies a block into <see cref="Block"/>.</summary>
    internal async ValueTask ReadAsync(Run run, BlockHandle handle)
    {
        run.ThrowIfOutside(handle);
        if (_run != run)
        {
            await CloseAsync();
            _file = await StoreFault.OpenAsync(disk, run.Info.FileName, DiskOpen.Existing | DiskOpen.Direct);
            _run = run;
        }

        if (handle.Offset < _windowStart || handle.Offset + handle.LengthBytes > _windowStart + _windowLength)
        {
            await FillAsync(handle);
        }

        if (Block.Length < handle.LengthBytes)
        {
            Block = new byte[BitOperations.RoundUpToPowerOf2((uint)handle.LengthBytes)];
        }

        Span<byte> block = Block.AsSpan(0, handle.LengthBytes);
        _window!.GetSpan().Slice((int)(handle.Offset - _windowStart), handle.LengthBytes).CopyTo(block);
        run.ThrowIfDamaged(handle, block);
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _window?.Dispose();
        _window = null;
    }

    private async ValueTask FillAsync(BlockHandle handle)
    {
        _windowLength = 0;
        _windowStart = handle.Offset & -AlignedMemory.AlignmentBytes;
        long whole = handle.Offset + handle.LengthBytes - _windowStart;
        int length = AlignedMemory.RoundUp((int)long.Min(long.Max(windowBytes, whole), _run!.Info.LengthBytes - _windowStart));
        if (_window is null || _window.LengthBytes < length)
        {
            _window?.Dispose();
            _window = null;
            _window = AlignedMemory.Allocate(length);
        }

        await StoreFault.ReadExactAsync(_file!, _windowStart, _window.Memory[..length]);
        _windowLength = length;
    }

    private async ValueTask CloseAsync()
    {
        if (_file is { } file)
        {
            (_file, _run, _windowLength) = (null, null, 0);
            await file.DisposeAsync();
        }
    }
}
