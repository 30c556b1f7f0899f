using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Metadata;

/// <summary>Upload row (serial, then the upload) and the memory of a completed one.</summary>
internal static class UploadFormV1
{
    /// <summary>In the byte of the checksum's type: headers that were stated follow.</summary>
    private const byte HasStated = 0x80;

    internal static void Write(ByteWriter to, UploadRow row)
    {
        to.UInt64(row.Serial);
        WriteRecord(to, row.Record);
    }

    internal static UploadRow Read(ref ByteReader from) => new(from.UInt64(), ReadRecord(ref from));

    internal static void WriteRecord(ByteWriter to, UploadRecord upload)
    {
        to.Text(upload.UploadId);
        to.Text(upload.Template.Key);
        ObjectFormV1.WriteRecord(to, upload.Template);
        to.Text(upload.InitiatorId);
        to.Utc(upload.InitiatedUtc);
        to.Byte((byte)upload.ChecksumAlgorithm);
        bool hasStated = upload.Stated.Count > 0;
        to.Byte((byte)((byte)upload.ChecksumType | (hasStated ? HasStated : 0)));
        if (hasStated)
        {
            FormV1.WritePairs(to, upload.Stated);
        }
    }

    internal static UploadRecord ReadRecord(ref ByteReader from)
    {
        string uploadId = from.Text();
        string key = from.Text();
        var upload = new UploadRecord
        {
            UploadId = uploadId,
            Template = ObjectFormV1.ReadRecord(ref from, key),
            InitiatorId = from.Text(),
            InitiatedUtc = from.Utc(),
            ChecksumAlgorithm = FormV1.ReadEnum<ChecksumAlgorithm>(ref from),
        };
        byte type = from.Byte();
        return upload with
        {
            ChecksumType = FormV1.ToEnum<ChecksumType>((byte)(type & ~HasStated)),
            Stated = (type & HasStated) == 0 ? [] : FormV1.ReadPairs(ref from),
        };
    }

    internal static void WriteCompleted(ByteWriter to, CompletedUploadRow row)
    {
        to.Bytes(row.PartsDigest.Span);
        to.UInt64(row.Sequence);
        to.UInt64(row.PartListId);
    }

    internal static CompletedUploadRow ReadCompleted(ref ByteReader from) =>
        new(FormV1.ReadMemory(ref from), from.UInt64(), from.UInt64());
}
