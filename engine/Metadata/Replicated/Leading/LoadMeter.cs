using System;
using System.Collections.Generic;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Metadata;

/// <summary>What a range weighed when it was measured.</summary>
/// <param name="Range">The range.</param>
/// <param name="Rows">Versions and delete markers in it.</param>
/// <param name="Bytes">Their rows with their inline bodies, in bytes; what compression saves is not counted.</param>
/// <param name="Middle">Where about half of the rows lie below: between two object keys; empty when there is no such place.</param>
/// <param name="RequestsPerSecond">Commands applied and questions answered by the replica that measured.</param>
/// <param name="HotMiddle">Where about half of the newest requests lie below; empty when there is no such place.</param>
public sealed record RangeLoad(
    PositionRange Range, long Rows, long Bytes, ReadOnlyMemory<byte> Middle, long RequestsPerSecond, ReadOnlyMemory<byte> HotMiddle)
{
    internal void Write(ByteWriter to)
    {
        Range.Write(to);
        to.VarUInt((ulong)Rows);
        to.VarUInt((ulong)Bytes);
        to.Bytes(Middle.Span);
        to.VarUInt((ulong)RequestsPerSecond);
        to.Bytes(HotMiddle.Span);
    }

    internal static RangeLoad Read(ref ByteReader from) => new(
        PositionRange.Read(ref from),
        FormV1.ReadLength(ref from),
        FormV1.ReadLength(ref from),
        FormV1.ReadMemory(ref from),
        FormV1.ReadLength(ref from),
        FormV1.ReadMemory(ref from));
}

/// <summary>Counts requests, remembers where the newest ones went, and keeps what was measured last. On the loop of the group.</summary>
public sealed class LoadMeter
{
    private const int RecentMax = 512;

    private readonly ReadOnlyMemory<byte>[] _recent = new ReadOnlyMemory<byte>[RecentMax];
    private ulong _touched;

    /// <summary>The active ranges as they were measured last; empty before.</summary>
    public IReadOnlyList<RangeLoad> Loads { get; internal set; } = [];

    /// <summary>Requests so far.</summary>
    internal ulong Touched => _touched;

    /// <summary>A request for a key; of no interest when the bucket is not there.</summary>
    internal void Touch(BucketRecord? bucket, string key)
    {
        if (bucket is not null)
        {
            Touch(Positions.Of(bucket.Id, key));
        }
    }

    /// <summary>A request for a position.</summary>
    internal void Touch(ReadOnlyMemory<byte> position) => _recent[_touched++ % RecentMax] = position;

    /// <summary>How many of the newest requests went to a range, out of how many that are remembered; and where half of those lie below.</summary>
    /// <param name="range">The range.</param>
    /// <param name="since">Only requests after this one: an earlier <see cref="Touched"/>.</param>
    internal (int Within, int OutOf, ReadOnlyMemory<byte> Middle) Look(PositionRange range, ulong since)
    {
        int outOf = (int)ulong.Min(_touched - since, RecentMax);
        var within = new List<ReadOnlyMemory<byte>>(outOf);
        for (int i = 1; i <= outOf; i++)
        {
            ReadOnlyMemory<byte> position = _recent[(_touched - (ulong)i) % RecentMax];
            if (range.Contains(position))
            {
                within.Add(position);
            }
        }

        within.Sort(Positions.Compare);
        return (within.Count, outOf, MiddleOf(within, range));
    }

    /// <summary>The position nearest to the middle that has some below and itself above.</summary>
    /// <param name="sorted">In order; some may be equal.</param>
    /// <param name="range">They all lie in it.</param>
    internal static ReadOnlyMemory<byte> MiddleOf(IReadOnlyList<ReadOnlyMemory<byte>> sorted, PositionRange range)
    {
        for (int i = sorted.Count / 2; i < sorted.Count; i++)
        {
            if (Positions.Compare(sorted[i], sorted[0]) > 0 && Positions.Compare(sorted[i], range.From) > 0)
            {
                return sorted[i];
            }
        }

        return default;
    }
}
