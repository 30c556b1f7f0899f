using System;

namespace ObjectStore.Sim.World;

/// <summary>The one source of everything that is left open in a run: who runs next, how long it takes, what fails.</summary>
/// <remarks>A run is a function of the answers given here: the same answers make the same run, to the last event.</remarks>
public interface IChoices
{
    /// <summary>A number from 0 to <paramref name="bound"/> - 1.</summary>
    /// <param name="bound">At least 1.</param>
    /// <param name="what">What is being decided, after the name of whose it is where there are several of them. Ends in <c>?</c> when 0 means that
    /// something does not happen at all: shrinking takes those away first.</param>
    /// <remarks>0 is the calmest answer: nothing happens, the first in order, the shortest time.</remarks>
    int Next(int bound, string what);
}

/// <summary>Short forms.</summary>
public static class ChoicesExtensions
{
    /// <summary>The bound of the question that <see cref="Chance"/> asks.</summary>
    public const int ChanceBound = 1_000_000;

    /// <summary>True in <paramref name="perMillion"/> of a million cases, those of the highest answers; asks nothing when that is 0 or all.</summary>
    public static bool Chance(this IChoices choices, int perMillion, string what) =>
        perMillion >= ChanceBound || (perMillion > 0 && choices.Next(ChanceBound, what) >= ChanceBound - perMillion);

    /// <summary>A number from <paramref name="low"/> to <paramref name="high"/>, both included.</summary>
    public static int Between(this IChoices choices, int low, int high, string what) => low + choices.Next(high - low + 1, what);

    /// <summary>One of some values; the first is the calmest.</summary>
    public static T OneOf<T>(this IChoices choices, string what, params ReadOnlySpan<T> values) => values[choices.Next(values.Length, what)];

    /// <summary>A time of whole microseconds, at least one and at most <paramref name="max"/>.</summary>
    public static TimeSpan Microseconds(this IChoices choices, TimeSpan max, string what) => TimeSpan.FromMicroseconds(1 + choices.Next((int)max.TotalMicroseconds, what));

    /// <summary>64 bits, asked for in three parts.</summary>
    public static ulong Bits(this IChoices choices, string what) =>
        ((ulong)(uint)choices.Next(1 << 22, what) << 42) | ((ulong)(uint)choices.Next(1 << 21, what) << 21) | (uint)choices.Next(1 << 21, what);
}
