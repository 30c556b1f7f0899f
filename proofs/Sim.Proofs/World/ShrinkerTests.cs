using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Sim.Trace;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Sim.Proofs;

/// <summary>Goal: a shrunk run breaks the same promise with nothing in it that could go. Method: systems whose smallest failing run is known.</summary>
public sealed class ShrinkerTests
{
    private const int Clients = 4;
    private const int Steps = 12;
    private static readonly ShrinkBudget Budget = new(TimeSpan.FromMinutes(1), Jobs: 2);

    [Fact]
    public void Only_what_breaks_the_promise_is_left_and_it_replays()
    {
        // Broken by two particular requests with a crash between them: three events, of some fifty.
        Scenario scenario = Story(static seen => seen.IndexOf("buy") is var buy and >= 0 && seen.IndexOf("crash", buy) is var crash and >= 0 && seen.IndexOf("sell", crash) >= 0);
        ExplorationFailure failure = SeedExplorer.Explore(scenario, 1, new ExplorationBudget(2000, Time: null)).Failure!;
        ShrinkResult result = Shrinker.Shrink(scenario, failure.Answers, Budget);
        Assert.True(ShrinkResult.EventsOf(result.Before) > 20);
        Assert.Equal(3, ShrinkResult.EventsOf(result.Run));
        Assert.True(result.IsMinimal);
        Assert.Equal("story", result.Run.PromiseBroken);
        ScenarioRun again = scenario(new ScenarioContext(new RecordedChoices(result.Answers)));
        Assert.Equal(result.Run.TraceHash, again.TraceHash);
        Assert.Equal("story", again.PromiseBroken);
    }

    [Fact]
    public void A_moment_that_moves_when_something_goes_is_found_again()
    {
        // The crash must come within one step after the third request: taking a request away moves that moment.
        Scenario scenario = Story(static seen => seen.Count(static what => what != "crash") >= 3 && seen.IndexOf("crash") == 3);
        ExplorationFailure failure = SeedExplorer.Explore(scenario, 1, new ExplorationBudget(2000, Time: null)).Failure!;
        ShrinkResult result = Shrinker.Shrink(scenario, failure.Answers, Budget);
        Assert.Equal(4, ShrinkResult.EventsOf(result.Run));
    }

    [Fact]
    public void The_promise_that_was_broken_stays_the_one()
    {
        // A run with fewer than five requests breaks another promise, which shrinking must not run into.
        Scenario scenario = context => context.Execute(new SimOptions(), world => world.Run(async () =>
        {
            List<string> seen = await LiveAsync(world);
            int requests = seen.Count(static what => what != "crash");
            throw requests < 5 ? new PromiseBrokenException("other", "few") : new PromiseBrokenException("this", "many");
        }));
        ShrinkResult result = Shrinker.Shrink(scenario, SeedExplorer.Explore(scenario, 3, new ExplorationBudget(1, Time: null)).Failure!.Answers, Budget);
        Assert.Equal("this", result.Run.PromiseBroken);
        Assert.Equal(5, ShrinkResult.EventsOf(result.Run));
    }

    [Theory]
    [InlineData((int)DiskBug.SyncDoesNothing)]
    [InlineData((int)DiskBug.DirectorySyncDoesNothing)]
    public void A_planted_disk_is_shrunk_to_one_request_and_one_crash(int bug)
    {
        Scenario scenario = context => context.Execute(new SimOptions(), world => world.Run(() => WriteAndCrashAsync(world, (DiskBug)bug)));
        ExplorationFailure failure = SeedExplorer.Explore(scenario, 1, new ExplorationBudget(500, Time: null)).Failure!;
        ShrinkResult result = Shrinker.Shrink(scenario, failure.Answers, Budget);
        Assert.Equal(failure.Run.PromiseBroken, result.Run.PromiseBroken);
        Assert.Equal(1, result.Run.Requests);
        Assert.Equal(2, ShrinkResult.EventsOf(result.Run));
    }

    [Fact]
    public void When_time_is_up_it_says_so_and_what_it_has_still_fails()
    {
        Scenario scenario = Story(static seen => seen.Count > 10);
        ExplorationFailure failure = SeedExplorer.Explore(scenario, 1, new ExplorationBudget(100, Time: null)).Failure!;
        ShrinkResult result = Shrinker.Shrink(scenario, failure.Answers, new ShrinkBudget(TimeSpan.Zero));
        Assert.False(result.IsMinimal);
        Assert.Equal("story", result.Run.PromiseBroken);
    }

