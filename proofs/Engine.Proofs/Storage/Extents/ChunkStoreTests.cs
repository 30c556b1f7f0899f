using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;
using Xunit;
using BlobKey = ObjectStore.Engine.Proofs.Storage.Extents.ChunkStoreRig.BlobKey;

namespace ObjectStore.Engine.Proofs.Storage.Extents;

public sealed class ChunkStoreTests
{
    private const int Chunk = 128 * 1024;

    [Fact]
    public void What_was_published_is_read_back_whole_and_in_any_part()
    {
        ChunkStoreRig.Run(async rig =>
        {
            BlobKey blob = await rig.PutAsync(Chunk, 1, 4096, 4097, 65536, 65537, 100_000);
            await rig.CheckAllAsync();
            foreach ((int from, int to) in new[] { (0, 1), (65535, 65537), (65536, 65537), (1, Chunk), (Chunk - 1, Chunk), (0, 65536), (65536, Chunk) })
            {
                await rig.CheckReadAsync(blob, 0, from, to);
            }

            await rig.ReopenAsync();
            await rig.CheckAllAsync();
        });
    }

    [Fact]
    public void Aligned_memory_is_read_into_directly_and_verified_as_well()
    {
        ChunkStoreRig.Run(async rig =>
        {
            BlobKey blob = await rig.PutAsync(Chunk);
            using AlignedMemory target = AlignedMemory.Allocate(Chunk);
            foreach ((int from, int length) in new[] { (65536, 65536), (0, 65536), (0, Chunk), (65536, 65536) })
            {
                await rig.Store.ReadAsync(ChunkStoreRig.Id(blob, 0), Chunk, from, target.Memory[..length]);
                Assert.True(target.GetSpan()[..length].SequenceEqual(ChunkStoreRig.Content(blob, 0, Chunk).AsSpan(from, length)));
            }

            await rig.FlipAsync("extent-00000001", 4096 + 70_000);
            StorageException fault = await Assert.ThrowsAsync<StorageException>(
                async () => await rig.Store.ReadAsync(ChunkStoreRig.Id(blob, 0), Chunk, 65536, target.Memory[..65536]));
            Assert.Equal(StorageError.Corrupt, fault.Error);
        });
    }

    [Fact]
    public void A_small_read_far_inside_a_chunk_takes_one_disk_access_once_the_header_is_known()
    {
        ChunkStoreRig.Run(async rig =>
        {
            BlobKey blob = await rig.PutAsync(Chunk);
            await rig.CheckReadAsync(blob, 0, 0, 10);
            long before = rig.Disk.RequestCount;
            await rig.CheckReadAsync(blob, 0, 100_000, 100_010);
            Assert.Equal(before + 1, rig.Disk.RequestCount);
        });
    }

    [Fact]
    public void A_flipped_bit_in_any_byte_of_a_frame_is_found_on_reading()
    {
        ChunkStoreRig.Run(async rig =>
        {
            BlobKey blob = await rig.PutAsync(70_000);
            int frame = 4096 + 73_728;
            for (int offset = 0; offset < frame; offset += offset is < 130 or > 4080 and < 4100 ? 1 : 97)
            {
                await rig.FlipAsync("extent-00000001", offset);
                Assert.Equal(StorageError.Corrupt, await rig.ReadErrorAsync(blob, 0, 0, 70_000));
                await rig.FlipAsync("extent-00000001", offset);
            }

            await rig.CheckAllAsync();
        });
    }

    [Fact]
    public void Damage_in_one_block_leaves_the_others_readable_and_is_listed()
    {
        ChunkStoreRig.Run(async rig =>
        {
            BlobKey blob = await rig.PutAsync(Chunk);
            await rig.FlipAsync("extent-00000001", 4096 + 65536 + 5);
            await rig.CheckReadAsync(blob, 0, 0, 65536);
            Assert.Empty(rig.Store.Damaged);
            Assert.Equal(StorageError.Corrupt, await rig.ReadErrorAsync(blob, 0, 65535, 65537));
            Assert.Equal(ChunkStoreRig.Id(blob, 0), Assert.Single(rig.Store.Damaged).Id);
            await rig.CheckReadAsync(blob, 0, 0, 65536);
            await rig.ReleaseAsync(blob);
            Assert.Empty(rig.Store.Damaged);
        });
    }

