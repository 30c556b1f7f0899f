using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>PUT object.</summary>
internal static class PutObject
{
    internal static async ValueTask<S3Response> HandleAsync(OperationContext context)
    {
        IReadOnlyList<KeyValuePair<string, string>> tags = TagSet.FromHeader(context.Headers["x-amz-tagging"]);
        Authorizer.DemandWrite(context, tags);
        ObjectEncryption? encryption = ObjectEncryption.ForNewObject(context);
        ObjectRecord record = NewObject.FromHeaders(context, encryption);
        WriteConditions? conditions = Conditions.ForWrite(context.Headers);

        using RequestBody body = RequestBody.Open(context, new BodyOptions());
        await using var store = new BodyStore(context.Services, context.Options.InlineBytesMax, encryption);
        await store.TakeAsync(body);
        await store.SyncAsync();
        BodyDigests digests = await body.CompleteAsync();
        CommandResult result = await ExecuteAsync(context, store, record with { ETag = digests.Md5Hex, Checksum = digests.Checksum }, conditions, EventKind.CreatedByPut);

        S3Response response = Answer.Ok();
        response.SetHeader("ETag", $"\"{digests.Md5Hex}\"");
        encryption?.Describe(response);
        response.AddChecksum(digests.Checksum);
        response.AddVersion(context.Bucket, result.Object!.Version);
        response.AddExpiration(context, result.Object);
        return response;
    }

    /// <summary>Makes a stored body visible as an object.</summary>
    /// <param name="context">The request.</param>
    /// <param name="store">The body.</param>
    /// <param name="record">The object.</param>
    /// <param name="conditions">If any.</param>
    /// <param name="kind">What those who are told of it are told.</param>
    /// <exception cref="S3Exception">Conditions that do not hold, among others.</exception>
    internal static async ValueTask<CommandResult> ExecuteAsync(
        OperationContext context, BodyStore store, ObjectRecord record, WriteConditions? conditions, EventKind kind)
    {
        context.AccessLog?.ObjectSize = store.SizeBytes;
        var command = new PutObjectCommand(
            context.BucketName, record with { SizeBytes = store.SizeBytes }, store.InlineBody, store.Data, conditions)
        {
            NowUtc = context.NowUtc,
            Events = context.DraftEvents(record.Key, kind),
            BodyLiesInRow = store.InlineBody.Length is > 0 and var length && length <= context.Options.RowBodyBytesMax,
        };
        CommandResult result = await context.Metadata.ExecuteAsync(command, store.HandOver());
        context.ThrowIf(result.Error);
        return result;
    }
}
