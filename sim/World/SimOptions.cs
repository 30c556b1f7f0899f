using System;
using System.IO;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Sim.World;

/// <summary>What a world is made like.</summary>
public sealed record SimOptions
{
    /// <summary>Where the wall clock stands at the start.</summary>
    public DateTime StartUtc { get; init; } = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>Virtual time that each piece of work takes, so that time passes while loops are busy. Zero: only waiting takes time.</summary>
    public TimeSpan StepCost { get; init; } = TimeSpan.FromMicroseconds(1);

    /// <summary>Virtual time after which a run is stopped as hanging.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromDays(365);

    /// <summary>Steps after which a run is stopped as hanging.</summary>
    public long StepLimit { get; init; } = 50_000_000;

    /// <summary>Events below this level are not kept.</summary>
    public TraceLevel TraceLowest { get; init; } = TraceLevel.Debug;

    /// <summary>How many of the last trace events are kept for a failure report.</summary>
    public int TraceKeptCount { get; init; } = 200;

    /// <summary>Where the whole trace goes as JSON lines; null: nowhere.</summary>
    public Stream? TraceJsonLines { get; init; }

    /// <summary>Who watches the run; null: nobody. It changes nothing about the run.</summary>
    public IRunObserver? Observer { get; init; }

    /// <summary>How many of a million rare points are switched on in a run.</summary>
    public int RareActivePerMillion { get; init; }

    /// <summary>How often, of a million times, a rare point that is switched on fires.</summary>
    public int RareFiresPerMillion { get; init; } = 50_000;

    /// <summary>Disks that are made without options of their own.</summary>
    public SimDiskOptions Disk { get; init; } = new();
}
