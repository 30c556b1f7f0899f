using System;
using System.Collections.Generic;
using System.Linq;
using ObjectStore.Engine.Metadata;
using ObjectStore.Sim.World;
using static ObjectStore.Sim.Cli.Simulation.Lifecycle.Moments;

namespace ObjectStore.Sim.Cli.Simulation.Lifecycle;

/// <summary>What a client knows of a version that it wrote, or of a delete marker.</summary>
internal sealed class KnownVersion
{
    internal required string Key { get; init; }

    /// <summary>Unique, of an object. Of a marker its version id.</summary>
    internal required string Name { get; init; }

    internal bool IsMarker { get; init; }

    /// <summary>Under legal hold.</summary>
    internal bool IsHeld { get; init; }

    internal VersionId Version { get; set; }

    internal DateTime ModifiedUtc { get; set; }

    /// <summary>When it was surely written; the end of time when that is not known.</summary>
    internal DateTime AckedUtc { get; set; }

    /// <summary>It was surely there then.</summary>
    internal DateTime SeenUtc { get; set; }

    /// <summary>The first version above it was written then; and that was surely so.</summary>
    internal DateTime? NoncurrentSinceUtc { get; set; }

    internal DateTime SurelyNoncurrentUtc { get; set; } = DateTime.MaxValue;

    /// <summary>The version just above it, as it was seen last; and since when it has certainly been that one.</summary>
    internal KnownVersion? Above { get; set; }

    internal DateTime AboveSinceUtc { get; set; }

    /// <summary>It was certainly current then, so what makes it noncurrent comes later.</summary>
    internal DateTime SeenCurrentUtc { get; set; } = DateTime.MinValue;

    /// <summary>Versions that were written above it.</summary>
    internal int NewerCount { get; set; }

    /// <summary>The client deleted it, or may have.</summary>
    internal bool MayBeDeleted { get; set; }

    internal bool IsGone { get; set; }

    internal bool IsMoved { get; set; }

    /// <summary>Values of its tag.</summary>
    internal TimedValue<string> Tag { get; } = new();

    /// <summary>Until when it is restored, as the client asked.</summary>
    internal TimedValue<DateTime> Restored { get; } = new();

    public override string ToString() => $"{(IsMarker ? "marker" : "version")} {Name} of {Key}, written {ModifiedUtc:O}";
}

/// <summary>An upload that a client began.</summary>
internal sealed record KnownUpload(string Key, string Id, DateTime InitiatedUtc, DateTime AckedUtc)
{
    internal DateTime SeenUtc { get; set; }

    internal bool IsGone { get; set; }
}

/// <summary>
/// Holds what is there against what rules ask for, by a reading of its own: nothing goes, moves or is hidden but by a rule that was in force when it was due; and what has been due for a while with
/// nothing in the way is done.
/// </summary>
/// <param name="day">Length of a day.</param>
/// <param name="grace">Time after a midnight in which a walk must have come to its end.</param>
/// <param name="isVersioned">Of the bucket.</param>
/// <param name="bucketOwner">Who owns markers of the engine's own.</param>
internal sealed class LifecycleOracle(TimeSpan day, TimeSpan grace, bool isVersioned, string bucketOwner)
{
    private readonly List<KnownVersion> _versions = [];
    private readonly List<KnownUpload> _uploads = [];

    // By key: the version that is current, since when that is certain, and since when there is certainly no other.
    private readonly Dictionary<string, (KnownVersion Version, DateTime SinceUtc, DateTime AloneSinceUtc)> _current = new(StringComparer.Ordinal);
    private DateTime _comparedUtc = DateTime.MinValue;

    /// <summary>Rules that were set.</summary>
    internal TimedValue<IReadOnlyList<SimRule>> Rules { get; } = new();

    /// <summary>Versions that are still there, as far as is known.</summary>
    internal IEnumerable<KnownVersion> Present => _versions.Where(static version => !version.IsGone);

    /// <summary>Nothing was in the way of walks since then.</summary>
    internal DateTime CalmSinceUtc { get; set; }

