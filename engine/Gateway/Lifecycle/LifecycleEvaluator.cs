using System;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>What the rules of a bucket ask for: a function of the rules, a version and the time.</summary>
/// <remarks>
/// Permanent deletion wins over a move, and a move over a delete marker, which then follows at once: whoever acts asks again after a move. Of expirations the first one counts. Of moves that are due
/// an archive wins, then Intelligent-Tiering, then the one that is due last, then the cheaper class.
/// Source: Amazon S3 User Guide, "How Amazon S3 handles conflicts in lifecycle configurations" and "Expiring objects".
/// </remarks>
/// <param name="configuration">The rules.</param>
/// <param name="calendar">Days.</param>
/// <param name="archivesSmallObjects">Archives take objects of any size (<c>varies_by_storage_class</c>).</param>
internal sealed class LifecycleEvaluator(LifecycleConfiguration configuration, LifecycleCalendar calendar, bool archivesSmallObjects)
{
    /// <summary>Smaller objects are not moved, unless the rule names a size.</summary>
    internal const long MovedBytesMin = 128 * 1024;

    /// <summary>By the rules of a bucket.</summary>
    internal static LifecycleEvaluator For(BucketRecord bucket, LifecycleConfiguration configuration, LifecycleCalendar calendar)
    {
        bool varies = bucket.TryGetDocument(BucketDocuments.LifecycleSizeMin, out ReadOnlyMemory<byte> kept) && kept.Span.SequenceEqual("varies_by_storage_class"u8);
        return new LifecycleEvaluator(configuration, calendar, varies);
    }

    /// <summary>What is to be done with a version now; null for nothing.</summary>
    /// <param name="versioning">Of the bucket.</param>
    /// <param name="record">The version; its tags may be left out.</param>
    /// <param name="place">Where it lies.</param>
    /// <param name="knowsTags">The record has its tags. Otherwise a rule that asks for tags is taken to match, and the caller asks again with them.</param>
    /// <param name="nowUtc">The time.</param>
    internal LifecycleDecision? Decide(VersioningState versioning, ObjectRecord record, VersionPlace place, bool knowsTags, DateTime nowUtc)
    {
        if (place.Successor is { } successor)
        {
            // A multipart object is dated by the start of its upload, which may be before the version that it hides.
            DateTime sinceUtc = successor.ModifiedUtc > record.ModifiedUtc ? successor.ModifiedUtc : record.ModifiedUtc;
            return DecideNoncurrent(record, place, sinceUtc, knowsTags, nowUtc);
        }

        if (record.IsDeleteMarker)
        {
            return place.IsAlone ? DecideMarker(record, knowsTags, nowUtc) : null;
        }

        LifecycleDecision? expires = FindExpiration(record, knowsTags) is { } due && due.AtUtc <= nowUtc
            ? new LifecycleDecision(LifecycleAction.Expire, due.RuleId)
            : null;
        bool isFinal = versioning == VersioningState.Off;
        return expires is not null && isFinal ? expires : DecideMove(record, knowsTags, nowUtc) ?? expires;
    }

    /// <summary>When a current version expires; null when no rule says so.</summary>
    /// <param name="record">The version.</param>
    /// <param name="knowsTags">As for <see cref="Decide"/>.</param>
    internal LifecycleDue? FindExpiration(ObjectRecord record, bool knowsTags = true)
    {
        LifecycleDue? first = null;
        foreach (LifecycleRule rule in configuration.Rules)
        {
            if (rule.Expiration is { } expiration && Matches(rule, record, knowsTags) && DueUtc(expiration, record.ModifiedUtc) is var atUtc && !(atUtc >= first?.AtUtc))
            {
                first = new LifecycleDue(atUtc, rule.Id);
            }
        }

        return first;
    }

    /// <summary>When an upload in progress is aborted; null when no rule says so.</summary>
    internal LifecycleDue? FindAbort(string key, DateTime initiatedUtc)
    {
        LifecycleDue? first = null;
        foreach (LifecycleRule rule in configuration.Rules)
        {
            if (rule.AbortUploadsAfterDays is { } days && rule.Filter.MayMatch(key, 0) && calendar.DueUtc(initiatedUtc, days) is var atUtc && !(atUtc >= first?.AtUtc))
            {
                first = new LifecycleDue(atUtc, rule.Id);
            }
        }

        return first;
    }

    private LifecycleDecision? DecideMarker(ObjectRecord marker, bool knowsTags, DateTime nowUtc)
    {
        foreach (LifecycleRule rule in configuration.Rules)
        {
            if (Matches(rule, marker, knowsTags)
                && (rule.RemovesLonelyMarkers || (rule.Expiration is { } expiration && DueUtc(expiration, marker.ModifiedUtc) <= nowUtc)))
            {
                return new LifecycleDecision(LifecycleAction.RemoveMarker, rule.Id);
            }
        }

        return null;
    }

