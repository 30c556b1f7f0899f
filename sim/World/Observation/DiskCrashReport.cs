using System;
using System.Collections.Generic;
using System.Text;

namespace ObjectStore.Sim.World;

/// <summary>What a power loss did to one disk, file by file.</summary>
/// <param name="Disk">Name of the disk.</param>
/// <param name="SectorSizeBytes">Size of a sector.</param>
/// <param name="Files">By name.</param>
public sealed record DiskCrashReport(string Disk, int SectorSizeBytes, IReadOnlyList<FileCrashReport> Files)
{
    /// <summary>Compares a disk with what the crash left of it.</summary>
    public static DiskCrashReport Of(SimDisk before, SimDisk after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        return new DiskCrashReport(before.Name, before.SectorSizeBytes, before.CompareWith(after));
    }
}

/// <summary>What a power loss did to one file.</summary>
/// <param name="Name">Its name, before or after.</param>
/// <param name="LengthBefore">Bytes as they were read before; null: the name was not there.</param>
/// <param name="LengthDurable">Bytes that were synced; null: the name was not synced.</param>
/// <param name="LengthAfter">Bytes after; null: the name is gone.</param>
/// <param name="Unsynced">Sectors whose newest content was not synced.</param>
/// <param name="Kept">Of these, those that survived.</param>
/// <param name="Lost">Of these, those that read as they were synced.</param>
/// <param name="Torn">Of these, those that read as something in between: an older write, or one that was on its way.</param>
/// <param name="Bad">Sectors that cannot be read.</param>
/// <param name="Map">A letter for each sector: <c>=</c> synced, <c>k</c> kept, <c>x</c> lost, <c>t</c> torn, <c>!</c> unreadable, <c>.</c> empty. Cut at <see cref="MapLengthMax"/>.</param>
public sealed record FileCrashReport(
    string Name, long? LengthBefore, long? LengthDurable, long? LengthAfter, int Unsynced, int Kept, int Lost, int Torn, int Bad, string Map)
{
    /// <summary>Letters of a map at most.</summary>
    public const int MapLengthMax = 1024;
}

/// <content>Comparing two disks.</content>
public sealed partial class SimDisk
{
    internal IReadOnlyList<FileCrashReport> CompareWith(SimDisk after)
    {
        var names = new SortedSet<string>(_names.Keys, StringComparer.Ordinal);
        names.UnionWith(_durableNames.Keys);
        names.UnionWith(after._names.Keys);
        var files = new List<FileCrashReport>();
        foreach (string name in names)
        {
            SimInode? newest = _names.GetValueOrDefault(name);
            SimInode? durable = _durableNames.GetValueOrDefault(name);
            files.Add(Compare(name, newest, durable, after._names.GetValueOrDefault(name)));
        }

        return files;
    }

    private static FileCrashReport Compare(string name, SimInode? newest, SimInode? durable, SimInode? after)
    {
        SectorImage? now = (newest ?? durable)?.Newest;
        SectorImage? synced = (newest ?? durable)?.Durable;
        SectorImage? left = after?.Newest;
        int unsynced = 0, kept = 0, lost = 0, torn = 0, bad = 0;

        // A file that is gone has no sectors: either its name was lost with all of it, or its deletion was kept.
        long sectors = left is null && newest is null ? 0 : Math.Max(now?.SectorCount ?? 0, left?.SectorCount ?? 0);
        var map = new StringBuilder();
        for (long sector = 0; sector < sectors; sector++)
        {
            byte[]? was = now?[sector];
            byte[]? safe = synced?[sector];
            byte[]? found = left?[sector];
            char letter = left is null ? (Same(was, safe) ? (IsEmpty(safe) ? '.' : '=') : 'x') : Same(was, safe) && Same(found, safe) ? (IsEmpty(safe) ? '.' : '=') : Same(found, was) ? 'k' : Same(found, safe) ? 'x' : 't';
            if (after?.BadSectors.Contains(sector) == true)
            {
                letter = '!';
            }

            unsynced += letter is 'k' or 'x' or 't' ? 1 : 0;
            kept += letter == 'k' ? 1 : 0;
            lost += letter == 'x' ? 1 : 0;
            torn += letter == 't' ? 1 : 0;
            bad += letter == '!' ? 1 : 0;
            if (sector < FileCrashReport.MapLengthMax)
            {
                map.Append(letter);
            }
        }

        return new FileCrashReport(name, newest?.Newest.LengthBytes, durable?.Durable.LengthBytes, left?.LengthBytes, unsynced, kept, lost, torn, bad, map.ToString());
    }

    private static bool IsEmpty(byte[]? sector) => sector is null || !sector.AsSpan().ContainsAnyExcept((byte)0);

    private static bool Same(byte[]? left, byte[]? right) =>
        ReferenceEquals(left, right) || (IsEmpty(left) && IsEmpty(right)) || (left is not null && right is not null && left.AsSpan().SequenceEqual(right));
}
