using System;
using System.Collections.Generic;
using static ObjectStore.Sim.Cli.Simulation.Lifecycle.Moments;

namespace ObjectStore.Sim.Cli.Simulation.Lifecycle;

/// <summary>A value that was set, and when it may have been and must have been in force.</summary>
/// <param name="Value">What.</param>
/// <param name="SentUtc">It may be from here on.</param>
/// <param name="AckedUtc">It is from here on.</param>
/// <param name="EndSentUtc">It is until here.</param>
/// <param name="EndAckedUtc">It may be until here.</param>
internal sealed record Period<T>(T Value, DateTime SentUtc, DateTime AckedUtc, DateTime EndSentUtc, DateTime EndAckedUtc);

/// <summary>All that a value has been.</summary>
internal sealed class TimedValue<T>
{
    private readonly List<Period<T>> _periods = [];

    internal IReadOnlyList<Period<T>> Periods => _periods;

    /// <summary>The value was set; <see cref="DateTime.MaxValue"/> when it is not known whether.</summary>
    internal void Set(T value, DateTime sentUtc, DateTime ackedUtc)
    {
        for (int i = 0; i < _periods.Count; i++)
        {
            Period<T> before = _periods[i];
            _periods[i] = before with { EndSentUtc = Earlier(before.EndSentUtc, sentUtc), EndAckedUtc = Earlier(before.EndAckedUtc, ackedUtc) };
        }

        _periods.Add(new Period<T>(value, sentUtc, ackedUtc, DateTime.MaxValue, DateTime.MaxValue));
    }
}
