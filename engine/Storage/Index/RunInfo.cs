using System;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>What the manifest says of one sorted run.</summary>
internal sealed record RunInfo
{
    internal required ulong Number { get; init; }

    internal required int Level { get; init; }

    internal required long LengthBytes { get; init; }

    internal required long Rows { get; init; }

    internal required long Deletes { get; init; }

    internal required byte[] Smallest { get; init; }

    internal required byte[] Largest { get; init; }

    internal string FileName => StoreFiles.Run(Number);

    internal bool Covers(ReadOnlySpan<byte> key) =>
        Smallest.AsSpan().SequenceCompareTo(key) <= 0 && Largest.AsSpan().SequenceCompareTo(key) >= 0;

    internal bool Overlaps(ReadOnlySpan<byte> smallest, ReadOnlySpan<byte> largest) =>
        Smallest.AsSpan().SequenceCompareTo(largest) <= 0 && Largest.AsSpan().SequenceCompareTo(smallest) >= 0;

    internal static uint ChecksumSeed(uint storeSeed, ulong number)
    {
        Span<byte> place = stackalloc byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(place, number);
        return Crc32C.Compute(place, storeSeed);
    }
}
