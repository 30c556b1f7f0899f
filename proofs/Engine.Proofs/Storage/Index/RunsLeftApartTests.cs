using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Storage;
using Xunit;

namespace ObjectStore.Engine.Proofs.Storage.Index;

/// <summary>Goal: rows that nothing newer lies among are not written again. Method: the names of the files, as a run's name is never used twice.</summary>
public sealed class RunsLeftApartTests
{
    // One memtable a settle, and no merge that is not asked for.
    private static readonly OrderedStoreOptions OnlyWhenAsked = StoreLife.Small with { MemtableBytes = 1 << 20, LevelZeroRunsMin = 100, LevelZeroRunsMax = 200, LevelOneBytes = 1 << 20 };

    [Fact]
    public void A_run_that_meets_nothing_is_moved() => Run(static async life =>
    {
        await PutAsync(life, 'z', 0, 50);
        await life.Store!.CompactAllAsync();
        List<string> first = await RunsAsync(life);
        await PutAsync(life, 'z', 50, 100);
        await life.Store.CompactAllAsync();
        List<string> second = await RunsAsync(life);
        Assert.Single(first);
        Assert.Equal(2, second.Count);
        Assert.Contains(first[0], second);
    });

    [Fact]
    public void Runs_between_the_rows_of_newer_ones_stay_as_they_are() => Run(static async life =>
    {
        await PutAsync(life, 'm', 0, 50);
        await life.Store!.CompactAllAsync();
        List<string> first = await RunsAsync(life);
        for (int round = 0; round < 3; round++)
        {
            // Below and above what is there, so that the ranges overlap and the rows do not.
            Put(life, 'a', round, round + 1);
            await PutAsync(life, 'z', round * 50, (round + 1) * 50);
            await life.Store.CompactAllAsync();
            Assert.Contains(first[0], await RunsAsync(life));
        }
    });

    [Fact]
    public void A_row_among_those_of_a_run_writes_it_again() => Run(static async life =>
    {
        await PutAsync(life, 'm', 0, 50);
        await life.Store!.CompactAllAsync();
        List<string> first = await RunsAsync(life);
        await PutAsync(life, 'm', 49, 50);
        await life.Store.CompactAllAsync();
        Assert.DoesNotContain(first[0], await RunsAsync(life));
    });

    private static void Run(Func<StoreLife, Task> body)
    {
        var life = new StoreLife(11, OnlyWhenAsked);
        life.World.Run(async () =>
        {
            await life.OpenAsync(rarePerMillion: 0);
            await body(life);
            await life.CompareAsync();
            await life.Store!.CloseAsync();
            life.Stop();
            await life.RecoverAsync(rarePerMillion: 0);
            await life.Store!.CloseAsync();
        });
    }

    private static Task PutAsync(StoreLife life, char table, int from, int to)
    {
        Put(life, table, from, to);
        return life.SettleAsync();
    }

    private static void Put(StoreLife life, char table, int from, int to)
    {
        for (int row = from; row < to; row++)
        {
            var batch = new WriteBatch();
            batch.Put(new[] { (byte)table, (byte)row }, new byte[20]);
            life.Apply(batch);
        }
    }

    private static async Task<List<string>> RunsAsync(StoreLife life)
    {
        // Files of merged runs go in the background.
        await life.World.Clock.DelayAsync(TimeSpan.FromSeconds(1));
        return await DiskDamage.NamesAsync(life.Disk, "run-");
    }
}
