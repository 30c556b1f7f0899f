using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Gateway;

/// <summary>Paces of the lifecycle worker.</summary>
public sealed record LifecycleOptions
{
    /// <summary>Length of the days that rules count; shorter ones are for trying rules out.</summary>
    public TimeSpan Day { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Between two looks for buckets whose rules changed.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Versions, or uploads, of one look; at most 1000.</summary>
    public int PageEntries { get; init; } = 1000;

    /// <summary>Keys that are acted on at the same time.</summary>
    public int ConcurrencyMax { get; init; } = 16;

    /// <summary>Rest after a failure.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>Does what the lifecycle rules of buckets ask for: walks each bucket that has rules after every midnight (UTC), after its rules changed, and after a start.</summary>
/// <remarks>
/// It keeps nothing: what is due is a function of rules, versions and time, and each action is a command that looks at its grounds once more. So it may stop anywhere, and two may work at once.
/// It rests after each page as long as the page took, so that it takes at most half of the loop's time. Units of progress: versions and uploads looked at. On one loop.
/// Source: Amazon S3 User Guide, "Managing the lifecycle of objects".
/// </remarks>
public sealed class LifecycleWorker : Worker
{
    private const int BucketsOfOneLook = 1000;
    private static readonly TimeSpan RestMax = TimeSpan.FromSeconds(1);

    private readonly IMetadataShard _metadata;
    private readonly ITrace _trace;
    private readonly LifecycleOptions _options;
    private readonly Func<bool> _isResponsible;
    private readonly LifecycleCalendar _calendar;
    private readonly LifecycleActions _actions;

    // By name: the rules by which a bucket was walked last, and the day on which that began.
    private readonly Dictionary<string, (ulong Id, byte[] RulesDigest, long Day)> _walked = new(StringComparer.Ordinal);
    private readonly Queue<BucketRecord> _due = new();
    private BucketWalk? _walk;
    private long _seen;

    /// <summary>Prepares it.</summary>
    /// <param name="environment">The seams.</param>
    /// <param name="metadata">Where buckets are.</param>
    /// <param name="options">Paces.</param>
    /// <param name="isResponsible">Asked before each step: of many nodes one works. On the worker's loop.</param>
    public LifecycleWorker(NodeEnvironment environment, IMetadataShard metadata, LifecycleOptions options, Func<bool> isResponsible)
        : base("lifecycle", (environment ?? throw new ArgumentNullException(nameof(environment))).Clock)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(isResponsible);
        (_metadata, _trace, _options, _isResponsible) = (metadata, environment.Trace, options, isResponsible);
        _calendar = new LifecycleCalendar(options.Day);
        _actions = new LifecycleActions(metadata, options.ConcurrencyMax);
    }

    /// <summary>What it did. Any thread.</summary>
    public LifecycleCounts Counts => _actions.Counts;

    /// <inheritdoc/>
    public override WorkerProgress Progress => new(_seen, 0, Counts.Failures, Counts.Walks);

    /// <inheritdoc/>
    public override async ValueTask<TimeSpan> StepAsync()
    {
        if (!_isResponsible())
        {
            // Whoever works meanwhile may not get to the end of what is begun here.
            _walked.Clear();
            _due.Clear();
            _walk = null;
            return _options.PollInterval;
        }

        try
        {
            TimeSpan begun = Clock.Now;
            if (_walk is null && !await BeginNextAsync())
            {
                return Shorter(_options.PollInterval, _calendar.UntilMidnight(Clock.UtcNow));
            }

            await GoOnAsync(_walk!);
            return Shorter(RestMax, Clock.Now - begun);
        }
        catch (StorageException failure)
        {
            // What was done is done; the bucket is walked again from its beginning.
            if (_walk is not null)
            {
                _walked.Remove(_walk.Bucket.Name);
                _walk = null;
            }

            _actions.Count(static counts => counts with { Failures = counts.Failures + 1 });
            _trace.Emit(TraceLevel.Warning, "lifecycle", "walk-failed", ("error", failure.Error.ToString()));
            return _options.RetryDelay;
        }
    }

    /// <summary>Begins to walk the next bucket that has to be walked; false when there is none.</summary>
    private async ValueTask<bool> BeginNextAsync()
    {
        if (_due.Count == 0)
        {
            await LookForRulesAsync();
        }

        while (_due.TryDequeue(out BucketRecord? bucket))
        {
            var walk = new BucketWalk(bucket, _calendar, _options.PageEntries);
            _walked[bucket.Name] = (bucket.Id, walk.RulesDigest, _calendar.DayOf(Clock.UtcNow));
            if (!walk.IsDone)
            {
                _walk = walk;
                return true;
            }
        }

        return false;
    }

    private async ValueTask LookForRulesAsync()
    {
        long today = _calendar.DayOf(Clock.UtcNow);
        var found = new HashSet<string>(StringComparer.Ordinal);
        string after = "";
        bool more = true;
        while (more)
        {
            QueryResult page = await _metadata.QueryAsync(new ListBucketsQuery(null, "", after, BucketsOfOneLook));
            foreach (BucketRecord bucket in page.Buckets)
            {
                if (!bucket.TryGetDocument(BucketDocuments.Lifecycle, out ReadOnlyMemory<byte> rules))
                {
                    continue;
                }

                found.Add(bucket.Name);
                bool isWalked = _walked.TryGetValue(bucket.Name, out (ulong Id, byte[] RulesDigest, long Day) last)
                    && last.Id == bucket.Id && last.Day == today && last.RulesDigest.AsSpan().SequenceEqual(BucketWalk.DigestOf(rules));
                if (!isWalked)
                {
                    _due.Enqueue(bucket);
                }
            }

            (after, more) = (page.NextMarker, page.IsTruncated);
        }

        foreach (string gone in _walked.Keys.Where(name => !found.Contains(name)).ToArray())
        {
            _walked.Remove(gone);
        }
    }

    private async ValueTask GoOnAsync(BucketWalk walk)
    {
        QueryResult page = await _metadata.QueryAsync(walk.NextQuery);
        if (page.Error != MetadataError.None || page.Bucket!.Id != walk.Bucket.Id)
        {
            _walk = null;
            return;
        }

        DateTime nowUtc = Timestamps.WholeMilliseconds(Clock.UtcNow);
        _seen += page.Versions.Count + page.Uploads.Count;
        await _actions.DoAsync(walk, walk.Take(page, nowUtc), nowUtc);
        if (!walk.IsDone)
        {
            return;
        }

        _walk = null;
        _actions.Count(static counts => counts with { Walks = counts.Walks + 1 });
        LifecycleCounts done = Counts;
        _trace.Emit(
            TraceLevel.Debug, "lifecycle", "walked", ("bucket", walk.Bucket.Name), ("expired", done.Expired), ("removed", done.Removed),
            ("markers", done.MarkersRemoved), ("moved", done.Moved), ("aborted", done.UploadsAborted), ("refused", done.Refused));
    }

    private static TimeSpan Shorter(TimeSpan some, TimeSpan other) => some < other ? some : other;
}
