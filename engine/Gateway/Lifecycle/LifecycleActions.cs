using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Gateway;

/// <summary>Does what is due, and counts it.</summary>
/// <param name="metadata">Where buckets are.</param>
/// <param name="environment">The seams.</param>
/// <param name="concurrencyMax">Keys that are acted on at the same time.</param>
/// <param name="mayAct">Asked before each action.</param>
/// <param name="events">Whom buckets tell of what is done; null: nobody is told.</param>
internal sealed class LifecycleActions(IMetadataShard metadata, NodeEnvironment environment, int concurrencyMax, Func<bool> mayAct, EventRules? events)
{
    // A move and what follows it, and tags that change meanwhile.
    private const int AttemptsMax = 4;

    private LifecycleCounts _counts = new();

    // Not that of the page: what is written now is dated by it, and how long versions below have been noncurrent.
    private DateTime NowUtc => Timestamps.WholeMilliseconds(environment.Clock.UtcNow);

    /// <summary>What was done. Any thread.</summary>
    internal LifecycleCounts Counts => Volatile.Read(ref _counts);

    /// <summary>Acts on some keys at a time, on the candidates of one key one after another. What fails leaves the walk incomplete.</summary>
    internal async ValueTask DoAsync(BucketWalk walk, IReadOnlyList<IReadOnlyList<LifecycleCandidate>> due, DateTime nowUtc)
    {
        var waiting = new Queue<IReadOnlyList<LifecycleCandidate>>(due);
        await Task.WhenAll(Enumerable.Range(0, Math.Min(concurrencyMax, due.Count)).Select(_ => DoWaitingAsync(walk, waiting, nowUtc)));
        walk.IsIncomplete |= waiting.Count > 0;
    }

    /// <summary>Adds to what is counted. On the worker's loop.</summary>
    internal void Count(Func<LifecycleCounts, LifecycleCounts> add) => Volatile.Write(ref _counts, add(_counts));

    private async Task DoWaitingAsync(BucketWalk walk, Queue<IReadOnlyList<LifecycleCandidate>> waiting, DateTime nowUtc)
    {
        while (mayAct() && waiting.TryDequeue(out IReadOnlyList<LifecycleCandidate>? key))
        {
            try
            {
                await DoKeyAsync(walk, key, nowUtc);
            }
            catch (Exception failure) when (failure is StorageException or MalformedDataException)
            {
                walk.IsIncomplete = true;
                Count(static counts => counts with { Failures = counts.Failures + 1 });
                environment.Trace.Emit(TraceLevel.Warning, "lifecycle", "action-failed", ("bucket", walk.Bucket.Name), ("key", key[0].Record.Key), ("error", failure.Message));
            }
        }
    }

    private async ValueTask DoKeyAsync(BucketWalk walk, IReadOnlyList<LifecycleCandidate> candidates, DateTime nowUtc)
    {
        foreach (LifecycleCandidate candidate in candidates)
        {
            if (!mayAct())
            {
                walk.IsIncomplete = true;
                return;
            }

            await (candidate.Upload is { } upload ? AbortAsync(walk, upload) : DoVersionAsync(walk, candidate, nowUtc));
        }
    }

    private async Task AbortAsync(BucketWalk walk, UploadRecord upload)
    {
        var grounds = new LifecycleGrounds(walk.RulesDigest, upload.InitiatedUtc);
        await ExecuteAsync(new ApplyLifecycleCommand(walk.Bucket.Name, upload.Template.Key, LifecycleAction.AbortUpload, grounds)
        {
            NowUtc = NowUtc,
            UploadId = upload.UploadId,
        });
    }

    private async Task DoVersionAsync(BucketWalk walk, LifecycleCandidate candidate, DateTime nowUtc)
    {
        ObjectRecord record = candidate.Record;
        bool needsTags = walk.Rules.UsesTags && !record.IsDeleteMarker;
        bool hasMoved = false;
        for (int attempt = 0; attempt < AttemptsMax; attempt++)
        {
            if (needsTags)
            {
                QueryResult found = await metadata.QueryAsync(new GetObjectQuery(walk.Bucket.Name, record.Key, record.Version));
                if (found.Object is not { IsDeleteMarker: false } whole || whole.ModifiedUtc != record.ModifiedUtc)
                {
                    return;
                }

                record = whole;
            }

            if (walk.Evaluator.Decide(walk.Bucket.Versioning, record, candidate.Place, knowsTags: true, nowUtc) is not { } decision
                || (hasMoved && decision.Action == LifecycleAction.Transition))
            {
                return;
            }

            var grounds = new LifecycleGrounds(walk.RulesDigest, record.ModifiedUtc)
            {
                StorageClass = record.StorageClass,
                Tags = needsTags ? record.Tags : null,
                Successor = candidate.Place.Successor,
                NewerNoncurrentMin = decision.NewerNoncurrentMin,
            };
            MetadataError error = await ExecuteAsync(new ApplyLifecycleCommand(walk.Bucket.Name, record.Key, decision.Action, grounds)
            {
                NowUtc = NowUtc,
                Version = record.Version,
                StorageClass = decision.StorageClass,
                Events = events?.DraftOf(walk.Shown, record.Key, NextId, EventKind.ExpiredForGood, EventKind.ExpiredByMarker, EventKind.Transitioned),
            });

            // A delete marker may follow a move; another move waits for the next midnight. And where tags changed just now, another rule may ask for something.
            bool mayHaveMore = error switch
            {
                MetadataError.None => decision.Action == LifecycleAction.Transition,
                MetadataError.PreconditionFailed => needsTags,
                _ => false,
            };
            if (!mayHaveMore)
            {
                return;
            }

            if (error == MetadataError.None)
            {
                (record, hasMoved) = (record with { StorageClass = decision.StorageClass }, true);
            }
        }
    }

    private string NextId() => RequestIds.Next(environment.Entropy);

    private async Task<MetadataError> ExecuteAsync(ApplyLifecycleCommand command)
    {
        CommandResult result = await metadata.ExecuteAsync(command);
        bool isDone = result.Error == MetadataError.None;
        Count(counts => isDone ? counts.With(command.Action) : counts with { Refused = counts.Refused + 1 });
        return result.Error;
    }
}
