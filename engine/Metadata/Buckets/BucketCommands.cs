using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>Creating, deleting and configuring buckets.</summary>
internal static class BucketCommands
{
    internal static async ValueTask<CommandResult> CreateAsync(Transition transition, CreateBucketCommand command)
    {
        if (await transition.FindBucketAsync(command.Name) is { } present)
        {
            bool own = present.OwnerId == command.OwnerId;
            return new CommandResult { Error = own ? MetadataError.BucketOwnedByYou : MetadataError.BucketOwnedByOther, Bucket = present };
        }

        ulong owned = await CountAsync(transition.State, command.OwnerId);
        if (owned >= (ulong)command.BucketsMax)
        {
            return new CommandResult { Error = MetadataError.TooManyBuckets };
        }

        var documents = new List<KeyValuePair<string, ReadOnlyMemory<byte>>>(command.Documents);
        documents.Sort(static (left, right) => string.CompareOrdinal(left.Key, right.Key));
        var bucket = new BucketRecord
        {
            Name = command.Name,
            Id = transition.Sequence,
            OwnerId = command.OwnerId,
            CreatedUtc = transition.NowUtc,
            Region = command.Region,
            Versioning = command.ObjectLock ? VersioningState.Enabled : VersioningState.Off,
            ObjectLock = command.ObjectLock,
            Documents = documents,
        };
        transition.Put(bucket);
        transition.Batch.Put(RowKeys.OwnerBucket(bucket.OwnerId, bucket.Name), RowFormat.Encode(bucket.Id));
        transition.Batch.Put(RowKeys.OwnerCount(bucket.OwnerId), RowFormat.Encode(owned + 1));
        return new CommandResult { Bucket = bucket };
    }

    /// <summary>Its uploads become unreachable with the bucket's id; one garbage row has them removed.</summary>
    internal static async ValueTask<CommandResult> DeleteAsync(Transition transition, DeleteBucketCommand command)
    {
        if (await transition.FindBucketAsync(command.Name) is not { } bucket)
        {
            return new CommandResult { Error = MetadataError.NoSuchBucket };
        }

        if (await HasRowsAsync(transition.State, Tables.Objects, bucket.Id))
        {
            return new CommandResult { Error = MetadataError.BucketNotEmpty, Bucket = bucket };
        }

        ulong owned = await CountAsync(transition.State, bucket.OwnerId);
        transition.Batch.Delete(RowKeys.Bucket(bucket.Name));
        transition.Batch.Delete(RowKeys.OwnerBucket(bucket.OwnerId, bucket.Name));
        if (owned > 1)
        {
            transition.Batch.Put(RowKeys.OwnerCount(bucket.OwnerId), RowFormat.Encode(owned - 1));
        }
        else
        {
            transition.Batch.Delete(RowKeys.OwnerCount(bucket.OwnerId));
        }

        if (await HasRowsAsync(transition.State, Tables.Uploads, bucket.Id))
        {
            transition.AddGarbage(new GarbageRow(GarbageKind.BucketUploads, default, bucket.Id, 0));
        }

        return new CommandResult { Bucket = bucket };
    }

    internal static async ValueTask<CommandResult> SetVersioningAsync(Transition transition, SetVersioningCommand command)
    {
        if (await transition.FindBucketAsync(command.Bucket) is not { } bucket)
        {
            return new CommandResult { Error = MetadataError.NoSuchBucket };
        }

        bool refused = command.State == VersioningState.Off
            ? bucket.Versioning != VersioningState.Off
            : command.State == VersioningState.Suspended && bucket.ObjectLock;
        if (refused)
        {
            return new CommandResult { Error = MetadataError.InvalidBucketState, Bucket = bucket };
        }

        return Replace(transition, bucket with { Versioning = command.State });
    }

    internal static async ValueTask<CommandResult> SetDocumentAsync(Transition transition, SetBucketDocumentCommand command)
    {
        if (await transition.FindBucketAsync(command.Bucket) is not { } bucket)
        {
            return new CommandResult { Error = MetadataError.NoSuchBucket };
        }

        if (command.EnableObjectLock && bucket.Versioning != VersioningState.Enabled)
        {
            return new CommandResult { Error = MetadataError.InvalidBucketState, Bucket = bucket };
        }

        var documents = new List<KeyValuePair<string, ReadOnlyMemory<byte>>>(bucket.Documents.Count + 1);
        foreach (KeyValuePair<string, ReadOnlyMemory<byte>> document in bucket.Documents)
        {
            if (document.Key != command.Kind)
            {
                documents.Add(document);
            }
        }

        if (command.Document is { } content)
        {
            documents.Add(KeyValuePair.Create(command.Kind, content));
            documents.Sort(static (left, right) => string.CompareOrdinal(left.Key, right.Key));
            if (documents.Sum(static document => (long)document.Value.Length) > MetadataLimits.BucketDocumentBytesMax)
            {
                return new CommandResult { Error = MetadataError.EntityTooLarge, Bucket = bucket };
            }
        }

        return Replace(transition, bucket with { Documents = documents, ObjectLock = bucket.ObjectLock || command.EnableObjectLock });
    }

    private static CommandResult Replace(Transition transition, BucketRecord bucket)
    {
        transition.Put(bucket);
        return new CommandResult { Bucket = bucket };
    }

    private static async ValueTask<ulong> CountAsync(IReadView state, string ownerId)
    {
        ReadOnlyMemory<byte>? row = await state.GetAsync(RowKeys.OwnerCount(ownerId));
        return row is { } value ? RowFormat.DecodeNumber(value.Span) : 0;
    }

    internal static async ValueTask<bool> HasRowsAsync(IReadView state, byte table, ulong bucketId)
    {
        using IScan scan = state.Scan(RowKeys.OfBucket(table, bucketId), RowKeys.OfBucket(table, bucketId + 1));
        return await scan.NextAsync();
    }
}
