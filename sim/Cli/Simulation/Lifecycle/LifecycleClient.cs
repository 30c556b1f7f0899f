using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.Trace;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Simulation.Lifecycle;

/// <summary>Writes, tags and deletes objects, begins uploads and changes rules, often just when rules take effect; after each step all that is there is compared with the oracle.</summary>
/// <param name="world">The world.</param>
/// <param name="store">Has metadata do something, on a machine that may lose power meanwhile.</param>
/// <param name="options">Of the scenario.</param>
/// <param name="isVersioned">Of the bucket.</param>
internal sealed class LifecycleClient(SimWorld world, Func<Func<IMetadataShard, Task<object>>, Task<object>> store, LifecycleScenario options, bool isVersioned)
{
    private const string Bucket = "bucket";
    private const string BucketOwner = "bucket-owner";
    private const string Writer = "writer";
    private const int EntriesMax = 1000;
    private const int StepsOfABurst = 4;
    private static readonly TimeSpan AroundMidnight = TimeSpan.FromMilliseconds(8);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);
    private static readonly string[] Keys = ["a/1", "a/2", "b/1", "b/2"];

    private readonly ClientDraws _draws = new(world.Choices, "client");
    private readonly LifecycleOracle _oracle = new(options.Day, options.Grace, isVersioned, BucketOwner);
    private int _written;

    /// <summary>What was seen to be done by rules.</summary>
    internal int DoneCount => _oracle.DoneCount;

    private DateTime NowUtc => new(world.Clock.UtcNow.Ticks / TimeSpan.TicksPerMillisecond * TimeSpan.TicksPerMillisecond, DateTimeKind.Utc);

    /// <summary>Makes the bucket.</summary>
    internal async Task PrepareAsync()
    {
        CommandResult? result = await DoAsync("prepare", _ => new CreateBucketCommand(Bucket, BucketOwner, "", ObjectLock: isVersioned) { NowUtc = NowUtc });
        if (result?.Error != MetadataError.None)
        {
            throw new PromiseBrokenException("serves", $"a bucket was asked for where nothing has gone wrong yet, and the answer was {(object?)result ?? "nothing"}");
        }
    }

    /// <summary>Does its steps.</summary>
    /// <param name="troubles">What goes wrong between two of them, if anything.</param>
    internal async Task RunAsync(Func<ClientDraws, Task> troubles)
    {
        for (int step = 0; step < options.StepCount; step++)
        {
            if (!_draws.NextStep())
            {
                continue;
            }

            await world.Clock.DelayAsync(DrawGap());
            await _draws.RunAsync(1 + _draws.Next(StepsOfABurst, "burst"), StepAsync);
            await CompareAsync();
            await troubles(_draws);
        }
    }

    /// <summary>From now on anything may be in the way of the engine.</summary>
    internal void BeTroubled() => _oracle.CalmSinceUtc = DateTime.MaxValue;

    /// <summary>Nothing was in the way of the engine since now.</summary>
    internal void BeCalm() => _oracle.CalmSinceUtc = world.Clock.UtcNow;

    /// <summary>Compares what is there with what is to be there.</summary>
    internal async Task CompareAsync()
    {
        // Not from one state: so everything is taken to have been seen when it was asked for, and to have gone until all is answered.
        while (true)
        {
            DateTime askedUtc = world.Clock.UtcNow;
            List<VersionEntry>? versions = await ListAllAsync(
                new ListVersionsQuery(Bucket, "", "", "", null, EntriesMax),
                static page => page.Versions,
                static (query, page) => query with { KeyMarker = page.NextMarker, VersionMarker = page.NextVersionMarker });
            List<UploadRecord>? uploads = await ListAllAsync(
                new ListUploadsQuery(Bucket, "", "", "", "", EntriesMax),
                static page => page.Uploads,
                static (query, page) => query with { KeyMarker = page.NextMarker, UploadIdMarker = page.NextUploadIdMarker });
            if (versions is not null && uploads is not null)
            {
                _oracle.Compare(askedUtc, versions, uploads, world.Clock.UtcNow);
                return;
            }

            await world.Clock.DelayAsync(RetryDelay);
        }
    }

    /// <summary>All pages of a listing; null when one of them could not be had.</summary>
    private async Task<List<TEntry>?> ListAllAsync<TQuery, TEntry>(TQuery first, Func<QueryResult, IReadOnlyList<TEntry>> entries, Func<TQuery, QueryResult, TQuery> next)
        where TQuery : MetadataQuery
    {
        var all = new List<TEntry>();
        TQuery query = first;
        QueryResult? page;
        do
        {
            page = await AskAsync(query);
            if (page is null)
            {
                return null;
            }

            all.AddRange(entries(page));
            query = next(query, page);
        }
        while (page.IsTruncated);

        return all;
    }

    private TimeSpan DrawGap()
    {
        TimeSpan untilMidnight = Moments.UntilMidnight(world.Clock.UtcNow, options.Day);
        return _draws.Next(6, "gap") switch
        {
            0 => _draws.Pause(),
            1 or 2 => untilMidnight + _draws.Microseconds(AroundMidnight, "around") - (AroundMidnight / 4),
            3 or 4 => options.Day / 64 * (1 + _draws.Next(64, "hours")),
            _ => options.Day * _draws.Next(options.GapDaysMax + 1, "days"),
        };
    }

    private Task StepAsync() => _draws.Next(13, "step") switch
    {
        0 or 1 or 2 or 3 => PutAsync(_draws.OneOf("key", Keys)),
        4 => DeleteAsync(),
        5 => isVersioned ? DeleteNewestAsync() : DeleteAsync(),
        6 => DeleteVersionAsync(),
        7 or 8 => TagAsync(),
        9 => BeginUploadAsync(),
        10 => RestoreAsync(),
        _ => SetRulesAsync(),
    };

    private async Task PutAsync(string key)
    {
        string etag = (++_written).ToString("x32", CultureInfo.InvariantCulture);
        string tag = _draws.OneOf("tag", "", "1", "2");
        bool isHeld = isVersioned && _draws.Next(8, "held") == 0;
        var body = new byte[1 + _draws.Next(200, "size")];
        DateTime sentUtc = world.Clock.UtcNow;
        var record = new ObjectRecord
        {
            Key = key,
            Version = default,
            ModifiedUtc = NowUtc,
            OwnerId = Writer,
            SizeBytes = body.Length,
            ETag = etag,
            Tags = TagsOf(tag),
            LegalHold = isHeld,
        };
        CommandResult? result = await DoAsync($"put {key} {etag} tag={tag} held={isHeld}", shard => new PutObjectCommand(
            Bucket, record, body, new ObjectData { Inline = new BlobRef(shard.NextBlobId(), body.Length, 0) }, null)
        { NowUtc = record.ModifiedUtc });
        var known = new KnownVersion
        {
            Key = key,
            Name = etag,
            IsHeld = isHeld,
            Version = result?.Object?.Version ?? new VersionId(isVersioned ? ulong.MaxValue : 0),
            ModifiedUtc = record.ModifiedUtc,
            AckedUtc = AckedUtc(result),
        };
        known.Tag.Set(tag, sentUtc, sentUtc);
        _oracle.Wrote(known);
    }

    private async Task DeleteAsync()
    {
        string key = _draws.OneOf("key", Keys);
        if (!isVersioned)
        {
            // Any of them, should it not be known whether a write was the last one.
            foreach (KnownVersion version in _oracle.Present.Where(version => version.Key == key))
            {
                version.MayBeDeleted = true;
            }
        }

        DateTime nowUtc = NowUtc;
        CommandResult? result = await DoAsync($"delete {key}", _ => new DeleteObjectCommand(Bucket, key, null, Writer, null, BypassGovernance: false) { NowUtc = nowUtc });
        if (isVersioned && result?.Object is { } marker)
        {
            _oracle.Wrote(new KnownVersion
            {
                Key = key,
                Name = LifecycleOracle.MarkerName(marker.Version),
                IsMarker = true,
                Version = marker.Version,
                ModifiedUtc = marker.ModifiedUtc,
                AckedUtc = world.Clock.UtcNow,
            });
        }
    }

    private async Task DeleteVersionAsync()
    {
        KnownVersion[] known = [.. _oracle.Present.Where(static version => version.AckedUtc < DateTime.MaxValue)];
        if (!isVersioned || known.Length == 0)
        {
            return;
        }

        await DeleteAsync(known[_draws.Next(known.Length, "version")]);
    }

    /// <summary>Deletes newest versions of a key one after another, so that others become current again.</summary>
    private async Task DeleteNewestAsync()
    {
        // Rather of one that has many.
        string drawn = _draws.OneOf("key", Keys);
        string key = _draws.Next(3, "most") == 0 ? drawn : _oracle.Present.CountBy(static version => version.Key).OrderBy(static of => of.Value).LastOrDefault().Key ?? drawn;
        KnownVersion[] known = [.. _oracle.Present.Where(version => version.Key == key && version.AckedUtc < DateTime.MaxValue).OrderByDescending(static version => version.Version.Value)];
        foreach (KnownVersion version in known.Take(1 + _draws.Next(3, "count")))
        {
            await DeleteAsync(version);
        }

        DateTime askedUtc = world.Clock.UtcNow;
        if (await AskAsync(new GetObjectQuery(Bucket, key, null)) is { Object: { IsDeleteMarker: false } current })
        {
            _oracle.FoundCurrent(current.ETag, askedUtc);
        }
    }

    private async Task DeleteAsync(KnownVersion version)
    {
        version.MayBeDeleted = true;
        await DoAsync($"delete {version}", _ => new DeleteObjectCommand(Bucket, version.Key, version.Version, Writer, null, BypassGovernance: false) { NowUtc = NowUtc });
    }

    private async Task TagAsync()
    {
        KnownVersion[] known = [.. _oracle.Present.Where(version => !version.IsMarker && version.AckedUtc < DateTime.MaxValue && (isVersioned || !version.MayBeDeleted))];
        if (known.Length == 0)
        {
            return;
        }

        // Rather one that rules may be about to act on because of its tag.
        KnownVersion[] tagged = [.. known.Where(static version => version.Tag.Periods[^1].Value == "1")];
        KnownVersion[] some = tagged.Length > 0 && _draws.Next(3, "tagged") > 0 ? tagged : known;
        KnownVersion version = some[_draws.Next(some.Length, "version")];
        string tag = _draws.OneOf("tag", "", "1", "2");
        DateTime sentUtc = world.Clock.UtcNow;
        CommandResult? result = await DoAsync(
            $"tag {version} with {tag}", _ => new UpdateObjectCommand(Bucket, version.Key, isVersioned ? version.Version : null) { NowUtc = NowUtc, Tags = TagsOf(tag) });
        if (result?.Error is null or MetadataError.None)
        {
            version.Tag.Set(tag, sentUtc, AckedUtc(result));
        }
    }

    /// <summary>Restores what was moved, as the gateway does: looks at it first, and now and then it is another object by the time it is restored.</summary>
    private async Task RestoreAsync()
    {
        KnownVersion[] moved = [.. _oracle.Present.Where(static version => version.IsMoved && version.AckedUtc < DateTime.MaxValue)];
        if (moved.Length == 0)
        {
            return;
        }

        KnownVersion drawn = moved[_draws.Next(moved.Length, "version")];
        VersionId? id = isVersioned ? drawn.Version : null;
        if (await AskAsync(new GetObjectQuery(Bucket, drawn.Key, id)) is not { Object: { StorageClass: SimRule.MovedClass } seen } || _oracle.Find(seen.ETag) is not { } meant)
        {
            return;
        }

        if (_draws.Next(3, "between") == 0)
        {
            await PutAsync(drawn.Key);
        }

        // No two the same, so that each tells which request set it.
        DateTime sentUtc = world.Clock.UtcNow;
        DateTime untilUtc = sentUtc + Moments.UntilMidnight(sentUtc, options.Day) + TimeSpan.FromMilliseconds(++_written);
        CommandResult? result = await DoAsync(
            $"restore {meant} until {untilUtc:O}",
            _ => new UpdateObjectCommand(Bucket, drawn.Key, id) { NowUtc = NowUtc, Restore = new ObjectRestore(untilUtc, seen.StorageClass, seen.ModifiedUtc, seen.ETag) });
        if (result?.Error is null or MetadataError.None)
        {
            meant.Restored.Set(untilUtc, sentUtc, AckedUtc(result));
            world.Trace.Mark("lifecycle-restored");
        }
        else if (result.Error == MetadataError.PreconditionFailed)
        {
            world.Trace.Mark("lifecycle-restore-of-another");
        }
    }

    private async Task BeginUploadAsync()
    {
        string key = _draws.OneOf("key", Keys);
        string id = $"upload-{++_written}";
        DateTime nowUtc = NowUtc;
        var template = new ObjectRecord { Key = key, Version = default, ModifiedUtc = nowUtc, OwnerId = Writer };
        CommandResult? result = await DoAsync(
            $"begin {id} of {key}", _ => new CreateUploadCommand(Bucket, new UploadRecord { UploadId = id, Template = template, InitiatorId = Writer, InitiatedUtc = nowUtc }) { NowUtc = nowUtc });
        _oracle.Began(new KnownUpload(key, id, nowUtc, AckedUtc(result)));
    }

    private async Task SetRulesAsync()
    {
        bool withdraws = _draws.Next(4, "withdraws") == 0;
        IReadOnlyList<SimRule> rules = withdraws ? [] : SimRule.Draw(_draws, options.DaysMax);
        DateTime sentUtc = world.Clock.UtcNow;
        ReadOnlyMemory<byte>? document = withdraws ? null : SimRule.Document(rules);
        CommandResult? result = await DoAsync($"set rules {string.Join(' ', rules)}", _ => new SetBucketDocumentCommand(Bucket, LifecycleGrounds.RulesKind, document) { NowUtc = NowUtc });
        _oracle.Rules.Set(rules, sentUtc, result is null ? DateTime.MaxValue : world.Clock.UtcNow);
    }

    private DateTime AckedUtc(CommandResult? result) => result is { Error: MetadataError.None } ? world.Clock.UtcNow : DateTime.MaxValue;

    private static IReadOnlyList<KeyValuePair<string, string>> TagsOf(string tag) => tag.Length == 0 ? [] : [KeyValuePair.Create(SimRule.TagKey, tag)];

    /// <summary>Null when it is not known what became of it.</summary>
    private async Task<CommandResult?> DoAsync(string what, Func<IMetadataShard, MetadataCommand> command)
    {
        CommandResult? result = null;
        world.Trace.Emit(TraceLevel.Info, TraceLog.ClientArea, TraceLog.CallName, ("client", "client"), ("request", what));
        try
        {
            result = (CommandResult)await store(async shard => await shard.ExecuteAsync(command(shard)));
        }
        catch (Exception failure) when (failure is StorageException or SimNodeCrashedException)
        {
            // Not known.
        }

        world.Trace.Emit(
            TraceLevel.Info, TraceLog.ClientArea, "return", ("client", "client"), ("answer", result?.Error.ToString() ?? "unknown"), ("version", (long)(result?.Object?.Version.Value ?? 0)));
        return result;
    }

    private async Task<QueryResult?> AskAsync(MetadataQuery query)
    {
        try
        {
            return (QueryResult)await store(async shard => await shard.QueryAsync(query));
        }
        catch (Exception failure) when (failure is StorageException or SimNodeCrashedException)
        {
            return null;
        }
    }
}
