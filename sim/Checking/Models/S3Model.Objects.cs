using System.Collections.Immutable;
using System.Linq;

namespace ObjectStore.Sim.Checking;

/// <summary>Objects, versions and conditions.</summary>
public sealed partial class S3Model
{
    private bool StepKey(S3BucketState bucket, S3Operation operation, S3Result? result, out S3BucketState next)
    {
        next = bucket;
        switch (operation.Verb)
        {
            case S3Verb.Get:
            case S3Verb.Head:
                return IsReading(bucket, operation, result);
            case S3Verb.Put:
                return Write(bucket, operation, operation.Content!.Value.Md5, operation.Content.Value, result, out next);
            case S3Verb.Delete:
                return Delete(bucket, operation, result, out next);
            case S3Verb.CopyRead:
                return CopyRead(bucket, operation, result, out next);
            case S3Verb.CopyWrite:
                return CopyWrite(bucket, operation, result, out next);
            default:
                return StepUpload(bucket, operation, result, out next);
        }
    }

    private bool IsReading(S3BucketState bucket, S3Operation operation, S3Result? result)
    {
        S3KeyState key = bucket.Key(operation.Key);
        if (operation.VersionId is not { } id)
        {
            return key.Current is { } current ? IsReadingOf(current, bucket, operation, result) : IsRefusal(operation, result, 404, "NoSuchKey");
        }

        S3Version[] candidates = [.. key.Find(id, IsTold(operation.Bucket, operation.Key, id))];
        return candidates.Any(version => IsReadingOf(version, bucket, operation, result))
            || (!candidates.Any(version => version.Id == id) && IsRefusal(operation, result, 404, "NoSuchVersion"));
    }

    private bool IsReadingOf(S3Version version, S3BucketState bucket, S3Operation operation, S3Result? result)
    {
        if (version.IsDeleteMarker)
        {
            return IsRefusal(operation, result, 405, "MethodNotAllowed");
        }

        if (operation.IfMatch is { } wanted && !Matches(version, wanted))
        {
            return IsRefusal(operation, result, 412, "PreconditionFailed");
        }

        if (operation.IfNoneMatch is { } unwanted && Matches(version, unwanted))
        {
            return result is { Status: 304 };
        }

        return result is null
            || (result.Ok && SameTag(version, result.ETag) && SameContent(version, operation, result) && SameId(bucket.Versioning, version, operation, result.VersionId));
    }

    /// <summary>A write that makes an object: put, completed upload, second half of a copy.</summary>
    private static bool Write(
        S3BucketState bucket, S3Operation operation, string etag, ContentDigest content, S3Result? result, out S3BucketState next)
    {
        next = bucket;
        S3KeyState key = bucket.Key(operation.Key);
        if (Precondition(key, operation) is var (status, code))
        {
            return IsRefusal(operation, result, status, code);
        }

        if (result is { Ok: false } || (result is not null && etag != S3Version.UnknownId && result.ETag != etag))
        {
            return false;
        }

        if (!NewId(bucket, key, operation, result, out string id))
        {
            return false;
        }

        var version = new S3Version(id, IsDeleteMarker: false, result?.ETag ?? etag, content);
        next = bucket.With(operation.Key, Push(bucket.Versioning, key, version));
        return true;
    }

    /// <summary>Why a conditional write is refused, or null.</summary>
    private static (int Status, string Code)? Precondition(S3KeyState key, S3Operation operation)
    {
        S3Version? current = key.Current;
        if (operation.IfNoneMatch is { } unwanted && current is not null && Matches(current, unwanted))
        {
            return (412, "PreconditionFailed");
        }

        if (operation.IfMatch is not { } wanted)
        {
            return null;
        }

        return current is null ? (404, "NoSuchKey") : Matches(current, wanted) ? null : (412, "PreconditionFailed");
    }

