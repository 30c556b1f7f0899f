using System.Threading.Tasks;

namespace ObjectStore.Engine.Metadata;

/// <summary>Uploads in progress: start, parts, abort.</summary>
internal static class UploadCommands
{
    internal static async ValueTask<CommandResult> CreateAsync(Transition transition, CreateUploadCommand command)
    {
        if (await transition.FindBucketAsync(command.Bucket) is not { } bucket)
        {
            return new CommandResult { Error = MetadataError.NoSuchBucket };
        }

        ObjectRecord template = command.Upload.Template;
        if ((template.RetentionMode.Length > 0 || template.LegalHold == true) && !bucket.ObjectLock)
        {
            return new CommandResult { Error = MetadataError.InvalidBucketState, Bucket = bucket };
        }

        byte[] key = RowKeys.Upload(bucket.Id, template.Key, command.Upload.UploadId);
        if (await ShardReader.FindUploadAsync(transition.State, bucket, template.Key, command.Upload.UploadId) is { } replaced)
        {
            // Ids are made to be unique. Should one come again, nothing could reach the parts of the earlier upload any more.
            transition.AddGarbage(new GarbageRow(GarbageKind.Upload, default, replaced.Serial, 0));
        }

        transition.Batch.Put(key, RowFormat.Encode(new UploadRow(transition.Sequence, command.Upload)));
        return new CommandResult { Bucket = bucket, Upload = command.Upload };
    }

    internal static async ValueTask<CommandResult> PutPartAsync(Transition transition, PutPartCommand command)
    {
        if (await transition.FindBucketAsync(command.Bucket) is not { } bucket)
        {
            return new CommandResult { Error = MetadataError.NoSuchBucket };
        }

        if (await ShardReader.FindUploadAsync(transition.State, bucket, command.Key, command.UploadId) is not { } upload)
        {
            return new CommandResult { Error = MetadataError.NoSuchUpload, Bucket = bucket };
        }

        byte[] key = RowKeys.Part(upload.Serial, command.Part.Number);
        if (await transition.State.GetAsync(key) is { } replaced)
        {
            transition.Free(RowFormat.DecodePart(replaced.Span).Data);
        }

        transition.Batch.Put(key, RowFormat.Encode(command.Part));
        transition.PutInlineBody(command.Part.Data, command.InlineBody);
        return new CommandResult { Bucket = bucket, Upload = upload.Record };
    }

    internal static async ValueTask<CommandResult> AbortAsync(Transition transition, AbortUploadCommand command)
    {
        if (await transition.FindBucketAsync(command.Bucket) is not { } bucket)
        {
            return new CommandResult { Error = MetadataError.NoSuchBucket };
        }

        if (await ShardReader.FindUploadAsync(transition.State, bucket, command.Key, command.UploadId) is not { } upload)
        {
            return new CommandResult { Error = MetadataError.NoSuchUpload, Bucket = bucket };
        }

        return Abort(transition, bucket, command.Key, upload);
    }

    /// <summary>Takes an upload out and frees its parts.</summary>
    internal static CommandResult Abort(Transition transition, BucketRecord bucket, string key, UploadRow upload)
    {
        transition.Batch.Delete(RowKeys.Upload(bucket.Id, key, upload.Record.UploadId));
        transition.AddGarbage(new GarbageRow(GarbageKind.Upload, default, upload.Serial, 0));
        return new CommandResult { Bucket = bucket, Upload = upload.Record };
    }
}
