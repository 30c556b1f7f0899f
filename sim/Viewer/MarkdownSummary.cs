using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using ObjectStore.Sim.Trace;

namespace ObjectStore.Sim.Viewer;

/// <summary>A campaign in a few lines of Markdown, for the summary of a CI job.</summary>
public static class MarkdownSummary
{
    /// <summary>Writes the summary.</summary>
    public static string Render(CampaignResult campaign)
    {
        ArgumentNullException.ThrowIfNull(campaign);
        var text = new StringBuilder();
        Line(text, $"## Simulation: {(campaign.Verdict == "clean" ? "clean" : "a promise is BROKEN")}{(campaign.Shard is null ? "" : $" (shard {campaign.Shard})")}");
        text.Append('\n');
        Line(
            text,
            $"{campaign.Iterations:N0} runs, {campaign.Schedules:N0} different schedules, {campaign.Events:N0} events, {campaign.Requests:N0} requests; "
            + $"{campaign.VirtualSeconds:N0} virtual seconds in {campaign.WallSeconds:N1} s ({campaign.VirtualOverReal:N1} : 1); "
            + $"{campaign.SchedulesPerSecond:N0} schedules/s, {campaign.EventsPerSecond:N0} events/s; trace hash `{campaign.TraceHash}`");
        text.Append('\n');
        foreach (RunResult broken in campaign.Runs.Where(static run => run.Verdict != "clean"))
        {
            Line(text, $"**{Cell(broken.Scenario)}** ({Cell(broken.Strategy)}, seed {broken.Seed}): promise `{broken.PromiseBroken}` is broken"
                + (broken.Shrunk is { } shrunk ? $"; shrunk from {shrunk.EventsBefore} to {shrunk.Events} events" : "") + ".");
            Line(text, $"\n    {broken.ReplayCommand}\n");
        }

        Line(text, "| scenario | strategy | runs | events | virtual s | verdict |\n|---|---|--:|--:|--:|---|");
        foreach (RunResult run in campaign.Runs)
        {
            Line(text, $"| {Cell(run.Scenario)} | {Cell(run.Strategy)} | {run.Iterations:N0} | {run.Events:N0} | {run.VirtualSeconds:N1} | {(run.Verdict == "clean" ? "clean" : $"**{Cell(run.PromiseBroken ?? "broken")}**")} |");
        }

        Line(text, $"\nFaults: {Counts(campaign.Faults)}");
        Line(text, $"\nMarks: {campaign.Marks.Count} reached; never reached: {(campaign.MarksNeverHit.Count == 0 ? "none" : string.Join(", ", campaign.MarksNeverHit.Select(static mark => $"`{mark}`")))}");
        if (campaign.Detection.Count > 0)
        {
            Line(text, $"\nPlanted bugs found: {campaign.Detection.Count(static row => row.Found)} of {campaign.Detection.Count}");
        }

        return text.ToString();
    }

    private static string Counts(IReadOnlyDictionary<string, long> counts) =>
        counts.Count == 0 ? "none" : string.Join(", ", counts.Select(static kind => string.Create(CultureInfo.InvariantCulture, $"{kind.Value:N0} {kind.Key}")));

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace('\n', ' ');

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');
}
