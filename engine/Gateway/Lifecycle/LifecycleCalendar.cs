using System;

namespace ObjectStore.Engine.Gateway;

/// <summary>The days that lifecycle rules count: actions are due at the midnight (UTC) after so many days.</summary>
/// <remarks>Source: Amazon S3 User Guide, "Lifecycle configuration elements", on how days are rounded. A day may be made shorter, to try rules out.</remarks>
/// <param name="day">Length of a day.</param>
internal sealed class LifecycleCalendar(TimeSpan day)
{
    /// <summary>Length of a day.</summary>
    internal TimeSpan Day { get; } = day > TimeSpan.Zero ? day : throw new ArgumentOutOfRangeException(nameof(day));

    /// <summary>The first midnight after <paramref name="days"/> days have passed since <paramref name="fromUtc"/>; the end of time when that is too far.</summary>
    internal DateTime DueUtc(DateTime fromUtc, int days)
    {
        Int128 past = fromUtc.Ticks + ((Int128)days * Day.Ticks);
        Int128 midnight = ((past / Day.Ticks) + 1) * Day.Ticks;
        return midnight > DateTime.MaxValue.Ticks ? DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc) : new DateTime((long)midnight, DateTimeKind.Utc);
    }

    /// <summary>Number of the day that a moment lies in.</summary>
    internal long DayOf(DateTime utc) => utc.Ticks / Day.Ticks;

    /// <summary>From a moment to the midnight after it.</summary>
    internal TimeSpan UntilMidnight(DateTime utc) => new(Day.Ticks - (utc.Ticks % Day.Ticks));
}
