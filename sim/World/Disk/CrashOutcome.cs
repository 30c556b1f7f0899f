using System.Collections.Generic;

namespace ObjectStore.Sim.World;

/// <summary>Decides what one crash keeps.</summary>
internal sealed class CrashOutcome
{
    private readonly IChoices _choices;
    private readonly CrashStyle _style;
    private readonly long _pivot;

    internal CrashOutcome(IChoices choices, CrashStyle style, List<long> sequences)
    {
        (_choices, _style) = (choices, style);
        if (style is CrashStyle.KeepOldest or CrashStyle.LoseOne or CrashStyle.KeepOne && sequences.Count > 0)
        {
            _pivot = sequences[choices.Next(sequences.Count, "crash.pivot")];
        }
    }

    internal bool Keeps(long sequence) => _style switch
    {
        CrashStyle.LoseAll => false,
        CrashStyle.KeepAll => true,
        CrashStyle.KeepOldest => sequence < _pivot,
        CrashStyle.LoseOne => sequence != _pivot,
        CrashStyle.KeepOne => sequence == _pivot,
        _ => _choices.Next(2, "crash.keep") == 1,
    };

    internal SectorImage ImageOf(SimInode inode)
    {
        SectorImage image = inode.Durable.Clone();
        List<Change> changes = Changes(inode);
        int lengthsKept = LengthsKept(changes);
        SortedDictionary<long, long> keptVersions = VersionsKept(changes);
        foreach (Change change in changes)
        {
            if (change.Content is null ? lengthsKept-- > 0 : keptVersions.GetValueOrDefault(change.SectorOrLength, -1) == change.Sequence)
            {
                change.ApplyTo(image);
            }
        }

        image.Trim();
        return image;
    }

    /// <summary>The pending changes and, after them, what the writes in flight would change.</summary>
    private static List<Change> Changes(SimInode inode)
    {
        var changes = new List<Change>(inode.Pending);
        int size = inode.SectorSizeBytes;
        long length = inode.Newest.LengthBytes;
        foreach (WriteInFlight write in inode.InFlight)
        {
            if (write.Data.Length == 0)
            {
                continue;
            }

            long end = write.Offset + write.Data.Length;
            if (end > length)
            {
                changes.Add(new Change(write.Sequence, length = end, Content: null));
            }

            for (long sector = write.Offset / size; sector <= (end - 1) / size; sector++)
            {
                changes.Add(new Change(write.Sequence, sector, inode.Newest.Overlay(sector, write.Offset, write.Data)));
            }
        }

        return changes;
    }

    /// <summary>Lengths change in order: a journal keeps a prefix.</summary>
    private int LengthsKept(List<Change> changes)
    {
        int count = 0;
        int kept = 0;
        bool all = true;
        foreach (Change change in changes)
        {
            if (change.Content is null)
            {
                count++;
                if (_style != CrashStyle.Each && all)
                {
                    all = Keeps(change.Sequence);
                    kept += all ? 1 : 0;
                }
            }
        }

        return _style == CrashStyle.Each && count > 0 ? _choices.Next(count + 1, "crash.length") : kept;
    }

    /// <summary>For each sector that some version of is kept, the sequence of that version.</summary>
    private SortedDictionary<long, long> VersionsKept(List<Change> changes)
    {
        var versions = new SortedDictionary<long, List<long>>();
        foreach (Change change in changes)
        {
            if (change.Content is not null)
            {
                if (!versions.TryGetValue(change.SectorOrLength, out List<long>? known))
                {
                    versions[change.SectorOrLength] = known = [];
                }

                known.Add(change.Sequence);
            }
        }

        var kept = new SortedDictionary<long, long>();
        foreach ((long sector, List<long> known) in versions)
        {
            if (_style == CrashStyle.Each)
            {
                int choice = _choices.Next(known.Count + 1, "crash.sector");
                if (choice > 0)
                {
                    kept[sector] = known[choice - 1];
                }

                continue;
            }

            foreach (long version in known)
            {
                if (Keeps(version))
                {
                    kept[sector] = version;
                }
            }
        }

        return kept;
    }
}
