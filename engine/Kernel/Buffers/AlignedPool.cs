using System;
using System.Collections.Generic;

namespace ObjectStore.Engine.Kernel;

/// <summary>Keeps <see cref="AlignedMemory"/> for reuse, by size class. Any thread; renting allocates nothing once warm.</summary>
/// <remarks>
/// Bounded by what it keeps, not by what is out: whoever rents bounds that. What comes back beyond the bound is freed.
/// </remarks>
public sealed class AlignedPool
{
    private readonly object _gate = new();
    private readonly int[] _classSizesBytes;
    private readonly Stack<AlignedMemory>[] _idle;
    private long _idleBytes;
    private long _rentedBytes;

    /// <summary>An empty pool.</summary>
    /// <param name="idleBytesMax">Most bytes to keep while nobody uses them.</param>
    /// <param name="classSizesBytes">Sizes to keep, ascending multiples of <see cref="AlignedMemory.AlignmentBytes"/>.</param>
    public AlignedPool(long idleBytesMax, params ReadOnlySpan<int> classSizesBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(idleBytesMax);
        int previous = 0;
        foreach (int size in classSizesBytes)
        {
            if (size <= previous || size % AlignedMemory.AlignmentBytes != 0)
            {
                throw new ArgumentException($"size class {size} after {previous}", nameof(classSizesBytes));
            }

            previous = size;
        }

        IdleBytesMax = idleBytesMax;
        _classSizesBytes = classSizesBytes.ToArray();
        _idle = new Stack<AlignedMemory>[classSizesBytes.Length];
        for (int i = 0; i < _idle.Length; i++)
        {
            _idle[i] = new Stack<AlignedMemory>();
        }
    }

    /// <summary>Most bytes kept while nobody uses them.</summary>
    public long IdleBytesMax { get; }

    /// <summary>Bytes kept now.</summary>
    public long IdleBytes
    {
        get
        {
            lock (_gate)
            {
                return _idleBytes;
            }
        }
    }

    /// <summary>Bytes handed out and not given back yet.</summary>
    public long RentedBytes
    {
        get
        {
            lock (_gate)
            {
                return _rentedBytes;
            }
        }
    }

    /// <summary>Memory of the smallest class that holds <paramref name="lengthBytes"/>, or of just that length (rounded up) beyond the largest class.</summary>
    /// <returns>Yours until disposed; its length is that of the class; content undefined.</returns>
    public AlignedMemory Rent(int lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lengthBytes, 1);
        int index = ClassOf(lengthBytes);
        int sizeBytes = index < _classSizesBytes.Length ? _classSizesBytes[index] : AlignedMemory.RoundUp(lengthBytes);
        AlignedMemory? kept = null;
        lock (_gate)
        {
            _rentedBytes += sizeBytes;
            if (index < _idle.Length && _idle[index].TryPop(out kept))
            {
                _idleBytes -= sizeBytes;
            }
        }

        if (kept is null)
        {
            return AlignedMemory.Allocate(sizeBytes, this);
        }

        kept.MarkRented();
        return kept;
    }

    internal void Return(AlignedMemory memory)
    {
        int index = ClassOf(memory.LengthBytes);
        lock (_gate)
        {
            _rentedBytes -= memory.LengthBytes;
            if (index < _idle.Length && _idleBytes + memory.LengthBytes <= IdleBytesMax)
            {
                _idle[index].Push(memory);
                _idleBytes += memory.LengthBytes;
                return;
            }
        }

        memory.Free();
    }

    private int ClassOf(int lengthBytes)
    {
        int index = 0;
        while (index < _classSizesBytes.Length && _classSizesBytes[index] < lengthBytes)
        {
            index++;
        }

        return index;
    }
}
