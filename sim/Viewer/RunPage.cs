using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using ObjectStore.Engine.Kernel;
using ObjectStore.Sim.Trace;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Viewer;

/// <summary>What a page about a run says besides what was recorded of it.</summary>
/// <param name="Title">Scenario and what names the run.</param>
/// <param name="Replay">The command that repeats it; null: none.</param>
public sealed record RunPageHeader(string Title, string? Replay);

/// <summary>One self-contained HTML file about one run. It opens from disk, loads nothing, and holds only so much: what is left out is said in it.</summary>
public static class RunPage
{
    /// <summary>Trace events in a page at most.</summary>
    public const int EventCountMax = 20_000;

    /// <summary>Messages in a page, and requests to disks, at most of each; the last ones are kept.</summary>
    public const int ArrowCountMax = 12_000;

    /// <summary>Requests of the history at most; the last ones are kept, and all that have to do with what is broken.</summary>
    public const int HistoryCountMax = 5_000;

    /// <summary>Power losses of disks at most; the last ones are kept.</summary>
    public const int CrashCountMax = 24;

    private const int TextLengthMax = 2_000;

    /// <summary>Makes the page.</summary>
    public static string Render(RunPageHeader header, RunRecorder recorded, ScenarioRun run)
    {
        ArgumentNullException.ThrowIfNull(header);
        RunPageData data = Data(header, recorded, run);
        return PageTemplate.Fill(
            "run.html",
            header.Title,
            ["page.css", "run.css"],
            ["run.model.js", "run.timeline.js", "run.panels.js", "run.main.js"],
            data.ToJson());
    }

