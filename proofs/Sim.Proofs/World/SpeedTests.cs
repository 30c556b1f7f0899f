using System;
using System.Diagnostics;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Sim.World;
using Xunit;
using Xunit.Abstractions;

namespace ObjectStore.Sim.Proofs;

public sealed class SpeedTests(ITestOutputHelper output)
{
    /// <summary>Goal: long lives stay affordable. Method: loops that call each other and wait; the bound is far below what a quiet machine does.</summary>
    [Fact]
    public void The_world_runs_simple_events_by_the_hundred_thousand_a_second()
    {
        const int Rounds = 60_000;
        Exchange(Rounds / 10);
        long started = Stopwatch.GetTimestamp();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long steps = Exchange(Rounds);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        output.WriteLine($"{steps / seconds / 1e6:F2} M steps/s, {(GC.GetAllocatedBytesForCurrentThread() - allocated) / steps} bytes a step");
        Assert.True(steps / seconds > 100_000, $"{steps / seconds:F0} steps/s");
    }

    private static long Exchange(int rounds)
    {
        var world = new SimWorld(new SeededChoices(1));
        world.Run(async () =>
        {
            Task[] clients = new Task[4];
            for (int client = 0; client < clients.Length; client++)
            {
                clients[client] = ClientAsync(world, world.CreateLoop("server"), rounds / clients.Length);
            }

            await Task.WhenAll(clients);
        });
        return world.Steps;
    }

    private static async Task ClientAsync(SimWorld world, ILoop server, int rounds)
    {
        for (int round = 0; round < rounds; round++)
        {
            await server.CallAsync(static state => new ValueTask<int>(state), round);
            await Task.Yield();
            if (round % 4 == 0)
            {
                await world.Clock.DelayAsync(TimeSpan.FromMicroseconds(10));
            }
        }
    }
}
