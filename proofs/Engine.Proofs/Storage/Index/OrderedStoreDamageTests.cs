using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Engine.Proofs.Storage.Index;

/// <summary>Goal: damage gives a clear error or right data, never wrong data. Method: one changed byte, lost file or failing request at a time.</summary>
public sealed class OrderedStoreDamageTests
{
    private static readonly string[] Kinds = ["superblock", "manifest-", "run-"];

    [Fact]
    public void One_flipped_bit_anywhere_in_a_closed_store_gives_right_data_or_an_error_that_names_the_file() =>
        OrderedStoreModelTests.ForSeeds(1, 3, static seed =>
        {
            var life = new StoreLife(seed);
            life.World.Run(async () =>
            {
                await life.OpenAsync();
                await life.WorkAsync(80);
                await life.SettleAsync();
                await life.Store!.CloseAsync();
                SimDisk whole = life.Disk;
                int refused = 0;
                for (int i = 0; i < 80; i++)
                {
                    life.Disk = whole.Crash(life.Choices, CrashStyle.KeepAll);
                    string name = await DiskDamage.LastAsync(life.Disk, Kinds[i % Kinds.Length]);
                    byte[] bytes = await DiskDamage.ReadAsync(life.Disk, name);
                    await DiskDamage.FlipAsync(life.Disk, name, WrittenByte(life, bytes), life.Choices.Next(8, "bit"));
                    refused += await IsRefusedAsync(life, name) ? 1 : 0;
                }

                Assert.InRange(refused, 10, 79);
            });
        });

    [Fact]
    public void A_damaged_group_before_a_synced_one_is_an_error_and_no_torn_tail()
    {
        var life = new StoreLife(7, LogRotTests.NeverSealed);
        life.World.Run(async () =>
        {
            await life.OpenAsync(0);
            for (int i = 0; i < 5; i++)
            {
                life.Apply(life.NewBatch());
                await life.SettleAsync();
            }

            SimDisk whole = life.Disk.Crash(life.Choices, CrashStyle.LoseAll);
            for (int group = 0; group < 5; group++)
            {
                life.Disk = whole.Crash(life.Choices, CrashStyle.KeepAll);
                string log = await SegmentWithGroupsAsync(life.Disk);
                long offset = await OffsetOfGroupAsync(life.Disk, log, group);
                await DiskDamage.FlipAsync(life.Disk, log, offset + 70);
                if (group < 4)
                {
                    StorageException error = await Assert.ThrowsAsync<StorageException>(() => life.OpenAsync(0));
                    Assert.Equal((StorageError.Corrupt, log, offset), (error.Error, error.File, error.Offset));
                }
                else
                {
                    // The one case that nothing can tell from a torn tail: no seal, no later group, no recovery since.
                    await life.OpenAsync(0);
                    Assert.Equal(4ul, life.Store!.AppliedSequence);
                }
            }
        });
    }

    [Theory]
    [InlineData("run-")]
    [InlineData("manifest-")]
    [InlineData("superblock")]
    public void A_lost_file_is_an_error_that_names_it(string prefix)
    {
        StoreLife life = ClosedStore(11);
        life.World.Run(async () =>
        {
            string name = await DiskDamage.LastAsync(life.Disk, prefix);
            await DiskDamage.DeleteAsync(life.Disk, name);
            StorageException error = await Assert.ThrowsAsync<StorageException>(() => life.OpenAsync(0));
            Assert.Equal((StorageError.Corrupt, name), (error.Error, error.File));
        });
    }

    [Fact]
    public void A_lost_log_segment_is_an_error_even_when_nothing_was_in_it()
    {
        StoreLife life = ClosedStore(12);
        life.World.Run(async () =>
        {
            foreach (string name in await DiskDamage.NamesAsync(life.Disk))
            {
                if (name.StartsWith("wal-", StringComparison.Ordinal))
                {
                    await DiskDamage.DeleteAsync(life.Disk, name);
                }
            }

            Assert.Equal(StorageError.Corrupt, (await Assert.ThrowsAsync<StorageException>(() => life.OpenAsync(0))).Error);
        });
    }

    [Fact]
    public void One_damaged_superblock_slot_is_survived_and_two_of_a_generation_are_not_guessed_over()
    {
        StoreLife life = ClosedStore(13);
        life.World.Run(async () =>
        {
            SimDisk whole = life.Disk;
            for (int slot = 0; slot < 4; slot++)
            {
                life.Disk = whole.Crash(life.Choices, CrashStyle.KeepAll);
                await DiskDamage.FlipAsync(life.Disk, "superblock", (slot * 4096) + 20);
                await life.RecoverAsync(0);
                await life.Store!.CloseAsync();
                SimDisk once = life.Disk;
                life.Disk = once.Crash(life.Choices, CrashStyle.KeepAll);
                await life.RecoverAsync(0);
                life.Disk = once;
            }

            life.Disk = whole.Crash(life.Choices, CrashStyle.KeepAll);
            await DiskDamage.FlipAsync(life.Disk, "superblock", 20);
            await DiskDamage.FlipAsync(life.Disk, "superblock", 4096 + 20);
            Assert.Equal(StorageError.Corrupt, (await Assert.ThrowsAsync<StorageException>(() => life.OpenAsync(0))).Error);
        });
    }