    /// <summary>Runs the scenario once more with a recorder and writes the page about it.</summary>
    public static void Write(string path, RunPageHeader header, Scenario scenario, IChoices choices)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        var recorder = new RunRecorder();
        ScenarioRun run = scenario(new ScenarioContext(choices) { Observer = recorder });
        File.WriteAllText(path, Render(header, recorder, run));
    }

    internal static RunPageData Data(RunPageHeader header, RunRecorder recorded, ScenarioRun run)
    {
        var lanes = new RunLanes(recorded);
        var leftOut = new List<string>();
        IReadOnlyList<TraceEvent> events = Bounded(recorded.Events, recorded.Dropped.Events, leftOut);
        IReadOnlyList<RecordedMessage> messages = Last(recorded.Messages, ArrowCountMax, recorded.Dropped.Messages, "messages", leftOut);
        IReadOnlyList<RecordedDiskRequest> disks = Last(recorded.DiskRequests, ArrowCountMax, recorded.Dropped.DiskRequests, "requests to disks", leftOut);
        IReadOnlyList<RecordedCrash> crashes = Last(recorded.Crashes, CrashCountMax, 0, "power losses of disks", leftOut);
        IReadOnlyList<ObservedRequest> history = History(recorded.History, leftOut);
        TimeSpan end = run.VirtualTime;
        return new RunPageData
        {
            Title = header.Title,
            Promise = run.PromiseBroken,
            Explanation = Short(run.Explanation, 20 * TextLengthMax),
            Replay = header.Replay,
            Facts =
            [
                ["steps", run.Events.ToString("N0", CultureInfo.InvariantCulture)],
                ["virtual time", $"{run.VirtualTime.TotalSeconds:0.######} s"],
                ["requests", $"{run.Requests}"],
                ["faults", run.Faults.Count == 0 ? "none" : string.Join(", ", run.Faults.Select(static kind => $"{kind.Value} {kind.Key}"))],
                ["trace hash", run.TraceHash.ToString("x16", CultureInfo.InvariantCulture)],
            ],
            EndUs = Us(end),
            Lanes = lanes.All,
            Events = [.. events.Select(happened => new object[]
            {
                Us(happened.At), happened.Step, lanes.Of(happened), happened.Level.ToString(), happened.Area, happened.Name, Short(TextOf(happened))!,
            })],
            Messages = [.. messages.Select(message => new object[]
            {
                lanes.Named(message.From), lanes.Named(message.To), Us(message.Sent), Us(message.Ended ?? end), message.Arrived, Short(message.Text)!,
            })],
            Requests = RequestSpans.Of(recorded, lanes, end),
            Disks = [.. disks.Select(asked => new object[]
            {
                lanes.Disk(asked.Disk), Us(asked.At), Us(asked.At + asked.Takes), asked.Request.Verb.ToString(), asked.Request.Name, asked.Request.Offset, asked.Request.LengthBytes,
            })],
            Lives = NodeSpans.Lives(recorded.Events, lanes, end),
            Roles = NodeSpans.Roles(recorded.Events, lanes, end),
            Crashes = [.. crashes.Select(static crash => new CrashOfDisk(Us(crash.At), crash.Node, crash.Report.Disk, [.. crash.Report.Files.Select(Of)]))],
            History = [.. history.Select(static entry => new HistoryRow(
                entry.Id, entry.Client, Us(entry.Call), Us(entry.Return), Short(entry.Asked)!, Short(entry.Answered)))],
            Unplaceable = recorded.History?.Unplaceable,
            Involved = recorded.History?.Involved ?? [],
            States = [.. (recorded.History?.States ?? []).Select(static state => Short(state, 2 * TextLengthMax)!)],
            Faults = run.Faults,
            Marks = run.Marks,
            LeftOut = leftOut,
        };
    }

    /// <summary>Microseconds.</summary>
    internal static double Us(TimeSpan time) => time.Ticks / (double)TimeSpan.TicksPerMicrosecond;

    internal static string? Short(string? text, int lengthMax = TextLengthMax) =>
        text is null || text.Length <= lengthMax ? text : string.Concat(text.AsSpan(0, lengthMax), $"… ({text.Length - lengthMax} more characters)");

    private static string TextOf(TraceEvent happened) =>
        string.Join(' ', happened.Fields.Select(static field => $"{field.Name}={field.Text ?? field.Number.ToString(CultureInfo.InvariantCulture)}"));

    private static FileAtCrash Of(FileCrashReport file) => new(
        file.Name, file.LengthBefore, file.LengthDurable, file.LengthAfter, file.Unsynced, file.Kept, file.Lost, file.Torn, file.Bad, file.Map);

    /// <summary>All events, or the first and the last and what matters between them.</summary>
    private static IReadOnlyList<TraceEvent> Bounded(IReadOnlyList<TraceEvent> events, long dropped, List<string> leftOut)
    {
        IReadOnlyList<TraceEvent> kept = events;
        if (events.Count > EventCountMax)
        {
            const int Edge = EventCountMax / 3;
            TraceEvent[] middle = [.. events.Skip(Edge).Take(events.Count - (2 * Edge)).Where(Matters)];
            kept = [.. events.Take(Edge), .. middle.TakeLast(Edge), .. events.TakeLast(Edge)];
        }

        long gone = dropped + events.Count - kept.Count;
        if (gone > 0)
        {
            leftOut.Add($"{gone} trace events (kept: the first and the last ones, and faults, warnings and starts between them)");
        }

        return kept;
    }

    private static bool Matters(TraceEvent happened) =>
        happened.Level is TraceLevel.Warning or TraceLevel.Error || happened.Area is TraceLog.FaultArea or "node" or "raft" or "run";

    private static IReadOnlyList<T> Last<T>(IReadOnlyList<T> all, int most, long dropped, string what, List<string> leftOut)
    {
        long gone = dropped + Math.Max(0, all.Count - most);
        if (gone > 0)
        {
            leftOut.Add($"the first {gone} {what}");
        }

        return all.Count <= most ? all : [.. all.TakeLast(most)];
    }

    private static IReadOnlyList<ObservedRequest> History(ObservedHistory? history, List<string> leftOut)
    {
        if (history is null || history.Entries.Count <= HistoryCountMax)
        {
            return history?.Entries ?? [];
        }

        var needed = new HashSet<int>(history.Involved);
        needed.UnionWith(history.Entries.TakeLast(HistoryCountMax).Select(static entry => entry.Id));
        if (history.Unplaceable is { } unplaceable)
        {
            needed.Add(unplaceable);
        }

        ObservedRequest[] kept = [.. history.Entries.Where(entry => needed.Contains(entry.Id))];
        leftOut.Add($"{history.Entries.Count - kept.Length} requests of the history that have nothing to do with what is broken");
        return kept;
    }
}
