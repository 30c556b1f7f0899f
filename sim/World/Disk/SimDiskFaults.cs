using System;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Sim.World;

/// <summary>What goes wrong on a disk. All may be changed at any moment; the rates are per million requests.</summary>
public sealed class SimDiskFaults
{
    /// <summary>The whole disk is gone.</summary>
    public bool Gone { get; set; }

    /// <summary>Space that somebody else has taken; raise it to fill the disk.</summary>
    public long ReservedBytes { get; set; }

    /// <summary>Everything takes this many times as long.</summary>
    public int SlowFactor { get; set; } = 1;

    /// <summary>Reads that fail.</summary>
    public int ReadFailsPerMillion { get; set; }

    /// <summary>Writes that fail and leave any of their sectors behind.</summary>
    public int WriteFailsPerMillion { get; set; }

    /// <summary>Syncs that fail and lose what they should have made durable.</summary>
    public int SyncFailsPerMillion { get; set; }

    /// <summary>Asked for each request when it is about to complete; anything but None makes it fail so. For targeted tests.</summary>
    public Func<DiskRequest, DiskError>? Inject { get; set; }

    internal DiskError Decide(DiskRequest request, IChoices choices)
    {
        if (Gone)
        {
            return DiskError.Gone;
        }

        if (Inject?.Invoke(request) is { } injected and not DiskError.None)
        {
            return injected;
        }

        return request.Verb switch
        {
            DiskVerb.Read when choices.Chance(ReadFailsPerMillion, "disk.read-fails") => DiskError.ReadFailed,
            DiskVerb.Write when choices.Chance(WriteFailsPerMillion, "disk.write-fails") => DiskError.WriteFailed,
            DiskVerb.Sync when choices.Chance(SyncFailsPerMillion, "disk.sync-fails") => DiskError.SyncFailed,
            _ => DiskError.None,
        };
    }
}
