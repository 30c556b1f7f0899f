using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>A stretch of a shard.</summary>
/// <param name="From">First byte of the shard.</param>
/// <param name="To">Behind the last.</param>
internal readonly record struct Stretch(int From, int To)
{
    internal bool IsEmpty => To <= From;

    internal bool Covers(Stretch other) => From <= other.From && To >= other.To;

    internal Stretch Join(Stretch other) => IsEmpty ? other : other.IsEmpty ? this : new Stretch(int.Min(From, other.From), int.Max(To, other.To));
}

/// <summary>A stretch that was read.</summary>
/// <param name="Where">Which bytes of the shard.</param>
/// <param name="Frame">They, behind the shard's header when all of the shard was read.</param>
/// <param name="HasHeader">All of the shard was read.</param>
internal sealed record ShardPiece(Stretch Where, ReadOnlyMemory<byte> Frame, bool HasHeader)
{
    internal ReadOnlyMemory<byte> Bytes => HasHeader ? Frame[ShardHeader.SizeBytes..] : Frame;

    internal ReadOnlyMemory<byte> Slice(Stretch part) => Bytes[(part.From - Where.From)..(part.To - Where.From)];
}

/// <summary>Gets enough stretches of a chunk's shards to have some bytes of it: those of the data shards themselves, or the same stretch of any k.</summary>
/// <remarks>
/// First only the data shards that hold the bytes are read. When one fails, or is slower than most reads are, its stretch is read from others as well, and whatever comes first is taken.
/// Lives on the loop of the client.
/// </remarks>
internal sealed class ChunkFetch
{
    private readonly ChunkReader _reader;
    private readonly ChunkId _chunk;
    private readonly int _chunkLength;
    private readonly int _shardBytes;
    private readonly Stretch[] _needed;
    private readonly ShardPiece?[] _pieces;
    private readonly Stretch[] _asked;
    private readonly bool[] _failed;
    private readonly Gate _changed = new();
    private Stretch _window;
    private int _running;

    /// <param name="reader">Whose.</param>
    /// <param name="chunk">Which chunk.</param>
    /// <param name="chunkLength">Its bytes.</param>
    /// <param name="needed"><c>needed[k + m]</c>: what of each shard is wanted; empty for none.</param>
    /// <param name="excluded"><c>excluded[k + m]</c>: shards not to use.</param>
    internal ChunkFetch(ChunkReader reader, ChunkId chunk, int chunkLength, Stretch[] needed, bool[] excluded)
    {
        (_reader, _chunk, _chunkLength, _needed, _failed) = (reader, chunk, chunkLength, needed, [.. excluded]);
        _shardBytes = reader.Codec.ShardBytes(chunkLength);
        _pieces = new ShardPiece?[needed.Length];
        _asked = new Stretch[needed.Length];
    }

    /// <summary>What was read of each shard.</summary>
    internal ShardPiece?[] Pieces => _pieces;

    /// <summary>The stretch that any k shards have, when data shards that are needed are missing; else empty.</summary>
    internal Stretch Window => _window;

