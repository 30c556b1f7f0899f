using System;
using System.CommandLine;
using ObjectStore.Sim.Trace;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Commands;

/// <summary><c>shrink</c>: makes a failing run small.</summary>
internal static class ShrinkCommand
{
    internal static readonly TimeSpan TimeUnlessSaid = TimeSpan.FromSeconds(60);

    internal static Command Make()
    {
        var source = new RunSource.Options();
        Option<TimeSpan?> budget = CommonOptions.Time("--budget", "Real time to spend, such as 20s (default 60s).");
        var output = new Option<string?>("--out") { Description = "The choice file to write (default: artifacts/sim/NAME.shrunk.choices); a page about the run goes beside it." };
        Option<string?> json = CommonOptions.Json();
        var command = new Command(
            "shrink",
            "Takes requests, faults and choices away from a failing run for as long as the same promise stays broken. Leaves a choice file, which 'replay' repeats, and a page.")
        {
            budget, output, json,
        };
        source.AddTo(command);
        command.SetAction(parsed =>
        {
            (RunSource? run, string complaint) = source.Read(parsed);
            if (run is null)
            {
                return ExitCodes.Refuse(complaint);
            }

            var recording = new RecordingChoices(run.Choices());
            ScenarioRun seen = run.Scenario.Run(new ScenarioContext(recording));
            if (seen.PromiseBroken is null)
            {
                return ExitCodes.Refuse("This run keeps every promise: there is nothing to shrink.");
            }

            Console.WriteLine($"{run.Scenario.Name}: promise '{seen.PromiseBroken}' broken; shrinking");
            string file = parsed.GetValue(output) ?? $"{FailureReport.Folder}/{run.Name}.shrunk.choices";
            ShrunkRun shrunk = Shrinking.Run(run.Scenario, recording.Answers, parsed.GetValue(budget) ?? TimeUnlessSaid, file, Console.Out);
            Results.Save(Results.Of(run, seen) with { Shrunk = shrunk, ChoiceFile = file }, parsed.GetValue(json));
            return ExitCodes.PromiseBroken;
        });
        return command;
    }
}