    [Fact]
    public void A_newer_format_is_refused_by_name()
    {
        StoreLife life = ClosedStore(14);
        life.World.Run(async () =>
        {
            byte[] superblock = await DiskDamage.ReadAsync(life.Disk, "superblock");
            for (int slot = 0; slot < 4; slot++)
            {
                Span<byte> bytes = superblock.AsSpan(slot * 4096, 4096);
                BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], 2);
                BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], Crc32C.Compute(bytes[16..64], Crc32C.Compute(bytes[..12])));
            }

            await DiskDamage.WriteAsync(life.Disk, "superblock", 0, superblock);
            StorageException error = await Assert.ThrowsAsync<StorageException>(() => life.OpenAsync(0));
            Assert.Equal((StorageError.UnknownFormat, "superblock"), (error.Error, error.File));
        });
    }

    /// <summary>Found by store-crash, q-learning, first seed 1, run 205: it was called damage.</summary>
    [Fact]
    public void A_superblock_that_cannot_be_read_now_is_not_called_damaged()
    {
        StoreLife life = ClosedStore(17);
        life.World.Run(async () =>
        {
            int reads = 0;
            life.Disk.Faults.Inject = request => request is { Verb: DiskVerb.Read, Name: "superblock" } && ++reads <= 4 ? DiskError.ReadFailed : DiskError.None;
            StorageException refusal = await Assert.ThrowsAsync<StorageException>(() => life.OpenAsync(0));
            Assert.Equal((StorageError.ReadFailed, "superblock"), (refusal.Error, refusal.File));
            await life.RecoverAsync(0);
            await life.Store!.CloseAsync();
        });
    }

    /// <summary>Found by store-crash, q-learning: the second copy damaged by a failed sync, the first torn two generations later.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_torn_write_of_the_superblock_never_takes_the_last_whole_copy_of_a_generation(int damagedCopy)
    {
        StoreLife life = ClosedStore(16);
        life.World.Run(async () =>
        {
            byte[] before = await DiskDamage.ReadAsync(life.Disk, "superblock");
            int newest = BinaryPrimitives.ReadUInt64LittleEndian(before.AsSpan(32)) > BinaryPrimitives.ReadUInt64LittleEndian(before.AsSpan((2 * 4096) + 32)) ? 0 : 2;
            int written = 2 - newest;
            await DiskDamage.FlipAsync(life.Disk, "superblock", (written + damagedCopy) * 4096L);
            var writes = new List<long>();
            life.Disk.Faults.Inject = request =>
            {
                bool isWrite = request is { Verb: DiskVerb.Write, Name: "superblock" };
                if (isWrite)
                {
                    writes.Add(request.Offset);
                }

                return isWrite && writes.Count == 2 ? DiskError.WriteFailed : DiskError.None;
            };
            await Assert.ThrowsAsync<StorageException>(() => life.OpenAsync(0));
            life.Disk.Faults.Inject = null;

            // The one write that went through is torn.
            Assert.Equal(2, writes.Count);
            await DiskDamage.FlipAsync(life.Disk, "superblock", writes[0] + 40);
            await life.RecoverAsync(0);
            await life.Store!.CloseAsync();
        });
    }

    [Fact]
    public void Verify_finds_a_flipped_bit_in_any_block_of_any_run()
    {
        StoreLife life = ClosedStore(15);
        life.World.Run(async () =>
        {
            await life.OpenAsync(0);
            await life.Store!.CompactAllAsync();
            await life.World.Clock.DelayAsync(TimeSpan.FromSeconds(1));
            Assert.Empty(await life.Store.VerifyAsync());
            string run = await DiskDamage.LastAsync(life.Disk, "run-");
            await DiskDamage.FlipAsync(life.Disk, run, 5);
            StorageDamage damage = Assert.Single(await life.Store.VerifyAsync(bytesPerSecond: 1_000_000));
            Assert.Equal((run, 0L, StorageError.Corrupt), (damage.File, damage.Offset, damage.Error));
        });
    }

    [Theory]
    [InlineData(DiskVerb.Sync, DiskError.SyncFailed, "wal-")]
    [InlineData(DiskVerb.Write, DiskError.WriteFailed, "wal-")]
    [InlineData(DiskVerb.Sync, DiskError.SyncFailed, "run-")]
    [InlineData(DiskVerb.Sync, DiskError.SyncFailed, "manifest-")]
    [InlineData(DiskVerb.Write, DiskError.WriteFailed, "run-")]
    public void A_failed_write_or_sync_poisons_and_reads_go_on_and_recovery_keeps_what_was_acknowledged(DiskVerb verb, DiskError error, string prefix) =>
        OrderedStoreModelTests.ForSeeds(50, 6, seed =>
        {
            var life = new StoreLife(seed);
            life.World.Run(async () =>
            {
                await life.OpenAsync();
                await life.WorkAsync(life.Choices.Next(60, "before"));
                life.Disk.Faults.Inject = request =>
                    request.Verb == verb && request.Name.StartsWith(prefix, StringComparison.Ordinal) ? error : DiskError.None;
                StorageException failure = await Assert.ThrowsAsync<StorageException>(() => life.WorkAsync(2000));
                Assert.Equal(StorageError.Poisoned, failure.Error);
                Assert.NotNull(life.Store!.Failure);
                Assert.Throws<StorageException>(() => life.Store.Apply(life.NewBatch()));
                await life.CompareAsync();
                await life.Store.CloseAsync();
                life.Stop();
                life.Disk.Faults.Inject = null;
                life.Disk = life.Disk.Crash(life.Choices);
                await life.RecoverAsync();
                await life.WorkAsync(20);
                await life.SettleAsync();
            });
        });

    [Fact]
    public void A_full_disk_refuses_before_applying_and_the_store_goes_on_when_there_is_room_again() =>
        OrderedStoreModelTests.ForSeeds(70, 10, static seed =>
        {
            var life = new StoreLife(seed);
            life.World.Run(async () =>
            {
                await life.OpenAsync();
                await life.WorkAsync(20);
                life.Disk.Faults.ReservedBytes = life.Disk.Options.CapacityBytes - life.Choices.Next(200_000, "left") - 100_000;
                StorageException failure = await Assert.ThrowsAsync<StorageException>(() => life.WorkAsync(5000));
                Assert.Equal(StorageError.Full, failure.Error);
                Assert.Null(life.Store!.Failure);
                await life.CompareAsync();
                if (life.Choices.Next(2, "crash") == 0)
                {
                    life.Stop();
                    life.Disk = life.Disk.Crash(life.Choices);
                    await life.RecoverAsync();
                }

                life.Disk.Faults.ReservedBytes = 0;
                await life.World.Clock.DelayAsync(TimeSpan.FromSeconds(5));
                await life.WorkAsync(50);
                await life.SettleAsync();
                await life.Store!.CloseAsync();
                await life.RecoverAsync();
            });
        });

    /// <summary>A byte that says something: padding may rot as it likes.</summary>
    private static int WrittenByte(StoreLife life, byte[] bytes)
    {
        int offset = life.Choices.Next(bytes.Length, "rot");
        while (bytes[offset] == 0)
        {
            offset = (offset + 1) % bytes.Length;
        }

        return offset;
    }

    private static StoreLife ClosedStore(ulong seed)
    {
        var life = new StoreLife(seed);
        life.World.Run(async () =>
        {
            await life.OpenAsync();
            await life.WorkAsync(60);
            await life.SettleAsync();
            await life.Store!.CloseAsync();
        });
        return life;
    }

    private static async Task<bool> IsRefusedAsync(StoreLife life, string damagedFile)
    {
        try
        {
            await life.RecoverAsync(0);
            await life.Store!.CloseAsync();
            return false;
        }
        catch (StorageException refused)
        {
            Assert.Equal(StorageError.Corrupt, refused.Error);
            Assert.True(refused.File == damagedFile || damagedFile.StartsWith("manifest-", StringComparison.Ordinal), refused.Message);
            return true;
        }
    }

    private static async Task<string> SegmentWithGroupsAsync(IDisk disk)
    {
        foreach (string name in await DiskDamage.NamesAsync(disk))
        {
            if (name.StartsWith("wal-", StringComparison.Ordinal) && (await DiskDamage.ReadAsync(disk, name))[0] != 0)
            {
                return name;
            }
        }

        throw new InvalidOperationException("the log is empty");
    }

    private static async Task<long> OffsetOfGroupAsync(IDisk disk, string name, int group)
    {
        byte[] bytes = await DiskDamage.ReadAsync(disk, name);
        long offset = 0;
        for (int i = 0; i < group; i++)
        {
            offset += LogGroupHeader.RoundUp(LogGroupHeader.SizeBytes + BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan((int)offset + 8)));
        }

        return offset;
    }
}
