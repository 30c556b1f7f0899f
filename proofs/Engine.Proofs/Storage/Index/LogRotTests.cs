using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Engine.Proofs.Storage.Index;

/// <summary>Goal: rot in durable groups of the log never passes for a torn tail. Method: bytes changed in the last group, with each witness in turn.</summary>
public sealed class LogRotTests
{
    private static readonly OrderedStoreOptions OneMemtable =
        StoreLife.Small with { MemtableBytes = 1 << 20, LogSegmentBytes = 32 * 4096, LogSegmentsPerMemtable = 100, LogSealDelay = TimeSpan.FromSeconds(1) };

    internal static readonly OrderedStoreOptions NeverSealed = OneMemtable with { LogSealDelay = TimeSpan.FromDays(1) };

    [Fact]
    public void Rot_anywhere_in_the_last_group_of_an_idle_log_is_an_error_that_names_the_place()
    {
        var life = new StoreLife(1, OneMemtable);
        life.World.Run(async () =>
        {
            await ApplyAsync(life, 3);
            await life.World.Clock.DelayAsync(TimeSpan.FromSeconds(3));
            SimDisk after = life.Disk.Crash(life.Choices, CrashStyle.LoseAll);
            (string log, List<long> groups) = await GroupsAsync(after);
            await EveryRotIsRefusedAsync(life, after, log, groups[2]);
            life.Disk = after;
            life.Stop();
            await life.RecoverAsync(0);
            Assert.Equal(3ul, life.Store!.AppliedSequence);
        });
    }

    [Fact]
    public void Rot_of_what_recovery_has_shown_is_an_error_without_a_seal_in_the_log()
    {
        var life = new StoreLife(2, NeverSealed);
        life.World.Run(async () =>
        {
            await ApplyAsync(life, 3);
            life.Disk = life.Disk.Crash(life.Choices, CrashStyle.LoseAll);
            life.Stop();
            await life.RecoverAsync(0);
            SimDisk after = life.Disk.Crash(life.Choices, CrashStyle.LoseAll);
            (string log, List<long> groups) = await GroupsAsync(after);
            await EveryRotIsRefusedAsync(life, after, log, groups[2]);
        });
    }

    [Fact]
    public void Rot_after_a_clean_close_that_could_not_flush_is_an_error()
    {
        var life = new StoreLife(3, NeverSealed);
        life.World.Run(async () =>
        {
            await ApplyAsync(life, 3);
            life.Disk.Faults.ReservedBytes = life.Disk.Options.CapacityBytes;
            await life.Store!.CloseAsync();
            SimDisk after = life.Disk.Crash(life.Choices, CrashStyle.LoseAll);
            life.Disk.Faults.ReservedBytes = 0;
            (string log, List<long> groups) = await GroupsAsync(after);
            await EveryRotIsRefusedAsync(life, after, log, groups[2]);
        });
    }

    [Fact]
    public void After_a_clean_close_no_rot_in_the_log_loses_a_batch() => OrderedStoreModelTests.ForSeeds(20, 3, static seed =>
    {
        var life = new StoreLife(seed);
        life.World.Run(async () =>
        {
            await life.OpenAsync();
            await life.WorkAsync(60);
            await life.SettleAsync();
            await life.Store!.CloseAsync();
            SimDisk closed = life.Disk;
            for (int i = 0; i < 40; i++)
            {
                life.Disk = closed.Crash(life.Choices, CrashStyle.KeepAll);
                string log = await DiskDamage.LastAsync(life.Disk, "wal-");
                byte[] bytes = await DiskDamage.ReadAsync(life.Disk, log);
                await DiskDamage.FlipAsync(life.Disk, log, life.Choices.Next(bytes.Length, "rot"), life.Choices.Next(8, "bit"));
                life.Stop();
                try
                {
                    await life.RecoverAsync(0);
                    await life.Store!.CloseAsync();
                }
                catch (StorageException refused)
                {
                    Assert.Equal((StorageError.Corrupt, log), (refused.Error, refused.File));
                }
            }
        });
    });