    /// <summary>True when every stretch that is needed is there.</summary>
    internal bool IsDirect
    {
        get
        {
            for (int slot = 0; slot < _needed.Length; slot++)
            {
                if (!_needed[slot].IsEmpty && !Has(slot, _needed[slot]))
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>Reads.</summary>
    /// <returns>False when too few shards can be read.</returns>
    internal async ValueTask<bool> RunAsync()
    {
        for (int slot = 0; slot < _needed.Length; slot++)
        {
            if (!_needed[slot].IsEmpty && !_failed[slot])
            {
                Ask(slot, _needed[slot]);
            }
        }

        TimeSpan hedgeAt = _reader.Environment.Clock.Now + _reader.Latencies.HedgeDelay;
        while (true)
        {
            if (IsDirect)
            {
                _window = default;
                return true;
            }

            if (IsEnough())
            {
                _reader.Environment.Trace.Mark("read-degraded");
                return true;
            }

            bool isLate = _reader.Environment.Clock.Now >= hedgeAt;
            if ((isLate || AnyNeededFailed()) && !Widen(isLate))
            {
                return false;
            }

            if (isLate)
            {
                // Those that were asked now get as much time as the first.
                hedgeAt = _reader.Environment.Clock.Now + _reader.Latencies.HedgeDelay;
            }

            await WaitAsync(hedgeAt - _reader.Environment.Clock.Now);
        }
    }

    private bool Has(int slot, Stretch stretch) => _pieces[slot] is { } piece && piece.Where.Covers(stretch);

    private bool IsEnough()
    {
        if (_window.IsEmpty)
        {
            return false;
        }

        int count = 0;
        for (int slot = 0; slot < _pieces.Length; slot++)
        {
            // Needed shards that are not there lie within the window, or it would have been widened.
            bool isOutside = !_needed[slot].IsEmpty && !Has(slot, _needed[slot]) && !_window.Covers(_needed[slot]);
            if (isOutside)
            {
                return false;
            }

            count += Has(slot, _window) ? 1 : 0;
        }

        return count >= _reader.Codec.Layout.DataShards;
    }

    private bool AnyNeededFailed()
    {
        for (int slot = 0; slot < _needed.Length; slot++)
        {
            if (!_needed[slot].IsEmpty && _failed[slot] && !Has(slot, _needed[slot]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Asks further shards for what is missing; false when that can never be enough.</summary>
    private bool Widen(bool isLate)
    {
        Stretch window = _window;
        for (int slot = 0; slot < _needed.Length; slot++)
        {
            if (!_needed[slot].IsEmpty && !Has(slot, _needed[slot]) && (_failed[slot] || isLate))
            {
                window = window.Join(_needed[slot]);
            }
        }

        _window = window;
        int possible = 0;
        int expected = 0;
        for (int slot = 0; slot < _pieces.Length; slot++)
        {
            bool has = Has(slot, window);
            bool asked = !_failed[slot] && _asked[slot].Covers(window);
            possible += has || !_failed[slot] ? 1 : 0;

            // When it is late, those that were asked before and have not answered are not counted on.
            expected += has || (asked && !isLate) ? 1 : 0;
        }

        for (int slot = 0; slot < _pieces.Length && expected < _reader.Codec.Layout.DataShards; slot++)
        {
            if (!_failed[slot] && !Has(slot, window) && !_asked[slot].Covers(window))
            {
                Ask(slot, window.Join(_asked[slot]));
                expected++;
            }
        }

        return possible >= _reader.Codec.Layout.DataShards || (_running > 0 && !AnyNeededFailed());
    }

    private void Ask(int slot, Stretch stretch)
    {
        _asked[slot] = stretch;
        _running++;
        ReadSlotAsync(slot, stretch);
    }

    private async void ReadSlotAsync(int slot, Stretch stretch)
    {
        bool whole = stretch.From == 0 && stretch.To == _shardBytes;
        int offset = whole ? 0 : ShardHeader.SizeBytes + stretch.From;
        int count = whole ? ShardHeader.SizeBytes + _shardBytes : stretch.To - stretch.From;
        ReadOnlyMemory<byte>? frame = await _reader.ReadSlotAsync(_chunk, slot, ShardHeader.SizeBytes + _shardBytes, offset, count);
        _running--;
        if (frame is { } bytes)
        {
            if (_pieces[slot] is not { } before || stretch.Covers(before.Where))
            {
                _pieces[slot] = new ShardPiece(stretch, bytes, whole);
            }
        }
        else
        {
            _failed[slot] = true;
        }

        _changed.Open();
    }

    private async ValueTask WaitAsync(TimeSpan atMost) => await _changed.WaitAsync().EndsWithinAsync(_reader.Environment.Clock, atMost);
}