    [Fact]
    public void A_misdirected_write_is_found_because_frames_name_themselves()
    {
        ChunkStoreRig.Run(async rig =>
        {
            BlobKey blob = await rig.PutAsync(8192, 8192);
            byte[] second = [];
            await rig.DamageAsync("extent-00000001", 12288, bytes => second = bytes, 12288);
            await rig.DamageAsync("extent-00000001", 0, _ => second, 12288);
            Assert.Equal(StorageError.Corrupt, await rig.ReadErrorAsync(blob, 0, 0, 8192));
            await rig.CheckReadAsync(blob, 1, 0, 8192);
        });
    }

    [Fact]
    public void A_lost_write_and_a_cut_file_are_found()
    {
        ChunkStoreRig.Run(async rig =>
        {
            BlobKey blob = await rig.PutAsync(8192, 8192);
            await rig.DamageAsync("extent-00000001", 0, static bytes => new byte[bytes.Length], 12288);
            Assert.Equal(StorageError.Corrupt, await rig.ReadErrorAsync(blob, 0, 0, 8192));
            await using (IDiskFile raw = (await rig.Disk.OpenAsync("extent-00000001", DiskOpen.Existing)).Value)
            {
                await raw.TruncateAsync(16384);
            }

            Assert.Equal(StorageError.Corrupt, await rig.ReadErrorAsync(blob, 1, 0, 8192));
        });
    }

    [Fact]
    public void A_missing_extent_file_fails_only_its_own_chunks()
    {
        ChunkStoreRig.Run(async rig =>
        {
            BlobKey lost = await rig.PutAsync(Chunk, Chunk, Chunk);
            BlobKey kept = await rig.PutAsync(Chunk);
            await rig.Store.DisposeAsync();
            await rig.Disk.DeleteAsync("extent-00000001");
            await rig.ReopenAsync();
            Assert.Equal(StorageError.Corrupt, await rig.ReadErrorAsync(lost, 0, 0, Chunk));
            await rig.CheckReadAsync(kept, 0, 0, Chunk);
            await rig.PutAsync(5000);
            Assert.Equal(["extent-00000002", "extent-00000003"], (await rig.Disk.ListAsync()).Value);
        });
    }

    [Theory]
    [InlineData(CrashStyle.LoseAll)]
    [InlineData(CrashStyle.KeepAll)]
    [InlineData(CrashStyle.Each)]
    [InlineData(CrashStyle.LoseOne)]
    public void After_a_crash_published_chunks_are_whole_and_staged_ones_are_gone(CrashStyle style)
    {
        for (ulong seed = 1; seed <= 10; seed++)
        {
            ChunkStoreRig.Run(
                async rig =>
                {
                    await rig.PutAsync(Chunk, 3000);
                    (BlobKey torn, _, _) = await rig.StageAsync(Chunk, Chunk, Chunk, 77);
                    await rig.CrashAsync(0, style);
                    await rig.CheckAllAsync();
                    byte[] read = new byte[10];
                    await Assert.ThrowsAsync<StorageException>(async () => await rig.Store.ReadAsync(ChunkStoreRig.Id(torn, 0), Chunk, 0, read));
                    Assert.Equal(["extent-00000001"], (await rig.Disk.ListAsync()).Value);
                    Assert.Equal(0, rig.Store.MeasureUsage().StagedBytes);
                },
                seed,
                disk: new SimDiskOptions { SectorSizeBytes = 512 });
        }
    }

