using System;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>What lifecycle rules do, each time after a second look at what it was decided by.</summary>
internal static class LifecycleCommands
{
    internal static async ValueTask<CommandResult> ApplyAsync(Transition transition, ApplyLifecycleCommand command)
    {
        if (await transition.FindBucketAsync(command.Bucket) is not { } bucket)
        {
            return new CommandResult { Error = MetadataError.NoSuchBucket };
        }

        byte[] rules = LifecycleGrounds.DigestOf(bucket);
        if (rules.Length == 0 || !rules.AsSpan().SequenceEqual(command.Grounds.RulesDigest.Span))
        {
            return Outdated(bucket);
        }

        return command.Action == LifecycleAction.AbortUpload
            ? await AbortAsync(transition, bucket, command)
            : await ApplyToVersionAsync(transition, bucket, command);
    }

    private static CommandResult Outdated(BucketRecord bucket) => new() { Error = MetadataError.PreconditionFailed, Bucket = bucket };

    private static async ValueTask<CommandResult> AbortAsync(Transition transition, BucketRecord bucket, ApplyLifecycleCommand command)
    {
        UploadRow? upload = await ShardReader.FindUploadAsync(transition.State, bucket, command.Key, command.UploadId);
        return upload is not null && upload.Record.InitiatedUtc == command.Grounds.ModifiedUtc
            ? UploadCommands.Abort(transition, bucket, command.Key, upload)
            : Outdated(bucket);
    }

    private static async ValueTask<CommandResult> ApplyToVersionAsync(Transition transition, BucketRecord bucket, ApplyLifecycleCommand command)
    {
        if (await FindAsync(transition.State, bucket, command) is not { } row)
        {
            return Outdated(bucket);
        }

        if (command.Action == LifecycleAction.Transition)
        {
            // What was restored was a copy of what lay in the old class.
            ObjectRecord moved = row.Record with { StorageClass = command.StorageClass, RestoredUntilUtc = null };
            transition.Batch.Put(RowKeys.Object(bucket.Id, command.Key, row.Sequence), RowFormat.Encode(row with { Record = moved }));
            transition.Tell(bucket, moved, EventKind.Transitioned);
            return new CommandResult { Bucket = bucket, Object = moved };
        }

        // No lock forbids a marker: it replaces a version only where versioning is suspended, and that is never so under object lock.
        if (command.Action == LifecycleAction.Expire && bucket.Versioning != VersioningState.Off)
        {
            return await ObjectCommands.MarkDeletedAsync(transition, bucket, command.Key, bucket.OwnerId);
        }

        if (!ObjectLock.AllowsDelete(row.Record, transition.NowUtc, bypassGovernance: false))
        {
            return new CommandResult { Error = MetadataError.ObjectLocked, Bucket = bucket, Object = row.Record };
        }

        VersionWriter.Remove(transition, bucket, command.Key, row);
        transition.Tell(bucket, row.Record, EventKind.ExpiredForGood);
        return new CommandResult { Bucket = bucket, Object = row.Record, Version = row.Record.Version, IsDeleteMarker = row.Record.IsDeleteMarker };
    }

    /// <summary>The version that is meant, if it is still what and where it was; else null.</summary>
    private static async ValueTask<ObjectRow?> FindAsync(IReadView state, BucketRecord bucket, ApplyLifecycleCommand command)
    {
        LifecycleGrounds grounds = command.Grounds;
        ObjectRow? found = grounds.Successor is { } successor
            ? await FindNoncurrentAsync(state, bucket, command, successor)
            : await FindCurrentAsync(state, bucket, command);
        return found is { Record: { } record }
            && record.Version == command.Version
            && record.ModifiedUtc == grounds.ModifiedUtc
            && record.StorageClass == grounds.StorageClass
            && (grounds.Tags is not { } tags || record.Tags.SequenceEqual(tags))
            && IsSubject(record, command.Action, isCurrent: grounds.Successor is null)
            ? found
            : null;
    }

    private static async ValueTask<ObjectRow?> FindCurrentAsync(IReadView state, BucketRecord bucket, ApplyLifecycleCommand command)
    {
        using IScan scan = ScanFrom(state, bucket, command.Key, RowKeys.OfKey(Tables.Objects, bucket.Id, command.Key));
        ObjectRow? newest = await NextAsync(scan, command.Key);
        bool mustBeAlone = command.Action == LifecycleAction.RemoveMarker;
        return mustBeAlone && await scan.NextAsync() ? null : newest;
    }

    // What made the version noncurrent must be just above it still: else it may have been current again, and counts from later. A key may have very many versions, so they are not walked.
    private static async ValueTask<ObjectRow?> FindNoncurrentAsync(IReadView state, BucketRecord bucket, ApplyLifecycleCommand command, LifecycleSuccessor successor)
    {
        if (command.Grounds.NewerNoncurrentMin > 0 && !await HasNewerAsync(state, bucket, command))
        {
            return null;
        }

        ulong place = await ShardReader.FindSequenceAsync(state, bucket, command.Key, successor.Version);
        using IScan scan = ScanFrom(state, bucket, command.Key, RowKeys.Object(bucket.Id, command.Key, place));
        ObjectRow? above = await NextAsync(scan, command.Key);
        return above?.Record.Version == successor.Version && above.Record.ModifiedUtc == successor.ModifiedUtc ? await NextAsync(scan, command.Key) : null;
    }

    private static async ValueTask<bool> HasNewerAsync(IReadView state, BucketRecord bucket, ApplyLifecycleCommand command)
    {
        using IScan scan = ScanFrom(state, bucket, command.Key, RowKeys.OfKey(Tables.Objects, bucket.Id, command.Key));

        // The current one, and so many noncurrent ones.
        for (int newer = 0; newer <= command.Grounds.NewerNoncurrentMin; newer++)
        {
            if (await NextAsync(scan, command.Key) is not { } row || row.Record.Version == command.Version)
            {
                return false;
            }
        }

        return true;
    }

    private static IScan ScanFrom(IReadView state, BucketRecord bucket, string key, byte[] from) => state.Scan(from, RowKeys.AfterKey(Tables.Objects, bucket.Id, key));

    private static async ValueTask<ObjectRow?> NextAsync(IScan scan, string key) =>
        await scan.NextAsync() ? RowFormat.DecodeObject(scan.Value, key, ShardReader.SequenceOf(scan.Key)) : null;

    private static bool IsSubject(ObjectRecord record, LifecycleAction action, bool isCurrent) => action switch
    {
        LifecycleAction.Expire => isCurrent && !record.IsDeleteMarker,
        LifecycleAction.RemoveMarker => isCurrent && record.IsDeleteMarker,
        LifecycleAction.RemoveNoncurrent => !isCurrent,
        _ => !record.IsDeleteMarker,
    };
}
