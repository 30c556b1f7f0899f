using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using ObjectStore.Engine.Kernel;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Sim.Proofs;

public sealed class ExplorationTests
{
    public static TheoryData<CoyoteStrategy> Strategies => [.. Enum.GetValues<CoyoteStrategy>()];

    [Fact]
    public void The_same_seed_gives_the_same_trace_and_other_seeds_give_others()
    {
        Scenario scenario = CounterScenario.Of(syncs: true);
        var hashes = new HashSet<ulong>();
        for (ulong seed = 0; seed < 50; seed++)
        {
            Assert.Null(SeedExplorer.CheckRepeatable(scenario, seed));
            hashes.Add(SeedExplorer.Repeat(scenario, seed).TraceHash);
        }

        Assert.Equal(50, hashes.Count);
    }

    [Fact]
    public void What_the_seed_does_not_decide_is_caught_by_running_twice()
    {
        int planted = 0;
        Scenario scenario = context => context.Execute(new SimOptions(), world => world.Run(async () =>
        {
            SimNode node = world.CreateNode("n");
            await node.Start(async environment =>
            {
                await environment.Clock.DelayAsync(TimeSpan.FromMicroseconds(10 + planted++));
                return true;
            });
        }));
        Assert.NotNull(SeedExplorer.CheckRepeatable(scenario, 1));

        Scenario byGuid = context => context.Execute(new SimOptions(), world => world.Run(() =>
        {
            world.Trace.Emit(TraceLevel.Info, "test", "id", ("id", Guid.NewGuid().ToString()));
            return System.Threading.Tasks.Task.CompletedTask;
        }));
        Assert.NotNull(SeedExplorer.CheckRepeatable(byGuid, 1));
    }

    [Fact]
    public void A_system_that_keeps_its_promise_is_clean_under_seeds()
    {
        Exploration seen = SeedExplorer.Explore(CounterScenario.Of(syncs: true), 1, new ExplorationBudget(300, Time: null));
        Assert.Null(seen.Failure);
        Assert.Equal(300, seen.Iterations);
        Assert.Equal(300, seen.Schedules);
        Assert.True(seen.Marks["counter-opened"] >= 300);
        Assert.True(seen.VirtualTime > TimeSpan.Zero);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_acknowledgement_before_the_sync_is_caught_by_seeds_and_replays(bool prioritised)
    {
        Scenario scenario = CounterScenario.Of(syncs: false);
        Exploration seen = SeedExplorer.Explore(scenario, 1, new ExplorationBudget(300, Time: null), prioritised);
        AssertReplays(scenario, seen);
        Assert.Equal(seen.Failure!.Run.TraceHash, SeedExplorer.Repeat(scenario, seen.Failure.Seed!.Value, prioritised).TraceHash);
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public void An_acknowledgement_before_the_sync_is_caught_by_Coyote_and_replays(CoyoteStrategy strategy)
    {
        Scenario scenario = CounterScenario.Of(syncs: false);
        AssertReplays(scenario, CoyoteExplorer.Explore(scenario, strategy, 7, new ExplorationBudget(300, Time: null)));
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public void A_system_that_keeps_its_promise_is_clean_under_Coyote_and_its_runs_differ(CoyoteStrategy strategy)
    {
        Exploration seen = CoyoteExplorer.Explore(CounterScenario.Of(syncs: true), strategy, 7, new ExplorationBudget(100, Time: null));
        Assert.Null(seen.Failure);
        Assert.Equal(100, seen.Iterations);
        Assert.True(seen.Schedules > 90, $"{seen.Schedules} different runs of 100");
    }

    [Fact]
    public void The_same_seed_of_a_strategy_gives_the_same_exploration()
    {
        Exploration first = CoyoteExplorer.Explore(CounterScenario.Of(syncs: true), CoyoteStrategy.Random, 3, new ExplorationBudget(20, Time: null));
        Exploration second = CoyoteExplorer.Explore(CounterScenario.Of(syncs: true), CoyoteStrategy.Random, 3, new ExplorationBudget(20, Time: null));
        Assert.Equal(first.TraceHash, second.TraceHash);
    }

    private static void AssertReplays(Scenario scenario, Exploration seen)
    {
        Assert.NotNull(seen.Failure);
        Assert.Equal("durable", seen.Failure.Run.PromiseBroken);
        string path = Path.GetTempFileName();
        try
        {
            new ChoiceFile("counter", seen.Failure.Answers).Save(path);
            ChoiceFile loaded = ChoiceFile.Load(path);
            Assert.Equal("counter", loaded.Scenario);
            Assert.Equal(seen.Failure.Answers, loaded.Answers.ToArray());
            ScenarioRun again = scenario(new ScenarioContext(new RecordedChoices(loaded.Answers)));
            Assert.Equal(seen.Failure.Run.TraceHash, again.TraceHash);
            Assert.Equal(seen.Failure.Run.Explanation, again.Explanation);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
