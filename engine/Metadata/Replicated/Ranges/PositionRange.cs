using System;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Metadata;

/// <summary>Places of object keys in the one order of all: bucket id (8, big-endian), then the escaped key and its end, as in row keys.</summary>
public static class Positions
{
    /// <summary>Longest position.</summary>
    public const int SizeBytesMax = 2100;

    /// <summary>Where a key is.</summary>
    public static ReadOnlyMemory<byte> Of(ulong bucketId, string key) => RowKeys.OfKey(0, bucketId, key).AsMemory(1);

    /// <summary>Above a key, at or below the next.</summary>
    public static ReadOnlyMemory<byte> After(ulong bucketId, string key) => RowKeys.AfterKey(0, bucketId, key).AsMemory(1);

    /// <summary>All keys of a bucket.</summary>
    public static PositionRange OfBucket(ulong bucketId) => new(RowKeys.OfBucket(0, bucketId).AsMemory(1), RowKeys.OfBucket(0, bucketId + 1).AsMemory(1));

    /// <summary>The bucket that a position lies in; 0 for the start of all.</summary>
    public static ulong BucketOf(ReadOnlySpan<byte> position) =>
        position.Length < sizeof(ulong) ? 0 : System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(position);

    internal static int Compare(ReadOnlyMemory<byte> left, ReadOnlyMemory<byte> right) => left.Span.SequenceCompareTo(right.Span);

    /// <summary>Compares ends, of which an empty one is above everything.</summary>
    internal static int CompareEnds(ReadOnlyMemory<byte> left, ReadOnlyMemory<byte> right) =>
        left.IsEmpty || right.IsEmpty ? right.IsEmpty.CompareTo(left.IsEmpty) * -1 : Compare(left, right);

    /// <summary>The position of a row of a table that is ordered by position.</summary>
    internal static ReadOnlyMemory<byte> OfRow(ReadOnlyMemory<byte> rowKey) => rowKey[1..];

    /// <summary>Where the object key of a row is.</summary>
    internal static byte[] OfKeyOfRow(ReadOnlySpan<byte> rowKey)
    {
        ReadOnlySpan<byte> escaped = RowKeys.EscapedKeyOf(rowKey, out _);
        return rowKey[1..(1 + sizeof(ulong) + escaped.Length + 2)].ToArray();
    }

    /// <summary>The position just above all rows of the object key of a row.</summary>
    internal static byte[] AfterKeyOfRow(ReadOnlySpan<byte> rowKey)
    {
        ReadOnlySpan<byte> escaped = RowKeys.EscapedKeyOf(rowKey, out _);
        return KeyCode.AfterPrefix(rowKey[1..(1 + sizeof(ulong) + escaped.Length + 2)]);
    }
}

/// <summary>Positions from one (included) to another (not included; empty is the end of all).</summary>
public readonly record struct PositionRange(ReadOnlyMemory<byte> From, ReadOnlyMemory<byte> To)
{
    /// <summary>Everything.</summary>
    public static readonly PositionRange All;

    /// <summary>Nothing lies in it.</summary>
    public bool IsEmpty => !To.IsEmpty && Positions.Compare(From, To) >= 0;

    /// <summary>Whether a position lies in it.</summary>
    public bool Contains(ReadOnlyMemory<byte> position) =>
        Positions.Compare(From, position) <= 0 && (To.IsEmpty || Positions.Compare(position, To) < 0);

    /// <summary>Whether all of another range lies in it.</summary>
    public bool Contains(PositionRange other) => Positions.Compare(From, other.From) <= 0 && Positions.CompareEnds(other.To, To) <= 0;

    /// <summary>Whether some position lies in both.</summary>
    public bool Overlaps(PositionRange other) => !Intersect(other).IsEmpty;

    /// <summary>What lies in both.</summary>
    public PositionRange Intersect(PositionRange other) => new(
        Positions.Compare(From, other.From) >= 0 ? From : other.From, Positions.CompareEnds(To, other.To) <= 0 ? To : other.To);

    /// <summary>The same positions.</summary>
    public bool Equals(PositionRange other) => From.Span.SequenceEqual(other.From.Span) && To.Span.SequenceEqual(other.To.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => unchecked((int)(StableHash.Compute(From.Span) ^ (StableHash.Compute(To.Span) * 31)));

    /// <inheritdoc/>
    public override string ToString() => $"[{Convert.ToHexString(From.Span)}, {Convert.ToHexString(To.Span)})";

    internal void Write(ByteWriter to)
    {
        to.Bytes(From.Span);
        to.Bytes(To.Span);
    }

    internal static PositionRange Read(ref ByteReader from) => new(FormV1.ReadMemory(ref from), FormV1.ReadMemory(ref from));
}
