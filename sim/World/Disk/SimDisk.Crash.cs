using System;
using System.Collections.Generic;
using ObjectStore.Sim.Trace;

namespace ObjectStore.Sim.World;

/// <summary>What a crash keeps of the changes that no sync made durable.</summary>
public enum CrashStyle
{
    /// <summary>One of the others, drawn.</summary>
    Drawn,

    /// <summary>Nothing.</summary>
    LoseAll,

    /// <summary>Everything, writes in flight included.</summary>
    KeepAll,

    /// <summary>The oldest changes up to some moment.</summary>
    KeepOldest,

    /// <summary>All but one.</summary>
    LoseOne,

    /// <summary>One alone.</summary>
    KeepOne,

    /// <summary>Each sector and name is decided for itself: every legal outcome can come of it.</summary>
    Each,
}

/// <content>Crashes.</content>
public sealed partial class SimDisk
{
    /// <summary>The disk as it is found after a power loss now. This one is not changed and should not be used any more.</summary>
    public SimDisk Crash(IChoices choices, CrashStyle style = CrashStyle.Drawn)
    {
        ArgumentNullException.ThrowIfNull(choices);
        if (style == CrashStyle.Drawn)
        {
            style = (CrashStyle)choices.Between((int)CrashStyle.LoseAll, (int)CrashStyle.Each, "crash.style");
        }

        var crash = new CrashOutcome(choices, style, Sequences());
        var names = new SortedDictionary<string, SimInode>(_durableNames, StringComparer.Ordinal);
        foreach (DirectoryChange change in _pendingNames)
        {
            if (crash.Keeps(change.Sequence))
            {
                change.ApplyTo(names);
            }
        }

        var after = new SimDisk(_world, Options, Name) { Faults = Faults };
        var copies = new Dictionary<int, SimInode>();
        foreach ((string name, SimInode inode) in names)
        {
            if (!copies.TryGetValue(inode.Id, out SimInode? copy))
            {
                copy = SimInode.OfImage(after._inodeCount++, SectorSizeBytes, crash.ImageOf(inode));
                copy.BadSectors.UnionWith(inode.BadSectors);
                copies[inode.Id] = copy;
                after.Use(Rounded(copy.Newest.LengthBytes));
            }

            copy.NameCount++;
            after._names[name] = copy;
            after._durableNames[name] = copy;
        }

        return after;
    }

    /// <summary>Every disk that a power loss now may leave behind; some may be equal. For small numbers of pending changes.</summary>
    /// <param name="countMax">Stops after so many.</param>
    public IEnumerable<SimDisk> EveryCrash(int countMax = int.MaxValue)
    {
        var all = new ExhaustiveChoices();
        for (int count = 0; count < countMax && all.NextRound(); count++)
        {
            yield return Crash(all, CrashStyle.Each);
        }
    }

    /// <summary>A hash of all names and newest bytes.</summary>
    public ulong ContentHash()
    {
        var hash = default(TraceHash);
        foreach ((string name, SimInode inode) in _names)
        {
            hash.Add(name);
            inode.Newest.AddTo(ref hash);
        }

        return hash.Value;
    }

    private List<long> Sequences()
    {
        var sequences = new List<long>();
        foreach (DirectoryChange change in _pendingNames)
        {
            sequences.Add(change.Sequence);
        }

        foreach (SimInode inode in Inodes())
        {
            foreach (Change change in inode.Pending)
            {
                sequences.Add(change.Sequence);
            }

            foreach (WriteInFlight write in inode.InFlight)
            {
                sequences.Add(write.Sequence);
            }
        }

        sequences.Sort();
        return sequences;
    }
}
