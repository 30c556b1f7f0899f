using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>Numbers that are over for a group: epochs of gateways, transfers, changes of buckets. What still comes of them is refused.</summary>
/// <remarks>Rows: a floor below which all are closed, and one row for each closed one above it. Only grows.</remarks>
/// <param name="floorRow">Second byte of the floor's key; the one above it is for the others.</param>
internal sealed class ClosedNumbers(byte floorRow)
{
    private readonly byte _closedRow = (byte)(floorRow + 1);
    private ulong _floor;
    private SortedSet<ulong> _closed = [];

    /// <summary>Zero is never closed.</summary>
    internal bool IsClosed(ulong number) => number != 0 && (number < _floor || _closed.Contains(number));

    internal ulong Floor => _floor;

    internal IReadOnlyList<ulong> Closed => [.. _closed];

    internal async ValueTask<Action> LoadAsync(IReadView state)
    {
        ReadOnlyMemory<byte>? row = await state.GetAsync(new[] { Tables.Group, floorRow });
        ulong floor = row is { } value ? RowFormat.DecodeNumber(value.Span) : 0;
        var closed = new SortedSet<ulong>();
        using IScan scan = state.Scan(new[] { Tables.Group, _closedRow }, new[] { Tables.Group, (byte)(_closedRow + 1) });
        while (await scan.NextAsync())
        {
            closed.Add(NumberOf(scan.Key.Span));
        }

        return () => (_floor, _closed) = (floor, closed);
    }

    /// <summary>Closes numbers; what is closed stays closed. Once in a step.</summary>
    /// <param name="step">The command.</param>
    /// <param name="floor">All below.</param>
    /// <param name="numbers">And these.</param>
    internal void Close(GroupStep step, ulong floor, IReadOnlyList<ulong> numbers)
    {
        ulong newFloor = ulong.Max(floor, _floor);
        if (newFloor == _floor && numbers.Count == 0)
        {
            return;
        }

        var closed = new SortedSet<ulong>(_closed);
        foreach (ulong number in numbers)
        {
            if (number >= newFloor && closed.Add(number))
            {
                step.Batch.Put(KeyOf(number), Array.Empty<byte>());
            }
        }

        if (newFloor > _floor)
        {
            step.Batch.Put(new[] { Tables.Group, floorRow }, RowFormat.Encode(newFloor));
            while (closed.Count > 0 && closed.Min < newFloor)
            {
                step.Batch.Delete(KeyOf(closed.Min));
                closed.Remove(closed.Min);
            }
        }

        step.Then(() => (_floor, _closed) = (newFloor, closed));
    }

    private byte[] KeyOf(ulong number)
    {
        var key = new ByteWriter(2 + sizeof(ulong));
        key.Byte(Tables.Group);
        key.Byte(_closedRow);
        key.UInt64BigEndian(number);
        return key.ToArray();
    }

    private static ulong NumberOf(ReadOnlySpan<byte> key)
    {
        var from = new ByteReader(key);
        from.Raw(2);
        ulong number = from.UInt64BigEndian();
        from.End();
        return number;
    }
}
