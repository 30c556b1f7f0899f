using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>Tags of buckets and objects: GET, PUT, DELETE.</summary>
internal static class Tagging
{
    private static readonly S3Action GetBucketTagging = new("s3:GetBucketTagging");
    private static readonly S3Action PutBucketTagging = new("s3:PutBucketTagging");

    internal static ValueTask<S3Response> GetBucketAsync(OperationContext context)
    {
        Authorizer.Demand(context, GetBucketTagging);
        return context.TryGetDocument(BucketDocuments.Tagging, out ReadOnlyMemory<byte> stored)
            ? ValueTask.FromResult(TagSet.Answer(Decode(stored)))
            : throw new S3Exception(S3Errors.NoSuchTagSet, ("BucketName", context.BucketName));
    }

    internal static async ValueTask<S3Response> PutBucketAsync(OperationContext context)
    {
        Authorizer.Demand(context, PutBucketTagging);
        ReadOnlyMemory<byte> body = await RequestBody.ReadDocumentAsync(context);
        await context.SetDocumentAsync(BucketDocuments.Tagging, Encode(TagSet.FromDocument(body, TagSet.BucketTagsMax)));
        return Answer.NoContent();
    }

    internal static async ValueTask<S3Response> DeleteBucketAsync(OperationContext context)
    {
        Authorizer.Demand(context, PutBucketTagging);
        await context.SetDocumentAsync(BucketDocuments.Tagging, null);
        return Answer.NoContent();
    }

    internal static async ValueTask<S3Response> GetObjectAsync(OperationContext context)
    {
        QueryResult found = await ObjectReader.FindAsync(context, S3Action.GetObjectTagging, S3Action.GetObjectVersionTagging);
        S3Response response = TagSet.Answer(found.Object!.Tags);
        response.AddVersion(context.Bucket, found.Object.Version);
        return response;
    }

    internal static async ValueTask<S3Response> PutObjectAsync(OperationContext context)
    {
        ObjectRecord target = await ObjectReader.FindToChangeAsync(context);
        S3Action action = context.VersionParameter is null ? S3Action.PutObjectTagging : S3Action.PutObjectVersionTagging;
        List<KeyValuePair<string, string>> tags = await ObjectReader.ReadChangeAsync(
            context, action, target, static body => TagSet.FromDocument(body, TagSet.ObjectTagsMax));
        Authorizer.Demand(context, action, target, new RequestedChanges(tags));
        return await UpdateAsync(context, tags, EventKind.TagsPut, Answer.Ok());
    }

    internal static async ValueTask<S3Response> DeleteObjectAsync(OperationContext context)
    {
        await ObjectReader.FindAsync(context, S3Action.DeleteObjectTagging, S3Action.DeleteObjectVersionTagging);
        return await UpdateAsync(context, [], EventKind.TagsDeleted, Answer.NoContent());
    }

    private static async ValueTask<S3Response> UpdateAsync(OperationContext context, List<KeyValuePair<string, string>> tags, EventKind kind, S3Response response)
    {
        CommandResult result = await context.Metadata.ExecuteAsync(
            new UpdateObjectCommand(context.BucketName, context.Key, context.VersionParameter)
            {
                NowUtc = context.NowUtc,
                Tags = tags,
                Events = context.DraftEvents(context.Key, kind),
            });
        context.ThrowIf(result.Error);
        response.AddVersion(context.Bucket, result.Object!.Version);
        return response;
    }

    internal static byte[] Encode(List<KeyValuePair<string, string>> tags)
    {
        var writer = new ByteWriter();
        writer.VarUInt((ulong)tags.Count);
        foreach ((string key, string value) in tags)
        {
            writer.Text(key);
            writer.Text(value);
        }

        return writer.ToArray();
    }

    private static KeyValuePair<string, string>[] Decode(ReadOnlyMemory<byte> stored)
    {
        var reader = new ByteReader(stored.Span);
        var tags = new KeyValuePair<string, string>[reader.Count()];
        for (int i = 0; i < tags.Length; i++)
        {
            tags[i] = new KeyValuePair<string, string>(reader.Text(), reader.Text());
        }

        return tags;
    }
}
