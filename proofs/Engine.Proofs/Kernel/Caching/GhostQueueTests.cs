using System.Collections.Generic;
using System.Linq;
using CsCheck;
using ObjectStore.Engine.Kernel;
using Xunit;

namespace ObjectStore.Engine.Proofs.Kernel.Caching;

/// <summary>Goal: a name is here exactly while it and all that was added after it fit the bound, and was not taken out. Method: a list of all that was ever added as the model.</summary>
public sealed class GhostQueueTests
{
    private const long WeightMax = 20;

    [Fact]
    public void A_name_stays_while_all_that_came_since_fits()
    {
        Gen.Select(Gen.Int[0, 7], Gen.Long[1, 25], Gen.Bool).Array[0, 80].Sample(steps =>
        {
            var queue = new GhostQueue<int>(WeightMax);
            var added = new List<(int Key, long Weight, bool IsTaken)>();
            foreach ((int key, long weight, bool isRemoval) in steps)
            {
                int last = added.FindLastIndex(entry => entry.Key == key);
                bool isHere = last >= 0 && !added[last].IsTaken && added.Skip(last).Sum(static entry => entry.Weight) <= WeightMax;
                if (isRemoval || isHere)
                {
                    Assert.Equal(isHere, queue.Remove(key));
                    if (isHere)
                    {
                        added[last] = added[last] with { IsTaken = true };
                    }
                }
                else
                {
                    queue.Add(key, weight);
                    added.Add((key, weight, false));
                }
            }
        });
    }
}
