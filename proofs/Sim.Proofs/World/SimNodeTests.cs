using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Sim.Proofs;

public sealed class SimNodeTests
{
    /// <summary>Method: a node that counts on two loops, by timers, by disk and by frames to itself is crashed at every step; its count must stand still from then on.</summary>
    [Fact]
    public void Nothing_of_an_ended_life_runs()
    {
        for (int steps = 1; steps < 400; steps += 7)
        {
            var world = new SimWorld(new SeededChoices((ulong)steps));
            SimNode node = world.CreateNode("n");
            int count = 0;
            _ = node.Start(environment => BusyAsync(environment, () => count++));
            world.RunUntil(static () => false, stepLimit: steps);
            node.Crash();
            int atCrash = count;
            ulong disk = node.Disk.ContentHash();
            world.RunFor(TimeSpan.FromMinutes(1));
            Assert.Equal(atCrash, count);
            Assert.Equal(disk, node.Disk.ContentHash());

            _ = node.Start(environment => BusyAsync(environment, () => count++));
            world.RunFor(TimeSpan.FromSeconds(1));
            Assert.True(count > atCrash);
        }
    }

    [Fact]
    public void Who_waits_for_a_crashed_node_is_told()
    {
        var world = new SimWorld(new SeededChoices(1));
        SimNode node = world.CreateNode("n");
        world.Run(async () =>
        {
            await node.Start(static _ => Task.FromResult(0));
            Task<int> call = node.CallAsync(static () => new TaskCompletionSource<int>().Task);
            world.Schedule(TimeSpan.FromSeconds(1), () => node.Crash());
            await Assert.ThrowsAsync<SimNodeCrashedException>(() => call);
            await Assert.ThrowsAsync<SimNodeCrashedException>(() => node.CallAsync(static () => Task.FromResult(1)));
            Assert.False(node.IsUp);
        });
    }

    [Fact]
    public void A_paused_node_stands_still_and_goes_on()
    {
        var world = new SimWorld(new SeededChoices(1));
        SimNode node = world.CreateNode("n");
        int count = 0;
        _ = node.Start(environment => BusyAsync(environment, () => count++));
        world.RunFor(TimeSpan.FromMilliseconds(50));
        node.Pause();
        int atPause = count;
        world.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(atPause, count);
        node.Resume();
        world.RunFor(TimeSpan.FromMilliseconds(50));
        Assert.True(count > atPause);
    }

    [Fact]
    public void A_wiped_disk_is_empty_and_lives_have_different_randomness()
    {
        var world = new SimWorld(new SeededChoices(1));
        SimNode node = world.CreateNode("n");
        world.Run(async () =>
        {
            ulong first = await node.Start(async environment =>
            {
                await environment.Disk.OpenAsync("a", DiskOpen.Create);
                await environment.Disk.SyncDirectoryAsync();
                return environment.Entropy.NextUInt64();
            });
            Assert.Throws<InvalidOperationException>(() => node.WipeDisk());
            node.Crash();
            node.WipeDisk();
            ulong second = await node.Start(static async environment =>
            {
                Assert.Empty((await environment.Disk.ListAsync()).Value);
                return environment.Entropy.NextUInt64();
            });
            Assert.NotEqual(first, second);
            Assert.Equal(2, node.StartCount);
        });
    }

    [Fact]
    public void Frames_are_lost_repeated_overtaken_and_cut_as_the_link_says()
    {
        Assert.Equal("0123456789", Sent(new LinkOptions { DelayMin = TimeSpan.FromMilliseconds(1), DelayMax = TimeSpan.FromMilliseconds(1) }, sorted: true));
        Assert.Equal("0123456789", Sent(new LinkOptions(), sorted: true));
        Assert.NotEqual("0123456789", Sent(new LinkOptions(), sorted: false));
        Assert.Equal("00112233445566778899", Sent(new LinkOptions { RepeatPerMillion = 1_000_000 }, sorted: true));
        Assert.Equal("", Sent(new LinkOptions { LossPerMillion = 1_000_000 }, sorted: true));
        Assert.InRange(Sent(new LinkOptions { LossPerMillion = 500_000 }, sorted: true).Length, 1, 9);
        Assert.Equal("", Sent(new LinkOptions { Cut = true }, sorted: true));
    }

    [Fact]
    public void A_one_way_partition_lets_the_other_way_through_until_it_heals()
    {
        var world = new SimWorld(new SeededChoices(1));
        INetwork a = world.CreateEnvironment(world.CreateDisk(), "a").Network;
        INetwork b = world.CreateEnvironment(world.CreateDisk(), "b").Network;
        world.Network.Partition(["a"], ["b"], oneWay: true);
        world.Run(async () =>
        {
            a.Send(b.Self, [1]);
            b.Send(a.Self, [2]);
            Assert.Equal([2], (await a.ReceiveAsync()).Payload.ToArray());
            await world.Clock.DelayAsync(TimeSpan.FromSeconds(1));
            world.Network.Heal();
            a.Send(b.Self, [3]);
            Assert.Equal([3], (await b.ReceiveAsync()).Payload.ToArray());
        });
    }

    private static string Sent(LinkOptions link, bool sorted)
    {
        var world = new SimWorld(new SeededChoices(5));
        INetwork a = world.CreateEnvironment(world.CreateDisk(), "a").Network;
        NodeEnvironment receiver = world.CreateEnvironment(world.CreateDisk(), "b");
        world.Network["a", "b"] = link;
        var arrived = new List<char>();
        receiver.Spawner.Spawn(world.TestLoop, "receive", async () =>
        {
            while (true)
            {
                arrived.Add((char)(await receiver.Network.ReceiveAsync()).Payload.Span[0]);
            }
        });
        for (char frame = '0'; frame <= '9'; frame++)
        {
            a.Send(receiver.Network.Self, [(byte)frame]);
        }

        world.RunFor(TimeSpan.FromSeconds(1));
        if (sorted)
        {
            arrived.Sort();
        }

        return string.Concat(arrived);
    }

    private static async Task<int> BusyAsync(NodeEnvironment environment, Action happened)
    {
        ILoop second = environment.Spawner.CreateLoop("second");
        environment.Spawner.Spawn(second, "timers", async () =>
        {
            while (true)
            {
                await environment.Clock.DelayAsync(TimeSpan.FromMicroseconds(300));
                happened();
            }
        });
        environment.Spawner.Spawn(second, "frames", async () =>
        {
            while (true)
            {
                environment.Network.Send(environment.Network.Self, [1]);
                await environment.Network.ReceiveAsync();
                happened();
            }
        });
        string name = $"f{environment.Entropy.NextUInt64() % 1_000_000}";
        IDiskFile file = (await environment.Disk.OpenAsync(name, DiskOpen.Create)).Value;
        while (true)
        {
            await file.WriteAsync(file.LengthBytes % 5000, new byte[700]);
            happened();
            await Task.Yield();
            happened();
        }
    }
}
