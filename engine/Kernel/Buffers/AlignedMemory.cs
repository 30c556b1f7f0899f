using System;
using System.Buffers;
using System.Runtime.InteropServices;
using System.Threading;

namespace ObjectStore.Engine.Kernel;

/// <summary>Native memory at an address that is a multiple of <see cref="AlignmentBytes"/>: what direct I/O takes.</summary>
/// <remarks>
/// Owned by whoever allocated or rented it, until disposed; a rented one goes back to its <see cref="AlignedPool"/>. Using or disposing it after that
/// is a bug. One that is lost without being disposed is freed when the collector finds it. Content at the start is undefined.
/// </remarks>
public sealed class AlignedMemory : MemoryManager<byte>
{
    /// <summary>Alignment of the address and granularity of the length.</summary>
    public const int AlignmentBytes = 4096;

    private readonly NativeBlock _block;
    private readonly AlignedPool? _pool;
    private int _inUse = 1;

    private AlignedMemory(int lengthBytes, AlignedPool? pool)
    {
        _block = new NativeBlock(lengthBytes);
        _pool = pool;
        LengthBytes = lengthBytes;
    }

    /// <summary>A multiple of <see cref="AlignmentBytes"/>.</summary>
    public int LengthBytes { get; }

    /// <summary>Memory that belongs to no pool.</summary>
    /// <param name="lengthBytes">1 or more bytes; rounded up to <see cref="AlignmentBytes"/>.</param>
    public static AlignedMemory Allocate(int lengthBytes) => Allocate(lengthBytes, pool: null);

    /// <summary>The length rounded up to <see cref="AlignmentBytes"/>.</summary>
    public static int RoundUp(int lengthBytes) => (lengthBytes + (AlignmentBytes - 1)) & -AlignmentBytes;

    /// <summary>Whether direct I/O may use this memory as it is: address and length are multiples of <see cref="AlignmentBytes"/> and it cannot move.</summary>
    public static unsafe bool IsAligned(ReadOnlyMemory<byte> memory)
    {
        if (memory.Length == 0 || memory.Length % AlignmentBytes != 0
            || !MemoryMarshal.TryGetMemoryManager<byte, AlignedMemory>(memory, out _))
        {
            return false;
        }

        fixed (byte* address = memory.Span)
        {
            return (nuint)address % AlignmentBytes == 0;
        }
    }

    /// <inheritdoc/>
    public override unsafe Span<byte> GetSpan()
    {
        Invariant.Check(Volatile.Read(ref _inUse) == 1, "buffer used after it was given back");
        return new Span<byte>(_block.Address, LengthBytes);
    }

    /// <inheritdoc/>
    public override unsafe MemoryHandle Pin(int elementIndex = 0)
    {
        Invariant.Check((uint)elementIndex <= (uint)LengthBytes, "pin outside the buffer");
        return new MemoryHandle(_block.Address + elementIndex, pinnable: this);
    }

    /// <inheritdoc/>
    public override void Unpin()
    {
        // Native memory never moves.
    }

    /// <summary>Gives the memory back to its pool, or frees it.</summary>
    public void Dispose() => Dispose(disposing: true);

    internal static AlignedMemory Allocate(int lengthBytes, AlignedPool? pool)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lengthBytes, 1);
        return new AlignedMemory(RoundUp(lengthBytes), pool);
    }

    internal void MarkRented() =>
        Invariant.Check(Interlocked.Exchange(ref _inUse, 1) == 0, "buffer handed out twice");

    internal void Free() => _block.Dispose();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Invariant.Check(Interlocked.Exchange(ref _inUse, 0) == 1, "buffer given back twice");
        if (_pool is null)
        {
            Free();
        }
        else
        {
            _pool.Return(this);
        }
    }

    private sealed unsafe class NativeBlock : SafeHandle
    {
        internal NativeBlock(int lengthBytes)
            : base(0, ownsHandle: true) =>
            SetHandle((nint)NativeMemory.AlignedAlloc((nuint)lengthBytes, AlignmentBytes));

        public override bool IsInvalid => handle == 0;

        internal byte* Address => (byte*)handle;

        protected override bool ReleaseHandle()
        {
            NativeMemory.AlignedFree((void*)handle);
            return true;
        }
    }
}
