using System;

namespace ObjectStore.Sim.Cli.Simulation.Lifecycle;

/// <summary>Moments beside each other, and days.</summary>
internal static class Moments
{
    internal static DateTime Earlier(DateTime some, DateTime other) => some < other ? some : other;

    internal static DateTime Later(DateTime some, DateTime other) => some > other ? some : other;

    /// <summary>From a moment to the midnight after it.</summary>
    internal static TimeSpan UntilMidnight(DateTime utc, TimeSpan day) => day - TimeSpan.FromTicks(utc.Ticks % day.Ticks);
}
