using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Engine.Proofs.Storage.Index;

/// <summary>Goal: a view shows one moment, whatever happens after it. Method: random work held to the model.</summary>
public sealed class OrderedStoreViewTests
{
    [Fact]
    public void A_view_does_not_change_through_batches_flushes_and_compactions() => OrderedStoreModelTests.ForSeeds(200, 10, static seed =>
    {
        var life = new StoreLife(seed);
        life.World.Run(async () =>
        {
            await life.OpenAsync();
            var views = new List<IReadView>();
            for (int round = 0; round < 12; round++)
            {
                await life.WorkAsync(15);
                views.Add(round % 2 == 0 ? life.Store!.ReadLatest() : life.Store!.ReadDurable());
                if (round % 4 == 3)
                {
                    await life.Store.CompactAllAsync();
                }

                foreach (IReadView view in views)
                {
                    Assert.Null(await life.Model.CompareAsync(view));
                }
            }

            views.ForEach(static view => view.Dispose());
            await life.SettleAsync();
            await life.Store!.CloseAsync();
        });
    });

    [Fact]
    public void The_durable_view_never_shows_what_is_not_acknowledged_yet()
    {
        var life = new StoreLife(3);
        life.World.Run(async () =>
        {
            await life.OpenAsync(0);
            var batch = new WriteBatch();
            batch.Put(new byte[] { 1 }, new byte[] { 2 });
            await life.Store!.WaitForRoomAsync();
            CommitTicket ticket = life.Store.Apply(batch);
            using (IReadView durable = life.Store.ReadDurable())
            using (IReadView latest = life.Store.ReadLatest())
            {
                Assert.Null(await durable.GetAsync(new byte[] { 1 }));
                Assert.NotNull(await latest.GetAsync(new byte[] { 1 }));
            }

            await ticket.Durable;
            using IReadView after = life.Store.ReadDurable();
            Assert.NotNull(await after.GetAsync(new byte[] { 1 }));
        });
    }

    [Fact]
    public void Rows_that_were_all_deleted_give_their_space_back_without_being_asked()
    {
        // Limits that nothing here reaches: only the deletions can start a merge.
        var life = new StoreLife(7, StoreLife.Small with { LevelZeroRunsMin = 100, LevelZeroRunsMax = 200, LevelOneBytes = 1 << 20 });
        life.World.Run(async () =>
        {
            await life.OpenAsync(rarePerMillion: 0);
            await ApplyAsync(life, 200, static (batch, key) => batch.Put(key, new byte[500]));
            await life.Store!.CompactAllAsync();
            long full = await RunBytesAsync(life.Disk);
            Assert.True(full > 100_000, $"{full} bytes of rows");

            await ApplyAsync(life, 200, static (batch, key) => batch.Delete(key));
            await life.World.Clock.DelayAsync(TimeSpan.FromSeconds(1));
            long emptied = await RunBytesAsync(life.Disk);
            Assert.True(emptied < full / 4, $"{emptied} of {full} bytes are left");
            await life.Store.CloseAsync();
        });
    }

    private static async Task ApplyAsync(StoreLife life, int rows, Action<WriteBatch, byte[]> add)
    {
        for (int row = 0; row < rows; row++)
        {
            var batch = new WriteBatch();
            add(batch, [(byte)'k', (byte)row]);
            await life.Store!.WaitForRoomAsync();
            life.Apply(batch);
        }

        await life.SettleAsync();
    }

    private static async Task<long> RunBytesAsync(SimDisk disk)
    {
        long bytes = 0;
        foreach (string name in await DiskDamage.NamesAsync(disk, "run-"))
        {
            // A run may go away between the two calls.
            if (await disk.OpenAsync(name, DiskOpen.Existing) is { Ok: true } opened)
            {
                bytes += opened.Value.LengthBytes;
                await opened.Value.DisposeAsync();
            }
        }

        return bytes;
    }

    [Fact]
    public void Scans_with_bounds_and_skips_agree_with_the_model() => OrderedStoreModelTests.ForSeeds(300, 10, static seed =>
    {
        var life = new StoreLife(seed);
        life.World.Run(async () =>
        {
            await life.OpenAsync();
            for (int round = 0; round < 30; round++)
            {
                await life.WorkAsync(6);
                using IReadView view = life.Store!.ReadLatest();
                await ScanAsync(life, view);
            }
        });
    });

    [Fact]
    public void Compaction_keeps_every_row_and_drops_every_deletion() => OrderedStoreModelTests.ForSeeds(400, 8, static seed =>
    {
        var life = new StoreLife(seed);
        life.World.Run(async () =>
        {
            await life.OpenAsync();
            await life.WorkAsync(150);
            await life.SettleAsync();
            await life.Store!.CompactAllAsync();
            await life.CompareAsync();
            (long rows, long deletes) = life.Store.CountRows();
            Assert.Equal((life.Model.StateAt(life.Model.LastSequence).Count, 0), (rows, deletes));
            await life.Store.CloseAsync();
            await life.RecoverAsync();
        });
    });

    [Fact]
    public void Files_of_replaced_runs_go_away_when_the_last_view_does()
    {
        var life = new StoreLife(5);
        life.World.Run(async () =>
        {
            await life.OpenAsync(0);
            await life.WorkAsync(60);
            await life.SettleAsync();
            await life.Store!.CompactAllAsync();
            int settled = await CountRunsAsync(life);
            IReadView view = life.Store.ReadLatest();
            await life.WorkAsync(60);
            await life.SettleAsync();
            await life.Store.CompactAllAsync();
            Assert.Null(await life.Model.CompareAsync(view));
            await life.World.Clock.DelayAsync(TimeSpan.FromSeconds(1));
            int held = await CountRunsAsync(life);
            view.Dispose();
            await life.World.Clock.DelayAsync(TimeSpan.FromSeconds(1));
            Assert.True(await CountRunsAsync(life) < held, $"{settled} runs, {held} while the view was open");
        });
    }

    private static async Task<int> CountRunsAsync(StoreLife life)
    {
        int count = 0;
        foreach (string name in await DiskDamage.NamesAsync(life.Disk))
        {
            count += name.StartsWith("run-", StringComparison.Ordinal) ? 1 : 0;
        }

        return count;
    }

    private static async Task ScanAsync(StoreLife life, IReadView view)
    {
        byte[] from = life.Choices.Next(3, "from") == 0 ? [] : life.NewKey(60);
        byte[] to = life.Choices.Next(3, "to") == 0 ? [] : life.NewKey(60);
        var expected = new List<byte[]>();
        foreach (byte[] key in life.Model.StateAt(view.Sequence).Keys)
        {
            if (key.AsSpan().SequenceCompareTo(from) >= 0 && (to.Length == 0 || key.AsSpan().SequenceCompareTo(to) < 0))
            {
                expected.Add(key);
            }
        }

        using IScan scan = view.Scan(from, to);
        int position = 0;
        while (true)
        {
            if (life.Choices.Next(4, "skip") == 0)
            {
                byte[] target = life.NewKey(60);
                scan.SkipTo(target);
                while (position < expected.Count && expected[position].AsSpan().SequenceCompareTo(target) < 0)
                {
                    position++;
                }
            }

            bool isOnRow = await scan.NextAsync();
            Assert.Equal(position < expected.Count, isOnRow);
            if (!isOnRow)
            {
                return;
            }

            Assert.Equal(expected[position++], scan.Key.ToArray());
        }
    }
}
