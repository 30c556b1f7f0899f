using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>Which gateways' epochs are closed for a group: it takes no command of theirs any more, so no blob of theirs becomes live any more.</summary>
/// <remarks>Rows: a floor below which all are closed, and one row for each closed one above it. Only grows.</remarks>
internal sealed class GatewayEpochs
{
    private const byte FloorRow = 0x02;
    private const byte ClosedRow = 0x03;

    private ulong _floor;
    private SortedSet<ulong> _closed = [];

    /// <summary>Epoch 0 is the group itself, and never closed.</summary>
    internal bool IsClosed(ulong epoch) => epoch != 0 && (epoch < _floor || _closed.Contains(epoch));

    internal (ulong Floor, IReadOnlyCollection<ulong> Closed) Current => (_floor, _closed);

    internal async ValueTask<Action> LoadAsync(IReadView state)
    {
        ReadOnlyMemory<byte>? row = await state.GetAsync(new[] { Tables.Group, FloorRow });
        ulong floor = row is { } value ? RowFormat.DecodeNumber(value.Span) : 0;
        var closed = new SortedSet<ulong>();
        using IScan scan = state.Scan(new[] { Tables.Group, ClosedRow }, new[] { Tables.Group, (byte)(ClosedRow + 1) });
        while (await scan.NextAsync())
        {
            closed.Add(EpochOf(scan.Key.Span));
        }

        return () => (_floor, _closed) = (floor, closed);
    }

    /// <summary>Closes epochs; what is closed stays closed.</summary>
    internal void Close(GroupStep step, ulong floor, IReadOnlyList<ulong> epochs)
    {
        ulong newFloor = ulong.Max(floor, _floor);
        var closed = new SortedSet<ulong>(_closed);
        foreach (ulong epoch in epochs)
        {
            if (epoch >= newFloor && closed.Add(epoch))
            {
                step.Batch.Put(KeyOf(epoch), Array.Empty<byte>());
            }
        }

        if (newFloor > _floor)
        {
            step.Batch.Put(new[] { Tables.Group, FloorRow }, RowFormat.Encode(newFloor));
            while (closed.Count > 0 && closed.Min < newFloor)
            {
                step.Batch.Delete(KeyOf(closed.Min));
                closed.Remove(closed.Min);
            }
        }

        step.Then(() => (_floor, _closed) = (newFloor, closed));
    }

    private static byte[] KeyOf(ulong epoch)
    {
        var key = new ByteWriter(2 + sizeof(ulong));
        key.Byte(Tables.Group);
        key.Byte(ClosedRow);
        key.UInt64BigEndian(epoch);
        return key.ToArray();
    }

    private static ulong EpochOf(ReadOnlySpan<byte> key)
    {
        var from = new ByteReader(key);
        from.Raw(2);
        ulong epoch = from.UInt64BigEndian();
        from.End();
        return epoch;
    }
}
