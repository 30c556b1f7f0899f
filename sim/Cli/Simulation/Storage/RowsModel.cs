using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>What an ordered store must hold: every value that each key ever had, by the number of the batch that gave it.</summary>
internal sealed class RowsModel
{
    private static readonly Comparer<byte[]> Order = Comparer<byte[]>.Create(static (left, right) => left.AsSpan().SequenceCompareTo(right));
    private readonly SortedDictionary<byte[], List<(ulong Sequence, byte[]? Value)>> _rows = new(Order);

    /// <summary>Number of the newest batch.</summary>
    internal ulong LastSequence { get; private set; }

    /// <summary>Everything up to this batch was acknowledged: no crash may take it back.</summary>
    internal ulong Acknowledged { get; private set; }

    /// <summary>Adds the next batch.</summary>
    internal void Add(WriteBatch batch)
    {
        LastSequence++;
        foreach (WriteOperation operation in batch.Operations)
        {
            byte[] key = operation.Key.ToArray();
            if (!_rows.TryGetValue(key, out List<(ulong Sequence, byte[]? Value)>? versions))
            {
                versions = [];
                _rows.Add(key, versions);
            }

            versions.Add((LastSequence, operation.IsDelete ? null : operation.Value.ToArray()));
        }
    }

    /// <summary>A batch was acknowledged.</summary>
    internal void Acknowledge(ulong sequence) => Acknowledged = Math.Max(Acknowledged, sequence);

    /// <summary>A life ended and this is what the next one found: forgets what came later.</summary>
    /// <exception cref="PromiseBrokenException">Acknowledged batches are missing, or there are more than were ever applied.</exception>
    internal void Recovered(ulong sequence)
    {
        if (sequence < Acknowledged)
        {
            throw new PromiseBrokenException("durable", $"batch {Acknowledged} was acknowledged, and the store recovered up to batch {sequence}");
        }

        if (sequence > LastSequence)
        {
            throw new PromiseBrokenException("durable", $"{LastSequence} batches were applied, and the store recovered up to batch {sequence}");
        }

        (LastSequence, Acknowledged) = (sequence, sequence);
        foreach (List<(ulong Sequence, byte[]? Value)> versions in _rows.Values)
        {
            versions.RemoveAll(version => version.Sequence > sequence);
        }
    }

    /// <summary>The value of a key after a batch; null when it has none.</summary>
    internal byte[]? At(byte[] key, ulong sequence) => _rows.TryGetValue(key, out List<(ulong Sequence, byte[]? Value)>? versions) ? At(versions, sequence) : null;

    /// <summary>Rows of a range after a batch, in order of their keys.</summary>
    /// <param name="sequence">The batch.</param>
    /// <param name="from">First key; empty is the start.</param>
    /// <param name="to">First key behind it; empty is the end.</param>
    internal List<(byte[] Key, byte[] Value)> Range(ulong sequence, byte[] from, byte[] to)
    {
        var rows = new List<(byte[] Key, byte[] Value)>();
        foreach ((byte[] key, List<(ulong Sequence, byte[]? Value)> versions) in _rows)
        {
            if (Order.Compare(key, from) >= 0 && (to.Length == 0 || Order.Compare(key, to) < 0) && At(versions, sequence) is { } value)
            {
                rows.Add((key, value));
            }
        }

        return rows;
    }

    /// <summary>Looks every key up in a view, and scans all of it.</summary>
    /// <exception cref="PromiseBrokenException">The view is not the state after its batch.</exception>
    internal async ValueTask CompareAsync(IReadView view, string which)
    {
        foreach (byte[] key in new List<byte[]>(_rows.Keys))
        {
            CheckRow(which, view.Sequence, key, await view.GetAsync(key));
        }

        using IScan scan = view.Scan(default, default);
        foreach ((byte[] key, byte[] value) in Range(view.Sequence, [], []))
        {
            CheckNext(which, view.Sequence, scan, await scan.NextAsync(), key, value);
        }

        CheckEnd(which, view.Sequence, scan, await scan.NextAsync());
    }

    /// <summary>Holds what a look-up found against the state after a batch.</summary>
    internal void CheckRow(string which, ulong sequence, byte[] key, ReadOnlyMemory<byte>? found)
    {
        byte[]? expected = At(key, sequence);
        bool agrees = found is { } value ? expected is not null && value.Span.SequenceEqual(expected) : expected is null;
        if (!agrees)
        {
            throw new PromiseBrokenException(
                "reads", $"{which} view at batch {sequence}: key {Name(key)} has {Name(expected)}, and a look-up finds {Name(found?.ToArray())}");
        }
    }

    /// <summary>Holds a row of a scan against the row that comes next.</summary>
    internal static void CheckNext(string which, ulong sequence, IScan scan, bool isRow, byte[] key, byte[] value)
    {
        if (!isRow)
        {
            throw new PromiseBrokenException("reads", $"{which} view at batch {sequence}: a scan ends before key {Name(key)}");
        }

        if (!scan.Key.Span.SequenceEqual(key) || !scan.Value.Span.SequenceEqual(value))
        {
            throw new PromiseBrokenException(
                "reads", $"{which} view at batch {sequence}: a scan comes to key {Name(scan.Key.ToArray())} with {Name(scan.Value.ToArray())}, not to {Name(key)} with {Name(value)}");
        }
    }

    /// <summary>A scan must have ended.</summary>
    internal static void CheckEnd(string which, ulong sequence, IScan scan, bool isRow)
    {
        if (isRow)
        {
            throw new PromiseBrokenException("reads", $"{which} view at batch {sequence}: a scan comes to key {Name(scan.Key.ToArray())}, which is not there");
        }
    }

    private static byte[]? At(List<(ulong Sequence, byte[]? Value)> versions, ulong sequence)
    {
        for (int index = versions.Count - 1; index >= 0; index--)
        {
            if (versions[index].Sequence <= sequence)
            {
                return versions[index].Value;
            }
        }

        return null;
    }

    private static string Name(byte[]? bytes) => bytes is null ? "nothing" : bytes.Length <= 12 ? Convert.ToHexString(bytes) : $"{Convert.ToHexString(bytes.AsSpan(0, 12))}.. ({bytes.Length} bytes)";
}
