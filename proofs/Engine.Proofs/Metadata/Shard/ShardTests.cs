using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Engine.Proofs.Metadata;

/// <summary>Goal: what the shard promises its callers, over the real disk store. Method: stories, each told under several seeds on the shard as it is, where
/// nothing may be wrong, and on a shard with a planted bug, where some seed must show it.</summary>
public class ShardTests
{
    private const int Seeds = 12;

    [Fact]
    public void An_answer_comes_only_after_durability() => Check(AnswersOutliveCrashesAsync, ShardDoubles.AnswersEarly);

    [Fact]
    public void A_refusal_comes_only_after_what_it_saw_is_durable() => Check(RefusalsOutliveCrashesAsync, ShardDoubles.AnswersEarly);

    [Fact]
    public void A_query_shows_durable_state_only() => Check(WhatIsShownStaysAsync, ShardDoubles.ShowsLatest);

    [Fact]
    public void Ids_are_never_given_twice() => Check(IdsAreUniqueAsync, ShardDoubles.ForgetsEpoch);

    [Fact]
    public void What_a_reader_opened_stays_until_it_ends_and_goes_then() => Check(LeasesHoldAsync, ShardDoubles.IgnoresLeases);

    [Fact]
    public void Chunks_become_visible_with_their_object() => Check(PublishedChunksAreThereAsync, ShardDoubles.PublishesNothing);

    [Fact]
    public void Chunks_of_a_refused_command_are_given_up() => Check(RefusedChunksGoAsync, ShardDoubles.AbandonsNothing);

    [Fact]
    public void Garbage_worker_pauses_resumes_and_shows_its_progress() => Check(WorkerObeysAsync, planted: null);

    internal static void Check(
        Func<ShardRig, Task<string?>> story, ShardDoubles? planted, DiskStoreOptions? options = null, SimDiskOptions? disk = null, int seeds = Seeds)
    {
        for (ulong seed = 1; seed <= (ulong)seeds; seed++)
        {
            string? wrong = ShardRig.Tell(seed, ShardDoubles.None, story, options, disk);
            Assert.True(wrong is null, wrong);
        }

        if (planted is null)
        {
            return;
        }

        for (ulong seed = 1; seed <= (ulong)seeds; seed++)
        {
            if (ShardRig.Tell(seed, planted, story, options, disk) is not null)
            {
                return;
            }
        }

        Assert.Fail($"a shard that {planted} was not found out");
    }

    private static async Task<string?> AnswersOutliveCrashesAsync(ShardRig rig)
    {
        await rig.PutAsync("inline", 1, 50);
        await rig.RestartAsync(CrashStyle.LoseAll);
        if (await rig.ReadAsync("inline") != 1)
        {
            return "an acknowledged inline object is lost";
        }

        await rig.PutAsync("large", 2, (2 * ShardRig.Chunk) + 7);
        await rig.RestartAsync(CrashStyle.LoseAll);
        if (await rig.ReadAsync("large") != 2)
        {
            return "an acknowledged object is lost";
        }

        await rig.DeleteAsync("inline");
        await rig.RestartAsync(CrashStyle.LoseAll);
        return await rig.ReadAsync("inline") == 0 ? null : "an acknowledged delete is undone";
    }

    private static async Task<string?> RefusalsOutliveCrashesAsync(ShardRig rig)
    {
        Task<CommandResult> put = rig.PutAsync("key", 1, 50);
        CommandResult refused;
        do
        {
            refused = await rig.PutAsync("key", 2, 50, new WriteConditions(IfMatch: ["none"]));
        }
        while (refused.Error == MetadataError.PreconditionNoSuchKey);

        await rig.RestartAsync(CrashStyle.LoseAll);
        _ = put.Exception;
        return refused.Error == MetadataError.PreconditionFailed && await rig.ReadAsync("key") == 1 ? null : "a refusal told of an object that is lost";
    }

    private static async Task<string?> WhatIsShownStaysAsync(ShardRig rig)
    {
        Task<CommandResult> put = rig.PutAsync("key", 1, 50);
        while (await rig.ReadAsync("key") == 0)
        {
            await rig.World.Clock.DelayAsync(TimeSpan.FromMicroseconds(3));
        }

        await rig.RestartAsync(CrashStyle.LoseAll);
        _ = put.Exception;
        return await rig.ReadAsync("key") == 1 ? null : "a query showed an object that is lost";
    }

    private static async Task<string?> IdsAreUniqueAsync(ShardRig rig)
    {
        var seen = new HashSet<BlobId>();
        for (int life = 0; life < 6; life++)
        {
            for (int i = 0; i < 3; i++)
            {
                if (!seen.Add(rig.Now.Shard.NextBlobId()))
                {
                    return "an id was given twice";
                }
            }

            rig.Node.Crash();

            // A start that is cut short uses an epoch up, or does not.
            Task started = rig.StartAsync();
            await rig.World.Clock.DelayAsync(TimeSpan.FromMicroseconds(rig.World.Choices.Next(20_000, "cut")));
            await rig.RestartAsync(CrashStyle.Drawn);
            _ = started.Exception;
        }

        return null;
    }

    private static async Task<string?> LeasesHoldAsync(ShardRig rig)
    {
        const int length = 5 * ShardRig.Chunk;
        await rig.PutAsync("key", 1, length);
        using (ReadLease reader = await rig.OpenAsync("key"))
        {
            await rig.DeleteAsync("key");
            await rig.PutAsync("other", 2, length);
            await rig.DeleteAsync("other");
            await rig.RestAsync(200);
            if (await rig.ReadAsync("key") != 0)
            {
                return "a deleted object is there";
            }

            if (await rig.ReadAsync(reader) != 1)
            {
                return "the reader got something else";
            }
        }

        await rig.RestAsync(200);
        ChunkStoreUsage usage = await rig.MeasureAsync();
        return usage.LiveBytes == 0 ? null : $"{usage.LiveBytes} bytes are still held";
    }

    private static async Task<string?> PublishedChunksAreThereAsync(ShardRig rig)
    {
        await rig.PutAsync("key", 1, 3 * ShardRig.Chunk);
        return await rig.ReadAsync("key") == 1 ? null : "other bytes";
    }

    private static async Task<string?> RefusedChunksGoAsync(ShardRig rig)
    {
        CommandResult refused = await rig.PutAsync("key", 1, 3 * ShardRig.Chunk, new WriteConditions(IfMatch: ["none"]));
        ChunkStoreUsage usage = await rig.MeasureAsync();
        return refused.Error == MetadataError.PreconditionNoSuchKey && usage is { StagedBytes: 0, LiveBytes: 0 } ? null : $"{refused.Error}, {usage}";
    }

    private static async Task<string?> WorkerObeysAsync(ShardRig rig)
    {
        Worker worker = rig.Now.Shard.Garbage;
        worker.Pause();
        for (int i = 0; i < 20; i++)
        {
            await rig.PutAsync("key", 1 + i, 2 * ShardRig.Chunk);
        }

        await rig.RestAsync(100);
        long held = (await rig.MeasureAsync()).LiveBytes;
        worker.Resume();
        await rig.RestAsync(100);
        long left = (await rig.MeasureAsync()).LiveBytes;
        return held >= 19 * ShardRig.FrameBytes(2 * ShardRig.Chunk) && left == ShardRig.FrameBytes(2 * ShardRig.Chunk)
            && worker is { State: WorkerState.Waiting, Progress: { Done: > 15, Failures: 0, Rounds: > 0 } }
            ? null
            : $"{held} held, {left} left, {worker.State}, {worker.Progress}";
    }
}