    /// <summary>How often something was seen to be done by a rule.</summary>
    internal int DoneCount { get; private set; }

    internal void Wrote(KnownVersion version)
    {
        foreach (KnownVersion older in _versions.Where(older => older.Key == version.Key && older.Version.Value <= version.Version.Value))
        {
            older.NewerCount++;
            older.NoncurrentSinceUtc ??= version.ModifiedUtc;
            older.SurelyNoncurrentUtc = Earlier(older.SurelyNoncurrentUtc, version.AckedUtc);
            older.MayBeDeleted |= !isVersioned;
        }

        // A marker of the engine's own is known later than what was written above it.
        foreach (KnownVersion newer in _versions.Where(newer => newer.Key == version.Key && newer.Version.Value > version.Version.Value))
        {
            version.NewerCount++;
            version.NoncurrentSinceUtc = Earlier(version.NoncurrentSinceUtc ?? DateTime.MaxValue, newer.ModifiedUtc);
            version.SurelyNoncurrentUtc = Earlier(version.SurelyNoncurrentUtc, newer.AckedUtc);
        }

        // Even if it goes before anybody looks, it was current meanwhile.
        _current.Remove(version.Key);
        _versions.Add(version);
    }

    /// <summary>The version of a name; null when there is none.</summary>
    internal KnownVersion? Find(string name) => _versions.Find(version => version.Name == name);

    /// <summary>A version was found to be the current one.</summary>
    internal void FoundCurrent(string name, DateTime askedUtc)
    {
        if (Find(name) is { } found)
        {
            found.SeenCurrentUtc = askedUtc;
        }
    }

    internal void Began(KnownUpload upload) => _uploads.Add(upload);

    /// <summary>Compares what is there.</summary>
    /// <param name="askedUtc">When it was asked for.</param>
    /// <param name="versions">All versions, in the order of listings.</param>
    /// <param name="uploads">All uploads in progress.</param>
    /// <param name="answeredUtc">When the answer came.</param>
    /// <exception cref="PromiseBrokenException"><c>lifecycle</c>.</exception>
    internal void Compare(DateTime askedUtc, IReadOnlyList<VersionEntry> versions, IReadOnlyList<UploadRecord> uploads, DateTime answeredUtc)
    {
        var seen = new HashSet<KnownVersion>();
        foreach (IGrouping<string, VersionEntry> ofKey in versions.GroupBy(static entry => entry.Object.Key))
        {
            // Oldest first, so that the version below a marker is known when the marker is looked at.
            List<KnownVersion> known = [.. ofKey.Reverse().Select(entry => Recognize(entry.Object, askedUtc, answeredUtc))];
            known.Reverse();
            NotePlaces(ofKey.Key, known, answeredUtc);
            for (int above = 0; above < known.Count; above++)
            {
                CheckMoved(known[above], ofKey.ElementAt(above).Object.StorageClass, answeredUtc);
                CheckRestored(known[above], ofKey.ElementAt(above).Object.RestoredUntilUtc, askedUtc, answeredUtc);
                known[above].SeenUtc = askedUtc;
                seen.Add(known[above]);
                NoteAbove(known[above], above == 0 ? null : known[above - 1], askedUtc, answeredUtc);
                CheckOverdue(known, above, askedUtc);
            }
        }

        foreach (KnownVersion missing in Present.Where(version => !seen.Contains(version) && version.AckedUtc <= askedUtc).ToArray())
        {
            CheckGone(missing, seen, answeredUtc);
        }

        CompareUploads(askedUtc, uploads, answeredUtc);
        _comparedUtc = askedUtc;
    }

    private KnownVersion Recognize(ObjectRecord found, DateTime askedUtc, DateTime answeredUtc)
    {
        string name = found.IsDeleteMarker ? MarkerName(found.Version) : found.ETag;
        KnownVersion? known = _versions.Find(version => version.Key == found.Key && version.Name == name);
        if (known is null && found.IsDeleteMarker)
        {
            return NewMarker(found, askedUtc, answeredUtc);
        }

        if (known is null || known.IsGone)
        {
            throw Broken($"{name} of {found.Key} is there, and nobody wrote it, or it was gone");
        }

        // One whose write was not answered is known from here on.
        (known.Version, known.ModifiedUtc, known.AckedUtc) = (found.Version, found.ModifiedUtc, Earlier(known.AckedUtc, askedUtc));
        return known;
    }

