using System;

namespace ObjectStore.Sim.Faults;

/// <summary>What may go wrong in a region of several nodes. How much of it does, where and when, is drawn from the choices.</summary>
public sealed record RegionFaultPlan
{
    /// <summary>Nothing goes wrong.</summary>
    public static readonly RegionFaultPlan None = new();

    /// <summary>Virtual time in which the troubles begin.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a trouble lasts at most; some last much shorter, so that what must be over before something else begins sometimes is not.</summary>
    public TimeSpan DurationMax { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Nodes that lose power and come back, at most.</summary>
    public int CrashCountMax { get; init; }

    /// <summary>Zones that lose power as a whole and come back.</summary>
    public int ZoneOutageCountMax { get; init; }

    /// <summary>Moments at which all nodes lose power together, and perhaps again while they come back; each comes back in its own time.</summary>
    public int OutageCountMax { get; init; }

    /// <summary>Outages of one node or all just after what the engine told of: see <see cref="TriggeredOutages"/>.</summary>
    public int TriggeredOutageCountMax { get; init; }

    /// <summary>Splits of the nodes into two sides that do not hear each other.</summary>
    public int PartitionCountMax { get; init; }

    /// <summary>Splits in which one side still hears the other.</summary>
    public int OneWayPartitionCountMax { get; init; }

    /// <summary>Pairs of nodes that do not hear each other while both hear all others.</summary>
    public int PairCutCountMax { get; init; }

    /// <summary>Nodes to which, or from which, frames take long for a while.</summary>
    public int SlowLinkCountMax { get; init; }

    /// <summary>Disks that are replaced by empty ones while their node is down. One at a time: the next one waits until the region is whole again.</summary>
    public int WipeCountMax { get; init; }

    /// <summary>Virtual time in which the region must be whole again after that, whatever else happens to it meanwhile.</summary>
    public TimeSpan WholeWithin { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Disks that answer, but slowly.</summary>
    public int SlowDiskCountMax { get; init; }

    /// <summary>Data disks that are gone for a while, and come back with all they had.</summary>
    public int AwayDiskCountMax { get; init; }

    /// <summary>Data disks whose writes fail now and then for a while.</summary>
    public int SickDiskCountMax { get; init; }

    /// <summary>Nodes that stand still for a while.</summary>
    public int PauseCountMax { get; init; }

    /// <summary>Wall clocks that jump, ten minutes at most.</summary>
    public int WallJumpCountMax { get; init; }

    /// <summary>How much each node's monotonic clock runs fast or slow at most, in millionths.</summary>
    public int DriftPerMillionMax { get; init; }

    /// <summary>Frames lost between nodes, per million, while troubles last.</summary>
    public int LossPerMillion { get; init; }

    /// <summary>Frames that arrive twice, per million.</summary>
    public int RepeatPerMillion { get; init; }

    /// <summary>Bits that rot on one data disk, per million reads.</summary>
    public int RotPerMillion { get; init; }
}
