using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>A state without the rows of other ranges: scans of the tables that are ordered by position show only what lies in the ranges given.</summary>
/// <remarks>Single rows are not filtered: who asks for one has checked where its key lies.</remarks>
internal sealed class SliceView(IReadView state, IReadOnlyList<PositionRange> ranges) : IReadView
{
    public ulong Sequence => state.Sequence;

    /// <summary>What a group's own ranges hold: those that are active or frozen.</summary>
    internal static IReadView OfOwn(IReadView state, Holdings holdings)
    {
        if (holdings.IsEverything)
        {
            return state;
        }

        var own = new List<PositionRange>(holdings.List.Count);
        foreach (Holding holding in holdings.List)
        {
            if (holding.State is HoldingState.Active or HoldingState.Frozen)
            {
                own.Add(holding.Range);
            }
        }

        return new SliceView(state, own);
    }

    public ValueTask<ReadOnlyMemory<byte>?> GetAsync(ReadOnlyMemory<byte> key) => state.GetAsync(key);

    public IScan Scan(ReadOnlyMemory<byte> from, ReadOnlyMemory<byte> to)
    {
        bool isOrdered = !from.IsEmpty && from.Span[0] is Tables.Objects or Tables.NullVersions or Tables.Uploads or Tables.CompletedUploads;
        return isOrdered ? new SliceScan(state.Scan(from, to), from.Span[0], ranges) : state.Scan(from, to);
    }

    /// <summary>The state is its owner's.</summary>
    public void Dispose()
    {
    }

    private sealed class SliceScan(IScan scan, byte table, IReadOnlyList<PositionRange> ranges) : IScan
    {
        private int _range;

        public ReadOnlyMemory<byte> Key => scan.Key;

        public ReadOnlyMemory<byte> Value => scan.Value;

        public async ValueTask<bool> NextAsync()
        {
            while (await scan.NextAsync())
            {
                ReadOnlyMemory<byte> position = Positions.OfRow(scan.Key);
                while (_range < ranges.Count && !ranges[_range].To.IsEmpty && Positions.Compare(ranges[_range].To, position) <= 0)
                {
                    _range++;
                }

                if (_range == ranges.Count)
                {
                    return false;
                }

                if (Positions.Compare(ranges[_range].From, position) <= 0)
                {
                    return true;
                }

                scan.SkipTo(new[] { table }.Concat(ranges[_range].From));
            }

            return false;
        }

        public void SkipTo(ReadOnlyMemory<byte> key) => scan.SkipTo(key);

        public void Dispose() => scan.Dispose();
    }
}

/// <summary>Joining bytes.</summary>
internal static class ByteJoin
{
    internal static byte[] Concat(this byte[] left, ReadOnlyMemory<byte> right)
    {
        byte[] joined = new byte[left.Length + right.Length];
        left.CopyTo(joined, 0);
        right.CopyTo(joined.AsMemory(left.Length));
        return joined;
    }
}
