using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Metadata;

/// <summary>Garbage row: kind, blob, number, progress.</summary>
internal static class GarbageFormV1
{
    internal static void Write(ByteWriter to, GarbageRow row)
    {
        to.Byte((byte)row.Kind);
        FormV1.WriteBlob(to, row.Blob);
        to.UInt64(row.Number);
        to.VarUInt((ulong)row.Done);
    }

    internal static GarbageRow Read(ref ByteReader from) =>
        new(FormV1.ReadEnum<GarbageKind>(ref from), FormV1.ReadBlob(ref from), from.UInt64(), FormV1.ReadInt(ref from));
}
