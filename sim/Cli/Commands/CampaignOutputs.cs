using System;
using System.CommandLine;
using System.IO;
using System.Linq;
using ObjectStore.Sim.Cli.Coverage;
using ObjectStore.Sim.Trace;
using ObjectStore.Sim.Viewer;

namespace ObjectStore.Sim.Cli.Commands;

/// <summary>The files that a campaign writes, and its exit code.</summary>
internal sealed class CampaignOutputs
{
    private readonly Option<string?> _json = new("--json") { Description = "Write the result of the campaign to this file (schema: sim/Trace/CampaignResult.cs)." };
    private readonly Option<string?> _html = new("--html") { Description = "Write one HTML page about the campaign to this file; it needs nothing else." };
    private readonly Option<string?> _junit = new("--junit") { Description = "Write JUnit XML for a CI system to this file." };
    private readonly Option<string?> _markdown = new("--markdown") { Description = "Write a short summary in Markdown to this file." };
    private readonly Option<bool> _requireMarks = new("--require-marks") { Description = "Exit code 3 when a mark of sim/Cli/Coverage/marks.txt was never reached." };

    internal void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_json, _html, _junit, _markdown, _requireMarks])
        {
            command.Add(option);
        }
    }

    /// <summary>Writes what was asked for, tells the totals, and decides.</summary>
    internal int Write(ParseResult parsed, CampaignResult campaign)
    {
        bool requireMarks = parsed.GetValue(_requireMarks);
        Save(parsed.GetValue(_json), campaign.ToJson);
        Save(parsed.GetValue(_html), () => CampaignPage.Render(campaign));
        Save(parsed.GetValue(_junit), () => JUnitReport.Render(campaign, requireMarks));
        Save(parsed.GetValue(_markdown), () => MarkdownSummary.Render(campaign));
        Console.WriteLine(
            $"total: {campaign.Iterations} runs, {campaign.Schedules} schedules, {campaign.Events} events, {campaign.Requests} requests, {campaign.Faults.Values.Sum()} faults; "
            + $"{campaign.VirtualSeconds:0.0} virtual s in {campaign.WallSeconds:0.0} s ({campaign.VirtualOverReal:0.0}:1); "
            + $"{campaign.SchedulesPerSecond:0.0} schedules/s, {campaign.EventsPerSecond:0} events/s; marks reached {campaign.Marks.Count}, never {campaign.MarksNeverHit.Count}");
        if (campaign.Verdict != "clean")
        {
            return ExitCodes.PromiseBroken;
        }

        if (requireMarks && campaign.MarksNeverHit.Count > 0)
        {
            Console.WriteLine($"never reached: {string.Join(", ", campaign.MarksNeverHit)}");
            return ExitCodes.MarkNeverHit;
        }

        if (requireMarks && MarkRegistry.Surprises(campaign.Marks) is { Count: > 0 } surprises)
        {
            Console.WriteLine($"reached, though sim/Cli/Coverage/marks.txt does not expect it: {string.Join(", ", surprises)}");
            return ExitCodes.MarkNeverHit;
        }

        return ExitCodes.Clean;
    }

    private static void Save(string? file, Func<string> content)
    {
        if (file is not null)
        {
            if (Path.GetDirectoryName(file) is { Length: > 0 } folder)
            {
                Directory.CreateDirectory(folder);
            }

            File.WriteAllText(file, content());
        }
    }
}
