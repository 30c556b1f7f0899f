using System;
using System.Collections.Generic;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>Runs to merge, and the level that takes the outcome.</summary>
/// <param name="Upper">Newer rows; all of one level.</param>
/// <param name="Lower">Every run of the output level that overlaps them.</param>
/// <param name="OutputLevel">One deeper than the upper runs.</param>
internal sealed record CompactionPlan(IReadOnlyList<Run> Upper, IReadOnlyList<Run> Lower, int OutputLevel);

/// <summary>Chooses what to compact: the level that is most above its size (level 0: its number of runs), else deletions when they are many, as they keep the space of what they hide; on a disk that is
/// nearly full, deletions first.</summary>
/// <remarks>Write amplification: each row is rewritten about once per level for each <see cref="OrderedStoreOptions.LevelGrowth"/> runs that it meets there.
/// Source: O'Neil et al., "The Log-Structured Merge-Tree", section 3.4; leveling as in Dong et al., "Optimizing Space Amplification in RocksDB", CIDR'17.</remarks>
internal sealed class CompactionPicker(OrderedStoreOptions options, IRare rare)
{
    private readonly byte[][] _lastKeys = new byte[RunSet.LevelCount][];

    /// <param name="runs">The newest.</param>
    /// <param name="isLow">Space is low: deletions come first, those nearest to what they hide before others, as they need the least room until they give some back.</param>
    internal CompactionPlan? Pick(RunSet runs, bool isLow)
    {
        if (runs.Levels[0].Length > 0 && rare.Happens("compact-early"))
        {
            return Plan(runs, 0, runs.Levels[0]);
        }

        return isLow ? PickDeletions(runs, isLow) ?? PickLargest(runs) : PickLargest(runs) ?? PickDeletions(runs, isLow);
    }

    // Ends: with each plan deletions go down by a level, and where nothing lies deeper they are left out.
    private CompactionPlan? PickDeletions(RunSet runs, bool isLow)
    {
        (long rows, long deletes) = (0, 0);
        (int level, Run? most) = (-1, null);
        for (int at = 0; at < RunSet.LevelCount; at++)
        {
            foreach (Run run in runs.Levels[at])
            {
                (rows, deletes) = (rows + run.Info.Rows, deletes + run.Info.Deletes);
                bool isBetter = most is null || (level == at ? run.Info.Deletes > most.Info.Deletes : isLow);
                if (run.Info.Deletes > 0 && at < RunSet.LevelCount - 1 && isBetter)
                {
                    (level, most) = (at, run);
                }
            }
        }

        bool isWanted = isLow ? deletes > 0 : deletes * options.DeletionShareMax > rows;
        return level < 0 || !isWanted ? null : Plan(runs, level, level == 0 ? runs.Levels[0] : [most!]);
    }

    private CompactionPlan? PickLargest(RunSet runs)
    {
        double worstScore = (double)runs.Levels[0].Length / options.LevelZeroRunsMin;
        int worst = worstScore >= 1 ? 0 : -1;
        worstScore = double.Max(worstScore, 1);
        double limit = options.LevelOneBytes;
        for (int level = 1; level < RunSet.LevelCount - 1; level++)
        {
            double score = RunSet.SizeBytes(runs.Levels[level]) / limit;
            if (score > worstScore)
            {
                (worst, worstScore) = (level, score);
            }

            limit *= options.LevelGrowth;
        }

        return worst < 0 ? null : Plan(runs, worst, worst == 0 ? runs.Levels[0] : [NextInTurn(runs.Levels[worst], worst)]);
    }

    private static CompactionPlan Plan(RunSet runs, int level, Run[] upper)
    {
        byte[] smallest = upper[0].Info.Smallest;
        byte[] largest = upper[0].Info.Largest;
        foreach (Run run in upper)
        {
            smallest = run.Info.Smallest.AsSpan().SequenceCompareTo(smallest) < 0 ? run.Info.Smallest : smallest;
            largest = run.Info.Largest.AsSpan().SequenceCompareTo(largest) > 0 ? run.Info.Largest : largest;
        }

        var lower = new List<Run>();
        foreach (Run run in runs.Levels[level + 1])
        {
            if (run.Info.Overlaps(smallest, largest))
            {
                lower.Add(run);
            }
        }

        return new CompactionPlan(upper, lower, level + 1);
    }

    /// <summary>Goes round the key space, so that each range is compacted equally often.</summary>
    private Run NextInTurn(Run[] runs, int level)
    {
        Run chosen = runs[0];
        foreach (Run run in runs)
        {
            if (_lastKeys[level] is { } last && run.Info.Smallest.AsSpan().SequenceCompareTo(last) > 0)
            {
                chosen = run;
                break;
            }
        }

        _lastKeys[level] = chosen.Info.Largest;
        return chosen;
    }
}
