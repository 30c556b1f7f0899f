using System;
using System.Collections.Generic;
using System.Linq;
using ObjectStore.Sim.Trace;

namespace ObjectStore.Sim.Viewer;

/// <summary>What nodes are over time: up or down, and leader, candidate or follower of their groups.</summary>
internal static class NodeSpans
{
    /// <summary>Groups of one node that are drawn at most.</summary>
    private const int GroupsDrawn = 2;

    internal static IReadOnlyList<object[]> Lives(IReadOnlyList<TraceEvent> events, RunLanes lanes, TimeSpan end)
    {
        var spans = new List<object[]>();
        var up = new SortedDictionary<int, TimeSpan>();
        foreach (TraceEvent happened in events.Where(static happened => happened.Area == "node"))
        {
            if (lanes.Node(RunLanes.Field(happened, "node")) is not { } lane)
            {
                continue;
            }

            if (happened.Name == "start")
            {
                up[lane] = happened.At;
            }
            else if (happened.Name is "crash" or "stop" && up.Remove(lane, out TimeSpan from))
            {
                spans.Add([lane, RunPage.Us(from), RunPage.Us(happened.At), happened.Name == "crash"]);
            }
        }

        foreach ((int lane, TimeSpan from) in up)
        {
            spans.Add([lane, RunPage.Us(from), RunPage.Us(end), false]);
        }

        return spans;
    }

    internal static IReadOnlyList<object[]> Roles(IReadOnlyList<TraceEvent> events, RunLanes lanes, TimeSpan end)
    {
        var spans = new List<object[]>();
        var groups = new Dictionary<(int Lane, string Group), int>();
        var now = new SortedDictionary<(int Lane, int Group), (TimeSpan From, string Role, long Term)>();
        foreach (TraceEvent happened in events)
        {
            if (happened is { Area: "node", Name: "crash" } && lanes.Node(RunLanes.Field(happened, "node")) is { } crashed)
            {
                foreach ((int Lane, int Group) key in now.Keys.Where(key => key.Lane == crashed).ToArray())
                {
                    Close(key, happened.At);
                }
            }
            else if (happened.Area == "raft" && RunLanes.Number(happened, "term") is { } term && lanes.Node(happened.Node) is { } lane)
            {
                string name = RunLanes.Field(happened, "group") ?? $"{RunLanes.Number(happened, "group")}";
                if (!groups.TryGetValue((lane, name), out int group))
                {
                    group = groups.Count(known => known.Key.Lane == lane);
                    groups.Add((lane, name), group);
                }

                if (group < GroupsDrawn)
                {
                    string role = RoleOf(happened) ?? (now.TryGetValue((lane, group), out (TimeSpan, string Role, long) before) ? before.Role : "follower");
                    Close((lane, group), happened.At);
                    now[(lane, group)] = (happened.At, role, term);
                }
            }
        }

        foreach ((int Lane, int Group) key in now.Keys.ToArray())
        {
            Close(key, end);
        }

        return spans;

        void Close((int Lane, int Group) key, TimeSpan at)
        {
            if (now.Remove(key, out (TimeSpan From, string Role, long Term) was))
            {
                spans.Add([key.Lane, key.Group, RunPage.Us(was.From), RunPage.Us(at), was.Role, was.Term]);
            }
        }
    }

    private static string? RoleOf(TraceEvent happened)
    {
        string said = RunLanes.Field(happened, "role") ?? happened.Name;
        return Array.Find(["candidate", "follower", "leader"], role => said.Contains(role, StringComparison.OrdinalIgnoreCase));
    }
}