    internal static string MarkerName(VersionId version) => $"marker-{version.Value}";

    private KnownVersion NewMarker(ObjectRecord found, DateTime askedUtc, DateTime answeredUtc)
    {
        var marker = new KnownVersion
        {
            Key = found.Key,
            Name = MarkerName(found.Version),
            IsMarker = true,
            Version = found.Version,
            ModifiedUtc = found.ModifiedUtc,
            AckedUtc = askedUtc,
        };
        if (found.OwnerId == bucketOwner)
        {
            // Those that the client deleted meanwhile may have been there still.
            KnownVersion[] below = [.. Present.Where(version => version.Key == found.Key && version.Version.Value < found.Version.Value).OrderByDescending(static version => version.Version.Value)];
            int deleted = below.TakeWhile(static version => version.MayBeDeleted).Count();
            bool isDue = below.Take(deleted + 1).Any(hidden =>
                !hidden.IsMarker && MayBeDue(hidden, static rule => rule.ExpireDays, hidden.ModifiedUtc, _comparedUtc, answeredUtc));
            if (!isDue)
            {
                throw Broken($"a marker was put on top of {(object?)below.FirstOrDefault() ?? "nothing"} at {found.ModifiedUtc:O}, and no rule in force asked for that");
            }

            DoneCount++;
        }

        Wrote(marker);
        return marker;
    }

    private void CheckMoved(KnownVersion version, string storageClass, DateTime answeredUtc)
    {
        if (version.IsMoved == (storageClass.Length > 0))
        {
            return;
        }

        bool mayMove = !version.IsMoved && storageClass == SimRule.MovedClass
            && MayBeDue(version, static rule => rule.MoveDays, version.ModifiedUtc, version.SeenUtc, Earlier(answeredUtc, LastCurrentUtc(version)));
        if (!mayMove)
        {
            throw Broken($"{version} is of class '{storageClass}', and no rule in force asked for that");
        }

        version.IsMoved = true;
        DoneCount++;
    }

    private static void CheckRestored(KnownVersion version, DateTime? untilUtc, DateTime askedUtc, DateTime answeredUtc)
    {
        bool fits = untilUtc is { } until
            ? version.Restored.Periods.Any(period => period.Value == until && period.SentUtc <= answeredUtc && askedUtc <= period.EndAckedUtc)
            : !version.Restored.Periods.Any(period => period.AckedUtc <= askedUtc);
        if (!fits)
        {
            throw Broken($"{version} is restored until {untilUtc?.ToString("O") ?? "no time"}, and that is not what was asked for");
        }
    }

    /// <summary>When a version may have become noncurrent first: by what was written above it, or by a marker of the engine's own that nobody saw.</summary>
    private DateTime? NoncurrentSinceUtc(KnownVersion version)
    {
        DateTime? since = version.NoncurrentSinceUtc;
        if (!version.IsMarker)
        {
            foreach (Period<IReadOnlyList<SimRule>> rules in Rules.Periods)
            {
                foreach (SimRule rule in rules.Value.Where(rule => Applies(rule, version.Key, static rule => rule.ExpireDays)))
                {
                    DateTime hiddenUtc = Later(rules.SentUtc, DueUtc(version.ModifiedUtc, rule.ExpireDays));
                    since = hiddenUtc <= rules.EndAckedUtc ? Earlier(since ?? DateTime.MaxValue, hiddenUtc) : since;
                }
            }
        }

        // A marker is dated by the walk that puts it there, which may be a little before.
        return since is { } first && version.SeenCurrentUtc > DateTime.MinValue ? Later(first, version.SeenCurrentUtc - (grace / 8)) : since;
    }

