using System;
using System.Threading.Tasks;
using BenchmarkDotNet.Attributes;
using ObjectStore.Engine.Kernel;
using ObjectStore.Sim.World;

namespace ObjectStore.Workloads.Benchmarks.Simulation;

/// <summary>Events of the simulator: work posted between two loops, and delays of its clock. Time an event.</summary>
[MemoryDiagnoser]
public class WorldBenchmark
{
    private const int Events = 20_000;
    private ulong _seed;

    /// <summary>Two loops that post to each other.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public long Posts()
    {
        var world = new SimWorld(new SeededChoices(++_seed));
        ILoop[] loops = [world.CreateLoop("left"), world.CreateLoop("right")];
        int left = Events;
        var ended = new TaskCompletionSource();
        world.Run(() =>
        {
            Post(null);
            return ended.Task;
        });
        return world.Steps;

        void Post(object? state)
        {
            if (--left > 0)
            {
                loops[left & 1].Post(Post, state);
            }
            else
            {
                ended.SetResult();
            }
        }
    }

    /// <summary>Ten waiters on the clock.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public long Delays()
    {
        var world = new SimWorld(new SeededChoices(++_seed));
        world.Run(async () =>
        {
            var waiters = new Task[10];
            for (int waiter = 0; waiter < waiters.Length; waiter++)
            {
                waiters[waiter] = WaitAsync(waiter);
            }

            await Task.WhenAll(waiters);
        });
        return world.Steps;

        async Task WaitAsync(int waiter)
        {
            for (int i = 0; i < Events / 10; i++)
            {
                await world.Clock.DelayAsync(TimeSpan.FromMicroseconds(waiter + 1));
            }
        }
    }
}
