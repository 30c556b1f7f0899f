using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>The state of the store at one sequence number: the memtables and runs of that moment.</summary>
/// <remarks>
/// A memtable is flushed only when all of it is durable, and a view is never older than what was durable at its start. So runs need one version of a key,
/// and a view that is older than a flush still holds the memtable that was flushed.
/// </remarks>
internal sealed class ReadView(ulong sequence, Memtable[] memtables, RunSet runs) : IReadView
{
    private readonly RunSet _runs = runs.Hold();
    private bool _isDisposed;

    /// <inheritdoc/>
    public ulong Sequence => sequence;

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>?> GetAsync(ReadOnlyMemory<byte> key)
    {
        Invariant.Check(!_isDisposed, "view used after its end");
        ulong hash = KeyFilter.Hash(key.Span);
        foreach (Memtable memtable in memtables)
        {
            if (memtable.TryGet(key.Span, hash, sequence, out ReadOnlyMemory<byte> value, out bool isDelete))
            {
                return new ValueTask<ReadOnlyMemory<byte>?>(isDelete ? (ReadOnlyMemory<byte>?)null : value);
            }
        }

        return GetFromRunsAsync(key, hash);
    }

    /// <inheritdoc/>
    public IScan Scan(ReadOnlyMemory<byte> from, ReadOnlyMemory<byte> to)
    {
        Invariant.Check(!_isDisposed, "view used after its end");
        var sources = new List<Cursor>(memtables.Length + RunSet.LevelCount);
        foreach (Memtable memtable in memtables)
        {
            sources.Add(memtable.OpenCursor(sequence));
        }

        _runs.AddCursors(sources, from.Span, to.Span);
        return new MergeScan(sources, from.ToArray(), to.ToArray());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _runs.Release();
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>?> GetFromRunsAsync(ReadOnlyMemory<byte> key, ulong hash) =>
        await _runs.GetAsync(key, hash) is { IsDelete: false } row ? row.Value : (ReadOnlyMemory<byte>?)null;
}
