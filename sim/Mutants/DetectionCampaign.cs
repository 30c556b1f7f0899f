using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace ObjectStore.Sim.Mutants;

/// <summary>Looks for many bugs of one build, several at a time, and then for anything without a bug.</summary>
/// <param name="finder">Explores with one bug active.</param>
/// <param name="strategies">Who answers what is left open; each bug is looked for with each.</param>
/// <param name="jobs">How many at a time.</param>
public sealed class DetectionCampaign(IBugFinder finder, IReadOnlyList<string> strategies, int jobs)
{
    /// <summary>One bug to look for.</summary>
    /// <param name="Known">All that is known of its score before; the strategy is filled in.</param>
    /// <param name="Scenarios">Explored one after the other.</param>
    public sealed record Target(Score Known, IReadOnlyList<string> Scenarios);

    /// <summary>Looks for each, and tells every score as soon as it is there.</summary>
    /// <returns>By strategy, in the order of the targets.</returns>
    public IReadOnlyList<Score> Explore(IReadOnlyList<Target> targets, int sequences, Action<Score> tell)
    {
        (Target Target, string Strategy)[] work = [.. strategies.SelectMany(strategy => targets.Select(target => (target, strategy)))];
        var scores = new Score[work.Length];
        InParallel([.. Enumerable.Range(0, work.Length)], index =>
        {
            (Target target, string strategy) = work[index];
            Explored explored = finder.Explore(new DetectionTask(target.Known.Number, target.Scenarios, strategy, target.Known.Budget, sequences));
            scores[index] = target.Known with { Strategy = strategy, Detections = explored.Detections, ProcessorSeconds = explored.ProcessorSeconds, Ran = explored.Ran };
            tell(scores[index]);
        });
        return scores;
    }

    /// <summary>Makes the first run that showed each bug small.</summary>
    /// <returns>The scores, with their counterexamples.</returns>
    public IReadOnlyList<Score> Shrink(IReadOnlyList<Score> scores, Action<Score> tell)
    {
        Score[] shrunk = [.. scores];
        InParallel([.. Enumerable.Range(0, shrunk.Length)], index =>
        {
            if (scores[index].Detections.FirstOrDefault(static one => one is { Found: true, Seed: not null, Scenario: not null }) is { } seen)
            {
                shrunk[index] = scores[index] with { Smallest = finder.Shrink(scores[index].Number, seen.Scenario!, scores[index].Strategy, seen.Seed!.Value) };
                tell(shrunk[index]);
            }
        });
        return shrunk;
    }

    /// <summary>The same build with no bug active: runs of its own, and the very seeds that showed the bugs.</summary>
    /// <returns>What it broke, and how many runs were made.</returns>
    public (IReadOnlyList<string> Broke, long Runs) CheckClean(IReadOnlyList<Score> scores, IEnumerable<string> scenarios, long runsEach)
    {
        var broke = new ConcurrentBag<string>();
        long runs = 0;
        var seeds = scores.SelectMany(static score => score.Detections.Select(one => (score.Strategy, one.Scenario, one.Seed)))
            .Where(static one => one.Seed is not null)
            .GroupBy(static one => (one.Strategy, one.Scenario), static one => one.Seed!.Value)
            .ToDictionary(static group => group.Key, static group => group.Distinct().Order().ToArray());
        InParallel([.. scenarios.Distinct().Order(StringComparer.Ordinal)], scenario =>
        {
            foreach (Detection one in finder.Explore(new DetectionTask(0, [scenario], "seed", runsEach, 1)).Detections)
            {
                Interlocked.Add(ref runs, one.Schedules);
                if (one.Found)
                {
                    broke.Add($"{scenario}, seed {one.Seed}: {one.Promise}: {one.Said}");
                }
            }

            foreach (string strategy in strategies)
            {
                if (seeds.TryGetValue((strategy, scenario), out ulong[]? shown))
                {
                    Interlocked.Add(ref runs, shown.Length);
                    foreach (Detection one in finder.Repeat(0, scenario, strategy, shown))
                    {
                        broke.Add($"{scenario}, strategy {strategy}, seed {one.Seed}, which shows a planted bug: {one.Promise}: {one.Said}");
                    }
                }
            }
        });
        return ([.. broke.Order(StringComparer.Ordinal)], runs);
    }

    private void InParallel<T>(T[] all, Action<T> one) =>
        Parallel.ForEach(Partitioner.Create(all, EnumerablePartitionerOptions.NoBuffering), new ParallelOptions { MaxDegreeOfParallelism = jobs }, one);
}
