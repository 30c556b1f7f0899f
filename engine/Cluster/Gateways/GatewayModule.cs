using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>The part of the root group that gives gateways their epochs.</summary>
/// <remarks>
/// Invariants: an epoch is given once, in growing order; a node has at most one open epoch, so a gateway that starts again closes the life before; what is closed stays closed.
/// Tables of the group: <c>60</c>, with one row for the last epoch given and one for each open epoch.
/// </remarks>
public sealed class GatewayModule : IGroupModule
{
    private const byte Table = 0x60;
    private const byte LastRow = 0x01;
    private const byte OpenRow = 0x02;

    private ulong _last;
    private SortedDictionary<ulong, NodeId> _open = [];

    /// <inheritdoc/>
    public byte CommandKind => GatewayCommands.ModuleByte;

    /// <summary>Open epochs, oldest first, as far as this replica has applied.</summary>
    internal IReadOnlyList<OpenGateway> Open
    {
        get
        {
            var open = new List<OpenGateway>(_open.Count);
            foreach ((ulong epoch, NodeId node) in _open)
            {
                open.Add(new OpenGateway(epoch, node));
            }

            return open;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<Action> LoadAsync(IReadView state)
    {
        ArgumentNullException.ThrowIfNull(state);
        ulong last = 0;
        if (await state.GetAsync(new[] { Table, LastRow }) is { } row)
        {
            var from = new ByteReader(row.Span);
            last = from.UInt64();
        }

        var open = new SortedDictionary<ulong, NodeId>();
        using IScan scan = state.Scan(new[] { Table, OpenRow }, new[] { Table, (byte)(OpenRow + 1) });
        while (await scan.NextAsync())
        {
            Add(open, scan.Key.Span, scan.Value.Span);
        }

        return () => (_last, _open) = (last, open);
    }

    /// <inheritdoc/>
    /// <returns>The epoch opened, or the epoch that was to be closed.</returns>
    public ValueTask<object?> ApplyAsync(GroupStep step, ReadOnlyMemory<byte> command)
    {
        ArgumentNullException.ThrowIfNull(step);
        var from = new ByteReader(command.Span);
        ulong epoch;
        switch (GatewayCommands.ReadKind(ref from))
        {
            case GatewayCommands.Kind.Open:
                var node = new NodeId(from.Text());
                epoch = _last + 1;
                foreach ((ulong earlier, NodeId owner) in _open)
                {
                    if (owner == node)
                    {
                        Close(step, earlier);
                    }
                }

                var number = new ByteWriter(sizeof(ulong));
                number.UInt64(epoch);
                step.Batch.Put(new[] { Table, LastRow }, number.ToArray());
                step.Batch.Put(KeyOf(epoch), System.Text.Encoding.UTF8.GetBytes(node.Value));
                step.Then(() =>
                {
                    _last = epoch;
                    _open.Add(epoch, node);
                });
                break;
            case GatewayCommands.Kind.Close:
                epoch = from.UInt64();
                Close(step, epoch);
                break;
            default:
                throw new MalformedDataException("a question is no command");
        }

        return new ValueTask<object?>(epoch);
    }

    /// <inheritdoc/>
    public void EncodeResult(object? result, ByteWriter to)
    {
        ArgumentNullException.ThrowIfNull(to);
        to.UInt64((ulong)result!);
    }

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> AnswerAsync(IReadView state, ReadOnlyMemory<byte> query)
    {
        ArgumentNullException.ThrowIfNull(state);
        Check(query.Span);
        var open = new SortedDictionary<ulong, NodeId>();
        using IScan scan = state.Scan(new[] { Table, OpenRow }, new[] { Table, (byte)(OpenRow + 1) });
        while (await scan.NextAsync())
        {
            Add(open, scan.Key.Span, scan.Value.Span);
        }

        var gateways = new List<OpenGateway>(open.Count);
        foreach ((ulong epoch, NodeId node) in open)
        {
            gateways.Add(new OpenGateway(epoch, node));
        }

        var to = new ByteWriter();
        GatewayCommands.WriteList(to, gateways);
        return to.WrittenMemory;
    }

    private void Close(GroupStep step, ulong epoch)
    {
        if (_open.ContainsKey(epoch))
        {
            step.Batch.Delete(KeyOf(epoch));
            step.Then(() => _open.Remove(epoch));
        }
    }

    private static void Check(ReadOnlySpan<byte> query)
    {
        var from = new ByteReader(query);
        if (GatewayCommands.ReadKind(ref from) != GatewayCommands.Kind.List)
        {
            throw new MalformedDataException("no question about gateways");
        }
    }

    private static void Add(SortedDictionary<ulong, NodeId> open, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var from = new ByteReader(key[2..]);
        open.Add(from.UInt64BigEndian(), new NodeId(System.Text.Encoding.UTF8.GetString(value)));
    }

    private static byte[] KeyOf(ulong epoch)
    {
        var key = new ByteWriter(2 + sizeof(ulong));
        key.Byte(Table);
        key.Byte(OpenRow);
        key.UInt64BigEndian(epoch);
        return key.ToArray();
    }
}
