using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;
using Xunit;
using BlobKey = ObjectStore.Engine.Proofs.Storage.Extents.ChunkStoreRig.BlobKey;

namespace ObjectStore.Engine.Proofs.Storage.Extents;

public sealed class ReclaimTests
{
    private const int Chunk = 128 * 1024;

    [Fact]
    public void Wholly_dead_extents_are_deleted_without_copying()
    {
        ChunkStoreRig.Run(async rig =>
        {
            BlobKey blob = await rig.PutAsync(Chunk, Chunk, Chunk, Chunk, Chunk, Chunk, Chunk);
            await rig.ReleaseAsync(blob, rowsMax: 2);
            bool written = false;
            rig.Disk.Faults.Inject = request =>
            {
                written |= request.Verb == DiskVerb.Write;
                return DiskError.None;
            };
            await rig.ReclaimAllAsync();
            Assert.False(written);
            Assert.Equal(1, rig.Store.MeasureUsage().ExtentCount);
        });
    }

    [Fact]
    public void Live_frames_of_a_mostly_dead_extent_are_moved_and_its_file_goes()
    {
        ChunkStoreRig.Run(async rig =>
        {
            BlobKey kept = await rig.PutAsync(Chunk);
            BlobKey dead = await rig.PutAsync(Chunk, Chunk);
            await rig.PutAsync(Chunk);
            await rig.ReleaseAsync(dead);
            await rig.ReclaimAllAsync();
            Assert.DoesNotContain("extent-00000001", (await rig.Disk.ListAsync()).Value);
            await rig.CheckAllAsync();
            await rig.CrashAsync(0, CrashStyle.LoseAll);
            await rig.CheckReadAsync(kept, 0, 0, Chunk);
        });
    }

    [Fact]
    public void A_file_stays_until_the_rows_that_named_its_frames_are_durably_gone()
    {
        ChunkStoreRig.Run(async rig =>
        {
            BlobKey blob = await rig.PutAsync(Chunk, Chunk, Chunk);
            await rig.PutAsync(Chunk);
            rig.Rows.Hold = true;
            await rig.ReleaseAsync(blob);
            await rig.Store.Reclaimer.StepAsync();
            Assert.Contains("extent-00000001", (await rig.Disk.ListAsync()).Value);

            // The release is lost in the crash: the blob is back and must be whole.
            await rig.CrashAsync(0);
            Assert.Equal(2, rig.Model.Count);
            await rig.CheckAllAsync();
        });
    }

    [Fact]
    public void A_file_stays_while_a_crash_may_still_bring_back_the_batch_that_published_into_it()
    {
        ChunkStoreRig.Run(async rig =>
        {
            // Neither the durable nor the latest rows name the extent, but the batch between them does.
            rig.Rows.Hold = true;
            BlobKey blob = await rig.PutAsync(Chunk, Chunk, Chunk);
            await rig.PutAsync(Chunk);
            await rig.ReleaseAsync(blob);
            await rig.Store.Reclaimer.StepAsync();
            await rig.CrashAsync(rowSurvivors: 1);
            Assert.Single(rig.Model);
            await rig.CheckAllAsync();
        });
    }

    [Fact]
    public void A_damaged_frame_is_left_and_reported_and_holds_its_extent_until_released()
    {
        ChunkStoreRig.Run(async rig =>
        {
            BlobKey damaged = await rig.PutAsync(9000);
            BlobKey whole = await rig.PutAsync(9000);
            BlobKey dead = await rig.PutAsync(Chunk, Chunk, Chunk);
            await rig.PutAsync(Chunk);
            await rig.FlipAsync("extent-00000001", 5000);
            await rig.ReleaseAsync(dead);
            await rig.ReclaimAllAsync();
            Assert.Equal(ChunkStoreRig.Id(damaged, 0), Assert.Single(rig.Store.Damaged).Id);
            Assert.Contains("extent-00000001", (await rig.Disk.ListAsync()).Value);
            Assert.Equal(StorageError.Corrupt, await rig.ReadErrorAsync(damaged, 0, 0, 9000));
            await rig.CheckReadAsync(whole, 0, 0, 9000);

            await rig.ReleaseAsync(damaged);
            await rig.ReclaimAllAsync();
            Assert.DoesNotContain("extent-00000001", (await rig.Disk.ListAsync()).Value);
            await rig.CheckReadAsync(whole, 0, 0, 9000);
            Assert.Empty(rig.Store.Damaged);
        });
    }

