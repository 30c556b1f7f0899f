using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>Does what is due, and counts it.</summary>
internal sealed class LifecycleActions(IMetadataShard metadata, int concurrencyMax)
{
    // A move and what follows it, and tags that change meanwhile.
    private const int AttemptsMax = 4;

    private LifecycleCounts _counts = new();

    /// <summary>What was done. Any thread.</summary>
    internal LifecycleCounts Counts => Volatile.Read(ref _counts);

    /// <summary>Acts on some keys at a time, on the candidates of one key one after another.</summary>
    /// <exception cref="Storage.StorageException">Some of it may not be done.</exception>
    internal async ValueTask DoAsync(BucketWalk walk, IReadOnlyList<IReadOnlyList<LifecycleCandidate>> due, DateTime nowUtc)
    {
        foreach (IReadOnlyList<LifecycleCandidate>[] keys in due.Chunk(concurrencyMax))
        {
            await Task.WhenAll(keys.Select(key => DoKeyAsync(walk, key, nowUtc)));
        }
    }

    /// <summary>Adds to what is counted. On the worker's loop.</summary>
    internal void Count(Func<LifecycleCounts, LifecycleCounts> add) => Volatile.Write(ref _counts, add(_counts));

    private async Task DoKeyAsync(BucketWalk walk, IReadOnlyList<LifecycleCandidate> candidates, DateTime nowUtc)
    {
        foreach (LifecycleCandidate candidate in candidates)
        {
            await (candidate.Upload is { } upload ? AbortAsync(walk, upload, nowUtc) : DoVersionAsync(walk, candidate, nowUtc));
        }
    }

    private async Task AbortAsync(BucketWalk walk, UploadRecord upload, DateTime nowUtc)
    {
        var grounds = new LifecycleGrounds(walk.RulesDigest, upload.InitiatedUtc);
        await ExecuteAsync(new ApplyLifecycleCommand(walk.Bucket.Name, upload.Template.Key, LifecycleAction.AbortUpload, grounds)
        {
            NowUtc = nowUtc,
            UploadId = upload.UploadId,
        });
    }

    private async Task DoVersionAsync(BucketWalk walk, LifecycleCandidate candidate, DateTime nowUtc)
    {
        ObjectRecord record = candidate.Record;
        bool needsTags = walk.Rules.UsesTags && !record.IsDeleteMarker;
        for (int attempt = 0; attempt < AttemptsMax; attempt++)
        {
            if (needsTags)
            {
                QueryResult found = await metadata.QueryAsync(new GetObjectQuery(walk.Bucket.Name, record.Key, record.Version));
                if (found.Object is not { IsDeleteMarker: false } whole)
                {
                    return;
                }

                record = whole;
            }

            if (walk.Evaluator.Decide(walk.Bucket.Versioning, record, candidate.Place, knowsTags: true, nowUtc) is not { } decision)
            {
                return;
            }

            var grounds = new LifecycleGrounds(walk.RulesDigest, record.ModifiedUtc)
            {
                Tags = needsTags ? record.Tags : null,
                IsNoncurrent = candidate.Place.NoncurrentSinceUtc is not null,
                NewerNoncurrentMin = decision.NewerNoncurrentMin,
            };
            bool isDone = await ExecuteAsync(new ApplyLifecycleCommand(walk.Bucket.Name, record.Key, decision.Action, grounds)
            {
                NowUtc = nowUtc,
                Version = record.Version,
                StorageClass = decision.StorageClass,
            });

            // A delete marker may follow a move. And where tags changed just now, another rule may ask for something.
            bool mayHaveMore = isDone ? decision.Action == LifecycleAction.Transition : needsTags;
            if (!mayHaveMore)
            {
                return;
            }

            record = isDone ? record with { StorageClass = decision.StorageClass } : record;
        }
    }

    private async Task<bool> ExecuteAsync(ApplyLifecycleCommand command)
    {
        CommandResult result = await metadata.ExecuteAsync(command);
        bool isDone = result.Error == MetadataError.None;
        Count(counts => isDone ? counts.With(command.Action) : counts with { Refused = counts.Refused + 1 });
        return isDone;
    }
}
