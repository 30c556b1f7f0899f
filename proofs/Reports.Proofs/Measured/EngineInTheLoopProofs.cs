using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using MathNet.Numerics.Distributions;
using Xunit;

namespace ObjectStore.Reports.Proofs;

/// <summary>Measurements whose truth is known give that truth back, inside its interval, and a wrong model is told apart.</summary>
public sealed class EngineInTheLoopProofs
{
    private const double Failures = 1.5;

    [Fact]
    public void Measured_inputs_cover_the_truth_they_were_drawn_from_about_as_often_as_they_say()
    {
        int covered = 0;
        const int Trials = 300;
        for (int seed = 0; seed < Trials; seed++)
        {
            MeasuredInputs inputs = Synthetic(seed).Inputs(0.95);
            covered += inputs.DetectionHours!.Value.Contains(0.01) ? 1 : 0;
            covered += inputs.RepairMegabytesPerSecondPerDisk!.Value.Contains(20) ? 1 : 0;
            covered += inputs.ScrubCoverage!.Value.Contains(0.9) ? 1 : 0;
            covered += inputs.ScrubDays!.Value.Contains(10) ? 1 : 0;
        }

        Assert.InRange(covered / (4.0 * Trials), 0.92, 0.99);
    }

    [Fact]
    public void The_model_at_measured_inputs_is_the_model_at_the_truth()
    {
        var layout = Layout.Parse("4+2@6");
        Assumptions truth = new() { DetectionHours = 0.01, RepairMegabytesPerSecondPerDisk = 20, ScrubCoverage = 0.9, ScrubDays = 10 };
        Interval loss = Synthetic(1).Inputs(0.99).Loss(layout, new Assumptions { DetectionHours = 5, ScrubDays = 300 });
        Assert.True(loss.Contains(DurabilityResult.Of(layout, truth).Total), $"{loss}");
        Assert.True(loss.Low < loss.Value && loss.Value < loss.High);
    }

    [Fact]
    public void What_was_not_measured_stays_assumed()
    {
        Assumptions assumed = new() { RebuildHours = 7, ScrubDays = 11 };
        MeasuredInputs inputs = new MeasuredEngine { Source = "nothing but detection", DetectionSeconds = [3600, 3600] }.Inputs(0.95);
        Assert.Equal(assumed with { DetectionHours = 1 }, inputs.Value(assumed));
    }

    [Fact]
    public void Rebuilds_are_told_in_the_unit_of_the_repair_budget() =>
        Assert.Equal(20, new MeasuredRebuild(Bytes: 1e12, Seconds: 5500, PoolDisks: 100, ShardsReadPerShard: 10).MegabytesPerSecondPerDisk, 1e-9);

    [Fact]
    public void Impossible_measurements_are_refused() => Assert.Throws<FormatException>(
        () => new MeasuredEngine { Source = "more found than planted", Scrub = new MeasuredScrub(1, 2, [1]) }.Inputs(0.95));

    [Theory]
    [InlineData("4+2@1", 80)]
    [InlineData("3x@1", 300)]
    [InlineData("6+3@1", 300)]
    public void Accelerated_losses_of_a_known_process_overlap_with_the_model(string layout, double repairHours)
    {
        EngineAgainstModel result = EngineAgainstModel.Of(Lives(layout, Failures, repairHours, seed: 21), 0.95);
        Assert.True(result.Agrees, $"{result}");
        Assert.True(result.Lost > 100);
    }

    [Theory]
    [InlineData("4+2@1", 80)]
    [InlineData("3x@1", 300)]
    public void An_engine_that_repairs_half_as_fast_as_it_says_does_not_overlap(string layout, double repairHours)
    {
        AcceleratedLayout slow = Lives(layout, Failures, 2 * repairHours, seed: 22);
        AcceleratedLayout lying = slow with { RepairHours = [.. slow.RepairHours.Select(hours => hours / 2)] };
        Assert.False(EngineAgainstModel.Of(lying, 0.95).Agrees);
    }

    [Fact]
    public void No_losses_agree_with_nothing()
    {
        AcceleratedLayout quiet = Lives("6+3@1", 0.05, 10, seed: 23);
        Assert.False(EngineAgainstModel.Of(quiet, 0.95).Agrees);
    }

