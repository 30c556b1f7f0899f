using System;
using System.Collections.Generic;
using System.Security.Cryptography;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>Makes an object of an upload's parts.</summary>
/// <remarks>Source: Amazon S3 API reference, CompleteMultipartUpload.</remarks>
internal static class CompleteUpload
{
    internal static async ValueTask<CommandResult> ApplyAsync(Transition transition, CompleteUploadCommand command)
    {
        if (await transition.FindBucketAsync(command.Bucket) is not { } bucket)
        {
            return new CommandResult { Error = MetadataError.NoSuchBucket };
        }

        if (await ShardReader.FindUploadAsync(transition.State, bucket, command.Key, command.UploadId) is not { } upload)
        {
            return await AnswerAgainAsync(transition, bucket, command);
        }

        CommandResult outline = new() { Bucket = bucket, Upload = upload.Record };
        if (FirstOutOfOrder(command.Parts) is { } misplaced)
        {
            return outline with { Error = MetadataError.InvalidPartOrder, PartNumber = misplaced };
        }

        var chosen = new List<PartRecord>(command.Parts.Count);
        var unused = new List<PartRecord>();
        if (await ChooseAsync(transition, upload, command.Parts, chosen, unused) is { } absent)
        {
            return outline with { Error = MetadataError.InvalidPart, PartNumber = absent };
        }

        (MetadataError error, int part, ObjectChecksum? checksum) = Check(transition.Limits, upload.Record, command, chosen);
        if (error != MetadataError.None)
        {
            return outline with { Error = error, PartNumber = part };
        }

        if (await ObjectCommands.RefusedAsync(transition, bucket, command.Key, command.Conditions) is { } refused)
        {
            return refused with { Upload = upload.Record };
        }

        ObjectRecord record = upload.Record.Template with
        {
            // S3 dates a multipart object by its start.
            ModifiedUtc = upload.Record.InitiatedUtc,
            SizeBytes = TotalSize(chosen),
            ETag = MultipartChecksum.ETag(chosen),
            Checksum = checksum,
            PartCount = chosen.Count,
        };
        ObjectRecord written = await WriteAsync(transition, bucket, command, upload, record, chosen, unused);
        transition.Tell(bucket, written, EventKind.CreatedByCompletion);
        return outline with { Object = written };
    }

    private static async ValueTask<ObjectRecord> WriteAsync(
        Transition transition,
        BucketRecord bucket,
        CompleteUploadCommand command,
        UploadRow upload,
        ObjectRecord record,
        List<PartRecord> chosen,
        List<PartRecord> unused)
    {
        ulong partListId = transition.Sequence;
        ObjectRecord written = await VersionWriter.WriteAsync(transition, bucket, record, new ObjectData(), default, partListId, command.UploadId);
        var parts = new StoredPart[chosen.Count];
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = new StoredPart(chosen[i].Number, chosen[i].SizeBytes, chosen[i].Checksum, chosen[i].Data);
            transition.Batch.Delete(RowKeys.Part(upload.Serial, chosen[i].Number));
        }

        foreach (PartRecord part in unused)
        {
            transition.Batch.Delete(RowKeys.Part(upload.Serial, part.Number));
            transition.Free(part.Data);
        }

