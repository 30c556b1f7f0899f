using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>Takes a snapshot in as a generation of its own.</summary>
internal sealed class GroupInstaller(GroupMachine machine, IOrderedStore store, KeySpace space, LogIndex index) : ISnapshotInstaller
{
    private const int BatchBytes = 256 * 1024;
    private const int RecordBytesMax = IOrderedStore.KeySizeBytesMax + IOrderedStore.ValueSizeBytesMax + 64;

    private byte[] _pending = new byte[64 * 1024];
    private int _start;
    private int _end;
    private bool _sawVersion;
    private bool _sawEnd;
    private ulong _rows;
    private uint _checksum;
    private ulong _counter;
    private WriteBatch _batch = new();
    private Action? _switch;

    public async ValueTask AddChunkAsync(ReadOnlyMemory<byte> chunk)
    {
        Append(chunk.Span);
        while (TakeRecord())
        {
            if (_batch.SizeBytes >= BatchBytes)
            {
                await ApplyAsync();
            }
        }
    }

    public async ValueTask FinishAsync(WriteBatch batch)
    {
        if (!_sawEnd || _start != _end)
        {
            throw new MalformedDataException("snapshot without its end");
        }

        await ApplyAsync();
        _switch = await machine.PrepareSwitchAsync(space, new GroupHeader(index, _counter), batch);
    }

    public void Switched()
    {
        Invariant.Check(_switch is not null, "switched before it was finished");
        _switch();
    }

    public ValueTask AbandonAsync()
    {
        machine.Abandoned(space);
        return ValueTask.CompletedTask;
    }

    private async ValueTask ApplyAsync()
    {
        WriteBatch batch = _batch;
        _batch = new WriteBatch();
        if (batch.Operations.Count > 0)
        {
            await store.WaitForRoomAsync(freesSpace: true);
            store.Apply(batch);
        }
    }

    private void Append(ReadOnlySpan<byte> chunk)
    {
        if (_pending.Length - _end < chunk.Length)
        {
            int length = _end - _start;
            byte[] target = _pending.Length >= length + chunk.Length ? _pending : new byte[int.Max(2 * _pending.Length, length + chunk.Length)];
            _pending.AsSpan(_start, length).CopyTo(target);
            (_pending, _start, _end) = (target, 0, length);
        }

        chunk.CopyTo(_pending.AsSpan(_end));
        _end += chunk.Length;
    }

    /// <summary>Takes one whole record off the front; false when more bytes are needed.</summary>
    private bool TakeRecord()
    {
        ReadOnlySpan<byte> rest = _pending.AsSpan(_start.._end);
        if (rest.IsEmpty)
        {
            return false;
        }

        if (_sawEnd)
        {
            throw new MalformedDataException("snapshot goes on after its end");
        }

        if (!_sawVersion)
        {
            _sawVersion = rest[0] == GroupSnapshotForm.Version ? true : throw new MalformedDataException($"snapshot of form {rest[0]}");
            Take(1);
            return true;
        }

        return rest[0] switch
        {
            GroupSnapshotForm.Row => TakeRow(rest),
            GroupSnapshotForm.End => TakeEnd(rest),
            byte other => throw new MalformedDataException($"snapshot record {other}"),
        };
    }

    private bool TakeRow(ReadOnlySpan<byte> rest)
    {
        int at = 1;
        if (!TryLength(rest, ref at, out int keyLength) || rest.Length - at < keyLength)
        {
            return false;
        }

        int keyAt = at;
        at += keyLength;
        if (!TryLength(rest, ref at, out int valueLength) || rest.Length - at < valueLength)
        {
            return false;
        }

        ReadOnlySpan<byte> key = rest.Slice(keyAt, keyLength);
        byte[] value = rest.Slice(at, valueLength).ToArray();
        if (key.SequenceEqual(GroupHeader.Key))
        {
            // The header comes last, with the switch: until then there is no state here.
            _counter = GroupHeader.Decode(value).Counter;
        }
        else
        {
            _batch.Put(space.KeyOf(key), value);
        }

        _rows++;
        Take(at + valueLength);
        return true;
    }

    private bool TakeEnd(ReadOnlySpan<byte> rest)
    {
        if (rest.Length < GroupSnapshotForm.EndSizeBytes)
        {
            return false;
        }

        Take(GroupSnapshotForm.EndSizeBytes - sizeof(uint));
        uint checksum = _checksum;
        var end = new ByteReader(rest[1..GroupSnapshotForm.EndSizeBytes]);
        ulong rows = end.UInt64();
        if (rows != _rows || end.UInt32() != checksum)
        {
            throw new MalformedDataException($"snapshot of {rows} rows, {_rows} came, or another checksum");
        }

        Take(sizeof(uint));
        _sawEnd = true;
        return true;
    }

    private void Take(int count)
    {
        _checksum = Crc32C.Compute(_pending.AsSpan(_start, count), _checksum);
        _start += count;
    }

    private static bool TryLength(ReadOnlySpan<byte> bytes, ref int at, out int length)
    {
        length = 0;
        for (int shift = 0; at < bytes.Length; shift += 7)
        {
            byte next = bytes[at++];
            length |= (next & 0x7f) << shift;
            if (shift > 21 || length > RecordBytesMax)
            {
                throw new MalformedDataException("snapshot row of an impossible length");
            }

            if (next < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}