    // A version that was hidden may be current again when all above it went.
    private DateTime LastCurrentUtc(KnownVersion version) =>
        _versions.Exists(newer => newer.Key == version.Key && newer.Version.Value > version.Version.Value && (newer.IsGone || newer.MayBeDeleted))
            ? DateTime.MaxValue
            : version.SurelyNoncurrentUtc;

    private void CheckGone(KnownVersion missing, HashSet<KnownVersion> seen, DateTime answeredUtc)
    {
        missing.IsGone = true;
        if (missing.MayBeDeleted && !missing.IsHeld)
        {
            return;
        }

        bool isAlone = !seen.Any(version => version.Key == missing.Key && version.Version.Value < missing.Version.Value);
        bool mayGo = (!isVersioned && MayBeDue(missing, static rule => rule.ExpireDays, missing.ModifiedUtc, missing.SeenUtc, answeredUtc))
            || (NoncurrentSinceUtc(missing) is { } since
                && MayBeDue(missing, rule => Math.Max(0, missing.NewerCount - 1) >= rule.KeptNewer ? rule.NoncurrentDays : 0, since, missing.SeenUtc, answeredUtc))
            || (missing.IsMarker && isAlone && MayBeDue(missing, MarkerDays, missing.ModifiedUtc, missing.SeenUtc, answeredUtc));
        if (missing.IsHeld || !mayGo)
        {
            throw Broken($"{missing} is gone, and no rule in force asked for that");
        }

        DoneCount++;
    }

    private void CheckOverdue(List<KnownVersion> ofKey, int above, DateTime askedUtc)
    {
        KnownVersion version = ofKey[above];
        bool isAlone = ofKey.Count == 1;
        string? overdue = (version.IsMarker, above) switch
        {
            (true, 0) when isAlone && IsOverdue(version, MarkerDays, version.ModifiedUtc, _current[version.Key].AloneSinceUtc, askedUtc) =>
                "hides nothing any more",
            (false, 0) when IsOverdue(version, static rule => rule.ExpireDays, version.ModifiedUtc, _current[version.Key].SinceUtc, askedUtc) => "should have expired",
            (false, 0) when !version.IsMoved && IsOverdue(version, static rule => rule.MoveDays, version.ModifiedUtc, _current[version.Key].SinceUtc, askedUtc) => "should have moved",
            (_, > 0) when !version.IsHeld && IsOverdue(
                version, rule => above - 1 >= rule.KeptNewer ? rule.NoncurrentDays : 0, ofKey[above - 1].ModifiedUtc,
                Later(version.AboveSinceUtc, ofKey.Take(above).Max(static newer => newer.AckedUtc)), askedUtc) =>
                "should have gone",
            _ => null,
        };
        if (overdue is not null)
        {
            throw Broken($"{version} {overdue} by {askedUtc:O}");
        }
    }

    private void CompareUploads(DateTime askedUtc, IReadOnlyList<UploadRecord> uploads, DateTime answeredUtc)
    {
        foreach (KnownUpload upload in _uploads.Where(static upload => !upload.IsGone))
        {
            if (uploads.Any(found => found.UploadId == upload.Id))
            {
                upload.SeenUtc = askedUtc;
                if (IsOverdue(upload.Key, null, static rule => rule.AbortDays, upload.InitiatedUtc, upload.AckedUtc, askedUtc))
                {
                    throw Broken($"upload {upload.Id} of {upload.Key} should have been aborted by {askedUtc:O}");
                }
            }
            else if (upload.AckedUtc <= askedUtc)
            {
                upload.IsGone = true;
                if (!MayBeDue(upload.Key, null, static rule => rule.AbortDays, upload.InitiatedUtc, upload.SeenUtc, answeredUtc))
                {
                    throw Broken($"upload {upload.Id} of {upload.Key} is gone, and no rule in force asked for that");
                }

                DoneCount++;
            }
        }
    }

    // A marker has no size, and rules that move ask for one.
    private static int MarkerDays(SimRule rule) => rule.RemovesLonelyMarkers ? -1 : rule.MoveDays > 0 ? 0 : rule.ExpireDays;

