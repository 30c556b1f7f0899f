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

    /// <summary>Versions, or uploads, of one look; 1 to 1000.</summary>
    public int PageEntries { get; init; } = 1000;

    /// <summary>Keys that are acted on at the same time.</summary>
    public int ConcurrencyMax { get; init; } = 16;

    /// <summary>Buckets that take turns, a page each.</summary>
    public int WalksMax { get; init; } = 8;

    /// <summary>Rest after a failure.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>Does what the lifecycle rules of buckets ask for: walks each bucket that has rules after every midnight (UTC), after its rules changed, and after a start.</summary>
/// <remarks>
/// It keeps nothing: what is due is a function of rules, versions and time, and each action is a command that looks at its grounds once more. So it may stop anywhere, and two may work at once.
/// It rests after each page as long as the page took, a second at most. Units of progress: versions and uploads looked at. On one loop.
/// Source: Amazon S3 User Guide, "Managing the lifecycle of objects".
/// </remarks>
public sealed class LifecycleWorker : Worker
{
    private const int BucketsOfOneLook = 1000;

    /// <summary>A page that fails so often in a row ends its walk.</summary>
    private const int FailuresOfOnePageMax = 5;

    /// <summary>A bucket where something fails each time is walked so often a day.</summary>
    private const int AttemptsOfOneDayMax = 3;

    private static readonly TimeSpan RestMax = TimeSpan.FromSeconds(1);

    private readonly IMetadataShard _metadata;
    private readonly ITrace _trace;
    private readonly LifecycleOptions _options;
    private readonly Func<bool> _isResponsible;
    private readonly LifecycleCalendar _calendar;
    private readonly LifecycleActions _actions;

    private readonly Dictionary<string, LastWalk> _walked = new(StringComparer.Ordinal);
    private readonly Queue<string> _due = new();
    private readonly Queue<BucketWalk> _walks = new();
    private (long Day, TimeSpan At)? _looked;
    private TimeSpan _lookAgainAt;
    private long _seen;

