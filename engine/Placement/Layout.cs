using System;

namespace ObjectStore.Engine.Placement;

/// <summary>Failures at one time: so many whole zones, so many whole nodes elsewhere, and so many disks elsewhere.</summary>
public readonly record struct Losses(int Zones, int Nodes, int Disks)
{
    /// <summary>True when nothing is lost here that is not lost there.</summary>
    public bool IsWithin(Losses other) => Zones <= other.Zones && Nodes <= other.Nodes && Disks <= other.Disks;

    /// <summary>For people: <c>1 zone and 1 disk</c>.</summary>
    public override string ToString()
    {
        string text = "";
        foreach ((int count, string name) in new[] { (Zones, "zone"), (Nodes, "node"), (Disks, "disk") })
        {
            if (count > 0)
            {
                text += $"{(text.Length > 0 ? " and " : "")}{count} {name}{(count > 1 ? "s" : "")}";
            }
        }

        return text.Length > 0 ? text : "nothing";
    }
}

/// <summary>How chunks are cut and what that must survive.</summary>
/// <param name="DataShards">k: any k shards give the chunk. At least 1.</param>
/// <param name="ParityShards">m; at least 0, and k + m at most 256.</param>
/// <param name="Read">Failures, all together, after which everything that was acknowledged can still be read.</param>
/// <param name="Write">Failures under which chunks are still acknowledged; within <paramref name="Read"/>.</param>
/// <param name="SpareMin">Shards beyond k that are durable before any chunk is acknowledged, whatever has failed.</param>
public sealed record Layout(int DataShards, int ParityShards, Losses Read, Losses Write, int SpareMin)
{
    /// <summary>Most shards of a chunk: a slot is one byte.</summary>
    public const int ShardsMax = 256;

    /// <summary>k + m.</summary>
    public int TotalShards => DataShards + ParityShards;

    /// <summary>For people: <c>9+6</c>.</summary>
    public override string ToString() => $"{DataShards}+{ParityShards}";

    /// <exception cref="ArgumentException">A number is out of range.</exception>
    public void Check()
    {
        bool losses = Read.Zones >= 0 && Read.Nodes >= 0 && Read.Disks >= 0 && Write.Zones >= 0 && Write.Nodes >= 0 && Write.Disks >= 0;
        if (DataShards is < 1 or >= ShardsMax || ParityShards < 0 || TotalShards > ShardsMax || SpareMin < 0 || SpareMin > ParityShards || !losses || !Write.IsWithin(Read))
        {
            throw new ArgumentException($"layout {this} that reads through the loss of {Read} and writes through the loss of {Write} with {SpareMin} to spare");
        }
    }
}
