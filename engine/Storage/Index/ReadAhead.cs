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
    private readonly ReadWindow _window = new();
    private IDiskFile? _file;
    private Run? _run;

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

        if (!_window.Holds(handle.Offset, handle.LengthBytes))
        {
            await FillAsync(handle);
        }

        if (Block.Length < handle.LengthBytes)
        {
            Block = new byte[BitOperations.RoundUpToPowerOf2((uint)handle.LengthBytes)];
        }

        Span<byte> block = Block.AsSpan(0, handle.LengthBytes);
        _window.From(handle.Offset)[..handle.LengthBytes].CopyTo(block);
        run.ThrowIfDamaged(handle, block);
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _window.Dispose();
    }

    private ValueTask FillAsync(BlockHandle handle)
    {
        long start = handle.Offset & -AlignedMemory.AlignmentBytes;
        long whole = handle.Offset + handle.LengthBytes - start;
        int length = AlignedMemory.RoundUp((int)long.Min(long.Max(windowBytes, whole), _run!.Info.LengthBytes - start));
        return _window.FillAsync(_file!, start, length);
    }

    private async ValueTask CloseAsync()
    {
        if (_file is { } file)
        {
            (_file, _run) = (null, null);
            _window.Forget();
            await file.DisposeAsync();
        }
    }
}
