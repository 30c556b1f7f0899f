using System;
using System.Collections.Generic;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>Something that a rule may act on: a version, or an upload in progress.</summary>
/// <param name="Record">The version; of an upload what will be the object.</param>
/// <param name="Place">Where the version lies.</param>
/// <param name="Upload">The upload; null for a version.</param>
internal sealed record LifecycleCandidate(ObjectRecord Record, VersionPlace Place, UploadRecord? Upload);

/// <summary>A walk through one bucket, page by page: first the versions that rules may act on, then the uploads.</summary>
internal sealed class BucketWalk
{
    /// <summary>Of one key at most so many candidates wait for the next page.</summary>
    private const int HeldMax = 10_000;

    private readonly int _pageEntries;
    private readonly Queue<string> _versionPrefixes;
    private readonly Queue<string> _uploadPrefixes;
    private readonly List<List<LifecycleCandidate>> _open = [];
    private VersionWalk _places = new();
    private MetadataQuery? _next;

    /// <summary>Begins a walk.</summary>
    /// <param name="bucket">A bucket that has rules.</param>
    /// <param name="calendar">Days.</param>
    /// <param name="pageEntries">Entries of a page.</param>
    internal BucketWalk(BucketRecord bucket, LifecycleCalendar calendar, int pageEntries)
    {
        (Bucket, Shown, _pageEntries) = (bucket, bucket, pageEntries);
        bucket.TryGetDocument(BucketDocuments.Lifecycle, out ReadOnlyMemory<byte> document);
        RulesDigest = LifecycleGrounds.DigestOf(bucket);
        Rules = LifecycleConfiguration.Parse(document);
        Evaluator = LifecycleEvaluator.For(bucket, Rules, calendar);
        (_versionPrefixes, _uploadPrefixes) = (new Queue<string>(Rules.VersionPrefixes), new Queue<string>(Rules.UploadPrefixes));
        _next = NextPrefix();
    }

    /// <summary>The bucket as it was when the walk began.</summary>
    internal BucketRecord Bucket { get; }

    /// <summary>The bucket as the last page showed it.</summary>
    internal BucketRecord Shown { get; set; }

    /// <summary>Of the rules.</summary>
    internal byte[] RulesDigest { get; }

    /// <summary>Pages that could not be had.</summary>
    internal int Failures { get; set; }

    /// <summary>Something could not be done: the bucket has to be walked again.</summary>
    internal bool IsIncomplete { get; set; }

    /// <summary>The rules.</summary>
    internal LifecycleConfiguration Rules { get; }

    /// <summary>What they ask for.</summary>
    internal LifecycleEvaluator Evaluator { get; }

    /// <summary>The page to ask for.</summary>
    internal MetadataQuery NextQuery => _next ?? throw new InvalidOperationException("the walk is done");

    /// <summary>There is no further page.</summary>
    internal bool IsDone => _next is null;

    /// <summary>Whether a bucket is still the one that is walked, with the same rules.</summary>
    internal bool IsOf(BucketRecord bucket) =>
        bucket.Id == Bucket.Id && bucket.Versioning == Bucket.Versioning && LifecycleGrounds.DigestOf(bucket).AsSpan().SequenceEqual(RulesDigest);

    /// <summary>Takes the page asked for and moves to the next one.</summary>
    /// <param name="page">The answer to <see cref="NextQuery"/>.</param>
    /// <param name="nowUtc">The time.</param>
    /// <returns>
    /// What may be due, key by key; of one key the oldest first, so that what is left of it after a crash has its place still. What is due of the last key of a page waits for the next page, unless
    /// it is very much.
    /// </returns>
    internal List<List<LifecycleCandidate>> Take(QueryResult page, DateTime nowUtc)
    {
        List<List<LifecycleCandidate>> due = [.. _open];
        switch (NextQuery)
        {
            case ListVersionsQuery versions:
                TakeVersions(page, due, nowUtc);
                _next = page.IsTruncated ? versions with { KeyMarker = page.NextMarker, VersionMarker = page.NextVersionMarker } : NextPrefix();
                break;
            default:
                TakeUploads(page, due, nowUtc);
                _next = page.IsTruncated ? (ListUploadsQuery)NextQuery with { KeyMarker = page.NextMarker, UploadIdMarker = page.NextUploadIdMarker } : NextPrefix();
                break;
        }

        _open.Clear();
        if (page.IsTruncated && due.Count > 0 && due[^1].Count < HeldMax)
        {
            _open.Add(due[^1]);
            due.RemoveAt(due.Count - 1);
        }

        foreach (List<LifecycleCandidate> ofOneKey in due)
        {
            ofOneKey.Reverse();
        }

        return due;
    }

    private MetadataQuery? NextPrefix()
    {
        _places = new VersionWalk();
        if (_versionPrefixes.TryDequeue(out string? prefix))
        {
            return new ListVersionsQuery(Bucket.Name, prefix, "", "", null, _pageEntries);
        }

        return _uploadPrefixes.TryDequeue(out prefix) ? new ListUploadsQuery(Bucket.Name, prefix, "", "", "", _pageEntries) : null;
    }

    private void TakeVersions(QueryResult page, List<List<LifecycleCandidate>> due, DateTime nowUtc)
    {
        foreach ((ObjectRecord record, VersionPlace place) in _places.Take(page.Versions, isLast: !page.IsTruncated))
        {
            // Listings leave tags out.
            if (Evaluator.Decide(Bucket.Versioning, record, place, knowsTags: false, nowUtc) is not null)
            {
                Add(due, new LifecycleCandidate(record, place, null));
            }
        }
    }

    private void TakeUploads(QueryResult page, List<List<LifecycleCandidate>> due, DateTime nowUtc)
    {
        foreach (UploadRecord upload in page.Uploads)
        {
            if (Evaluator.FindAbort(upload.Template.Key, upload.InitiatedUtc)?.AtUtc <= nowUtc)
            {
                Add(due, new LifecycleCandidate(upload.Template, default, upload));
            }
        }
    }

    private static void Add(List<List<LifecycleCandidate>> due, LifecycleCandidate candidate)
    {
        if (due.Count > 0 && due[^1][0].Record.Key == candidate.Record.Key)
        {
            due[^1].Add(candidate);
        }
        else
        {
            due.Add([candidate]);
        }
    }
}