    private bool Delete(S3BucketState bucket, S3Operation operation, S3Result? result, out S3BucketState next)
    {
        next = bucket;
        S3KeyState key = bucket.Key(operation.Key);
        if (Precondition(key, operation) is var (status, code))
        {
            return IsRefusal(operation, result, status, code);
        }

        if (result is { Ok: false })
        {
            return false;
        }

        if (operation.VersionId is { } wanted)
        {
            // Of several that it may be, one of the kind that the answer speaks of.
            S3Version? version = key.Find(wanted, IsTold(operation.Bucket, operation.Key, wanted))
                .OrderBy(candidate => result is not null && candidate.IsDeleteMarker != result.IsDeleteMarker)
                .FirstOrDefault();
            next = version is null ? bucket : bucket.With(operation.Key, key with { Versions = key.Versions.Remove(version) });
            return result is null || (result.VersionId == wanted && (version is null || result.IsDeleteMarker == version.IsDeleteMarker));
        }

        if (bucket.Versioning == S3Versioning.Off)
        {
            next = key.Versions.IsEmpty ? bucket : bucket.With(operation.Key, key with { Versions = [] });
            return result is null || !result.IsDeleteMarker;
        }

        if (!NewId(bucket, key, operation, result, out string id) || result is { IsDeleteMarker: false })
        {
            return false;
        }

        next = bucket.With(operation.Key, Push(bucket.Versioning, key, new S3Version(id, IsDeleteMarker: true, "", default)));
        return true;
    }

    private static bool CopyRead(S3BucketState bucket, S3Operation operation, S3Result? result, out S3BucketState next)
    {
        next = bucket;
        if (operation.SourceKey == operation.Key && result is { Code: "InvalidRequest" })
        {
            // A copy onto itself that changes nothing.
            return true;
        }

        S3Version? source = bucket.Key(operation.SourceKey).Current;
        if (source is null)
        {
            return IsRefusal(operation, result, 404, "NoSuchKey");
        }

        if (result is { Ok: false } || (result is not null && IsPlain(source) && result.ETag != source.ETag))
        {
            return false;
        }

        next = bucket.WithCopy(operation.CopyId, source);
        return true;
    }

    private static bool CopyWrite(S3BucketState bucket, S3Operation operation, S3Result? result, out S3BucketState next)
    {
        if (result is { Ok: false })
        {
            return Write(bucket, operation, "", default, result, out next);
        }

        next = bucket;
        if (!bucket.Copies.TryGetValue(operation.CopyId, out S3Version? source))
        {
            return false;
        }

        // The copy of a multipart object has an ETag of its own that only the server can compute here.
        string etag = IsPlain(source) ? source.ETag : S3Version.UnknownId;
        bool legal = Write(bucket, operation, etag, source.Content, result, out next);
        next = legal ? next.WithCopy(operation.CopyId, null) : next;
        return legal;
    }

    /// <summary>The id of a new version as the answer gives it; false when the answer cannot be right.</summary>
    private static bool NewId(S3BucketState bucket, S3KeyState key, S3Operation operation, S3Result? result, out string id)
    {
        if (bucket.Versioning != S3Versioning.Enabled)
        {
            id = S3Version.NullId;
            return result?.VersionId is null || (bucket.Versioning == S3Versioning.Suspended && result.VersionId == S3Version.NullId);
        }

        id = result is null ? operation.VersionId ?? S3Version.UnknownId : result.VersionId ?? "";
        string chosen = id;
        return result is null || (chosen.Length > 0 && chosen != S3Version.NullId && !key.Versions.Any(version => version.Id == chosen));
    }

    private static S3KeyState Push(S3Versioning versioning, S3KeyState key, S3Version version)
    {
        ImmutableArray<S3Version> rest = versioning == S3Versioning.Enabled ? key.Versions : key.Versions.RemoveAll(static old => old.Id == S3Version.NullId);
        return key with { Versions = rest.Insert(0, version) };
    }

    private static bool Matches(S3Version version, string condition) => condition == "*" || SameTag(version, condition);

    private static bool SameTag(S3Version version, string etag) => version.ETag == etag || version.ETag == S3Version.UnknownId;

    private static bool IsPlain(S3Version version) => !version.ETag.Contains('-') && version.ETag != S3Version.UnknownId;

    private static bool SameContent(S3Version version, S3Operation operation, S3Result result) =>
        result.Content is { } content && content.SizeBytes == version.Content.SizeBytes
        && (operation.Verb == S3Verb.Head || content.Fingerprint == version.Content.Fingerprint);

    private bool SameId(S3Versioning versioning, S3Version version, S3Operation operation, string? id) =>
        versioning == S3Versioning.Off
            ? id is null or S3Version.NullId
            : id is not null && version.MayBe(id, IsTold(operation.Bucket, operation.Key, id));

    private bool IsTold(string bucket, string key, string id) => ToldIds.Contains((bucket, key, id));
}
