using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Proofs;

/// <summary>A small system with every part of the world in it: a node that counts durably, and a client that adds to it through crashes.</summary>
internal static class CounterScenario
{
    /// <summary>A counter that syncs before it answers keeps its promise; one that does not breaks it.</summary>
    internal static Scenario Of(bool syncs) => context => context.Execute(
        new SimOptions { Disk = new SimDiskOptions { SectorSizeBytes = 512 }, RareActivePerMillion = 500_000 },
        world => world.Run(() => DriveAsync(world, syncs)));

    private static async Task DriveAsync(SimWorld world, bool syncs)
    {
        SimNode node = world.CreateNode("n");
        int acknowledged = 0;
        int attempted = 0;
        for (int life = 0; life < 4; life++)
        {
            Counter counter = await node.Start(environment => Counter.OpenAsync(environment, syncs));
            if (counter.Value < acknowledged || counter.Value > attempted)
            {
                throw new PromiseBrokenException("durable", $"{acknowledged} acknowledged, {attempted} attempted, {counter.Value} found");
            }

            attempted = counter.Value;
            acknowledged = counter.Value;
            TimeSpan crashAfter = TimeSpan.FromMicroseconds(world.Choices.Next(20_000, "test.crash-after"));
            world.Schedule(crashAfter, () => node.Crash());
            try
            {
                while (true)
                {
                    attempted++;
                    acknowledged = await node.CallAsync(counter.IncrementAsync);
                }
            }
            catch (SimNodeCrashedException)
            {
                // The outcome of the last attempt is unknown.
            }
        }
    }

    internal sealed class Counter
    {
        private readonly NodeEnvironment _environment;
        private readonly IDiskFile _file;
        private readonly bool _syncs;

        private Counter(NodeEnvironment environment, IDiskFile file, bool syncs) => (_environment, _file, _syncs) = (environment, file, syncs);

        internal int Value { get; private set; }

        internal static async Task<Counter> OpenAsync(NodeEnvironment environment, bool syncs)
        {
            Outcome<IDiskFile, DiskError> opened = await environment.Disk.OpenAsync("counter", DiskOpen.Existing);
            if (opened.Error == DiskError.NotFound)
            {
                opened = await environment.Disk.OpenAsync("counter", DiskOpen.Create);
                await environment.Disk.SyncDirectoryAsync();
            }

            var counter = new Counter(environment, opened.Value, syncs);
            byte[] content = new byte[4];
            await counter._file.ReadAsync(0, content);
            counter.Value = BitConverter.ToInt32(content);
            await counter._file.SyncAsync();
            environment.Trace.Mark("counter-opened");
            return counter;
        }

        internal async Task<int> IncrementAsync()
        {
            int next = Value + 1;
            await _file.WriteAsync(0, BitConverter.GetBytes(next));
            if (_syncs)
            {
                await _file.SyncAsync();
            }

            if (_environment.Rare.Happens("counter.slow"))
            {
                await _environment.Clock.DelayAsync(TimeSpan.FromMilliseconds(1));
            }

            return Value = next;
        }
    }
}
