using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>The form of a snapshot: a version, every row of a group in key order, then an end that tells their number and checksum.</summary>
/// <remarks>
/// <c>version(1)</c>, per row <c>01 key-length(varuint) key value-length(varuint) value</c>, then <c>02 rows(8) crc32c(4)</c>; the checksum is over everything before it.
/// </remarks>
internal static class GroupSnapshotForm
{
    internal const byte Version = 1;
    internal const byte Row = 1;
    internal const byte End = 2;
    internal const int EndSizeBytes = 1 + sizeof(ulong) + sizeof(uint);
}

/// <summary>Reads a state of a group as a snapshot.</summary>
internal sealed class GroupSnapshotSource : ISnapshotSource
{
    private readonly IReadView _state;
    private readonly IScan _scan;
    private readonly ByteWriter _piece = new();
    private int _given;
    private ulong _rows;
    private uint _checksum;
    private bool _isAtEnd;

    internal GroupSnapshotSource(IReadView state)
    {
        (_state, _scan) = (state, state.Scan(default, default));
        _piece.Byte(GroupSnapshotForm.Version);
    }

    public async ValueTask<int> ReadChunkAsync(Memory<byte> buffer)
    {
        int filled = 0;
        while (filled < buffer.Length)
        {
            if (_given == _piece.Length && !await NextPieceAsync())
            {
                break;
            }

            int count = int.Min(buffer.Length - filled, _piece.Length - _given);
            _piece.WrittenMemory.Slice(_given, count).CopyTo(buffer[filled..]);
            _given += count;
            filled += count;
        }

        return filled;
    }

    public void Dispose()
    {
        _scan.Dispose();
        _state.Dispose();
    }

    private async ValueTask<bool> NextPieceAsync()
    {
        if (_isAtEnd)
        {
            return false;
        }

        _checksum = Crc32C.Compute(_piece.Written, _checksum);
        _piece.Clear();
        _given = 0;
        if (await _scan.NextAsync())
        {
            _rows++;
            _piece.Byte(GroupSnapshotForm.Row);
            _piece.Bytes(_scan.Key.Span);
            _piece.Bytes(_scan.Value.Span);
            return true;
        }

        _isAtEnd = true;
        _piece.Byte(GroupSnapshotForm.End);
        _piece.UInt64(_rows);
        _piece.UInt32(Crc32C.Compute(_piece.Written, _checksum));
        return true;
    }
}
