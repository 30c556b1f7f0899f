using System;
using System.Collections.Generic;

namespace ObjectStore.Sim.Faults;

/// <summary>What may go wrong in a run. What of it does, and when, is drawn from the choices.</summary>
public sealed record FaultPlan
{
    /// <summary>Nothing goes wrong.</summary>
    public static readonly FaultPlan None = new() { CrashAtEnd = false };

    /// <summary>Crashes of the node at most, besides the one at the end.</summary>
    public int CrashCountMax { get; init; }

    /// <summary>How the names of files begin whose writes a crash may be timed by, besides the time and the requests of all files.</summary>
    public IReadOnlyList<string> CrashFiles { get; init; } = [];

    /// <summary>Virtual time in which the faults happen.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMilliseconds(60);

    /// <summary>Power is lost once more when the clients are done.</summary>
    public bool CrashAtEnd { get; init; } = true;

    /// <summary>Between clients and node.</summary>
    public LinkFaults Link { get; init; } = LinkFaults.None;

    /// <summary>Reads of the disk that fail, per million.</summary>
    public int ReadFailsPerMillion { get; init; }

    /// <summary>Writes that fail, per million.</summary>
    public int WriteFailsPerMillion { get; init; }

    /// <summary>Syncs that fail and lose what they should have kept, per million.</summary>
    public int SyncFailsPerMillion { get; init; }

    /// <summary>Requests of the disk that take a hundred times as long, per million.</summary>
    public int StallsPerMillion { get; init; }

    /// <summary>Writes that leave a sector unreadable, per million.</summary>
    public int LatentErrorsPerMillion { get; init; }

    /// <summary>Reads that find a bit flipped, per million.</summary>
    public int RotPerMillion { get; init; }

    /// <summary>Reads that come from elsewhere in the file, per million.</summary>
    public int MisdirectedReadsPerMillion { get; init; }

    /// <summary>Writes that land elsewhere in the file, per million.</summary>
    public int MisdirectedWritesPerMillion { get; init; }

    /// <summary>Files that rot and misdirected I/O leave alone.</summary>
    public Func<string, bool> Spares { get; init; } = FaultAtlas.Spares;

    /// <summary>How much the monotonic clock runs fast or slow at most, in millionths.</summary>
    public int DriftPerMillionMax { get; init; }

    /// <summary>How often the disk fills up and gets room again.</summary>
    public int FillCountMax { get; init; }

    /// <summary>How often the wall clock jumps, either way and at most ten minutes.</summary>
    public int WallJumpCountMax { get; init; }

    /// <summary>How often all of the node's loops stand still for a while.</summary>
    public int PauseCountMax { get; init; }
}