    /// <summary>Prepares it.</summary>
    /// <param name="environment">The seams.</param>
    /// <param name="metadata">Where buckets are.</param>
    /// <param name="options">Paces.</param>
    /// <param name="isResponsible">Asked before each step and each key: of many nodes one works. On the worker's loop.</param>
    /// <param name="events">Whom buckets tell of what is done; null: nobody is told.</param>
    public LifecycleWorker(NodeEnvironment environment, IMetadataShard metadata, LifecycleOptions options, Func<bool> isResponsible, EventRules? events = null)
        : base("lifecycle", (environment ?? throw new ArgumentNullException(nameof(environment))).Clock)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(isResponsible);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ConcurrencyMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.WalksMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.PageEntries, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.PageEntries, BucketsOfOneLook);
        (_metadata, _trace, _options, _isResponsible) = (metadata, environment.Trace, options, isResponsible);
        _calendar = new LifecycleCalendar(options.Day);
        _actions = new LifecycleActions(metadata, environment, options.ConcurrencyMax, isResponsible, events);
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
            _walks.Clear();
            _looked = null;
            return _options.PollInterval;
        }

        TimeSpan begun = Clock.Now;
        TimeSpan rest = await LookAsync();
        if (!_walks.TryDequeue(out BucketWalk? walk))
        {
            return rest;
        }

        try
        {
            if (await GoOnAsync(walk))
            {
                _walks.Enqueue(walk);
            }

            walk.Failures = 0;
            return Shorter(RestMax, Clock.Now - begun);
        }
        catch (Exception failure) when (failure is StorageException or MalformedDataException)
        {
            // The page is asked for again, unless it fails again and again; other buckets have their turn first.
            if (++walk.Failures < FailuresOfOnePageMax)
            {
                _walks.Enqueue(walk);
            }
            else
            {
                NoteIncomplete(walk);
            }

            return NoteFailure("walk-failed", walk.Bucket.Name, failure);
        }
    }

    /// <summary>Looks for what is to be walked, and begins. Walks under way go on if that fails.</summary>
    /// <returns>How long to rest if there is nothing to walk.</returns>
    private async ValueTask<TimeSpan> LookAsync()
    {
        if (Clock.Now < _lookAgainAt)
        {
            return _lookAgainAt - Clock.Now;
        }

        try
        {
            await LookForRulesAsync();
            await BeginWalksAsync();
            return Shorter(_options.PollInterval, _calendar.UntilMidnight(Clock.UtcNow));
        }
        catch (Exception failure) when (failure is StorageException or MalformedDataException)
        {
            _looked = null;
            TimeSpan rest = NoteFailure("look-failed", "", failure);
            _lookAgainAt = Clock.Now + rest;
            return rest;
        }
    }

    private TimeSpan NoteFailure(string what, string bucket, Exception failure)
    {
        _actions.Count(static counts => counts with { Failures = counts.Failures + 1 });
        _trace.Emit(TraceLevel.Warning, "lifecycle", what, ("bucket", bucket), ("error", failure.Message));
        return failure is StorageException { Error: StorageError.Poisoned or StorageError.Closed } ? _options.PollInterval : _options.RetryDelay;
    }

    /// <summary>Finds buckets whose rules are new, or that were not walked today: after midnight, and now and then.</summary>
    private async ValueTask LookForRulesAsync()
    {
        long today = _calendar.DayOf(Clock.UtcNow);
        if (_looked is { } looked && looked.Day == today && Clock.Now - looked.At < _options.PollInterval)
        {
            return;
        }

        _looked = (today, Clock.Now);
        var found = new HashSet<string>(StringComparer.Ordinal);
        var waiting = new HashSet<string>(_due.Concat(_walks.Select(static walk => walk.Bucket.Name)), StringComparer.Ordinal);
        string after = "";
        bool more = true;
        while (more)
        {
            QueryResult page = await _metadata.QueryAsync(new ListBucketsQuery(null, "", after, BucketsOfOneLook));
            foreach (BucketRecord bucket in page.Buckets)
            {
                byte[] rules = LifecycleGrounds.DigestOf(bucket);
                if (rules.Length == 0)
                {
                    continue;
                }

                found.Add(bucket.Name);
                bool isWalked = _walked.TryGetValue(bucket.Name, out LastWalk? last) && last.IsOf(bucket.Id, rules, today) && (last.IsComplete || last.Attempt >= AttemptsOfOneDayMax);
                if (!isWalked && waiting.Add(bucket.Name))
                {
                    _due.Enqueue(bucket.Name);
                }
            }

            (after, more) = (page.NextMarker, page.IsTruncated);
        }

        foreach (string gone in _walked.Keys.Where(name => !found.Contains(name)).ToArray())
        {
            _walked.Remove(gone);
        }
    }

    private async ValueTask BeginWalksAsync()
    {
        while (_walks.Count < _options.WalksMax && _due.TryDequeue(out string? name))
        {
            QueryResult found = await _metadata.QueryAsync(new GetBucketQuery(name));
            if (found.Bucket is not { } bucket || !bucket.TryGetDocument(BucketDocuments.Lifecycle, out _))
            {
                continue;
            }

            var walk = new BucketWalk(bucket, _calendar, _options.PageEntries);
            long today = _calendar.DayOf(Clock.UtcNow);
            int attempt = _walked.TryGetValue(name, out LastWalk? last) && last.IsOf(bucket.Id, walk.RulesDigest, today) ? last.Attempt + 1 : 1;
            _walked[name] = new LastWalk(bucket.Id, walk.RulesDigest, today, attempt, IsComplete: true);
            if (walk.Rules.IsRefused)
            {
                _trace.Emit(TraceLevel.Warning, "lifecycle", "rules-refused", ("bucket", name), ("reason", "kept by an earlier program, and not valid: they have no effect"));
            }

            if (!walk.IsDone)
            {
                _walks.Enqueue(walk);
            }
        }
    }

    /// <summary>Does a page; false when the walk is at its end.</summary>
    private async ValueTask<bool> GoOnAsync(BucketWalk walk)
    {
        QueryResult page = await _metadata.QueryAsync(walk.NextQuery);
        if (page.Bucket is not { } bucket || !walk.IsOf(bucket))
        {
            // It went, or its rules are others by now: the next look sees to that.
            _walked.Remove(walk.Bucket.Name);
            return false;
        }

        walk.Shown = bucket;
        DateTime nowUtc = Timestamps.WholeMilliseconds(Clock.UtcNow);
        _seen += page.Versions.Count + page.Uploads.Count;
        await _actions.DoAsync(walk, walk.Take(page, nowUtc), nowUtc);
        if (!walk.IsDone)
        {
            return true;
        }

        if (walk.IsIncomplete)
        {
            NoteIncomplete(walk);
        }

        _actions.Count(static counts => counts with { Walks = counts.Walks + 1 });
        _trace.Emit(TraceLevel.Debug, "lifecycle", "walked", ("bucket", walk.Bucket.Name), ("incomplete", walk.IsIncomplete ? 1 : 0));
        return false;
    }

    private void NoteIncomplete(BucketWalk walk)
    {
        if (_walked.TryGetValue(walk.Bucket.Name, out LastWalk? last))
        {
            _walked[walk.Bucket.Name] = last with { IsComplete = false };
        }
    }

    private static TimeSpan Shorter(TimeSpan some, TimeSpan other) => some < other ? some : other;

    /// <summary>When and by which rules a bucket was walked last.</summary>
    private sealed record LastWalk(ulong Id, byte[] RulesDigest, long Day, int Attempt, bool IsComplete)
    {
        internal bool IsOf(ulong id, byte[] rules, long day) => Id == id && Day == day && RulesDigest.AsSpan().SequenceEqual(rules);
    }
}