        transition.Batch.Put(RowKeys.PartList(partListId), RowFormat.Encode(parts));
        transition.Batch.Delete(RowKeys.Upload(bucket.Id, command.Key, command.UploadId));
        ulong sequence = bucket.Versioning == VersioningState.Off ? 0 : transition.Sequence;
        var memory = new CompletedUploadRow(DigestOf(command.Parts), sequence, partListId);
        transition.Batch.Put(RowKeys.CompletedUpload(bucket.Id, command.Key, command.UploadId), RowFormat.Encode(memory));
        return written;
    }

    /// <summary>A client that lost the answer asks again: it gets the same one while the version it made is there.</summary>
    private static async ValueTask<CommandResult> AnswerAgainAsync(Transition transition, BucketRecord bucket, CompleteUploadCommand command)
    {
        var unknown = new CommandResult { Error = MetadataError.NoSuchUpload, Bucket = bucket };
        byte[] key = RowKeys.CompletedUpload(bucket.Id, command.Key, command.UploadId);
        if (await transition.State.GetAsync(key) is not { } found)
        {
            return unknown;
        }

        CompletedUploadRow memory = RowFormat.DecodeCompletedUpload(found.Span);
        ObjectRow? row = await ShardReader.FindAtAsync(transition.State, bucket, command.Key, memory.Sequence);
        return row?.PartListId == memory.PartListId && memory.PartsDigest.Span.SequenceEqual(DigestOf(command.Parts))
            ? new CommandResult { Bucket = bucket, Object = row.Record }
            : unknown;
    }

    private static int? FirstOutOfOrder(IReadOnlyList<CompletedPart> parts)
    {
        for (int i = 1; i < parts.Count; i++)
        {
            if (parts[i].Number <= parts[i - 1].Number)
            {
                return parts[i].Number;
            }
        }

        return null;
    }

    /// <summary>Sorts the uploaded parts into those that the completion names and the rest.</summary>
    /// <returns>The first part named that is not there as named, or null.</returns>
    private static async ValueTask<int?> ChooseAsync(
        Transition transition, UploadRow upload, IReadOnlyList<CompletedPart> named, List<PartRecord> chosen, List<PartRecord> unused)
    {
        using IScan scan = transition.State.Scan(
            RowKeys.Numbered(Tables.Parts, upload.Serial), RowKeys.Numbered(Tables.Parts, upload.Serial + 1));
        while (await scan.NextAsync())
        {
            PartRecord part = RowFormat.DecodePart(scan.Value.Span);
            if (chosen.Count < named.Count && named[chosen.Count].Number < part.Number)
            {
                break;
            }

            if (chosen.Count == named.Count || named[chosen.Count].Number > part.Number)
            {
                unused.Add(part);
            }
            else if (Agrees(named[chosen.Count], part))
            {
                chosen.Add(part);
            }
            else
            {
                break;
            }
        }

        return chosen.Count < named.Count ? named[chosen.Count].Number : null;
    }

    private static bool Agrees(CompletedPart named, PartRecord part) =>
        named.ETag == part.ETag
        && (named.Checksum is not { } stated
            || (part.Checksum is { } stored && stated.Algorithm == stored.Algorithm && stated.Digest.Span.SequenceEqual(stored.Digest.Span)));

    private static (MetadataError Error, int Part, ObjectChecksum? Checksum) Check(
        MetadataLimits limits, UploadRecord upload, CompleteUploadCommand command, List<PartRecord> chosen)
    {
        if (chosen.Count == 0)
        {
            return (MetadataError.InvalidPart, 0, null);
        }

        for (int i = 0; i < chosen.Count - 1; i++)
        {
            if (chosen[i].SizeBytes < limits.PartSizeBytesMin)
            {
                return (MetadataError.EntityTooSmall, chosen[i].Number, null);
            }
        }

        long total = TotalSize(chosen);
        if (total > limits.ObjectSizeBytesMax)
        {
            return (MetadataError.EntityTooLarge, 0, null);
        }

        if (command.ObjectSizeBytes is { } size && size != total)
        {
            return (MetadataError.UploadMismatch, 0, null);
        }

        return MultipartChecksum.Check(upload, command, chosen);
    }

    private static long TotalSize(List<PartRecord> parts)
    {
        long total = 0;
        foreach (PartRecord part in parts)
        {
            total += part.SizeBytes;
        }

        return total;
    }

    private static byte[] DigestOf(IReadOnlyList<CompletedPart> parts)
    {
        var list = new ByteWriter();
        for (int i = 0; i < parts.Count; i++)
        {
            list.UInt32((uint)parts[i].Number);
            list.Text(parts[i].ETag);
        }

        return SHA256.HashData(list.Written);
    }
}
