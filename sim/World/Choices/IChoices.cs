namespace ObjectStore.Sim.World;

/// <summary>The one source of everything that is left open in a run: who runs next, how long it takes, what fails.</summary>
/// <remarks>A run is a function of the answers given here: the same answers make the same run, to the last event.</remarks>
public interface IChoices
{
    /// <summary>A number from 0 to <paramref name="bound"/> - 1.</summary>
    /// <param name="bound">At least 1.</param>
    /// <param name="what">What is being decided; a constant, for reports and for strategies that look at it.</param>
    int Next(int bound, string what);
}

/// <summary>Short forms.</summary>
public static class ChoicesExtensions
{
    /// <summary>True in <paramref name="perMillion"/> of a million cases; asks nothing when that is 0 or all.</summary>
    public static bool Chance(this IChoices choices, int perMillion, string what) =>
        perMillion >= 1_000_000 || (perMillion > 0 && choices.Next(1_000_000, what) < perMillion);

    /// <summary>A number from <paramref name="low"/> to <paramref name="high"/>, both included.</summary>
    public static int Between(this IChoices choices, int low, int high, string what) => low + choices.Next(high - low + 1, what);

    /// <summary>64 bits, asked for in three parts.</summary>
    public static ulong Bits(this IChoices choices, string what) =>
        ((ulong)(uint)choices.Next(1 << 22, what) << 42) | ((ulong)(uint)choices.Next(1 << 21, what) << 21) | (uint)choices.Next(1 << 21, what);
}
