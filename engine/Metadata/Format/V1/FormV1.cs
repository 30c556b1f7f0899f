using System;
using System.Collections.Generic;
using System.Text;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>Pieces that several forms of version 1 share. Never change what they write.</summary>
internal static class FormV1
{
    internal const byte Version = 1;

    private const int Md5Size = 16;

    /// <summary>Reads the version in front of something.</summary>
    internal static void CheckVersion(ref ByteReader from, string what)
    {
        byte version = from.Byte();
        if (version != Version)
        {
            throw new MalformedDataException($"{what} of form {version}, known are 1 to {Version}");
        }
    }

    internal static ByteReader Open(ReadOnlySpan<byte> bytes, string what)
    {
        var from = new ByteReader(bytes);
        CheckVersion(ref from, what);
        return from;
    }

    internal static void WriteTime(ByteWriter to, DateTime? time)
    {
        to.Bool(time is not null);
        if (time is { } value)
        {
            to.Utc(value);
        }
    }

    internal static DateTime? ReadTime(ref ByteReader from) => from.Bool() ? from.Utc() : null;

    internal static void WriteLength(ByteWriter to, long length)
    {
        Invariant.Check(length >= 0, "negative length");
        to.VarUInt((ulong)length);
    }

    internal static long ReadLength(ref ByteReader from)
    {
        ulong value = from.VarUInt();
        return value <= long.MaxValue ? (long)value : throw new MalformedDataException($"length {value}");
    }

    internal static int ReadInt(ref ByteReader from)
    {
        ulong value = from.VarUInt();
        return value <= int.MaxValue ? (int)value : throw new MalformedDataException($"number {value}");
    }

    internal static TEnum ReadEnum<TEnum>(ref ByteReader from)
        where TEnum : struct, Enum => ToEnum<TEnum>(from.Byte());

    internal static TEnum ToEnum<TEnum>(byte value)
        where TEnum : struct, Enum
    {
        var read = (TEnum)Enum.ToObject(typeof(TEnum), value);
        return Enum.IsDefined(read) ? read : throw new MalformedDataException($"{typeof(TEnum).Name} {value}");
    }

    internal static ReadOnlyMemory<byte> ReadMemory(ref ByteReader from)
    {
        ReadOnlySpan<byte> bytes = from.Bytes();
        return bytes.IsEmpty ? default : bytes.ToArray();
    }

    /// <summary>Text that is often the one before it.</summary>
    internal static string ReadRepeated(ref ByteReader from, string before)
    {
        ReadOnlySpan<byte> bytes = from.Bytes();
        return bytes.Length == before.Length && Ascii.Equals(bytes, before) ? before : Encoding.UTF8.GetString(bytes);
    }

    internal static void WritePairs(ByteWriter to, IReadOnlyList<KeyValuePair<string, string>> pairs)
    {
        to.VarUInt((ulong)pairs.Count);
        for (int i = 0; i < pairs.Count; i++)
        {
            to.Text(pairs[i].Key);
            to.Text(pairs[i].Value);
        }
    }

    internal static KeyValuePair<string, string>[] ReadPairs(ref ByteReader from)
    {
        int count = from.Count();
        if (count == 0)
        {
            return [];
        }

        var pairs = new KeyValuePair<string, string>[count];
        for (int i = 0; i < count; i++)
        {
            pairs[i] = KeyValuePair.Create(from.Text(), from.Text());
        }

        return pairs;
    }

    internal static void WriteChecksum(ByteWriter to, ObjectChecksum? checksum)
    {
        to.Byte((byte)(checksum?.Algorithm ?? ChecksumAlgorithm.None));
        if (checksum is { Algorithm: not ChecksumAlgorithm.None })
        {
            to.Byte((byte)checksum.Type);
            to.Bytes(checksum.Digest.Span);
            to.VarUInt((ulong)checksum.PartCount);
        }
    }

    internal static ObjectChecksum? ReadChecksum(ref ByteReader from)
    {
        var algorithm = ReadEnum<ChecksumAlgorithm>(ref from);
        return algorithm == ChecksumAlgorithm.None
            ? null
            : new ObjectChecksum(algorithm, ReadEnum<ChecksumType>(ref from), ReadMemory(ref from), ReadInt(ref from));
    }

    /// <summary>An ETag: 0 and text, or 1 and 16 bytes for an MD5, or 2, 16 bytes and a count for one of N parts.</summary>
    internal static void WriteETag(ByteWriter to, string etag)
    {
        Span<byte> digest = stackalloc byte[Md5Size];
        int parts = 0;
        bool packs = TryReadHex(etag, digest)
            && (etag.Length == 2 * Md5Size
                || (etag[2 * Md5Size] == '-'
                    && int.TryParse(etag.AsSpan(2 * Md5Size + 1), out parts)
                    && parts > 0
                    && etag.AsSpan(2 * Md5Size + 1).SequenceEqual(parts.ToString())));
        to.Byte(packs ? (byte)(parts > 0 ? 2 : 1) : (byte)0);
        if (!packs)
        {
            to.Text(etag);
            return;
        }

        to.Raw(digest);
        if (parts > 0)
        {
            to.VarUInt((ulong)parts);
        }
    }

    internal static string ReadETag(ref ByteReader from)
    {
        byte kind = from.Byte();
        return kind switch
        {
            0 => from.Text(),
            1 => Convert.ToHexStringLower(from.Raw(Md5Size)),
            2 => $"{Convert.ToHexStringLower(from.Raw(Md5Size))}-{ReadInt(ref from)}",
            _ => throw new MalformedDataException($"ETag of kind {kind}"),
        };
    }

    internal static void WriteBlob(ByteWriter to, BlobRef blob)
    {
        to.VarUInt(blob.Id.Epoch);
        to.VarUInt(blob.Id.Number);
        WriteLength(to, blob.LengthBytes);
        to.VarUInt((ulong)blob.ChunkSizeBytes);
    }

    internal static BlobRef ReadBlob(ref ByteReader from) =>
        new(new BlobId(from.VarUInt(), from.VarUInt()), ReadLength(ref from), ReadInt(ref from));

    internal static void WriteData(ByteWriter to, ObjectData data)
    {
        to.Bool(data.Inline is not null);
        if (data.Inline is { } inline)
        {
            WriteBlob(to, inline);
        }

        to.VarUInt((ulong)data.Blobs.Count);
        for (int i = 0; i < data.Blobs.Count; i++)
        {
            WriteBlob(to, data.Blobs[i]);
        }
    }

    internal static ObjectData ReadData(ref ByteReader from)
    {
        BlobRef? inline = from.Bool() ? ReadBlob(ref from) : null;
        int count = from.Count();
        if (count == 0)
        {
            return new ObjectData { Inline = inline };
        }

        var blobs = new BlobRef[count];
        for (int i = 0; i < count; i++)
        {
            blobs[i] = ReadBlob(ref from);
        }

        return new ObjectData { Inline = inline, Blobs = blobs };
    }

    // Lower-case hex only: what is read back must be what was written.
    private static bool TryReadHex(string etag, Span<byte> digest)
    {
        if (etag.Length < 2 * digest.Length)
        {
            return false;
        }

        for (int i = 0; i < digest.Length; i++)
        {
            int high = Digit(etag[2 * i]);
            int low = Digit(etag[2 * i + 1]);
            if (high < 0 || low < 0)
            {
                return false;
            }

            digest[i] = (byte)(high << 4 | low);
        }

        return true;
    }

    private static int Digit(char c) => c switch
    {
        >= '0' and <= '9' => c - '0',
        >= 'a' and <= 'f' => c - 'a' + 10,
        _ => -1,
    };
}
