using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Metadata;

/// <summary>Encodes rows in the newest form and decodes every form ever written: the first byte of a row is its form's version.</summary>
/// <remarks>To change a form: put the changed encoders into the folder of the next version, dispatch here on the first byte, keep the old decoders for ever.
/// Damaged rows throw <see cref="MalformedDataException"/> only.</remarks>
internal static class RowFormat
{
    private const int ObjectRowBytesMostly = 256;

    internal static byte[] Encode(BucketRecord bucket)
    {
        ByteWriter to = Start();
        BucketFormV1.Write(to, bucket);
        return to.ToArray();
    }

    internal static byte[] Encode(ObjectRow row)
    {
        var to = new ByteWriter(ObjectRowBytesMostly + row.Body.Length);
        if (row.Body.IsEmpty)
        {
            to.Byte(FormV1.Version);
            ObjectFormV1.Write(to, row);
        }
        else
        {
            to.Byte(ObjectWithBodyForm.Version);
            ObjectWithBodyForm.Write(to, row);
        }

        return to.ToArray();
    }

    internal static byte[] Encode(UploadRow row)
    {
        ByteWriter to = Start();
        UploadFormV1.Write(to, row);
        return to.ToArray();
    }

    internal static byte[] Encode(PartRecord part)
    {
        ByteWriter to = Start();
        PartFormV1.Write(to, part);
        return to.ToArray();
    }

    internal static byte[] Encode(IReadOnlyList<StoredPart> parts)
    {
        ByteWriter to = Start();
        PartFormV1.WriteList(to, parts);
        return to.ToArray();
    }

    internal static byte[] Encode(CompletedUploadRow row)
    {
        ByteWriter to = Start();
        UploadFormV1.WriteCompleted(to, row);
        return to.ToArray();
    }

    internal static byte[] Encode(GarbageRow row)
    {
        ByteWriter to = Start();
        GarbageFormV1.Write(to, row);
        return to.ToArray();
    }

    internal static byte[] Encode(IdentityRecord identity)
    {
        ByteWriter to = Start();
        IdentityFormV1.Write(to, identity);
        return to.ToArray();
    }

    /// <summary>A row that is one number.</summary>
    internal static byte[] Encode(ulong number)
    {
        byte[] row = new byte[1 + sizeof(ulong)];
        row[0] = FormV1.Version;
        BinaryPrimitives.WriteUInt64LittleEndian(row.AsSpan(1), number);
        return row;
    }

    internal static BucketRecord DecodeBucket(ReadOnlySpan<byte> row)
    {
        ByteReader from = Open(row);
        BucketRecord bucket = BucketFormV1.Read(ref from);
        from.End();
        return bucket;
    }

    /// <summary>What is decoded refers to the row's bytes where it has a body.</summary>
    internal static ObjectRow DecodeObject(ReadOnlyMemory<byte> row, string key, ulong sequence)
    {
        ByteReader from = OpenObject(row.Span, out bool hasBody);
        if (hasBody)
        {
            return ObjectWithBodyForm.Read(row, ref from, key, sequence);
        }

        ObjectRow decoded = ObjectFormV1.Read(ref from, key, sequence);
        from.End();
        return decoded;
    }

    /// <summary>Only what listings show; see <see cref="ObjectFormV1"/>. <paramref name="ownerBefore"/> is reused when it is the owner here too.</summary>
    internal static ObjectRecord DecodeObjectSummary(ReadOnlySpan<byte> row, string key, string ownerBefore)
    {
        ByteReader from = OpenObject(row, out _);
        return ObjectFormV1.ReadSummary(ref from, key, ownerBefore, out _);
    }

    internal static bool IsDeleteMarker(ReadOnlySpan<byte> row)
    {
        ByteReader from = OpenObject(row, out _);
        return ObjectFormV1.ReadIsDeleteMarker(ref from);
    }

    internal static UploadRow DecodeUpload(ReadOnlySpan<byte> row)
    {
        ByteReader from = Open(row);
        UploadRow decoded = UploadFormV1.Read(ref from);
        from.End();
        return decoded;
    }

    internal static PartRecord DecodePart(ReadOnlySpan<byte> row)
    {
        ByteReader from = Open(row);
        PartRecord decoded = PartFormV1.Read(ref from);
        from.End();
        return decoded;
    }

    internal static StoredPart[] DecodePartList(ReadOnlySpan<byte> row)
    {
        ByteReader from = Open(row);
        StoredPart[] decoded = PartFormV1.ReadList(ref from);
        from.End();
        return decoded;
    }

    internal static CompletedUploadRow DecodeCompletedUpload(ReadOnlySpan<byte> row)
    {
        ByteReader from = Open(row);
        CompletedUploadRow decoded = UploadFormV1.ReadCompleted(ref from);
        from.End();
        return decoded;
    }

    internal static GarbageRow DecodeGarbage(ReadOnlySpan<byte> row)
    {
        ByteReader from = Open(row);
        GarbageRow decoded = GarbageFormV1.Read(ref from);
        from.End();
        return decoded;
    }

    internal static IdentityRecord DecodeIdentity(ReadOnlySpan<byte> row)
    {
        ByteReader from = Open(row);
        IdentityRecord decoded = IdentityFormV1.Read(ref from);
        from.End();
        return decoded;
    }

    internal static ulong DecodeNumber(ReadOnlySpan<byte> row)
    {
        ByteReader from = Open(row);
        ulong number = from.UInt64();
        from.End();
        return number;
    }

    private static ByteWriter Start()
    {
        var to = new ByteWriter();
        to.Byte(FormV1.Version);
        return to;
    }

    private static ByteReader Open(ReadOnlySpan<byte> row) => FormV1.Open(row, "row");

    private static ByteReader OpenObject(ReadOnlySpan<byte> row, out bool hasBody)
    {
        hasBody = row.Length > 0 && row[0] == ObjectWithBodyForm.Version;
        return hasBody ? new ByteReader(row[1..]) : Open(row);
    }
}
