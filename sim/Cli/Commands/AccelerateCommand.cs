using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Sim.Cli.Measuring;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Commands;

/// <summary><c>accelerate</c>: how often the running engine loses stripes when disks fail thousands of times as often as real ones.</summary>
internal static class AccelerateCommand
{
    private const double HoursPerYear = 8766;

    internal static Command Make()
    {
        Option<ulong> seed = CommonOptions.Seed();
        var lives = new Option<int>("--lives") { Description = "Regions to run of each layout, each from its founding to its first loss.", DefaultValueFactory = static _ => 40 };
        var layouts = new Option<string[]>("--layout") { Description = "Only these layouts.", AllowMultipleArgumentsPerToken = true };
        layouts.AcceptOnlyFromAmong([.. AcceleratedLayout.All.Select(static layout => layout.Code)]);
        var jobs = new Option<int>("--jobs") { Description = "Regions at the same time (default: one for each processor).", DefaultValueFactory = static _ => Environment.ProcessorCount };
        Option<string?> json = CommonOptions.Json();
        json.Description = "Write the observations to this file, for 'compare' of the reports.";
        var command = new Command(
            "accelerate",
            "Lets disks of simulated regions fail for good, thousands of times as often as real ones, until stripes are lost, and counts. 'dotnet run --project reports/ObjectStore.Reports -c Release -- compare FILE' "
            + "holds the counts against the durability model: where both agree, the model may be trusted at real rates, which no run can reach.")
        {
            seed, lives, layouts, jobs, json,
        };
        command.SetAction(parsed =>
        {
            string[] named = parsed.GetValue(layouts) ?? [];
            AcceleratedLayout[] chosen = [.. AcceleratedLayout.All.Where(layout => named.Length == 0 || named.Contains(layout.Code))];
            var campaign = new Campaign(parsed.GetValue(seed), Math.Max(1, parsed.GetValue(lives)), Math.Max(1, parsed.GetValue(jobs)));
            var run = new AcceleratedRun(
                $"the engine in the simulator, {campaign.Lives} regions of 3 nodes and 12 disks for each layout, seeds from {campaign.Seed}", 0.95, [.. chosen.Select(campaign.Run)]);
            if (parsed.GetValue(json) is { } file)
            {
                ObservationFile.Write(file, run);
            }

            return ExitCodes.Clean;
        });
        return command;
    }

    /// <summary>Runs the lives of a layout after each other and at the same time.</summary>
    private sealed record Campaign(ulong Seed, int Lives, int Jobs)
    {
        internal Layout Run(AcceleratedLayout layout)
        {
            var outcomes = new LifeOutcome[Lives];
            int done = 0;
            Parallel.For(0, Lives, new ParallelOptions { MaxDegreeOfParallelism = Jobs }, number =>
            {
                var world = new SimWorld(new SeededChoices(unchecked(Seed + (ulong)number)), new SimOptions { StepLimit = long.MaxValue });
                outcomes[number] = world.Run(() => new AcceleratedLife(world, layout).RunAsync());
                Console.Error.Write($"\r{layout.Code}: {Interlocked.Increment(ref done)} of {Lives} lives ");
            });
            Console.Error.WriteLine();
            double hours = outcomes.Sum(static outcome => outcome.StripeTime.TotalHours);
            double[] repairs = [.. outcomes.SelectMany(static outcome => outcome.RepairTimes).Select(static time => time.TotalHours)];
            Console.WriteLine(
                $"{layout.Code}: {outcomes.Sum(static outcome => outcome.Losses)} stripes lost (of {outcomes.Sum(static outcome => outcome.GroupsLost)} placement groups) in {hours:0.0} stripe hours, "
                + $"{outcomes.Sum(static outcome => outcome.DiskFailures)} disks failed, repaired after {repairs.DefaultIfEmpty().Average() * 3600:0.0} s on average");
            return new Layout(layout.Code, [.. outcomes.Select(static outcome => new Life(
                outcome.Losses, outcome.StripeTime.TotalHours / HoursPerYear, outcome.DiskFailures, outcome.DiskTime.TotalHours / HoursPerYear))], repairs, "parallel");
        }
    }

    // The schema of reports/ObjectStore.Reports/Measured/AcceleratedRun.cs, where the fields are explained.
    private sealed record AcceleratedRun(string Source, double Confidence, IReadOnlyList<Layout> Layouts);

    private sealed record Layout([property: System.Text.Json.Serialization.JsonPropertyName("layout")] string Name, IReadOnlyList<Life> Lives, IReadOnlyList<double> RepairHours, string RepairOrder);

    private sealed record Life(int Losses, double StripeYears, int DiskFailures, double DiskYears);
}
