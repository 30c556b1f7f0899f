using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Engine.Proofs.Storage.Index;

/// <summary>Goal: the store is a sorted dictionary that crashes cannot hurt. Method: random work and crashes on a simulated disk, held to a model.</summary>
public sealed class OrderedStoreModelTests
{
    [Fact]
    public void What_was_applied_is_found_again_after_a_clean_close() => ForSeeds(1, 6, static seed =>
    {
        var life = new StoreLife(seed);
        life.World.Run(async () =>
        {
            await life.OpenAsync();
            await life.WorkAsync(120);
            await life.SettleAsync();
            await life.Store!.CloseAsync();
            await life.RecoverAsync();
            Assert.Equal(life.Model.LastSequence, life.Store!.AppliedSequence);
        });
    });

    [Fact]
    public void A_crash_while_opening_or_formatting_leaves_an_openable_store() => ForSeeds(1000, 60, static seed =>
    {
        var life = new StoreLife(seed);
        bool isOpen = false;
        for (int attempt = 0; attempt < 12 && !isOpen; attempt++)
        {
            Task? opening = null;
            life.Stop();
            life.World.TestLoop.Post(_ => opening = life.OpenAsync(), null);
            life.World.RunUntil(() => opening is not null);
            isOpen = life.World.RunUntil(() => opening!.IsCompleted, stepLimit: life.Choices.Next(100, "crash-at"));
            Assert.False(opening!.IsFaulted, opening.Exception?.ToString());
            life.Disk = life.Disk.Crash(life.Choices);
        }

        life.Stop();
        life.World.Run(async () =>
        {
            await life.RecoverAsync();
            await life.WorkAsync(10);
            await life.SettleAsync();
        });
    });

    [Fact]
    public void Every_disk_that_a_crash_in_a_commit_may_leave_holds_the_batch_whole_or_not_at_all()
    {
        var life = new StoreLife(9, StoreLife.Small with { LogSealDelay = TimeSpan.FromDays(1) });
        var images = new List<SimDisk>();
        life.World.Run(async () =>
        {
            await life.OpenAsync(0);
            life.Apply(life.NewBatch());
            await life.SettleAsync();
            await life.World.Clock.DelayAsync(TimeSpan.FromSeconds(1));
            var large = new WriteBatch();
            large.Put(new byte[] { 9 }, new byte[(life.Disk.SectorSizeBytes * 7) - 200]);
            life.Disk.Faults.Inject = request =>
            {
                if (request.Verb == DiskVerb.Sync && images.Count == 0)
                {
                    images.AddRange(life.Disk.EveryCrash(600));
                }

                return DiskError.None;
            };
            life.Apply(large);
            await life.SettleAsync();
            life.Disk.Faults.Inject = null;
        });
        int whole = 0;
        int none = 0;
        foreach (SimDisk after in images)
        {
            life.World.Run(async () =>
            {
                OrderedStore store = await OrderedStore.OpenAsync(life.World.CreateEnvironment(after), life.World.TestLoop, life.Options);
                using IReadView view = store.ReadDurable();
                Assert.Null(await life.Model.CompareAsync(view));
                (whole, none) = view.Sequence == 2 ? (whole + 1, none) : (whole, none + 1);
                await store.CloseAsync();
            });
        }

        Assert.True(whole > 0 && none > 1, $"{whole} whole, {none} gone");
    }

    [Fact]
    public void The_proofs_catch_a_disk_that_forgets_what_it_synced()
    {
        int caught = 0;
        for (ulong seed = 500; seed < 510; seed++)
        {
            var life = new StoreLife(seed);
            life.World.Run(() => life.OpenAsync());
            SimDisk early = life.Disk.Crash(life.Choices, CrashStyle.LoseAll);
            life.World.Run(async () =>
            {
                await life.WorkAsync(1);
                await life.SettleAsync();
            });
            life.Stop();
            life.Disk = early;
            try
            {
                life.World.Run(() => life.RecoverAsync());
            }
            catch (Xunit.Sdk.XunitException)
            {
                caught++;
            }
        }

        Assert.Equal(10, caught);
    }

    [Fact]
    public void After_a_crash_at_any_step_nothing_acknowledged_is_lost_and_the_rest_is_a_prefix_and_the_rare_paths_are_reached()
    {
        var reached = new SortedDictionary<string, long>(StringComparer.Ordinal);
        ForSeeds(100, 60, seed =>
        {
            var life = new StoreLife(seed);
            CrashAndRecover(life);
            foreach ((string mark, long count) in life.World.Log.Marks)
            {
                reached[mark] = reached.GetValueOrDefault(mark) + count;
            }
        });
        string[] wanted =
        [
            "wal-torn-tail", "wal-segment-reused", "wal-sealed", "manifest-switched", "manifest-torn-tail", "store-orphan-removed",
        ];
        foreach (string mark in wanted)
        {
            Assert.True(reached.ContainsKey(mark), $"{mark} not among {string.Join(' ', reached)}");
        }
    }

    internal static void CrashAndRecover(StoreLife life)
    {
        life.World.Run(() => life.OpenAsync());
        for (int crash = 0; crash < 4; crash++)
        {
            Task work = Task.CompletedTask;
            life.World.TestLoop.Post(_ => work = life.WorkAsync(1000), null);
            life.World.RunUntil(() => !work.IsCompleted);
            life.World.RunUntil(() => work.IsFaulted, stepLimit: 10 + life.Choices.Next(3000, "crash-at"));
            Assert.False(work.IsFaulted, work.Exception?.ToString());
            life.Stop();
            life.Disk = life.Disk.Crash(life.Choices);
            life.World.Run(() => life.RecoverAsync());
        }
    }

    internal static void ForSeeds(ulong first, int count, Action<ulong> body)
    {
        for (ulong seed = first; seed < first + (ulong)count; seed++)
        {
            try
            {
                body(seed);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}: {failure.Message}", failure);
            }
        }
    }
}
