using System;
using System.Collections.Generic;
using System.Linq;
using ObjectStore.Sim.Checking;

namespace ObjectStore.Workloads.Load.Region;

/// <summary>What a recorded history says about the promises.</summary>
/// <param name="Operations">Attempts recorded.</param>
/// <param name="Unknown">Of those, attempts of unknown outcome.</param>
/// <param name="Lost">Keys whose acknowledged object is gone or another than acknowledged, at the end.</param>
/// <param name="Unreadable">Keys that could not be read at the end.</param>
/// <param name="Linearizability">Of all keys.</param>
/// <param name="Explanation">When it is broken or undecided.</param>
internal sealed record RegionVerdict(
    int Operations, int Unknown, IReadOnlyList<string> Lost, IReadOnlyList<string> Unreadable, Verdict Linearizability, string Explanation)
{
    private const long StepsMax = 50_000_000;

    internal bool Holds => Lost.Count == 0 && Unreadable.Count == 0 && Linearizability == Verdict.Linearizable;

    internal static RegionVerdict Of(IReadOnlyList<HistoryEntry<S3Operation, S3Result>> history, string bucket)
    {
        var model = new S3Model([new KeyValuePair<string, S3Versioning>(bucket, S3Versioning.Off)]) { ToldIds = S3HistoryParts.ToldIds(history) };
        LinearizabilityReport<S3Operation, S3Result> report = LinearizabilityChecker.Check(model, S3HistoryParts.Prepare(history), StepsMax);
        (List<string> lost, List<string> unreadable) = OnceWritten(history);
        return new RegionVerdict(
            history.Count,
            history.Count(static entry => entry.Result is null or { Status: >= 500 }),
            lost,
            unreadable,
            report.Verdict,
            report.Verdict == Verdict.Linearizable ? "" : report.Explain());
    }

    // Keys that one request wrote, once acknowledged, and nobody else touched: there is nothing to argue about what must be there.
    private static (List<string> Lost, List<string> Unreadable) OnceWritten(IReadOnlyList<HistoryEntry<S3Operation, S3Result>> history)
    {
        var lost = new List<string>();
        var unreadable = new List<string>();
        foreach (IGrouping<string, HistoryEntry<S3Operation, S3Result>> key in history.GroupBy(static entry => entry.Operation.Key).OrderBy(static key => key.Key, StringComparer.Ordinal))
        {
            HistoryEntry<S3Operation, S3Result>? read = key.LastOrDefault(static entry => entry.Client == RegionLoad.ReadBackClient);
            if (read is { Result: null or { Status: >= 500 or 0 } })
            {
                unreadable.Add(key.Key);
                continue;
            }

            List<HistoryEntry<S3Operation, S3Result>> writes = [.. key.Where(static entry => !entry.Operation.OnlyReads)];
            bool acknowledged = writes.Exists(static entry => entry.Result is { Ok: true });
            bool alike = writes.TrueForAll(entry => entry.Operation.Verb == S3Verb.Put && entry.Operation.Content == writes[0].Operation.Content);
            if (read is not null && acknowledged && alike && read.Result!.Content != writes[0].Operation.Content)
            {
                lost.Add(key.Key);
            }
        }

        return (lost, unreadable);
    }
}
