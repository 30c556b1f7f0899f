using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>A stretch of a file, read at once into memory that is used again: for what is looked at once, past the page cache.</summary>
internal sealed class ReadWindow : IDisposable
{
    private AlignedMemory? _memory;
    private long _start;
    private int _length;

    /// <summary>Whether these bytes were read last.</summary>
    internal bool Holds(long offset, int length) => offset >= _start && offset + length <= _start + _length;

    /// <summary>What was read from an offset on; until the next read.</summary>
    internal ReadOnlySpan<byte> From(long offset) => _memory!.GetSpan()[(int)(offset - _start).._length];

    /// <summary>What was read is of no use any more.</summary>
    internal void Forget() => _length = 0;

    /// <summary>Reads a stretch; start and length are aligned where the file asks for it.</summary>
    /// <exception cref="StorageException"><see cref="StorageError.ReadFailed"/>: then nothing is held.</exception>
    internal async ValueTask FillAsync(IDiskFile file, long start, int length)
    {
        _length = 0;
        if (_memory is null || _memory.LengthBytes < length)
        {
            _memory?.Dispose();
            _memory = null;
            _memory = AlignedMemory.Allocate(length);
        }

        await StoreFault.ReadExactAsync(file, start, _memory.Memory[..length]);
        (_start, _length) = (start, length);
    }

    public void Dispose()
    {
        _memory?.Dispose();
        (_memory, _length) = (null, 0);
    }
}
