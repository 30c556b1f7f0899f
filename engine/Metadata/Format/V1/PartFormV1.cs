using System.Collections.Generic;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Metadata;

/// <summary>Part of an upload, and the list of parts of a completed object.</summary>
internal static class PartFormV1
{
    internal static void Write(ByteWriter to, PartRecord part)
    {
        to.VarUInt((ulong)part.Number);
        FormV1.WriteLength(to, part.SizeBytes);
        FormV1.WriteETag(to, part.ETag);
        to.Utc(part.ModifiedUtc);
        FormV1.WriteChecksum(to, part.Checksum);
        FormV1.WriteData(to, part.Data);
    }

    internal static PartRecord Read(ref ByteReader from) => new()
    {
        Number = FormV1.ReadInt(ref from),
        SizeBytes = FormV1.ReadLength(ref from),
        ETag = FormV1.ReadETag(ref from),
        ModifiedUtc = from.Utc(),
        Checksum = FormV1.ReadChecksum(ref from),
        Data = FormV1.ReadData(ref from),
    };

    internal static void WriteList(ByteWriter to, IReadOnlyList<StoredPart> parts)
    {
        to.VarUInt((ulong)parts.Count);
        for (int i = 0; i < parts.Count; i++)
        {
            to.VarUInt((ulong)parts[i].Number);
            FormV1.WriteLength(to, parts[i].SizeBytes);
            FormV1.WriteChecksum(to, parts[i].Checksum);
            FormV1.WriteData(to, parts[i].Data);
        }
    }

    internal static StoredPart[] ReadList(ref ByteReader from)
    {
        var parts = new StoredPart[from.Count()];
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = new StoredPart(
                FormV1.ReadInt(ref from), FormV1.ReadLength(ref from), FormV1.ReadChecksum(ref from), FormV1.ReadData(ref from));
        }

        return parts;
    }
}
