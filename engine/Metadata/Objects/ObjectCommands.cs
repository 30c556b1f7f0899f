using System;
using System.Threading.Tasks;

namespace ObjectStore.Engine.Metadata;

/// <summary>Writing, deleting and changing object versions.</summary>
internal static class ObjectCommands
{
    internal static async ValueTask<CommandResult> PutAsync(Transition transition, PutObjectCommand command)
    {
        if (await transition.FindBucketAsync(command.Bucket) is not { } bucket)
        {
            return new CommandResult { Error = MetadataError.NoSuchBucket };
        }

        if (AsksForLock(command.Object) && !bucket.ObjectLock)
        {
            return new CommandResult { Error = MetadataError.InvalidBucketState, Bucket = bucket };
        }

        if (await RefusedAsync(transition, bucket, command.Object.Key, command.Conditions) is { } refused)
        {
            return refused;
        }

        ReadOnlyMemory<byte> rowBody = command.BodyLiesInRow ? command.InlineBody : default;
        ObjectRecord written = await VersionWriter.WriteAsync(transition, bucket, command.Object, command.Data, rowBody, 0, "");
        if (rowBody.IsEmpty)
        {
            transition.PutInlineBody(command.Data, command.InlineBody);
        }

        transition.Tell(bucket, written, EventKind.CreatedByPut, EventKind.CreatedByPost, EventKind.CreatedByCopy);
        return new CommandResult { Bucket = bucket, Object = written };
    }

    /// <summary>The refusal when conditions of a write do not hold, else null.</summary>
    internal static async ValueTask<CommandResult?> RefusedAsync(
        Transition transition, BucketRecord bucket, string key, WriteConditions? conditions)
    {
        if (conditions is null)
        {
            return null;
        }

        ObjectRow? newest = await ShardReader.FindNewestAsync(transition.State, bucket, key);
        ObjectRecord? current = newest is { Record.IsDeleteMarker: false } ? newest.Record : null;
        MetadataError error = Preconditions.CheckWrite(conditions, current);
        return error == MetadataError.None ? null : new CommandResult { Error = error, Bucket = bucket, Object = current };
    }

    internal static async ValueTask<CommandResult> DeleteAsync(Transition transition, DeleteObjectCommand command)
    {
        if (await transition.FindBucketAsync(command.Bucket) is not { } bucket)
        {
            return new CommandResult { Error = MetadataError.NoSuchBucket };
        }

        return command.Version is { } version
            ? await DeleteVersionAsync(transition, bucket, command, version)
            : await DeleteCurrentAsync(transition, bucket, command);
    }

    internal static async ValueTask<CommandResult> UpdateAsync(Transition transition, UpdateObjectCommand command)
    {
        if (await transition.FindBucketAsync(command.Bucket) is not { } bucket)
        {
            return new CommandResult { Error = MetadataError.NoSuchBucket };
        }

        ObjectRow? row = command.Version is { } version
            ? await ShardReader.FindVersionAsync(transition.State, bucket, command.Key, version)
            : await ShardReader.FindNewestAsync(transition.State, bucket, command.Key);
        if (row is not { Record.IsDeleteMarker: false })
        {
            MetadataError missing = command.Version is null ? MetadataError.NoSuchKey
                : row is null ? MetadataError.NoSuchVersion : MetadataError.IsDeleteMarker;
            return new CommandResult { Error = missing, Bucket = bucket, Object = row?.Record };
        }

        if (command.Restore?.IsMeant(row.Record) == false)
        {
            return new CommandResult { Error = MetadataError.PreconditionFailed, Bucket = bucket, Object = row.Record };
        }

        bool changesLock = command.RetentionMode is not null || command.LegalHold is not null;
        if (changesLock && !bucket.ObjectLock)
        {
            return new CommandResult { Error = MetadataError.InvalidBucketState, Bucket = bucket };
        }

        if (command.RetentionMode is { } mode
            && !ObjectLock.AllowsRetention(row.Record, mode, command.RetainUntilUtc, transition.NowUtc, command.BypassGovernance))
        {
            return new CommandResult { Error = MetadataError.ObjectLocked, Bucket = bucket, Object = row.Record };
        }

        ObjectRecord changed = Change(row.Record, command);
        transition.Batch.Put(RowKeys.Object(bucket.Id, command.Key, row.Sequence), RowFormat.Encode(row with { Record = changed }));
        TellOfChange(transition, bucket, command, row.Record, changed);
        return new CommandResult { Bucket = bucket, Object = changed };
    }

