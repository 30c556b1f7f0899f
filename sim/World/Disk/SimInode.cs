using System;
using System.Collections.Generic;

namespace ObjectStore.Sim.World;

/// <summary>What a file is, apart from its name: the newest bytes, the durable bytes, and every change in between.</summary>
internal sealed class SimInode(int id, int sectorSizeBytes)
{
    internal int Id { get; } = id;

    internal int SectorSizeBytes => sectorSizeBytes;

    /// <summary>What a read sees.</summary>
    internal SectorImage Newest { get; private set; } = new(sectorSizeBytes);

    /// <summary>What is there after a crash at least, of everything that was synced.</summary>
    internal SectorImage Durable { get; private set; } = new(sectorSizeBytes);

    /// <summary>Changes that are not yet durable, oldest first.</summary>
    internal List<Change> Pending { get; } = [];

    /// <summary>Writes that have not completed.</summary>
    internal List<WriteInFlight> InFlight { get; } = [];

    /// <summary>Sectors that cannot be read until they are written again.</summary>
    internal SortedSet<long> BadSectors { get; } = [];

    internal int OpenCount { get; set; }

    internal int NameCount { get; set; }

    internal static SimInode OfImage(int id, int sectorSizeBytes, SectorImage image) =>
        new(id, sectorSizeBytes) { Newest = image, Durable = image.Clone() };

    internal void Write(long offset, ReadOnlySpan<byte> data, ref long sequence)
    {
        if (data.IsEmpty)
        {
            return;
        }

        Grow(offset + data.Length, ref sequence);
        for (long sector = offset / sectorSizeBytes; sector <= (offset + data.Length - 1) / sectorSizeBytes; sector++)
        {
            WriteSector(sector, Newest.Overlay(sector, offset, data), ref sequence);
        }
    }

    internal void WriteSector(long sector, byte[] content, ref long sequence)
    {
        Newest[sector] = content;
        BadSectors.Remove(sector);
        Pending.Add(new Change(sequence++, sector, content));
    }

    internal void Grow(long lengthBytes, ref long sequence)
    {
        if (lengthBytes > Newest.LengthBytes)
        {
            Newest.LengthBytes = lengthBytes;
            Pending.Add(new Change(sequence++, lengthBytes, Content: null));
        }
    }

    internal void Truncate(long lengthBytes, ref long sequence)
    {
        if (lengthBytes < Newest.LengthBytes)
        {
            Newest.SetLength(lengthBytes);
            BadSectors.RemoveWhere(sector => sector >= Newest.SectorCount);
            Pending.Add(new Change(sequence++, lengthBytes, Content: null));
        }
    }

    /// <summary>Lets one bit rot: in what is read now, and in what a crash leaves where that is the same sector.</summary>
    internal void FlipBit(long offset, int bit)
    {
        long sector = offset / sectorSizeBytes;
        byte[]? healthy = Newest[sector];
        byte[] rotten = healthy is null ? new byte[sectorSizeBytes] : (byte[])healthy.Clone();
        rotten[(int)(offset % sectorSizeBytes)] ^= (byte)(1 << bit);
        Newest[sector] = rotten;
        if (sector < Durable.SectorCount && ReferenceEquals(Durable[sector], healthy))
        {
            Durable[sector] = rotten;
        }

        for (int index = 0; index < Pending.Count; index++)
        {
            if (Pending[index].Content is { } content && Pending[index].SectorOrLength == sector && ReferenceEquals(content, healthy))
            {
                Pending[index] = Pending[index] with { Content = rotten };
            }
        }
    }

    /// <summary>Makes every change before <paramref name="sequence"/> durable.</summary>
    internal void MakeDurable(long sequence)
    {
        int count = 0;
        while (count < Pending.Count && Pending[count].Sequence < sequence)
        {
            Pending[count++].ApplyTo(Durable);
        }

        Pending.RemoveRange(0, count);
    }

    /// <summary>What a failed sync does to the page cache: pages are marked clean without having been written.</summary>
    /// <param name="sequence">Changes before it are lost.</param>
    /// <param name="revert">Whether a read sees the loss at once, or only after a crash.</param>
    internal void LosePending(long sequence, bool revert)
    {
        int count = 0;
        while (count < Pending.Count && Pending[count].Sequence < sequence)
        {
            // The length is metadata, which the journal keeps.
            if (Pending[count].Content is null)
            {
                Pending[count].ApplyTo(Durable);
            }

            count++;
        }

        Pending.RemoveRange(0, count);
        if (revert)
        {
            Newest = Durable.Clone();
            foreach (Change change in Pending)
            {
                change.ApplyTo(Newest);
            }
        }
    }
}

/// <summary>One change: a sector's new content, or (without content) a new length.</summary>
internal readonly record struct Change(long Sequence, long SectorOrLength, byte[]? Content)
{
    internal void ApplyTo(SectorImage image)
    {
        if (Content is not null)
        {
            image[SectorOrLength] = Content;
        }
        else if (SectorOrLength < image.LengthBytes)
        {
            image.SetLength(SectorOrLength);
        }
        else
        {
            image.LengthBytes = SectorOrLength;
        }
    }
}

/// <summary>A write that was asked for and has not completed; a crash may leave any of its sectors.</summary>
internal sealed record WriteInFlight(long Sequence, long Offset, byte[] Data);
