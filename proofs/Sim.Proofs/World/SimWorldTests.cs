using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Sim.Proofs;

public sealed class SimWorldTests
{
    [Fact]
    public void A_deadlock_names_what_waits()
    {
        var world = new SimWorld(new SeededChoices(1));
        NodeEnvironment environment = world.CreateEnvironment(world.CreateDisk());
        SimDeadlockException deadlock = Assert.Throws<SimDeadlockException>(() => world.Run(async () =>
        {
            environment.Spawner.Spawn(world.TestLoop, "flusher", static () => new TaskCompletionSource().Task);
            await new TaskCompletionSource().Task;
        }));
        Assert.Contains("solo/flusher", deadlock.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_does_not_end_is_stopped_by_steps_and_by_virtual_time()
    {
        var steps = new SimWorld(new SeededChoices(1), new SimOptions { StepLimit = 1000 });
        Assert.Throws<SimLimitException>(() => steps.Run(static async () =>
        {
            while (true)
            {
                await Task.Yield();
            }
        }));
        var time = new SimWorld(new SeededChoices(1), new SimOptions { TimeLimit = TimeSpan.FromHours(1) });
        Assert.Throws<SimLimitException>(() => time.Run(async () =>
        {
            while (true)
            {
                await time.Clock.DelayAsync(TimeSpan.FromMinutes(1));
            }
        }));
        Assert.InRange(time.Now, TimeSpan.FromMinutes(58), TimeSpan.FromHours(1));
    }

    [Fact]
    public void What_leaves_the_thread_of_the_world_is_detected()
    {
        var world = new SimWorld(new SeededChoices(1));
        SimLoop loop = world.CreateLoop("l");
        Exception? thrown = null;
        var foreign = new Thread(() => thrown = Record.Exception(() => loop.Post(static _ => { }, state: null)));
        foreign.Start();
        foreign.Join();
        Assert.IsType<SimEscapeException>(thrown);
        Assert.Throws<SimEscapeException>(() => world.Run(static () => Task.CompletedTask));
    }

    [Fact]
    public void A_continuation_that_comes_from_another_thread_stops_the_run_and_not_the_process()
    {
        var world = new SimWorld(new SeededChoices(1));
        using var escaped = new ManualResetEventSlim();
        Assert.Throws<SimEscapeException>(() => world.Run(async () =>
        {
            var source = new TaskCompletionSource();
            var foreign = new Thread(() =>
            {
                source.SetResult();
                escaped.Set();
            });
            world.TestLoop.Post(
                _ =>
                {
                    foreign.Start();
                    escaped.Wait();
                },
                state: null);
            await source.Task;
        }));
    }

    [Fact]
    public void An_exception_of_background_work_ends_the_run()
    {
        var world = new SimWorld(new SeededChoices(1));
        SimNode node = world.CreateNode("n");
        AggregateException bug = Assert.Throws<AggregateException>(() => world.Run(async () =>
        {
            await node.Start(static environment =>
            {
                ILoop loop = environment.Spawner.CreateLoop("l");
                environment.Spawner.Spawn(loop, "broken", static () => throw new FormatException("planted"));
                return Task.FromResult(0);
            });
            await world.Clock.DelayAsync(TimeSpan.FromSeconds(1));
        }));
        Assert.Contains("planted", bug.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Loops_are_run_in_every_order_and_each_in_its_own()
    {
        var orders = new SortedSet<string>(StringComparer.Ordinal);
        var all = new ExhaustiveChoices();
        while (all.NextRound())
        {
            var world = new SimWorld(new AfterStart(all), new SimOptions { StepCost = TimeSpan.Zero });
            string order = "";
            SimLoop a = world.CreateLoop("a");
            SimLoop b = world.CreateLoop("b");
            foreach (string item in (string[])["1", "2"])
            {
                a.Post(_ => order += "a" + item, state: null);
                b.Post(_ => order += "b" + item, state: null);
            }

            Assert.False(world.RunUntil(static () => false));
            orders.Add(order);
        }

        Assert.Equal(["a1a2b1b2", "a1b1a2b2", "a1b1b2a2", "b1a1a2b2", "b1a1b2a2", "b1b2a1a2"], orders);
    }

    [Fact]
    public void A_drifting_clock_runs_fast_or_slow_never_back_and_delays_follow_it()
    {
        var world = new SimWorld(new SeededChoices(1), new SimOptions { StepCost = TimeSpan.Zero });
        SimClock clock = world.Clock;
        world.Run(async () =>
        {
            clock.DriftPerMillion = 500_000;
            TimeSpan before = clock.Now;
            await clock.DelayAsync(TimeSpan.FromSeconds(15));
            Assert.Equal(TimeSpan.FromSeconds(10), world.Now);
            Assert.Equal(TimeSpan.FromSeconds(15), clock.Now - before);
            clock.DriftPerMillion = -500_000;
            before = clock.Now;
            Assert.Equal(TimeSpan.FromSeconds(15), before);
            await clock.DelayAsync(TimeSpan.FromSeconds(5));
            Assert.Equal(TimeSpan.FromSeconds(20), world.Now);
            Assert.Equal(TimeSpan.FromSeconds(20), clock.Now);
            clock.WallOffset = TimeSpan.FromDays(-3);
            Assert.Equal(TimeSpan.FromSeconds(20), clock.Now);
            Assert.Equal(new DateTime(2025, 12, 29, 0, 0, 20, DateTimeKind.Utc), clock.UtcNow);
        });
    }

    [Fact]
    public void Running_for_a_while_leaves_the_clock_at_its_end()
    {
        var world = new SimWorld(new SeededChoices(1));
        bool happened = false;
        world.Schedule(TimeSpan.FromSeconds(2), () => happened = true);
        world.RunFor(TimeSpan.FromSeconds(1));
        Assert.False(happened);
        Assert.Equal(TimeSpan.FromSeconds(1), world.Now);
        world.RunFor(TimeSpan.FromSeconds(1));
        Assert.True(happened);
    }

    [Fact]
    public void Exhaustive_choices_give_every_list_of_answers_once()
    {
        var seen = new List<string>();
        var all = new ExhaustiveChoices();
        while (all.NextRound())
        {
            int first = all.Next(2, "first");
            seen.Add(first == 0 ? "0" : $"1{all.Next(3, "second")}");
        }

        Assert.Equal(["0", "10", "11", "12"], seen);
        Assert.Equal(seen.Count, seen.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Rare_points_are_on_in_some_runs_and_off_in_others()
    {
        int active = 0;
        for (ulong seed = 0; seed < 100; seed++)
        {
            var rare = new SimRare(new SeededChoices(seed), activePerMillion: 300_000, firesPerMillion: 100_000);
            bool fired = Enumerable.Range(0, 200).Any(_ => rare.Happens("point"));
            Assert.Equal(rare.Points["point"], fired);
            active += fired ? 1 : 0;
        }

        Assert.InRange(active, 15, 45);
        Assert.False(new SimRare(new SeededChoices(1), 0, 1_000_000).Happens("point"));
    }

    /// <summary>The world asks three numbers for the seed of contents before anything else; those are of no interest here.</summary>
    private sealed class AfterStart(IChoices inner) : IChoices
    {
        public int Next(int bound, string what) => what == "world.entropy" ? 0 : inner.Next(bound, what);
    }
}