    private static void TellOfChange(Transition transition, BucketRecord bucket, UpdateObjectCommand command, ObjectRecord before, ObjectRecord after)
    {
        if (command.Tags is not null)
        {
            transition.Tell(bucket, after, EventKind.TagsPut);

            // S3 tells of tags that are removed, and of none there is nothing to remove.
            if (before.Tags.Count > 0)
            {
                transition.Tell(bucket, after, EventKind.TagsDeleted);
            }
        }

        // As S3 has it: an ACL that says what the one before said is no event.
        if (command.Acl is { } acl && !acl.Span.SequenceEqual(before.Acl.Span))
        {
            transition.Tell(bucket, after, EventKind.AclPut);
        }

        if (command.Restore is not null)
        {
            transition.Tell(bucket, after, EventKind.RestoreAsked);
            if (before.RestoredUntilUtc is not { } until || until <= transition.NowUtc)
            {
                transition.Tell(bucket, after, EventKind.RestoreCompleted);
            }
        }
    }

    private static ObjectRecord Change(ObjectRecord record, UpdateObjectCommand command) => record with
    {
        Tags = command.Tags ?? record.Tags,
        Acl = command.Acl ?? record.Acl,
        RetentionMode = command.RetentionMode ?? record.RetentionMode,
        RetainUntilUtc = command.RetentionMode switch { null => record.RetainUntilUtc, "" => null, _ => command.RetainUntilUtc },
        LegalHold = command.LegalHold ?? record.LegalHold,
        RestoredUntilUtc = command.Restore?.UntilUtc ?? record.RestoredUntilUtc,
    };

    private static async ValueTask<CommandResult> DeleteVersionAsync(
        Transition transition, BucketRecord bucket, DeleteObjectCommand command, VersionId version)
    {
        ObjectRow? row = await ShardReader.FindVersionAsync(transition.State, bucket, command.Key, version);
        if (row is null)
        {
            return new CommandResult { Bucket = bucket };
        }

        if (command.Conditions is { } conditions && Preconditions.CheckDelete(conditions, row.Record) is var error and not MetadataError.None)
        {
            return new CommandResult { Error = error, Bucket = bucket, Object = row.Record };
        }

        if (!ObjectLock.AllowsDelete(row.Record, transition.NowUtc, command.BypassGovernance))
        {
            return new CommandResult { Error = MetadataError.ObjectLocked, Bucket = bucket, Object = row.Record };
        }

        VersionWriter.Remove(transition, bucket, command.Key, row);
        transition.Tell(bucket, row.Record, EventKind.RemovedForGood);
        return new CommandResult { Bucket = bucket, Object = row.Record, Version = version, IsDeleteMarker = row.Record.IsDeleteMarker };
    }

    private static async ValueTask<CommandResult> DeleteCurrentAsync(Transition transition, BucketRecord bucket, DeleteObjectCommand command)
    {
        if (command.Conditions is { } conditions)
        {
            ObjectRow? current = await ShardReader.FindNewestAsync(transition.State, bucket, command.Key);
            bool isThere = current is { Record.IsDeleteMarker: false };
            if ((isThere || conditions.IfMatch is not null)
                && Preconditions.CheckDelete(conditions, current?.Record) is var error and not MetadataError.None)
            {
                return new CommandResult { Error = error, Bucket = bucket, Object = current?.Record };
            }

            if (!isThere)
            {
                return new CommandResult { Bucket = bucket };
            }
        }

        if (bucket.Versioning == VersioningState.Off)
        {
            return await DeleteVersionAsync(transition, bucket, command with { Conditions = null }, VersionId.Null);
        }

        return await MarkDeletedAsync(transition, bucket, command.Key, command.OwnerId);
    }

    /// <summary>Puts a delete marker on top of a key, as the bucket's versioning (which is not off) says.</summary>
    internal static async ValueTask<CommandResult> MarkDeletedAsync(Transition transition, BucketRecord bucket, string key, string ownerId)
    {
        var marker = new ObjectRecord
        {
            Key = key,
            Version = VersionId.Null,
            IsDeleteMarker = true,
            ModifiedUtc = transition.NowUtc,
            OwnerId = ownerId,
        };
        ObjectRecord written = await VersionWriter.WriteAsync(transition, bucket, marker, new ObjectData(), default, 0, "");
        transition.Tell(bucket, written, EventKind.RemovedByMarker, EventKind.ExpiredByMarker);
        return new CommandResult { Bucket = bucket, Object = written, Version = written.Version, IsDeleteMarker = true };
    }

    private static bool AsksForLock(ObjectRecord record) => record.RetentionMode.Length > 0 || record.LegalHold == true;
}
