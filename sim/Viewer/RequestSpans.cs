using System;
using System.Collections.Generic;
using System.Linq;
using ObjectStore.Sim.Trace;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Viewer;

/// <summary>The requests of clients as spans of time: from the checked history, and from the trace for those that are not in it.</summary>
internal static class RequestSpans
{
    internal static IReadOnlyList<object?[]> Of(RunRecorder run, RunLanes lanes, TimeSpan end)
    {
        var spans = new List<object?[]>();
        var known = new HashSet<(string Client, TimeSpan Call)>();
        foreach (ObservedRequest entry in run.History?.Entries ?? [])
        {
            known.Add((entry.Client, entry.Call));
            TimeSpan until = entry.Return > entry.Call ? entry.Return : entry.Answered is null ? end : entry.Call;
            spans.Add([lanes.Named(entry.Client), RunPage.Us(entry.Call), RunPage.Us(until), RunPage.Short(entry.Asked), RunPage.Short(entry.Answered), entry.Id]);
        }

        // A client asks one thing at a time, so a return belongs to the last call.
        var open = new Dictionary<string, TraceEvent>();
        foreach (TraceEvent happened in run.Events.Where(static happened => happened.Area is TraceLog.ClientArea or "check"))
        {
            if (RunLanes.Field(happened, "client") is not { } client)
            {
                continue;
            }

            if (happened.Name == TraceLog.CallName)
            {
                open[client] = happened;
            }
            else if (open.Remove(client, out TraceEvent? call) && !known.Contains((client, call.At)))
            {
                spans.Add(Span(lanes, client, call, happened.At, RunLanes.Field(happened, "answer")));
            }
        }

        foreach ((string client, TraceEvent call) in open.OrderBy(static left => left.Key))
        {
            if (!known.Contains((client, call.At)))
            {
                spans.Add(Span(lanes, client, call, end, answer: null));
            }
        }

        return spans.Count <= RunPage.ArrowCountMax ? spans : spans.GetRange(spans.Count - RunPage.ArrowCountMax, RunPage.ArrowCountMax);
    }

    private static object?[] Span(RunLanes lanes, string client, TraceEvent call, TimeSpan until, string? answer) =>
        [lanes.Named(client), RunPage.Us(call.At), RunPage.Us(until), RunPage.Short(RunLanes.Field(call, "request") ?? ""), RunPage.Short(answer), null];
}
