using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>Merges sources, newest first, into one ascending scan: the newest row of each key counts, and deleted keys are left out.</summary>
internal sealed class MergeScan : IScan
{
    private readonly List<Cursor> _sources;
    private readonly ReadOnlyMemory<byte> _to;
    private readonly bool _keepDeletes;
    private readonly List<Cursor> _atKey = [];
    private ReadOnlyMemory<byte> _seekTo;
    private bool _mustSeek = true;
    private bool _isStarted;
    private bool _isDisposed;
    private bool _isMoving;

    internal MergeScan(List<Cursor> sources, ReadOnlyMemory<byte> from, ReadOnlyMemory<byte> to, bool keepDeletes = false)
    {
        _sources = sources;
        _seekTo = from;
        _to = to;
        _keepDeletes = keepDeletes;
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Key { get; private set; }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Value { get; private set; }

    /// <summary>The row is a deletion; only when those are kept.</summary>
    internal bool IsDelete { get; private set; }

    /// <inheritdoc/>
    public void SkipTo(ReadOnlyMemory<byte> key)
    {
        bool isForward = _mustSeek
            ? key.Span.SequenceCompareTo(_seekTo.Span) > 0
            : Key.Span.SequenceCompareTo(key.Span) < 0;
        if (isForward)
        {
            // The caller may reuse its buffer before the next move.
            _seekTo = key.ToArray();
            _mustSeek = true;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<bool> NextAsync()
    {
        // A move that failed or is under way leaves the sources at different places.
        Invariant.Check(!_isDisposed && !_isMoving, "scan used after its end or its failure");
        _isMoving = true;
        bool isOnRow = await MoveAsync();
        _isMoving = false;
        return isOnRow;
    }

    /// <inheritdoc/>
    public void Dispose() => _isDisposed = true;

    private async ValueTask<bool> MoveAsync()
    {
        while (true)
        {
            if (_mustSeek)
            {
                await SeekSourcesAsync();
            }
            else
            {
                for (int i = 0; i < _atKey.Count; i++)
                {
                    await _atKey[i].NextAsync();
                }
            }

            if (!FindSmallest())
            {
                (Key, Value) = (default, default);
                return false;
            }

            if (!IsDelete || _keepDeletes)
            {
                return true;
            }
        }
    }

    private async ValueTask SeekSourcesAsync()
    {
        ReadOnlyMemory<byte> target = _seekTo;
        for (int i = 0; i < _sources.Count; i++)
        {
            Cursor source = _sources[i];
            bool mustMove = !_isStarted || (source.IsValid && source.Key.Span.SequenceCompareTo(target.Span) < 0);
            if (mustMove)
            {
                await source.SeekAsync(target);
            }
        }

        _isStarted = true;
        _mustSeek = false;
    }

    private bool FindSmallest()
    {
        _atKey.Clear();
        for (int i = 0; i < _sources.Count; i++)
        {
            Cursor source = _sources[i];
            if (!source.IsValid)
            {
                continue;
            }

            int order = _atKey.Count == 0 ? -1 : source.Key.Span.SequenceCompareTo(_atKey[0].Key.Span);
            if (order < 0)
            {
                _atKey.Clear();
            }

            if (order <= 0)
            {
                _atKey.Add(source);
            }
        }

        if (_atKey.Count == 0 || (!_to.IsEmpty && _atKey[0].Key.Span.SequenceCompareTo(_to.Span) >= 0))
        {
            _atKey.Clear();
            return false;
        }

        Cursor newest = _atKey[0];
        (Key, Value, IsDelete) = (newest.Key, newest.Value, newest.IsDelete);
        return true;
    }
}