    [Fact]
    public void Stripes_lost_together_widen_the_interval_of_the_engine()
    {
        AcceleratedLife[] together = [.. Enumerable.Range(0, 20).Select(i => new AcceleratedLife(i % 4 == 0 ? 200 : 0, 100, 10, 10))];
        AcceleratedLife[] alone = [.. Enumerable.Range(0, 20).Select(_ => new AcceleratedLife(50, 100, 10, 10))];
        Assert.True(EngineAgainstModel.LossRate(together, 0.95).RelativeError > 5 * EngineAgainstModel.LossRate(alone, 0.95).RelativeError);
    }

    [Fact]
    public void Example_files_in_the_readme_are_read()
    {
        string readme = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Reports.README.md"));
        string[] examples = [.. readme.Split("```json\n").Skip(1).Select(part => part.Split("```")[0])];
        Assert.Equal(2, examples.Length);
        Assert.NotNull(JsonSerializer.Deserialize<MeasuredEngine>(examples[0], Outputs.Options)!.Inputs(0.95).ScrubDays);
        AcceleratedRun run = JsonSerializer.Deserialize<AcceleratedRun>(examples[1], Outputs.Options)!;
        Assert.All(run.Layouts, layout => Assert.True(EngineAgainstModel.Of(layout, run.Confidence).Agrees));
    }

    private static MeasuredEngine Synthetic(int seed)
    {
        var random = new Random(seed);
        return new MeasuredEngine
        {
            Source = "drawn from known distributions",
            DetectionSeconds = [.. Enumerable.Range(0, 40).Select(_ => 36 * (0.5 + random.NextDouble()))],
            Rebuilds = [.. Enumerable.Range(0, 30).Select(_ => new MeasuredRebuild(20e6 * 10 * 100 / 11.0 * (0.5 + random.NextDouble()), 10, 100, 10))],
            Scrub = new MeasuredScrub(200, Binomial.Sample(random, 0.9, 200), [.. Enumerable.Range(0, 20).Select(_ => 240 * (0.5 + random.NextDouble()))]),
        };
    }

    /// <summary>
    /// Independent stripes played out shard by shard, with fixed repair times: neither the chain's states nor its exponential repairs. A shard is mended by itself; with
    /// that the loss rate does not depend on the distribution of the repair time but through its mean (Sevastyanov's theorem).
    /// </summary>
    private static AcceleratedLayout Lives(string code, double failuresPerYear, double repairHours, ulong seed)
    {
        var layout = Layout.Parse(code);
        var random = new SplitMix(seed);
        var lives = new List<AcceleratedLife>();
        for (int life = 0; life < 40; life++)
        {
            int losses = 0;
            int failures = 0;
            double hours = 0;
            double down = 0;
            for (int stripe = 0; stripe < 150; stripe++)
            {
                (bool lost, double watched, int failed, double shardsDown) = Play(layout, failuresPerYear / Assumptions.HoursPerYear, repairHours, ref random);
                losses += lost ? 1 : 0;
                failures += failed;
                hours += watched;
                down += shardsDown;
            }

            double years = hours / Assumptions.HoursPerYear;
            lives.Add(new AcceleratedLife(losses, years, failures, (years * layout.Shards) - (down / Assumptions.HoursPerYear)));
        }

        return new AcceleratedLayout { Layout = code, Lives = lives, RepairHours = [repairHours, repairHours] };
    }

    private static (bool Lost, double Hours, int Failures, double ShardHoursDown) Play(Layout layout, double rate, double repairHours, ref SplitMix random)
    {
        const double End = 3 * Assumptions.HoursPerYear;
        double[] next = new double[layout.Shards];
        for (int shard = 0; shard < next.Length; shard++)
        {
            next[shard] = -Math.Log(1 - random.NextDouble()) / rate;
        }

        double[] back = new double[layout.Shards];
        int failures = 0;
        double down = 0;
        while (true)
        {
            int shard = Array.IndexOf(next, next.Min());
            double now = next[shard];
            if (now >= End)
            {
                return (false, End, failures, down - back.Sum(until => Math.Max(0, until - End)));
            }

            failures++;
            down += repairHours;
            back[shard] = now + repairHours;
            next[shard] = back[shard] - (Math.Log(1 - random.NextDouble()) / rate);
            if (back.Count(until => until > now) > layout.Shards - layout.Data)
            {
                return (true, now, failures, down - back.Sum(until => Math.Max(0, until - now)));
            }
        }
    }
}