    [Fact]
    public void A_run_that_keeps_its_promises_is_refused() =>
        Assert.Throws<ArgumentException>(() => Shrinker.Shrink(Story(static _ => false), [], Budget));

    [Fact]
    public void Without_answers_nothing_happens_by_chance()
    {
        var calm = new RecordedChoices([]);
        Assert.False(calm.Chance(999_999, "anything"));
        int happened = Enumerable.Range(0, 2000).Count(seed => new SeededChoices((ulong)seed).Chance(250_000, "anything"));
        Assert.InRange(happened, 400, 600);
    }

    /// <summary>Clients that do things, a world that may crash at some moment, and a judge of what happened.</summary>
    private static Scenario Story(Func<List<string>, bool> isBroken) => context => context.Execute(new SimOptions(), world => world.Run(async () =>
    {
        List<string> seen = await LiveAsync(world);
        if (isBroken(seen))
        {
            throw new PromiseBrokenException("story", string.Join(' ', seen));
        }
    }));

    private static async Task<List<string>> LiveAsync(SimWorld world)
    {
        var seen = new List<string>();
        var running = new List<Task>();
        for (int client = 0; client < Clients; client++)
        {
            running.Add(ClientAsync(client));
        }

        running.Add(CrashAsync());
        await Task.WhenAll(running);
        return seen;

        async Task ClientAsync(int client)
        {
            for (int step = 0; step < Steps; step++)
            {
                if (world.Choices.Next(10, $"client.{client}.act?") != 0)
                {
                    await world.Clock.DelayAsync(TimeSpan.FromMicroseconds(1 + world.Choices.Next(500, $"client.{client}.{step}.think")));
                    string what = ((string[])["look", "buy", "sell", "wait"])[world.Choices.Next(4, $"client.{client}.{step}.workload.what")];
                    world.Trace.Emit(TraceLevel.Info, TraceLog.ClientArea, TraceLog.CallName, ("request", what));
                    seen.Add(what);
                }
            }
        }

        async Task CrashAsync()
        {
            for (int crash = 0; crash < 3; crash++)
            {
                if (world.Choices.Next(2, "fault.crash?") != 0)
                {
                    await world.Clock.DelayAsync(TimeSpan.FromMicroseconds(1 + world.Choices.Next(3000, $"fault.crash.{crash}.at")));
                    world.Fault("crash", "world");
                    seen.Add("crash");
                }
            }
        }
    }

    private static async Task WriteAndCrashAsync(SimWorld world, DiskBug bug)
    {
        SimNode node = world.CreateNode("n");
        int acknowledged = 0;
        for (int step = 0; step < 10; step++)
        {
            if (world.Choices.Next(3, "client.0.act?") != 0)
            {
                world.Trace.Emit(TraceLevel.Info, TraceLog.ClientArea, TraceLog.CallName, ("request", "write"));
                int number = step;
                await WithDiskAsync(async disk =>
                {
                    Outcome<IDiskFile, DiskError> opened = await disk.OpenAsync($"file-{number}", DiskOpen.Create);
                    await opened.Value.WriteAsync(0, new byte[] { 1 });
                    await opened.Value.SyncAsync();
                    await disk.SyncDirectoryAsync();
                    return 0;
                });
                acknowledged++;
            }

            if (world.Choices.Next(2, "fault.crash?") != 0)
            {
                world.Fault("crash", node.Name);
                node.Crash();
                int found = await WithDiskAsync(CountAsync);
                if (found != acknowledged)
                {
                    throw new PromiseBrokenException("durable", $"{acknowledged} written, {found} found");
                }
            }
        }

        Task<int> WithDiskAsync(Func<IDisk, Task<int>> use) => node.IsUp
            ? node.CallAsync(() => use(new PlantedDisk(node.Disk, bug)))
            : node.Start(_ => use(new PlantedDisk(node.Disk, bug)));
    }

    private static async Task<int> CountAsync(IDisk disk)
    {
        int whole = 0;
        byte[] content = new byte[1];
        foreach (string name in (await disk.ListAsync()).Value)
        {
            Outcome<IDiskFile, DiskError> opened = await disk.OpenAsync(name, DiskOpen.Existing);
            Outcome<int, DiskError> read = await opened.Value.ReadAsync(0, content);
            whole += read.Value == 1 && content[0] == 1 ? 1 : 0;
        }

        return whole;
    }
}