    [Fact]
    public void A_reader_under_way_ends_well_when_its_extent_is_deleted()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            ChunkStoreRig.Run(
                async rig =>
                {
                    BlobKey kept = await rig.PutAsync(Chunk);
                    BlobKey dead = await rig.PutAsync(Chunk, Chunk);
                    await rig.PutAsync(Chunk);
                    await rig.ReleaseAsync(dead);
                    var readers = new List<Task>();
                    Task reclaim = rig.ReclaimAllAsync();
                    while (!reclaim.IsCompleted)
                    {
                        readers.Add(rig.CheckReadAsync(kept, 0, 100, 70_000));
                        await rig.World.Clock.DelayAsync(TimeSpan.FromMicroseconds(37));
                    }

                    foreach (Task reader in readers)
                    {
                        await reader;
                    }

                    Assert.DoesNotContain("extent-00000001", (await rig.Disk.ListAsync()).Value);
                },
                seed);
        }
    }

    [Fact]
    public void Staged_frames_are_never_reclaimed_from_under_their_writer()
    {
        ChunkStoreRig.Run(async rig =>
        {
            (BlobKey blob, int[] lengths, List<StagedChunk> staged) = await rig.StageAsync(Chunk);
            BlobKey dead = await rig.PutAsync(Chunk, Chunk);
            await rig.PutAsync(Chunk);
            await rig.ReleaseAsync(dead);
            await rig.ReclaimAllAsync();
            await rig.Store.SyncStagedAsync(staged);
            rig.Publish(blob, lengths, staged);
            await rig.CheckAllAsync();
            await rig.ReclaimAllAsync();
            await rig.CheckAllAsync();
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_release_that_races_with_a_move_is_not_undone(bool applyLate)
    {
        for (int delayUs = 0; delayUs < 3000; delayUs += 150)
        {
            int delay = delayUs;
            ChunkStoreRig.Run(async rig =>
            {
                BlobKey victim = await rig.PutAsync(Chunk);
                BlobKey dead = await rig.PutAsync(Chunk, Chunk);
                await rig.PutAsync(Chunk);
                await rig.ReleaseAsync(dead);
                Task reclaim = rig.ReclaimAllAsync();
                var blob = new BlobRef(ChunkStoreRig.Id(victim, 0).Blob, Chunk, Chunk);
                if (!applyLate)
                {
                    await rig.World.Clock.DelayAsync(TimeSpan.FromMicroseconds(delay));
                }

                // Late: the chunks are found before the move, and the batch is ready in the middle of it or after.
                await rig.ReleaseStepAsync(blob, 10, applyLate ? TimeSpan.FromMicroseconds(delay) : TimeSpan.Zero);
                await reclaim;
                byte[] read = new byte[1];
                await Assert.ThrowsAsync<StorageException>(async () => await rig.Store.ReadAsync(ChunkStoreRig.Id(victim, 0), Chunk, 0, read));

                // No row is left behind, and the counts are right with and without a restart.
                Assert.Equal(FrameBytes(Chunk), rig.Store.MeasureUsage().LiveBytes);
                await rig.ReclaimAllAsync();
                await rig.ReopenAsync();
                Assert.Equal(FrameBytes(Chunk), rig.Store.MeasureUsage().LiveBytes);
            });
        }
    }

    [Fact]
    public void Space_stays_bounded_under_overwriting()
    {
        ChunkStoreRig.Run(async rig =>
        {
            var random = new Random(5);
            var blobs = new List<BlobKey>();
            for (int i = 0; i < 300; i++)
            {
                blobs.Add(await rig.PutAsync(random.Next(1, Chunk)));
                if (blobs.Count > 30)
                {
                    int victim = random.Next(blobs.Count);
                    await rig.ReleaseAsync(blobs[victim]);
                    blobs.RemoveAt(victim);
                }

                if (i % 10 == 0)
                {
                    await rig.ReclaimAllAsync();
                }
            }

            await rig.ReclaimAllAsync();
            await rig.CheckAllAsync();
            ChunkStoreUsage usage = rig.Store.MeasureUsage();
            long bound = (usage.LiveBytes * 100 / (100 - rig.Options.ReclaimGarbagePercent)) + (3 * rig.Options.ExtentSizeBytes);
            Assert.True(usage.TotalBytes <= bound, $"{usage}, bound {bound}");
        });
    }

    [Fact]
    public void A_poisoned_extent_is_emptied_and_deleted()
    {
        ChunkStoreRig.Run(async rig =>
        {
            await rig.PutAsync(Chunk);
            int left = 1;
            rig.Disk.Faults.Inject = request => request.Verb == DiskVerb.Write && left-- > 0 ? DiskError.WriteFailed : DiskError.None;
            await Assert.ThrowsAsync<StorageException>(() => rig.PutAsync(Chunk));
            await rig.ReclaimAllAsync();
            Assert.DoesNotContain("extent-00000001", (await rig.Disk.ListAsync()).Value);
            await rig.CheckAllAsync();
        });
    }

    [Fact]
    public void Chunks_written_with_another_chunk_size_are_still_moved()
    {
        ChunkStoreRig.Run(async rig =>
        {
            BlobKey big = await rig.PutAsync(Chunk);
            BlobKey dead = await rig.PutAsync(Chunk, Chunk);
            await rig.ReleaseAsync(dead);
            await rig.Store.DisposeAsync();
            ChunkStoreOptions smaller = ChunkStoreRig.SmallOptions with { ChunkSizeBytes = 8192 };
            await using ChunkStore store = await ChunkStore.OpenAsync(
                rig.World.CreateEnvironment(rig.Disk), rig.World.TestLoop, rig.Rows, smaller);
            Assert.Equal(TimeSpan.Zero, await store.Reclaimer.StepAsync());
            byte[] read = new byte[Chunk];
            await store.ReadAsync(ChunkStoreRig.Id(big, 0), Chunk, 0, read);
            Assert.Equal(ChunkStoreRig.Content(big, 0, Chunk), read);
        });
    }

    private static long FrameBytes(int length) => 4096 + AlignedMemory.RoundUp(length);
}
