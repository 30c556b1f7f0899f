using System;
using ObjectStore.Sim.Trace;

namespace ObjectStore.Sim.World;

/// <summary>SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA'14).</summary>
internal struct SplitMix(ulong seed)
{
    private ulong _state = seed;

    internal ulong Next() => TraceHash.Mix(unchecked(_state += 0x9E3779B97F4A7C15UL));

    /// <summary>Uniform enough for bounds far below 2^32: the high half of a 64-bit product.</summary>
    internal int Next(int bound) => (int)(((Next() >> 32) * (ulong)bound) >> 32);

    internal void Fill(Span<byte> destination)
    {
        while (destination.Length >= 8)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(destination, Next());
            destination = destination[8..];
        }

        if (!destination.IsEmpty)
        {
            Span<byte> rest = stackalloc byte[8];
            System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(rest, Next());
            rest[..destination.Length].CopyTo(destination);
        }
    }
}