    private LifecycleDecision? DecideMove(ObjectRecord record, bool knowsTags, DateTime nowUtc)
    {
        var best = new BestMove(record, knowsTags);
        foreach (LifecycleRule rule in configuration.Rules)
        {
            foreach (LifecycleMove move in rule.Moves)
            {
                if (Matches(rule, record, knowsTags) && MayMove(rule, record, move.StorageClass) && DueUtc(move.When, record.ModifiedUtc) is var dueUtc && dueUtc <= nowUtc)
                {
                    best.Offer(rule.Id, move.StorageClass, dueUtc, 0);
                }
            }
        }

        return best.Decision;
    }

    private LifecycleDecision? DecideNoncurrent(ObjectRecord record, VersionPlace place, DateTime sinceUtc, bool knowsTags, DateTime nowUtc)
    {
        LifecycleDecision? goes = null;
        var best = new BestMove(record, knowsTags);
        foreach (LifecycleRule rule in configuration.Rules)
        {
            if (!Matches(rule, record, knowsTags))
            {
                continue;
            }

            // By the rule that keeps fewest, which holds longest should versions above this one go meanwhile.
            if (rule.NoncurrentExpiration is { } expiration && IsDue(expiration) && !(expiration.NewerVersionsKept >= goes?.NewerNoncurrentMin))
            {
                goes = new LifecycleDecision(LifecycleAction.RemoveNoncurrent, rule.Id) { NewerNoncurrentMin = expiration.NewerVersionsKept };
            }

            foreach (NoncurrentAction move in rule.NoncurrentMoves)
            {
                if (!record.IsDeleteMarker && IsDue(move) && MayMove(rule, record, move.StorageClass))
                {
                    best.Offer(rule.Id, move.StorageClass, calendar.DueUtc(sinceUtc, move.Days), move.NewerVersionsKept);
                }
            }
        }

        return goes ?? best.Decision;

        bool IsDue(NoncurrentAction action) =>
            place.NewerNoncurrent >= action.NewerVersionsKept && calendar.DueUtc(sinceUtc, action.Days) <= nowUtc;
    }

    // Delete markers have no size that a rule could ask for.
    private static bool Matches(LifecycleRule rule, ObjectRecord record, bool knowsTags) =>
        !(record.IsDeleteMarker && rule.Filter.HasSize)
        && rule.Filter.MayMatch(record.Key, record.SizeBytes) && (!knowsTags || rule.Filter.HasTags(record.Tags));

    private bool MayMove(LifecycleRule rule, ObjectRecord record, string storageClass) =>
        record.SizeBytes >= MovedBytesMin || rule.Filter.HasSize || (archivesSmallObjects && StorageClasses.IsArchive(storageClass));

    private DateTime DueUtc(LifecycleTime time, DateTime modifiedUtc) => time.DateUtc ?? calendar.DueUtc(modifiedUtc, time.Days);

    /// <summary>The move to make of all that are due.</summary>
    private struct BestMove(ObjectRecord record, bool knowsTags)
    {
        private static readonly string[] Favoured =
            [StorageClasses.DeepArchive, StorageClasses.Glacier, StorageClasses.IntelligentTiering, StorageClasses.GlacierInstant, StorageClasses.OneZoneIa, StorageClasses.StandardIa];

        // How much it is favoured whenever it is due, when it was due, how much it is favoured of those due at that time, by which rule.
        private (int Favour, DateTime DueUtc, int Rank, int Kept) _best;
        private LifecycleDecision? _decision;
        private DateTime? _hereSinceUtc;

        /// <summary>Null when there is none, or when a rule that is no older wants the object where it is, in a class that is favoured.</summary>
        internal readonly LifecycleDecision? Decision =>
            _hereSinceUtc >= _best.DueUtc && FavourOf(record.StorageClass) > _best.Favour ? null : _decision;

        internal void Offer(string ruleId, string storageClass, DateTime dueUtc, int newerNoncurrentMin)
        {
            if (storageClass == record.StorageClass)
            {
                // That speaks against other moves only if the rule is known to be for it.
                _hereSinceUtc = knowsTags && !(dueUtc <= _hereSinceUtc) ? dueUtc : _hereSinceUtc;
                return;
            }

            (int, DateTime, int, int) offered = (FavourOf(storageClass), dueUtc, -Array.IndexOf(Favoured, storageClass), -newerNoncurrentMin);
            if (StorageClasses.CanMove(record.StorageClass, storageClass) && (_decision is null || offered.CompareTo(_best) > 0))
            {
                _best = offered;
                _decision = new LifecycleDecision(LifecycleAction.Transition, ruleId) { StorageClass = storageClass, NewerNoncurrentMin = newerNoncurrentMin };
            }
        }

        // Archives, then Intelligent-Tiering, go before the rest.
        private static int FavourOf(string storageClass) => storageClass switch
        {
            StorageClasses.DeepArchive => 3,
            StorageClasses.Glacier => 2,
            StorageClasses.IntelligentTiering => 1,
            _ => 0,
        };
    }
}
