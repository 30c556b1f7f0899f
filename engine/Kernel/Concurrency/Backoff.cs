using System;

namespace ObjectStore.Engine.Kernel;

/// <summary>How long to rest between attempts that fail: twice as long each time, up to a bound.</summary>
public static class Backoff
{
    private const int DoublingsMax = 16;

    /// <summary>The shortest rest, doubled so many times, sixteen at most, and not above the longest.</summary>
    public static TimeSpan Rest(TimeSpan shortest, TimeSpan longest, int doublings)
    {
        TimeSpan rest = shortest;
        for (int i = 0; i < int.Min(doublings, DoublingsMax) && rest < longest; i++)
        {
            rest *= 2;
        }

        return rest < longest ? rest : longest;
    }
}
