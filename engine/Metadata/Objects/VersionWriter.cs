using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Metadata;

/// <summary>Puts versions and delete markers into the objects table by the bucket's versioning, and takes them out.</summary>
/// <remarks>
/// Invariant: at most one null version per key. It lies at sequence 0 when it was written before versioning was first enabled (then an overwrite touches
/// one row and a read is a point read), else where its row of the null versions table says.
/// </remarks>
internal static class VersionWriter
{
    /// <summary>Writes a version, replacing the null version where the bucket's state says so.</summary>
    /// <param name="transition">The command.</param>
    /// <param name="bucket">The bucket.</param>
    /// <param name="record">What callers will see, but for its version.</param>
    /// <param name="data">Where the bytes are.</param>
    /// <param name="body">An inline body that lies in the row; else empty.</param>
    /// <param name="partListId">Row of the part list of a multipart object; 0 for none.</param>
    /// <param name="uploadId">Upload that made a multipart object; empty for none.</param>
    /// <returns>The record with its version.</returns>
    internal static async ValueTask<ObjectRecord> WriteAsync(
        Transition transition, BucketRecord bucket, ObjectRecord record, ObjectData data, ReadOnlyMemory<byte> body, ulong partListId, string uploadId)
    {
        string key = record.Key;
        if (bucket.Versioning != VersioningState.Enabled
            && await ShardReader.FindVersionAsync(transition.State, bucket, key, VersionId.Null) is { } replaced)
        {
            Remove(transition, bucket, key, replaced);
        }

        bool enabled = bucket.Versioning == VersioningState.Enabled;
        ulong sequence = bucket.Versioning == VersioningState.Off ? 0 : transition.Sequence;
        ObjectRecord written = record with { Version = enabled ? new VersionId(sequence) : VersionId.Null };
        transition.Batch.Put(
            RowKeys.Object(bucket.Id, key, sequence), RowFormat.Encode(new ObjectRow(sequence, written, data, partListId, uploadId) { Body = body }));
        if (bucket.Versioning == VersioningState.Suspended)
        {
            transition.Batch.Put(RowKeys.NullVersion(bucket.Id, key), RowFormat.Encode(sequence));
        }

        return written;
    }

    /// <summary>Takes a version out and frees what it owns.</summary>
    internal static void Remove(Transition transition, BucketRecord bucket, string key, ObjectRow row)
    {
        transition.Batch.Delete(RowKeys.Object(bucket.Id, key, row.Sequence));
        if (row.Record.Version.IsNull && row.Sequence != 0)
        {
            transition.Batch.Delete(RowKeys.NullVersion(bucket.Id, key));
        }

        transition.Free(row.DataOutside);
        if (row.PartListId != 0)
        {
            Invariant.Check(row.UploadId.Length > 0, "multipart object without its upload");
            transition.AddGarbage(new GarbageRow(GarbageKind.PartList, default, row.PartListId, 0));
            transition.Batch.Delete(RowKeys.CompletedUpload(bucket.Id, key, row.UploadId));
        }
    }
}
