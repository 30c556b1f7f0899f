using System;
using System.Collections.Generic;
using System.Security.Cryptography;
using System.Threading.Tasks;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>What lifecycle rules do, each time after a second look at what it was decided by.</summary>
internal static class LifecycleCommands
{
    private static readonly CommandResult Outdated = new() { Error = MetadataError.PreconditionFailed };

    internal static async ValueTask<CommandResult> ApplyAsync(Transition transition, ApplyLifecycleCommand command)
    {
        if (await transition.FindBucketAsync(command.Bucket) is not { } bucket)
        {
            return new CommandResult { Error = MetadataError.NoSuchBucket };
        }

        if (!HasRules(bucket, command.Grounds.RulesDigest.Span))
        {
            return Outdated with { Bucket = bucket };
        }

        return command.Action == LifecycleAction.AbortUpload
            ? await AbortAsync(transition, bucket, command)
            : await ApplyToVersionAsync(transition, bucket, command);
    }

    private static bool HasRules(BucketRecord bucket, ReadOnlySpan<byte> digest)
    {
        Span<byte> found = stackalloc byte[SHA256.HashSizeInBytes];
        for (int i = 0; i < bucket.Documents.Count; i++)
        {
            if (bucket.Documents[i].Key == ApplyLifecycleCommand.DocumentKind)
            {
                SHA256.HashData(bucket.Documents[i].Value.Span, found);
                return found.SequenceEqual(digest);
            }
        }

        return false;
    }

    private static async ValueTask<CommandResult> AbortAsync(Transition transition, BucketRecord bucket, ApplyLifecycleCommand command)
    {
        UploadRow? upload = await ShardReader.FindUploadAsync(transition.State, bucket, command.Key, command.UploadId);
        return upload?.Record.InitiatedUtc == command.Grounds.ModifiedUtc
            ? await UploadCommands.AbortAsync(transition, new AbortUploadCommand(command.Bucket, command.Key, command.UploadId) { NowUtc = command.NowUtc })
            : Outdated with { Bucket = bucket };
    }

    private static async ValueTask<CommandResult> ApplyToVersionAsync(Transition transition, BucketRecord bucket, ApplyLifecycleCommand command)
    {
        if (await FindAsync(transition.State, bucket, command) is not { } row)
        {
            return Outdated with { Bucket = bucket };
        }

        if (command.Action == LifecycleAction.Transition)
        {
            ObjectRecord moved = row.Record with { StorageClass = command.StorageClass };
            transition.Batch.Put(RowKeys.Object(bucket.Id, command.Key, row.Sequence), RowFormat.Encode(row with { Record = moved }));
            return new CommandResult { Bucket = bucket, Object = moved };
        }

        // A marker on top removes nothing, so no lock forbids it.
        if (command.Action == LifecycleAction.Expire && bucket.Versioning != VersioningState.Off)
        {
            return await ObjectCommands.MarkDeletedAsync(transition, bucket, command.Key, bucket.OwnerId);
        }

        if (!ObjectLock.AllowsDelete(row.Record, transition.NowUtc, bypassGovernance: false))
        {
            return new CommandResult { Error = MetadataError.ObjectLocked, Bucket = bucket, Object = row.Record };
        }

        VersionWriter.Remove(transition, bucket, command.Key, row);
        return new CommandResult { Bucket = bucket, Object = row.Record, Version = row.Record.Version, IsDeleteMarker = row.Record.IsDeleteMarker };
    }

    /// <summary>The version that is meant, if it is still what and where it was; else null.</summary>
    private static async ValueTask<ObjectRow?> FindAsync(IReadView state, BucketRecord bucket, ApplyLifecycleCommand command)
    {
        LifecycleGrounds grounds = command.Grounds;
        using IScan scan = state.Scan(RowKeys.OfKey(Tables.Objects, bucket.Id, command.Key), RowKeys.AfterKey(Tables.Objects, bucket.Id, command.Key));
        ObjectRow? newest = await NextAsync(scan, command.Key);
        bool isNoncurrent = newest?.Record.Version != command.Version;
        if (newest is null || isNoncurrent != grounds.IsNoncurrent)
        {
            return null;
        }

        // Those just below the newest; the version itself may lie very far below them.
        for (int newer = 0; newer < grounds.NewerNoncurrentMin; newer++)
        {
            if (await NextAsync(scan, command.Key) is not { } row || row.Record.Version == command.Version)
            {
                return null;
            }
        }

        if (command.Action == LifecycleAction.RemoveMarker && await scan.NextAsync())
        {
            return null;
        }

        ObjectRow? found = isNoncurrent ? await ShardReader.FindVersionAsync(state, bucket, command.Key, command.Version) : newest;
        return found is not null && IsUnchanged(found.Record, command) && IsSubject(found.Record, command.Action, isNoncurrent) ? found : null;
    }

    private static async ValueTask<ObjectRow?> NextAsync(IScan scan, string key) =>
        await scan.NextAsync() ? RowFormat.DecodeObject(scan.Value, key, ShardReader.SequenceOf(scan.Key)) : null;

    private static bool IsUnchanged(ObjectRecord record, ApplyLifecycleCommand command) =>
        record.ModifiedUtc == command.Grounds.ModifiedUtc && (command.Grounds.Tags is not { } tags || AreEqual(record.Tags, tags));

    private static bool IsSubject(ObjectRecord record, LifecycleAction action, bool isNoncurrent) => action switch
    {
        LifecycleAction.Expire => !isNoncurrent && !record.IsDeleteMarker,
        LifecycleAction.RemoveMarker => !isNoncurrent && record.IsDeleteMarker,
        LifecycleAction.RemoveNoncurrent => isNoncurrent,
        _ => !record.IsDeleteMarker,
    };

    private static bool AreEqual(IReadOnlyList<KeyValuePair<string, string>> some, IReadOnlyList<KeyValuePair<string, string>> others)
    {
        if (some.Count != others.Count)
        {
            return false;
        }

        for (int i = 0; i < some.Count; i++)
        {
            if (some[i].Key != others[i].Key || some[i].Value != others[i].Value)
            {
                return false;
            }
        }

        return true;
    }
}
