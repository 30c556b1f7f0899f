using System;
using System.Collections.Generic;
using System.Linq;

namespace ObjectStore.Sim.Checking;

/// <summary>The meaning of the S3 API, executable: what each request does and answers when requests come one at a time.</summary>
/// <remarks>
/// The oracle of the simulator and of tests against a live server. When several reasons to refuse a request hold, any of them may be the answer.
/// Source: the Amazon S3 API reference, page by page of the operation; the versioning, conditional writes and multipart chapters of its user guide.
/// </remarks>
public sealed partial class S3Model : ISequentialModel<S3State, S3Operation, S3Result>
{
    /// <summary>A model that starts with nothing.</summary>
    public S3Model()
    {
    }

    /// <summary>A model that starts with buckets that were made before the history.</summary>
    public S3Model(IEnumerable<KeyValuePair<string, S3Versioning>> buckets)
    {
        ArgumentNullException.ThrowIfNull(buckets);
        foreach ((string name, S3Versioning versioning) in buckets)
        {
            Initial = Initial.With(name, new S3BucketState(versioning));
        }
    }

    /// <summary>Smallest part but the last of an upload: 5 MiB in S3; servers under test may be set lower.</summary>
    public long PartSizeBytesMin { get; init; } = 5 * 1024 * 1024;

    /// <summary>Version ids that answers gave to the clients that wrote: a version whose writer got no answer has none of these.
    /// See <see cref="S3HistoryParts.ToldIds"/>.</summary>
    public IReadOnlySet<(string Bucket, string Key, string Id)> ToldIds { get; init; } = new HashSet<(string, string, string)>();

    /// <summary>A page may end before it is full and say that it is truncated, as S3 allows; it must have something, or nobody could go on from it.</summary>
    public bool PagesMayEndEarly { get; init; }

    /// <summary>Creating one's own bucket again answers 200 and changes nothing, as S3 does in us-east-1; else 409.</summary>
    public bool OwnBucketMayBeCreatedAgain { get; init; }

    /// <inheritdoc/>
    public S3State Initial { get; init; } = S3State.Empty;

    /// <inheritdoc/>
    public bool TryStep(S3State state, S3Operation operation, S3Result? result, out S3State next)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(operation);
        next = state;
        S3BucketState? bucket = state.Bucket(operation.Bucket);
        if (operation.Verb == S3Verb.CreateBucket)
        {
            if (bucket is null)
            {
                return Become(state, operation, new S3BucketState(S3Versioning.Off), result is null || result.Ok, out next);
            }

            return OwnBucketMayBeCreatedAgain ? result is null || result.Ok : IsRefusal(operation, result, 409, "BucketAlreadyOwnedByYou");
        }

        if (bucket is null)
        {
            return IsRefusal(operation, result, 404, "NoSuchBucket");
        }

        switch (operation.Verb)
        {
            case S3Verb.HeadBucket:
                return result is null || result.Ok;
            case S3Verb.DeleteBucket:
                return bucket.Keys.Values.Any(static key => !key.Versions.IsEmpty)
                    ? IsRefusal(operation, result, 409, "BucketNotEmpty")
                    : Become(state, operation, null, result is null || result.Ok, out next);
            case S3Verb.SetVersioning:
                return Become(state, operation, bucket.With(operation.Versioning), result is null || result.Ok, out next);
            case S3Verb.List:
                return IsListing(bucket, operation, result);
            case S3Verb.ListVersions:
                return IsVersionListing(bucket, operation, result);
            default:
                bool legal = StepKey(bucket, operation, result, out S3BucketState changed);
                next = legal && !ReferenceEquals(changed, bucket) ? state.With(operation.Bucket, changed) : state;
                return legal;
        }
    }

    /// <inheritdoc/>
    public bool IsRead(S3Operation operation, S3Result? result) => operation.OnlyReads || result is { Ok: false };

    /// <inheritdoc/>
    public bool Conflict(S3Operation left, S3Operation right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        if (left.Bucket != right.Bucket || (left.OnlyReads && right.OnlyReads))
        {
            return false;
        }

        if (left.CopyId != 0 && left.CopyId == right.CopyId)
        {
            return true;
        }

        return (left.IsBucketWide, right.IsBucketWide) switch
        {
            (true, true) => true,
            (true, false) => Reaches(left, right),
            (false, true) => Reaches(right, left),
            _ => TouchedKey(left) == TouchedKey(right),
        };
    }

    /// <inheritdoc/>
    public IReadOnlyList<IReadOnlyList<HistoryEntry<S3Operation, S3Result>>> Partition(IReadOnlyList<HistoryEntry<S3Operation, S3Result>> entries) =>
        S3HistoryParts.Of(entries);

    /// <inheritdoc/>
    public string Describe(S3State state, S3Operation operation)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(operation);
        S3BucketState? bucket = state.Bucket(operation.Bucket);
        if (bucket is null)
        {
            return $"no bucket {operation.Bucket}";
        }

        IEnumerable<string> keys = operation.IsBucketWide
            ? bucket.Keys.Keys.Where(key => key.StartsWith(operation.Prefix, StringComparison.Ordinal))
            : [TouchedKey(operation)];
        return $"{bucket.Versioning} " + string.Join(' ', keys.Select(key => $"{key}=[{string.Join(' ', bucket.Key(key).Versions)}]{Uploads(bucket.Key(key))}"));
    }

    private static string Uploads(S3KeyState key) =>
        string.Concat(key.Uploads.Select(static upload =>
            $" upload {upload.Id} {(upload.CompletedETag.Length > 0 ? "completed" : string.Join(',', upload.Parts.Values.Select(static part => $"{part.Number}:{S3Operation.Short(part.Content.Md5)}")))}"));

    private static bool Reaches(S3Operation wide, S3Operation narrow) =>
        wide.Verb switch
        {
            S3Verb.HeadBucket => false,
            S3Verb.List or S3Verb.ListVersions => TouchedKey(narrow).StartsWith(wide.Prefix, StringComparison.Ordinal),
            _ => true,
        };

    private static string TouchedKey(S3Operation operation) => operation.Verb == S3Verb.CopyRead ? operation.SourceKey : operation.Key;

    private static bool Become(S3State state, S3Operation operation, S3BucketState? bucket, bool legal, out S3State next)
    {
        next = legal ? state.With(operation.Bucket, bucket) : state;
        return legal;
    }

    /// <summary>True when the answer is this refusal. HEAD has no body, so only its status speaks.</summary>
    private static bool IsRefusal(S3Operation operation, S3Result? result, int status, string code) =>
        result is { Ok: false } && (operation.Verb is S3Verb.Head or S3Verb.HeadBucket ? result.Status == status : result.Code == code);
}
