using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Engine.Proofs.Storage.Index;

/// <summary>Goal: verifying finds rot in every kind of file that the store needs, and reports nothing else. Method: one flipped bit, and busy stores.</summary>
public sealed class VerifyTests
{
    private static readonly OrderedStoreOptions Quiet = LogRotTests.NeverSealed;

    [Theory]
    [InlineData("superblock", 0)]
    [InlineData("superblock", 3 * 4096)]
    [InlineData("manifest-", 33)]
    [InlineData("wal-", 20)]
    [InlineData("wal-", 70)]
    public void Verify_finds_a_flipped_bit(string prefix, long offset)
    {
        var life = new StoreLife(1, Quiet);
        life.World.Run(async () =>
        {
            await life.OpenAsync(0);
            await life.WorkAsync(8);
            await life.SettleAsync();
            Assert.Empty(await life.Store!.VerifyAsync());
            string name = await NeededAsync(life, prefix);
            await DiskDamage.FlipAsync(life.Disk, name, offset);
            StorageDamage damage = Assert.Single(await life.Store.VerifyAsync(bytesPerSecond: 10_000_000));
            Assert.Equal((name, offset & -4096, StorageError.Corrupt), (damage.File, damage.Offset, damage.Error));
        });
    }

    [Fact]
    public void Verify_finds_rot_in_log_segments_of_earlier_openings()
    {
        var life = new StoreLife(2, Quiet);
        life.World.Run(async () =>
        {
            await life.OpenAsync(0);
            await life.WorkAsync(8);
            await life.SettleAsync();
            string name = await NeededAsync(life, "wal-");
            life.Disk = life.Disk.Crash(life.Choices);
            life.Stop();
            await life.RecoverAsync(0);
            await DiskDamage.FlipAsync(life.Disk, name, 70);
            Assert.Equal(name, Assert.Single(await life.Store!.VerifyAsync()).File);
        });
    }

    /// <summary>Found by store-crash, portfolio, first seed 1, run 227.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Verify_does_not_take_a_failed_write_of_the_superblock_for_rot(int syncThatFails)
    {
        var life = new StoreLife(3, StoreLife.Small with { ManifestBytesMax = 4096 });
        life.World.Run(async () =>
        {
            await life.OpenAsync(0);
            int syncs = 0;
            life.Disk.Faults.Inject = request =>
                request is { Verb: DiskVerb.Sync, Name: "superblock" } && ++syncs == syncThatFails ? DiskError.SyncFailed : DiskError.None;
            await Assert.ThrowsAsync<StorageException>(() => life.WorkAsync(2000));
            Assert.Equal("superblock", life.Store!.Failure!.File);
            Assert.Empty(await life.Store.VerifyAsync());
            await DiskDamage.FlipAsync(life.Disk, "superblock", 0);
            await DiskDamage.FlipAsync(life.Disk, "superblock", 2 * 4096);
            Assert.Single(await life.Store.VerifyAsync());
            await life.Store.CloseAsync();
        });
    }

    [Fact]
    public void A_run_is_read_in_pieces_and_an_unreadable_sector_is_told_by_its_blocks()
    {
        var life = new StoreLife(4, new OrderedStoreOptions { MemtableBytes = 8 << 20, LogSegmentBytes = 8 << 20 });
        life.World.Run(async () =>
        {
            await life.OpenAsync(0);
            for (int row = 0; row < 3000; row++)
            {
                var batch = new WriteBatch();
                batch.Put(Encoding.UTF8.GetBytes($"key{row:D6}"), new byte[1000]);
                await life.Store!.Apply(batch).Durable;
            }

            await life.Store!.CompactAllAsync();
            await life.World.Clock.DelayAsync(TimeSpan.FromSeconds(1));
            string run = await DiskDamage.LastAsync(life.Disk, "run-");
            long length = (await DiskDamage.ReadAsync(life.Disk, run)).Length;
            Assert.InRange(length, 3_000_000, 4_000_000);

            (int reads, int failed) = (0, 0);
            long bad = -1;
            life.Disk.Faults.Inject = request =>
            {
                bool isOfRun = request.Verb == DiskVerb.Read && request.Name == run;
                reads += isOfRun ? 1 : 0;
                bool fails = isOfRun && request.Offset <= bad && request.Offset + request.LengthBytes > bad;
                failed += fails ? 1 : 0;
                return fails ? DiskError.ReadFailed : DiskError.None;
            };
            TimeSpan began = life.World.Now;
            Assert.Empty(await life.Store.VerifyAsync(bytesPerSecond: 1_000_000));
            Assert.InRange((life.World.Now - began).TotalSeconds, length / 1_000_000.0, (length / 1_000_000.0) + 9);
            Assert.InRange(reads, length / (256 * 1024), (length / (224 * 1024)) + 10);

            // Rows of 1000 bytes lie five to a block of some 5,000 bytes.
            bad = 1_500_000;
            IReadOnlyList<StorageDamage> damage = await life.Store.VerifyAsync();
            Assert.InRange(damage.Count, 1, 2);
            Assert.InRange(failed, 1, 4);
            Assert.All(damage, place => Assert.Equal((run, StorageError.ReadFailed), (place.File, place.Error)));
            Assert.All(damage, place => Assert.InRange(place.Offset, bad - (3 * 4096), bad + 4096));

            bad = -1;
            await DiskDamage.FlipAsync(life.Disk, run, 100);
            await DiskDamage.FlipAsync(life.Disk, run, 2_000_000);
            damage = await life.Store.VerifyAsync();
            Assert.Equal([StorageError.Corrupt, StorageError.Corrupt], damage.Select(place => place.Error));
            Assert.Equal(0, damage[0].Offset);
            Assert.InRange(damage[1].Offset, 2_000_000 - 8192, 2_000_000);

            await DiskDamage.FlipAsync(life.Disk, run, length - 4096 + 20);
            damage = await life.Store.VerifyAsync();
            Assert.Equal((length - 4096, StorageError.Corrupt), (damage[0].Offset, damage[0].Error));
            Assert.Equal(3, damage.Count);
        });
    }

    [Fact]
    public void Verify_of_a_busy_store_reports_nothing_and_ends_with_the_store() => OrderedStoreModelTests.ForSeeds(30, 15, static seed =>
    {
        var life = new StoreLife(seed);
        life.World.Run(async () =>
        {
            await life.OpenAsync();
            Task work = life.WorkAsync(150);
            while (!work.IsCompleted)
            {
                Assert.Empty(await life.Store!.VerifyAsync());
            }

            await work;
            await life.SettleAsync();
            ValueTask<IReadOnlyList<StorageDamage>> last = life.Store!.VerifyAsync();
            await life.Store.CloseAsync();
            Assert.Empty(await last);
        });
    });

    private static async Task<string> NeededAsync(StoreLife life, string prefix)
    {
        foreach (string name in await DiskDamage.NamesAsync(life.Disk))
        {
            byte[] bytes = name.StartsWith(prefix, StringComparison.Ordinal) ? await DiskDamage.ReadAsync(life.Disk, name) : [];
            if (bytes.Length > 0 && bytes[0] != 0)
            {
                return name;
            }
        }

        throw new InvalidOperationException($"no {prefix} with content");
    }
}
