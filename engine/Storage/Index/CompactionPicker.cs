using System;
using System.Collections.Generic;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>Runs to merge, and the level that takes the outcome.</summary>
/// <param name="Upper">Newer rows; all of one level.</param>
/// <param name="Lower">Every run of the output level that overlaps them.</param>
/// <param name="OutputLevel">One deeper than the upper runs.</param>
internal sealed record CompactionPlan(IReadOnlyList<Run> Upper, IReadOnlyList<Run> Lower, int OutputLevel)
{
    /// <summary>One run that meets nothing: the manifest puts it a level deeper, its file stays as it is. Deletions stay out of this, for only merging drops them.</summary>
    internal bool IsMove => Upper.Count == 1 && Lower.Count == 0 && Upper[0].Info.Deletes == 0;
}

/// <summary>Chooses what to compact: what can be moved out of level 0, then level 0 when lookups go through many of its runs, then the level that is most above its size.</summary>
/// <remarks>Write amplification: each row is rewritten about once per level for each <see cref="OrderedStoreOptions.LevelGrowth"/> runs that it meets there.
/// Source: O'Neil et al., "The Log-Structured Merge-Tree", section 3.4; leveling as in Dong et al., "Optimizing Space Amplification in RocksDB", CIDR'17.</remarks>
internal sealed class CompactionPicker(OrderedStoreOptions options, IRare rare)
{
    private readonly byte[][] _lastKeys = new byte[RunSet.LevelCount][];

    internal CompactionPlan? Pick(RunSet runs)
    {
        if (FindAlone(runs) is { } alone)
        {
            return new CompactionPlan([alone], [], OutputLevel: 1);
        }

        int level = FindLevel(runs);
        return level < 0 ? null : Plan(runs, level);
    }

    private int FindLevel(RunSet runs)
    {
        if (runs.Levels[0].Length > 0 && (runs.LevelZeroDepth >= options.LevelZeroRunsMin || rare.Happens("compact-early")))
        {
            return 0;
        }

        int worst = -1;
        double worstScore = 1;
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

        return worst;
    }

    /// <summary>A run of level 0 that shares its range with no other there and with none below: so it is with rows whose keys only grow, as those of bodies do.</summary>
    private static Run? FindAlone(RunSet runs)
    {
        foreach (Run run in runs.Levels[0])
        {
            if (run.Info.Deletes == 0 && IsAlone(run, runs.Levels[0]) && IsAlone(run, runs.Levels[1]))
            {
                return run;
            }
        }

        return null;
    }

    private static bool IsAlone(Run run, Run[] level)
    {
        foreach (Run other in level)
        {
            if (other != run && other.Info.Overlaps(run.Info.Smallest, run.Info.Largest))
            {
                return false;
            }
        }

        return true;
    }

    private CompactionPlan Plan(RunSet runs, int level)
    {
        Run[] upper = level == 0 ? runs.Levels[0] : [NextInTurn(runs.Levels[level], level)];
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
