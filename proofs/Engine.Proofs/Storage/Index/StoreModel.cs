using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Proofs.Storage.Index;

/// <summary>The reference that the ordered store is held to: every batch ever applied, replayed into a sorted dictionary.</summary>
internal sealed class StoreModel
{
    private static readonly Comparer<byte[]> Order = Comparer<byte[]>.Create(static (left, right) => left.AsSpan().SequenceCompareTo(right));
    private readonly List<WriteBatch> _batches = [];
    private readonly SortedSet<byte[]> _everUsed = new(Order);

    internal ulong LastSequence => (ulong)_batches.Count;

    internal void Add(WriteBatch batch)
    {
        _batches.Add(batch);
        foreach (WriteOperation operation in batch.Operations)
        {
            _everUsed.Add(operation.Key.ToArray());
        }
    }

    /// <summary>Forgets what a crash took back.</summary>
    internal void CutAfter(ulong sequence) => _batches.RemoveRange((int)sequence, _batches.Count - (int)sequence);

    internal SortedDictionary<byte[], byte[]> StateAt(ulong sequence)
    {
        var state = new SortedDictionary<byte[], byte[]>(Order);
        for (int i = 0; i < (int)sequence; i++)
        {
            foreach (WriteOperation operation in _batches[i].Operations)
            {
                if (operation.IsDelete)
                {
                    state.Remove(operation.Key.ToArray());
                }
                else
                {
                    state[operation.Key.ToArray()] = operation.Value.ToArray();
                }
            }
        }

        return state;
    }

    /// <summary>Compares a whole scan of a view with the state at its sequence number; null when they agree.</summary>
    internal async Task<string?> CompareAsync(IReadView view)
    {
        using IScan scan = view.Scan(default, default);
        SortedDictionary<byte[], byte[]> state = StateAt(view.Sequence);
        foreach (byte[] key in _everUsed)
        {
            if (!state.ContainsKey(key) && await view.GetAsync(key) is not null)
            {
                return $"at {view.Sequence}: a look-up finds {Convert.ToHexString(key)}, which is not there";
            }
        }

        foreach ((byte[] key, byte[] value) in state)
        {
            if (!await scan.NextAsync())
            {
                return $"at {view.Sequence}: the scan ends before {Convert.ToHexString(key)}";
            }

            if (!scan.Key.Span.SequenceEqual(key) || !scan.Value.Span.SequenceEqual(value))
            {
                return $"at {view.Sequence}: expected {Convert.ToHexString(key)} with {value.Length} bytes, "
                    + $"found {Convert.ToHexString(scan.Key.Span)} with {scan.Value.Length} bytes";
            }

            ReadOnlyMemory<byte>? single = await view.GetAsync(key);
            if (single is not { } found || !found.Span.SequenceEqual(value))
            {
                return $"at {view.Sequence}: the scan has {Convert.ToHexString(key)} but a look-up does not agree";
            }
        }

        return await scan.NextAsync() ? $"at {view.Sequence}: {Convert.ToHexString(scan.Key.Span)} should not be there" : null;
    }
}
