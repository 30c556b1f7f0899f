using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Security.Cryptography;

namespace ObjectStore.Sim.Checking;

/// <summary>Multipart uploads.</summary>
public sealed partial class S3Model
{
    /// <summary>The ETag of an object made of parts: MD5 over the binary MD5s of the parts, a dash and their number.</summary>
    public static string MultipartETag(IReadOnlyList<string> partMd5s)
    {
        ArgumentNullException.ThrowIfNull(partMd5s);
        byte[] digests = [.. partMd5s.SelectMany(Convert.FromHexString)];
        return $"{Convert.ToHexStringLower(MD5.HashData(digests))}-{partMd5s.Count}";
    }

    private bool StepUpload(S3BucketState bucket, S3Operation operation, S3Result? result, out S3BucketState next)
    {
        next = bucket;
        S3KeyState key = bucket.Key(operation.Key);
        if (operation.Verb == S3Verb.CreateUpload)
        {
            return CreateUpload(bucket, key, operation, result, out next);
        }

        S3Upload? upload = key.Upload(operation.UploadId);
        if (upload is null || upload.CompletedETag.Length > 0)
        {
            return upload is not null && IsCompletedAgain(key, upload, operation)
                ? result is null || (result.Ok && result.ETag == upload.CompletedETag && IsTheSame(key, upload, result.VersionId))
                : IsRefusal(operation, result, 404, "NoSuchUpload");
        }

        switch (operation.Verb)
        {
            case S3Verb.UploadPart:
                ContentDigest content = operation.Content!.Value;
                if (result is { Ok: false } || (result is not null && result.ETag != content.Md5))
                {
                    return false;
                }

                var part = new S3UploadedPart(operation.PartNumber, content);
                next = bucket.With(operation.Key, key.With(upload with { Parts = upload.Parts.SetItem(part.Number, part) }));
                return true;
            case S3Verb.AbortUpload:
                next = result is { Ok: false } ? bucket : bucket.With(operation.Key, key with { Uploads = key.Uploads.Remove(upload) });
                return result is null || result.Ok;
            case S3Verb.ListParts:
                return result is null
                    || (result.Ok && result.Parts.SequenceEqual(upload.Parts.Values.Select(static known => new S3Part(known.Number, known.Content.Md5))));
            default:
                return Complete(bucket, key, upload, operation, result, out next);
        }
    }

    private static bool CreateUpload(S3BucketState bucket, S3KeyState key, S3Operation operation, S3Result? result, out S3BucketState next)
    {
        next = bucket;
        if (result is null)
        {
            // Nobody knows its id, so nobody can use it.
            return true;
        }

        if (!result.Ok || result.UploadId.Length == 0 || key.Upload(result.UploadId) is not null)
        {
            return false;
        }

        next = bucket.With(operation.Key, key.With(new S3Upload(result.UploadId, ImmutableSortedDictionary<int, S3UploadedPart>.Empty, "")));
        return true;
    }

    private bool Complete(
        S3BucketState bucket, S3KeyState key, S3Upload upload, S3Operation operation, S3Result? result, out S3BucketState next)
    {
        next = bucket;
        List<(int Status, string Code)> reasons = ReasonsAgainst(upload, operation);
        if (Precondition(key, operation) is { } precondition)
        {
            reasons.Add(precondition);
        }

        if (reasons.Count > 0)
        {
            return reasons.Any(reason => IsRefusal(operation, result, reason.Status, reason.Code));
        }

        ContentDigest content = operation.Parts.Aggregate(default(ContentDigest), (whole, part) => whole.Then(upload.Parts[part.Number].Content));
        string etag = MultipartETag([.. operation.Parts.Select(static part => part.ETag)]);
        if (!Write(bucket, operation, etag, content, result, out S3BucketState written))
        {
            return false;
        }

        next = written.With(
            operation.Key,
            written.Key(operation.Key).With(upload with { Parts = ImmutableSortedDictionary<int, S3UploadedPart>.Empty, CompletedETag = etag }));
        return true;
    }

    private List<(int Status, string Code)> ReasonsAgainst(S3Upload upload, S3Operation operation)
    {
        var reasons = new List<(int, string)>();
        for (int index = 0; index < operation.Parts.Count; index++)
        {
            S3Part part = operation.Parts[index];
            if (index > 0 && operation.Parts[index - 1].Number >= part.Number)
            {
                reasons.Add((400, "InvalidPartOrder"));
            }

            if (!upload.Parts.TryGetValue(part.Number, out S3UploadedPart? known) || known.Content.Md5 != part.ETag)
            {
                reasons.Add((400, "InvalidPart"));
            }
            else if (index < operation.Parts.Count - 1 && known.Content.SizeBytes < PartSizeBytesMin)
            {
                reasons.Add((400, "EntityTooSmall"));
            }
        }

        return reasons;
    }

    /// <summary>Completing again with the same parts answers as the first time, as long as the object is there.</summary>
    private static bool IsCompletedAgain(S3KeyState key, S3Upload upload, S3Operation operation) =>
        operation.Verb == S3Verb.CompleteUpload && key.Versions.Any(version => version.ETag == upload.CompletedETag)
        && MultipartETag([.. operation.Parts.Select(static part => part.ETag)]) == upload.CompletedETag;

    /// <summary>An answer names the version that the upload became, where versions have names.</summary>
    private static bool IsTheSame(S3KeyState key, S3Upload upload, string? id) =>
        id is null or S3Version.NullId || key.Versions.Any(version => version.Id == id && version.ETag == upload.CompletedETag);
}