    private static void NoteAbove(KnownVersion version, KnownVersion? above, DateTime askedUtc, DateTime answeredUtc)
    {
        if (above is null)
        {
            version.SeenCurrentUtc = askedUtc;
        }

        if (version.Above != above)
        {
            (version.Above, version.AboveSinceUtc) = (above, answeredUtc);
        }
    }

    private void NotePlaces(string key, List<KnownVersion> known, DateTime answeredUtc)
    {
        if (!_current.TryGetValue(key, out (KnownVersion Version, DateTime SinceUtc, DateTime AloneSinceUtc) current) || current.Version != known[0])
        {
            current = (known[0], answeredUtc, DateTime.MaxValue);
        }

        _current[key] = current with { AloneSinceUtc = known.Count > 1 ? DateTime.MaxValue : Earlier(current.AloneSinceUtc, answeredUtc) };
    }

    private bool MayBeDue(KnownVersion version, Func<SimRule, int> days, DateTime fromUtc, DateTime afterUtc, DateTime beforeUtc) =>
        MayBeDue(version.Key, version, days, fromUtc, afterUtc, beforeUtc);

    /// <summary>Whether there was a moment at which a rule was in force, what it asks for was so, and it was due.</summary>
    private bool MayBeDue(string key, KnownVersion? version, Func<SimRule, int> days, DateTime fromUtc, DateTime afterUtc, DateTime beforeUtc) =>
        Rules.Periods.Any(rules => rules.Value.Any(rule => Applies(rule, key, days) && TagsOf(rule, version).Any(tag =>
            Later(Later(rules.SentUtc, tag.SentUtc), Later(DueUtc(fromUtc, days(rule)), afterUtc)) <= Earlier(Earlier(rules.EndAckedUtc, tag.EndAckedUtc), beforeUtc))));

    private bool IsOverdue(KnownVersion version, Func<SimRule, int> days, DateTime fromUtc, DateTime sinceUtc, DateTime askedUtc) =>
        IsOverdue(version.Key, version, days, fromUtc, sinceUtc, askedUtc);

    /// <summary>Whether a midnight has passed at which all of this was so, and a while after it, with nothing in the way.</summary>
    private bool IsOverdue(string key, KnownVersion? version, Func<SimRule, int> days, DateTime fromUtc, DateTime sinceUtc, DateTime askedUtc) =>
        Rules.Periods.Any(rules => rules.Value.Any(rule => Applies(rule, key, days) && TagsOf(rule, version).Any(tag =>
        {
            DateTime sure = Later(Later(rules.AckedUtc, tag.AckedUtc), Later(Later(DueUtc(fromUtc, days(rule)), sinceUtc), CalmSinceUtc));
            return sure < DateTime.MaxValue - day - grace
                && Midnight(sure) + grace <= Earlier(Earlier(rules.EndSentUtc, tag.EndSentUtc), askedUtc);
        })));

    private static bool Applies(SimRule rule, string key, Func<SimRule, int> days) => days(rule) != 0 && key.StartsWith(rule.Prefix, StringComparison.Ordinal);

    /// <summary>When a version has what a rule asks for; always when it asks for nothing.</summary>
    private static IEnumerable<Period<string>> TagsOf(SimRule rule, KnownVersion? version) =>
        rule.Tag.Length == 0
            ? [new Period<string>("", DateTime.MinValue, DateTime.MinValue, DateTime.MaxValue, DateTime.MaxValue)]
            : version?.Tag.Periods.Where(period => period.Value == rule.Tag) ?? [];

    /// <summary>The midnight after so many days; at once for a negative number.</summary>
    private DateTime DueUtc(DateTime fromUtc, int days) => days < 0 ? fromUtc : Midnight(fromUtc + (days * day) + TimeSpan.FromTicks(1));

    /// <summary>The first midnight that is not before a moment.</summary>
    private DateTime Midnight(DateTime utc) => new((utc.Ticks + day.Ticks - 1) / day.Ticks * day.Ticks, DateTimeKind.Utc);

    private static PromiseBrokenException Broken(string message) => new("lifecycle", message);
}
