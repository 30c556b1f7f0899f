using System;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>A version as it lies in the objects table.</summary>
/// <param name="Sequence">Place among the versions of its key: the sequence of the command that wrote it; 0 in buckets that never had versioning.</param>
/// <param name="Record">What callers see.</param>
/// <param name="Data">Where the bytes are; empty for multipart objects, whose blobs are in their part list.</param>
/// <param name="PartListId">Row of the part list of a multipart object; 0 for none.</param>
/// <param name="UploadId">Upload that made a multipart object; empty for none.</param>
internal sealed record ObjectRow(ulong Sequence, ObjectRecord Record, ObjectData Data, ulong PartListId, string UploadId)
{
    /// <summary>The bytes of an inline body that lies in the row itself; empty when it has a row of its own (<see cref="Tables.InlineBodies"/>), and for all other data.</summary>
    internal ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The data that lies outside the row and must go where the row goes: none when the body lies in it.</summary>
    internal ObjectData DataOutside => Body.IsEmpty ? Data : NoData;

    private static ObjectData NoData { get; } = new();
}

/// <summary>An upload in progress as it lies in the uploads table.</summary>
/// <param name="Serial">Prefixes its parts; never used again.</param>
/// <param name="Record">What callers see.</param>
internal sealed record UploadRow(ulong Serial, UploadRecord Record);

/// <summary>A part of a completed object.</summary>
internal sealed record StoredPart(int Number, long SizeBytes, ObjectChecksum? Checksum, ObjectData Data);

/// <summary>What a completed upload was made of, so that completing again can answer the same.</summary>
/// <param name="PartsDigest">SHA-256 over the completion's part numbers and ETags.</param>
/// <param name="Sequence">The version's place (see <see cref="ObjectRow"/>).</param>
/// <param name="PartListId">The part list of the object made: tells whether the version there is still the one.</param>
internal sealed record CompletedUploadRow(ReadOnlyMemory<byte> PartsDigest, ulong Sequence, ulong PartListId);

/// <summary>What a garbage row frees.</summary>
internal enum GarbageKind : byte
{
    /// <summary>The chunks of one blob.</summary>
    Blob = 1,

    /// <summary>A part list and the data of its parts.</summary>
    PartList = 2,

    /// <summary>All parts of an upload and their data; <see cref="GarbageRow.Number"/> is its serial.</summary>
    Upload = 3,

    /// <summary>All uploads of a deleted bucket; <see cref="GarbageRow.Number"/> is the bucket's id.</summary>
    BucketUploads = 4,
}

/// <summary>Work for the reclaim worker.</summary>
/// <param name="Kind">What.</param>
/// <param name="Blob">For blobs.</param>
/// <param name="Number">For the others.</param>
/// <param name="Done">Part lists: parts at the front that are freed already.</param>
internal sealed record GarbageRow(GarbageKind Kind, BlobRef Blob, ulong Number, int Done);
