using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Engine.Proofs.Metadata;

/// <summary>Goal: a crash at any moment keeps every acknowledged command and leaves every other one wholly there or not at all, and no space is lost.
/// Method: clients with a key each put, overwrite and delete while the worker reclaims; power fails at a drawn moment; again and again on one disk.</summary>
public class ShardCrashTests
{
    private const int Clients = 4;
    private const int Lives = 5;

    [Fact]
    public void A_crash_at_any_moment_keeps_acknowledged_commands_whole_and_others_whole_or_not_at_all() =>
        ShardTests.Check(LiveAsync, ShardDoubles.AnswersEarly, seeds: 25);

    [Fact]
    public void A_release_of_chunks_that_moved_meanwhile_would_leak_space() => ShardTests.Check(LiveAsync, ShardDoubles.ReleasesBlindly, seeds: 25);

    private static async Task<string?> LiveAsync(ShardRig rig)
    {
        var clients = new Client[Clients];
        for (int i = 0; i < Clients; i++)
        {
            clients[i] = new Client(rig, $"key{i}", i);
        }

        for (int life = 0; life < Lives; life++)
        {
            TimeSpan end = rig.World.Now + TimeSpan.FromMilliseconds(5 + rig.World.Choices.Next(60, "life"));
            Task[] running = clients.Select(client => client.RunAsync()).ToArray();
            await rig.World.Clock.DelayAsync(end - rig.World.Now);
            rig.Node.Crash();
            await Task.WhenAll(running);
            await rig.StartAsync();
            foreach (Client client in clients)
            {
                if (await client.CompareAsync() is { } wrong)
                {
                    return $"life {life}: {wrong}";
                }
            }

            if (await CountAsync(rig, clients) is { } lost)
            {
                return $"life {life}: {lost}";
            }
        }

        return null;
    }

    /// <summary>When all garbage is worked off, just what the objects need is live: while the store runs, and as it counts anew when it opens.</summary>
    private static async Task<string?> CountAsync(ShardRig rig, Client[] clients)
    {
        long expected = clients.Sum(static client => client.LiveBytes);
        for (int wait = 0; wait < 100 && !IsRight(await rig.MeasureAsync()); wait++)
        {
            await rig.RestAsync(20);
        }

        ChunkStoreUsage usage = await rig.MeasureAsync();
        return IsRight(usage)
            ? null
            : $"{expected} bytes should be live: {usage}, garbage {rig.Now.Shard.Garbage.State} {rig.Now.Shard.Garbage.Progress} damaged {rig.Now.Store.Chunks.Damaged.Count}";

        bool IsRight(ChunkStoreUsage now) => now.LiveBytes == expected && now.StagedBytes == 0;
    }

    private sealed class Client(ShardRig rig, string key, int number)
    {
        // Body by number, with its length; 0 is none.
        private readonly Dictionary<int, int> _lengths = new() { [0] = 0 };
        private int _acknowledged;
        private int _inDoubt;
        private int _bodies;

        internal long LiveBytes => ShardRig.FrameBytes(_lengths[_acknowledged]);

        internal async Task RunAsync()
        {
            try
            {
                // Ends with the node's life.
                while (true)
                {
                    if (rig.World.Choices.Next(4, "delete") == 0)
                    {
                        _inDoubt = 0;
                        await rig.DeleteAsync(key);
                    }
                    else
                    {
                        _inDoubt = (1000 * (number + 1)) + ++_bodies;
                        int length = rig.World.Choices.Next(3, "inline") == 0 ? rig.World.Choices.Next(100, "length") : rig.World.Choices.Next(4 * ShardRig.Chunk, "length");
                        _lengths[_inDoubt] = length;
                        await rig.PutAsync(key, _inDoubt, length);
                    }

                    _acknowledged = _inDoubt;
                }
            }
            catch (SimNodeCrashedException)
            {
                // What was under way is in doubt.
            }
        }

        internal async Task<string?> CompareAsync()
        {
            int found = await rig.ReadAsync(key);
            if (found != _acknowledged && found != _inDoubt)
            {
                return $"{key} has body {found}; {_acknowledged} was acknowledged and {_inDoubt} under way";
            }

            (_acknowledged, _inDoubt) = (found, found);
            return null;
        }
    }
}