    [Fact]
    public void The_header_of_a_torn_group_proves_the_group_before_it()
    {
        var life = new StoreLife(4, NeverSealed);
        life.World.Run(async () =>
        {
            await ApplyAsync(life, 4);
            SimDisk after = life.Disk.Crash(life.Choices, CrashStyle.LoseAll);
            (string log, List<long> groups) = await GroupsAsync(after);
            await DiskDamage.FlipAsync(after, log, groups[3] + 64);
            life.Disk = after.Crash(life.Choices, CrashStyle.KeepAll);
            await life.OpenAsync(0);
            Assert.Equal(3ul, life.Store!.AppliedSequence);
            await DiskDamage.FlipAsync(after, log, groups[2] + 64);
            life.Disk = after;
            StorageException error = await Assert.ThrowsAsync<StorageException>(() => life.OpenAsync(0));
            Assert.Equal((StorageError.Corrupt, log, groups[2]), (error.Error, error.File, error.Offset));
        });
    }

    [Fact]
    public void A_group_that_tears_over_a_seal_loses_nothing_before_it()
    {
        var life = new StoreLife(5, OneMemtable);
        var images = new List<SimDisk>();
        life.World.Run(async () =>
        {
            await ApplyAsync(life, 2);
            await life.World.Clock.DelayAsync(TimeSpan.FromSeconds(3));
            life.Disk.Faults.Inject = request =>
            {
                if (request.Verb == DiskVerb.Sync && images.Count == 0)
                {
                    images.AddRange(life.Disk.EveryCrash(300));
                }

                return DiskError.None;
            };
            var large = new WriteBatch();
            large.Put(new byte[] { 9 }, new byte[life.Disk.SectorSizeBytes * 6]);
            life.Apply(large);
            await life.SettleAsync();
            life.Disk.Faults.Inject = null;
        });
        int torn = 0;
        foreach (SimDisk after in images)
        {
            life.World.Run(async () =>
            {
                OrderedStore store = await OrderedStore.OpenAsync(life.World.CreateEnvironment(after), life.World.TestLoop, life.Options);
                using IReadView view = store.ReadDurable();
                Assert.Null(await life.Model.CompareAsync(view));
                Assert.InRange(view.Sequence, 2ul, 3ul);
                torn += view.Sequence == 2 ? 1 : 0;
                await store.CloseAsync();
            });
        }

        Assert.InRange(torn, 2, images.Count - 1);
    }

    [Fact]
    public void An_idle_log_is_sealed_once_and_no_more()
    {
        var life = new StoreLife(6, OneMemtable);
        life.World.Run(async () =>
        {
            await ApplyAsync(life, 2);
            await life.World.Clock.DelayAsync(TimeSpan.FromSeconds(3));
            long requests = life.Disk.RequestCount;
            await life.World.Clock.DelayAsync(TimeSpan.FromMinutes(10));
            Assert.Equal(requests, life.Disk.RequestCount);
            Assert.Equal(1, life.World.Log.Marks["wal-sealed"]);
        });
    }

    private static async Task ApplyAsync(StoreLife life, int batches)
    {
        await life.OpenAsync(0);
        for (int i = 0; i < batches; i++)
        {
            life.Apply(life.NewBatch());
            await life.SettleAsync();
        }
    }

    /// <summary>Changes, one after the other, bytes of the group's header and of its payload.</summary>
    private static async Task EveryRotIsRefusedAsync(StoreLife life, SimDisk whole, string log, long group)
    {
        byte[] bytes = await DiskDamage.ReadAsync(whole, log);
        int length = LogGroupHeader.SizeBytes + (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan((int)group + 8));
        for (int at = 0; at < length; at += at < 52 ? 1 : Math.Max(1, length / 20))
        {
            life.Disk = whole.Crash(life.Choices, CrashStyle.KeepAll);
            await DiskDamage.FlipAsync(life.Disk, log, group + at, at % 8);
            StorageException error = await Assert.ThrowsAsync<StorageException>(() => life.OpenAsync(0));
            Assert.Equal((StorageError.Corrupt, log, group), (error.Error, error.File, error.Offset));
        }
    }

    /// <summary>The segment that holds groups, and where its groups begin.</summary>
    private static async Task<(string Log, List<long> Groups)> GroupsAsync(SimDisk disk)
    {
        foreach (string name in await DiskDamage.NamesAsync(disk))
        {
            byte[] bytes = name.StartsWith("wal-", StringComparison.Ordinal) ? await DiskDamage.ReadAsync(disk, name) : [];
            var groups = new List<long>();
            long offset = 0;
            while (offset < bytes.Length && BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan((int)offset + 12)) > 0)
            {
                groups.Add(offset);
                offset += LogGroupHeader.RoundUp(LogGroupHeader.SizeBytes + BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan((int)offset + 8)));
            }

            if (groups.Count > 0)
            {
                return (name, groups);
            }
        }

        throw new InvalidOperationException("the log is empty");
    }
}