    [Fact]
    public void Concurrent_writers_share_syncs_and_none_is_acknowledged_by_a_sync_that_began_before_its_write_ended()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            ChunkStoreRig.Run(
                async rig =>
                {
                    await rig.PutAsync(10);
                    int syncs = 0;
                    rig.Disk.Faults.Inject = request =>
                    {
                        syncs += request.Verb == DiskVerb.Sync ? 1 : 0;
                        return DiskError.None;
                    };
                    var writers = new Task[24];
                    for (int i = 0; i < writers.Length; i++)
                    {
                        writers[i] = WriteAfterAsync(rig, TimeSpan.FromMicroseconds(i * 40));
                    }

                    await Task.WhenAll(writers);
                    Assert.InRange(syncs, 1, writers.Length / 2);
                    await rig.CrashAsync(0, CrashStyle.LoseAll);
                    Assert.Equal(25, rig.Model.Count);
                    await rig.CheckAllAsync();
                },
                seed);
        }

        static async Task WriteAfterAsync(ChunkStoreRig rig, TimeSpan delay)
        {
            await rig.World.Clock.DelayAsync(delay);
            await rig.PutAsync(5000);
        }
    }

    [Fact]
    public void Publishing_before_the_sync_is_caught()
    {
        ChunkStoreRig.Run(async rig =>
        {
            (BlobKey blob, int[] lengths, List<StagedChunk> staged) = await rig.StageAsync(5000);
            Assert.Throws<InvariantViolationException>(() => rig.Publish(blob, lengths, staged));
            Assert.Throws<InvariantViolationException>(() => rig.Store.Abandon([staged[0] with { OffsetBytes = 4096 }]));
        });
    }

    [Theory]
    [InlineData(DiskVerb.Sync, DiskError.SyncFailed)]
    [InlineData(DiskVerb.Write, DiskError.WriteFailed)]
    public void A_failed_write_or_sync_poisons_its_extent_and_the_store_goes_on_in_another(DiskVerb verb, DiskError error)
    {
        ChunkStoreRig.Run(async rig =>
        {
            BlobKey before = await rig.PutAsync(9000);
            bool armed = true;
            rig.Disk.Faults.Inject = request => armed && request.Verb == verb && request.Name == "extent-00000001" ? error : DiskError.None;
            StorageException fault = await Assert.ThrowsAsync<StorageException>(() => rig.PutAsync(9000));
            Assert.Equal(StorageError.Poisoned, fault.Error);
            armed = false;
            BlobKey after = await rig.PutAsync(9000);
            await rig.CrashAsync(0, CrashStyle.LoseAll);
            await rig.CheckReadAsync(before, 0, 0, 9000);
            await rig.CheckReadAsync(after, 0, 0, 9000);
        });
    }

    [Fact]
    public void Frames_that_a_failed_sync_did_not_cover_are_never_published_by_a_later_good_one()
    {
        ChunkStoreRig.Run(async rig =>
        {
            (_, _, List<StagedChunk> first) = await rig.StageAsync(9000);
            (_, _, List<StagedChunk> second) = await rig.StageAsync(9000);
            int left = 1;
            rig.Disk.Faults.Inject = request => request.Verb == DiskVerb.Sync && left-- > 0 ? DiskError.SyncFailed : DiskError.None;
            foreach (List<StagedChunk> staged in new[] { first, second, second })
            {
                StorageException fault = await Assert.ThrowsAsync<StorageException>(async () => await rig.Store.SyncStagedAsync(staged));
                Assert.Equal(StorageError.Poisoned, fault.Error);
            }
        });
    }

    [Fact]
    public void A_full_disk_is_reported_and_space_that_is_released_can_be_used_again()
    {
        ChunkStoreRig.Run(
            async rig =>
            {
                var blobs = new List<BlobKey>();
                StorageException fault = await Assert.ThrowsAsync<StorageException>(async () =>
                {
                    for (int i = 0; i < 100; i++)
                    {
                        blobs.Add(await rig.PutAsync(Chunk));
                    }
                });
                Assert.Equal(StorageError.Full, fault.Error);
                Assert.Equal(12, blobs.Count);
                await rig.CheckAllAsync();

                // Two of three frames die in each extent: what lives has to be moved, and the reserve makes that possible.
                for (int i = 0; i < blobs.Count; i++)
                {
                    if (i % 3 != 0)
                    {
                        await rig.ReleaseAsync(blobs[i]);
                    }
                }

                await rig.ReclaimAllAsync();
                for (int i = 0; i < 6; i++)
                {
                    await rig.PutAsync(Chunk);
                }

                await rig.CheckAllAsync();
            },
            options: ChunkStoreRig.SmallOptions with { ReserveBytes = 512 * 1024 },
            disk: new SimDiskOptions { CapacityBytes = 5 * 512 * 1024 });
    }

    [Fact]
    public void Closing_and_using_after_it_are_errors_not_accidents()
    {
        ChunkStoreRig.Run(async rig =>
        {
            BlobKey blob = await rig.PutAsync(Chunk);
            await rig.Store.DisposeAsync();
            Assert.Equal(StorageError.Closed, await rig.ReadErrorAsync(blob, 0, 0, 10));
            Assert.Equal(StorageError.Closed, (await Assert.ThrowsAsync<StorageException>(() => rig.PutAsync(10))).Error);
        });
    }
}
