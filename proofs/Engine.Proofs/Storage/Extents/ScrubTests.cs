using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;
using Xunit;
using BlobKey = ObjectStore.Engine.Proofs.Storage.Extents.ChunkStoreRig.BlobKey;

namespace ObjectStore.Engine.Proofs.Storage.Extents;

public sealed class ScrubTests
{
    [Fact]
    public void Damage_anywhere_is_found_within_a_period_and_a_healed_frame_leaves_the_list()
    {
        ChunkStoreRig.Run(async rig =>
        {
            BlobKey blob = default;
            for (int i = 0; i < 10; i++)
            {
                BlobKey put = await rig.PutAsync(9000, 70_000);
                blob = i == 6 ? put : blob;
            }

            DamagedChunk? found = null;
            uint extent = 0;
            long offset = 0;
            using (IReadView view = rig.Rows.ReadLatest())
            {
                FrameLocation location = ChunkRows.ReadLocation((await view.GetAsync(ChunkRows.LocationKey(ChunkStoreRig.Id(blob, 1))))!.Value.Span);
                (extent, offset) = (location.Extent, location.OffsetBytes);
            }

            await rig.FlipAsync(Extent.NameOf(extent), offset + 4096 + 69_000);
            rig.Store.StartWorkers();
            await rig.World.Clock.DelayAsync(rig.Options.ScrubPeriod);
            found = Assert.Single(rig.Store.Damaged);
            Assert.Equal(new DamagedChunk(ChunkStoreRig.Id(blob, 1), extent, offset, StorageError.Corrupt), found);
            Assert.Equal(StorageError.Corrupt, await rig.ReadErrorAsync(blob, 1, 0, 70_000));

            await rig.FlipAsync(Extent.NameOf(extent), offset + 4096 + 69_000);
            await rig.World.Clock.DelayAsync(rig.Options.ScrubPeriod);
            Assert.Empty(rig.Store.Damaged);
            Assert.InRange(rig.Store.Scrubber.Progress.Rounds, 1, 3);
            await rig.Store.DisposeAsync();
        });
    }

    [Fact]
    public void A_latent_sector_error_is_reported_as_unreadable()
    {
        ChunkStoreRig.Run(async rig =>
        {
            BlobKey blob = await rig.PutAsync(9000);
            rig.Disk.Faults.Inject = static request => request.Verb == DiskVerb.Read ? DiskError.ReadFailed : DiskError.None;
            await rig.Store.Scrubber.StepAsync();
            Assert.Equal(StorageError.ReadFailed, Assert.Single(rig.Store.Damaged).Error);
            Assert.Equal(StorageError.ReadFailed, await rig.ReadErrorAsync(blob, 0, 0, 9000));
        });
    }

    [Fact]
    public void Scrubbing_goes_on_after_a_restart_where_it_was()
    {
        ChunkStoreRig.Run(async rig =>
        {
            await rig.PutAsync(100, 100, 100, 100, 100, 100, 100, 100);
            for (int i = 0; i < 4; i++)
            {
                await rig.Store.Scrubber.StepAsync();
            }

            // The position is kept every three frames.
            await rig.ReopenAsync();
            int steps = 0;
            while (rig.Store.Scrubber.Progress.Rounds == 0)
            {
                await rig.Store.Scrubber.StepAsync();
                steps++;
            }

            Assert.Equal(5 + 1, steps);
        });
    }

    [Fact]
    public void A_missing_extent_is_reported_chunk_by_chunk()
    {
        ChunkStoreRig.Run(async rig =>
        {
            await rig.PutAsync(100, 100);
            await rig.Store.DisposeAsync();
            await rig.Disk.DeleteAsync("extent-00000001");
            await rig.ReopenAsync();
            await rig.Store.Scrubber.StepAsync();
            await rig.Store.Scrubber.StepAsync();
            Assert.Equal(2, rig.Store.Damaged.Count);
        });
    }

    [Fact]
    public void A_paused_worker_takes_no_step_until_resumed_and_ends_when_cancelled()
    {
        ChunkStoreRig.Run(async rig =>
        {
            await rig.PutAsync(100, 100, 100);
            using var cancel = new CancellationTokenSource();
            Worker worker = rig.Store.Scrubber;
            Assert.Equal(WorkerState.Stopped, worker.State);
            worker.Pause();
            Task run = worker.RunAsync(cancel.Token);
            await rig.World.Clock.DelayAsync(rig.Options.ScrubPeriod);
            Assert.Equal(WorkerState.Paused, worker.State);
            Assert.Equal(0, worker.Progress.Done);
            worker.Resume();
            await rig.World.Clock.DelayAsync(rig.Options.ScrubPeriod / 2);
            Assert.Equal(WorkerState.Waiting, worker.State);
            Assert.NotEqual(0, worker.Progress.Done);
            worker.Pause();
            await rig.World.Clock.DelayAsync(rig.Options.ScrubPeriod);
            cancel.Cancel();
            await run;
            Assert.Equal(WorkerState.Stopped, worker.State);
        });
    }
}
