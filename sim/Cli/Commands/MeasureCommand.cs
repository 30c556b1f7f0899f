using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.Cli.Measuring;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Commands;

/// <summary><c>measure</c>: how soon the running engine notices a loss, how fast it mends it and what scrubbing finds.</summary>
internal static class MeasureCommand
{
    internal static Command Make()
    {
        Option<ulong> seed = CommonOptions.Seed();
        var regions = new Option<int>("--regions") { Description = "Regions to run, with seeds one after the other.", DefaultValueFactory = static _ => 3 };
        var incidents = new Option<int>("--losses") { Description = "Nodes that each region loses for good, one after the other.", DefaultValueFactory = static _ => 4 };
        Option<string?> json = CommonOptions.Json();
        json.Description = "Write the observations to this file, for 'durability --measured' of the reports.";
        var command = new Command(
            "measure",
            "Runs regions at the server's own paces, takes nodes away for good and lets bits rot, and measures in virtual time: from a loss to its repair, from there to full redundancy, and what one pass of "
            + "scrubbing finds. 'dotnet run --project reports/ObjectStore.Reports -c Release -- durability --measured FILE' puts it in the place of assumptions.")
        {
            seed, regions, incidents, json,
        };
        command.SetAction(parsed =>
        {
            ulong first = parsed.GetValue(seed);
            int count = Math.Max(1, parsed.GetValue(regions));
            var losses = new List<MeasuredLoss>();
            var scrubs = new List<MeasuredScrubbing>();
            for (int number = 0; number < count; number++)
            {
                var world = new SimWorld(new SeededChoices(unchecked(first + (ulong)number)), new SimOptions { StepLimit = long.MaxValue });
                (IReadOnlyList<MeasuredLoss> seen, MeasuredScrubbing scrub) = world.Run(() => new MeasuredRegion(world).RunAsync(Math.Max(1, parsed.GetValue(incidents))));
                losses.AddRange(seen);
                scrubs.Add(scrub);
                foreach (MeasuredLoss loss in seen)
                {
                    Console.WriteLine($"region {number + 1}: a node lost; repair began after {loss.Detection.TotalSeconds:0.0} s, {loss.Bytes / 1e6:0} MB of shards were whole again {loss.Rebuild.TotalSeconds:0.0} s later");
                }

                Console.WriteLine($"region {number + 1}: {scrub.Found} of {scrub.Planted} rotten shards found and mended, a pass takes {scrub.Passes.DefaultIfEmpty().Average(static pass => pass.TotalHours):0.00} h of {MeasuredRegion.ScrubPeriod.TotalHours:0.00} h");
            }

            if (parsed.GetValue(json) is { } file)
            {
                ObservationFile.Write(file, Observations(first, count, losses, scrubs));
            }

            return ExitCodes.Clean;
        });
        return command;
    }

    private static MeasuredEngine Observations(ulong seed, int regions, List<MeasuredLoss> losses, List<MeasuredScrubbing> scrubs)
    {
        TimeSpan delivered = new ChunkStoreOptions().ScrubPeriod;
        return new MeasuredEngine(
            $"the engine in the simulator, {regions} regions of 6 nodes and 12 disks, {MeasuredRegion.DataBytes / 1e6:0} MB of objects at 3+3, repair held to {MeasuredRegion.RepairBytesPerSecond / 1e6:0} MB/s of each node, "
            + $"nodes lost for good, seeds from {seed}; passes of scrubbing took their share of {MeasuredRegion.ScrubPeriod.TotalMinutes:0} minutes and are stated for the {delivered.TotalDays:0} days that the server takes",
            [.. losses.Select(static loss => loss.Detection.TotalSeconds)],
            [.. losses.Select(static loss => new Rebuild(loss.Bytes, loss.Rebuild.TotalSeconds, loss.PoolDisks, MeasuredRegion.DataShards))],
            new Scrub(
                scrubs.Sum(static scrub => scrub.Planted), scrubs.Sum(static scrub => scrub.Found),
                [.. scrubs.SelectMany(static scrub => scrub.Passes).Select(pass => pass / MeasuredRegion.ScrubPeriod * delivered.TotalHours)]));
    }

    // The schema of reports/ObjectStore.Reports/Measured/MeasuredEngine.cs, where the fields are explained.
    private sealed record MeasuredEngine(string Source, IReadOnlyList<double> DetectionSeconds, IReadOnlyList<Rebuild> Rebuilds, Scrub Scrub);

    private sealed record Rebuild(double Bytes, double Seconds, int PoolDisks, double ShardsReadPerShard);

    private sealed record Scrub(int Planted, int Found, IReadOnlyList<double> PassHours);
}
