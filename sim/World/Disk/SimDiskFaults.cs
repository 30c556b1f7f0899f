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

    /// <summary>Requests that take <see cref="StallFactor"/> times as long as others.</summary>
    public int StallsPerMillion { get; set; }

    /// <summary>How much longer a stalled request takes.</summary>
    public int StallFactor { get; set; } = 100;

    /// <summary>Writes after which one of the sectors written cannot be read until it is written again (latent sector error;
    /// Bairavasundaram et al., SIGMETRICS'07).</summary>
    public int LatentErrorsPerMillion { get; set; }

    /// <summary>Reads before which one bit of what is read has flipped for good, without a word.</summary>
    public int RotPerMillion { get; set; }

    /// <summary>Writes that succeed but land elsewhere in the file (Bairavasundaram et al., An Analysis of Data Corruption in the Storage Stack, FAST'08).</summary>
    public int MisdirectedWritesPerMillion { get; set; }

    /// <summary>Reads that succeed but come from elsewhere in the file.</summary>
    public int MisdirectedReadsPerMillion { get; set; }

    /// <summary>Files that rot and misdirected I/O leave alone; null: none.</summary>
    public Func<string, bool>? Spares { get; set; }

    /// <summary>Takes every fault away. What was lost or damaged stays so.</summary>
    public void Heal()
    {
        Gone = false;
        ReservedBytes = 0;
        (SlowFactor, StallsPerMillion) = (1, 0);
        (ReadFailsPerMillion, WriteFailsPerMillion, SyncFailsPerMillion) = (0, 0, 0);
        (LatentErrorsPerMillion, RotPerMillion, MisdirectedWritesPerMillion, MisdirectedReadsPerMillion) = (0, 0, 0, 0);
        (Spares, Inject) = (null, null);
    }

    /// <summary>Asked for each request when it is about to complete; anything but None makes it fail so. For targeted tests.</summary>
    public Func<DiskRequest, DiskError>? Inject { get; set; }

    internal bool MayDamage(string name) => Spares is null || !Spares(name);

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
