using System;
using ObjectStore.Engine.Proofs.Storage.Index;
using ObjectStore.Sim.Cli.Simulation;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Engine.Proofs.Storage;

/// <summary>Goal: the simulator's scenarios of one store are silent about a store that keeps its promises, and loud about a disk under it that lies.</summary>
public sealed class StoreScenarioTests
{
    [Theory]
    [InlineData("store-rows")]
    [InlineData("store-crash")]
    [InlineData("store-full")]
    [InlineData("store-torn")]
    [InlineData("store-chunks")]
    [InlineData("store-chunks-rot")]
    public void A_store_on_an_honest_disk_runs_clean(string name)
    {
        SimScenario scenario = ScenarioCatalogue.Find(name)!;
        for (ulong seed = 1; seed <= 8; seed++)
        {
            ScenarioRun run = scenario.Run(new ScenarioContext(new SeededChoices(seed)));
            Assert.True(run.PromiseBroken is null, $"seed {seed}: {run.PromiseBroken}: {run.Explanation}");
        }
    }

    [Theory]
    [InlineData(DiskLie.DropsSync, "wal-")]
    [InlineData(DiskLie.DropsSync, "run-")]
    [InlineData(DiskLie.DropsSync, "manifest-")]
    [InlineData(DiskLie.WritesAfterSync, "wal-")]
    [InlineData(DiskLie.DropsDirectorySync, "-")]
    public void A_disk_that_lies_breaks_a_promise(DiskLie lie, string prefix)
    {
        SimScenario scenario = (ScenarioCatalogue.StoreCrash with { Between = disk => new LyingDisk(disk, lie, prefix) }).As("lying");
        for (ulong seed = 1; seed <= 40; seed++)
        {
            if (scenario.Run(new ScenarioContext(new SeededChoices(seed))).PromiseBroken is { } promise)
            {
                Assert.True(promise is "durable" or "recovers" or "reads" or "verifies", promise);
                return;
            }
        }

        Assert.Fail($"{lie} of {prefix} was not seen in 40 runs");
    }

    [Fact]
    public void Opening_and_closing_without_a_write_leaves_no_more_log_segments()
    {
        var life = new StoreLife(3);
        life.World.Run(async () =>
        {
            await life.OpenAsync();
            await life.WorkAsync(20);
            await life.SettleAsync();
            for (int opening = 0; opening < 10; opening++)
            {
                await life.Store!.CloseAsync();
                await life.RecoverAsync();
            }

            await life.World.Clock.DelayAsync(TimeSpan.FromMilliseconds(20));
            int segments = 0;
            foreach (string name in life.Disk.Names)
            {
                segments += name.StartsWith("wal-", StringComparison.Ordinal) ? 1 : 0;
            }

            Assert.InRange(segments, 1, 3 + life.Options.LogSegmentsSpareMax);
        });
    }
}
