using System;
using System.Buffers.Binary;
using System.Text;

namespace ObjectStore.Engine.Kernel;

/// <summary>Persisted or received bytes are not of the form they should have.</summary>
public sealed class MalformedDataException(string message) : Exception(message);

/// <summary>Reads what <see cref="ByteWriter"/> wrote. Every read is bounded: damaged input throws <see cref="MalformedDataException"/>, nothing else.</summary>
public ref struct ByteReader(ReadOnlySpan<byte> source)
{
    private ReadOnlySpan<byte> _rest = source;

    /// <summary>Bytes not read yet.</summary>
    public readonly int Remaining => _rest.Length;

    /// <summary>Bytes as they are.</summary>
    public ReadOnlySpan<byte> Raw(int count)
    {
        if (count < 0 || count > _rest.Length)
        {
            throw new MalformedDataException($"{count} bytes wanted, {_rest.Length} left");
        }

        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    /// <summary>One byte.</summary>
    public byte Byte() => Raw(1)[0];

    /// <summary>0 or 1; anything else is malformed.</summary>
    public bool Bool() => Byte() switch
    {
        0 => false,
        1 => true,
        byte other => throw new MalformedDataException($"boolean {other}"),
    };

    /// <summary>Four bytes.</summary>
    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Raw(4));

    /// <summary>Eight bytes.</summary>
    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Raw(8));

    /// <summary>Eight bytes, most significant first.</summary>
    public ulong UInt64BigEndian() => BinaryPrimitives.ReadUInt64BigEndian(Raw(8));

    /// <summary>Four bytes, most significant first.</summary>
    public uint UInt32BigEndian() => BinaryPrimitives.ReadUInt32BigEndian(Raw(4));

    /// <summary>LEB128.</summary>
    public ulong VarUInt()
    {
        if (_rest.Length > 0 && _rest[0] is < 0x80 and byte small)
        {
            _rest = _rest[1..];
            return small;
        }

        return LongVarUInt();
    }

    /// <summary>A count of things that each take at least one byte: never above what is left, so it may size an array.</summary>
    public int Count()
    {
        ulong count = VarUInt();
        return count <= (ulong)_rest.Length ? (int)count : throw new MalformedDataException($"count {count} of {_rest.Length} bytes");
    }

    /// <summary>Length, then bytes.</summary>
    public ReadOnlySpan<byte> Bytes() => Raw(Count());

    /// <summary>Length, then UTF-8 text.</summary>
    public string Text() => Encoding.UTF8.GetString(Bytes());

    /// <summary>Ticks of a UTC time.</summary>
    public DateTime Utc()
    {
        ulong ticks = UInt64();
        return ticks <= (ulong)DateTime.MaxValue.Ticks
            ? new DateTime((long)ticks, DateTimeKind.Utc)
            : throw new MalformedDataException($"time {ticks}");
    }

    /// <summary>Throws when something is left.</summary>
    public readonly void End()
    {
        if (_rest.Length != 0)
        {
            throw new MalformedDataException($"{_rest.Length} bytes too many");
        }
    }

    private ulong LongVarUInt()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = Byte();
            if (shift == 63 && next > 1)
            {
                break;
            }

            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new MalformedDataException("number of more than 64 bits");
    }
}
