using System;

namespace ObjectStore.Sim.World;

/// <content>Damage done by hand.</content>
public sealed partial class SimDisk
{
    /// <summary>Lets one bit of a file rot, in what is read now and in what a crash leaves.</summary>
    /// <param name="name">A file that exists.</param>
    /// <param name="offset">The byte, within the file.</param>
    /// <param name="bit">0 to 7.</param>
    public void Rot(string name, long offset, int bit = 0)
    {
        SimInode inode = Find(name);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(offset, inode.Newest.LengthBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)bit, 7u);
        inode.FlipBit(offset, bit);
    }

    /// <summary>Makes the sector of a byte unreadable until it is written again.</summary>
    /// <param name="name">A file that exists.</param>
    /// <param name="offset">The byte, within the file.</param>
    public void Break(string name, long offset)
    {
        SimInode inode = Find(name);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(offset, inode.Newest.LengthBytes);
        inode.BadSectors.Add(offset / SectorSizeBytes);
    }

    /// <summary>True when the sector of a byte holds anything but zeros: whether damage to it damages anything.</summary>
    public bool HasContent(string name, long offset) =>
        Find(name).Newest[offset / SectorSizeBytes] is { } sector && sector.AsSpan().ContainsAnyExcept((byte)0);

    /// <summary>Length of a file, for tests that damage it.</summary>
    public long LengthBytes(string name) => Find(name).Newest.LengthBytes;

    private SimInode Find(string name) =>
        _names.TryGetValue(name, out SimInode? inode) ? inode : throw new ArgumentException($"no file '{name}'", nameof(name));
}
