using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Engine.Proofs.Storage.Index;

/// <summary>Goal: an edit that failed for want of space may come back after a crash and harms nothing. Method: full disks at the manifest alone.</summary>
public sealed class ManifestFullTests
{
    [Theory]
    [InlineData(DiskVerb.Sync)]
    [InlineData(DiskVerb.Write)]
    public void A_record_that_failed_for_space_and_survives_the_crash_names_files_that_are_there(DiskVerb verb) =>
        OrderedStoreModelTests.ForSeeds(200, 25, seed =>
        {
            var life = new StoreLife(seed);
            life.World.Run(async () =>
            {
                await life.OpenAsync();
                await life.WorkAsync(life.Choices.Next(60, "before"));
                FailManifest(life, verb);
                await WorkUntilFullAsync(life);
                await life.World.Clock.DelayAsync(TimeSpan.FromMilliseconds(life.Choices.Next(3000, "crash-at")));
                life.Stop();
                life.Disk.Faults.Inject = null;
                life.Disk = life.Disk.Crash(life.Choices);
                await life.RecoverAsync();
                await life.WorkAsync(20);
                await life.SettleAsync();
            });
            Assert.True(life.World.Log.Marks.ContainsKey("manifest-tail-unknown"), "the manifest never failed");
        });

    [Fact]
    public void When_there_is_space_again_the_edit_is_committed_and_no_file_stays_open() =>
        OrderedStoreModelTests.ForSeeds(300, 15, static seed =>
        {
            var life = new StoreLife(seed);
            life.World.Run(async () =>
            {
                await life.OpenAsync();
                FailManifest(life, life.Choices.Next(2, "verb") == 0 ? DiskVerb.Sync : DiskVerb.Write);
                await WorkUntilFullAsync(life);
                life.Disk.Faults.Inject = null;
                await life.World.Clock.DelayAsync(TimeSpan.FromSeconds(5));
                Assert.Null(life.Store!.Failure);
                await life.WorkAsync(60);
                await life.SettleAsync();
                await life.Store.CloseAsync();
                Assert.Equal(await NamedBytesAsync(life.Disk), await UsedBytesAsync(life.Disk));
                await life.RecoverAsync();
            });
        });

    [Fact]
    public void A_store_that_closes_while_the_manifest_is_full_leaves_no_file_open_and_opens_again() =>
        OrderedStoreModelTests.ForSeeds(400, 15, static seed =>
        {
            var life = new StoreLife(seed);
            life.World.Run(async () =>
            {
                await life.OpenAsync();
                FailManifest(life, DiskVerb.Sync);
                await WorkUntilFullAsync(life);
                await life.Store!.CloseAsync();
                Assert.Equal(await NamedBytesAsync(life.Disk), await UsedBytesAsync(life.Disk));
                life.Stop();
                life.Disk.Faults.Inject = null;
                life.Disk = life.Disk.Crash(life.Choices);
                await life.RecoverAsync();
            });
        });

    private static void FailManifest(StoreLife life, DiskVerb verb) => life.Disk.Faults.Inject = request =>
        request.Verb == verb && request.Name.StartsWith("manifest-", StringComparison.Ordinal) ? DiskError.Full : DiskError.None;

    private static async Task WorkUntilFullAsync(StoreLife life)
    {
        try
        {
            await life.WorkAsync(3000);
            Assert.Fail("the store never noticed");
        }
        catch (StorageException full)
        {
            Assert.Equal(StorageError.Full, full.Error);
        }

        await life.SettleAsync();
    }

    private static async Task<long> UsedBytesAsync(SimDisk disk)
    {
        DiskSpace space = (await disk.MeasureAsync()).Value;
        return space.TotalBytes - space.FreeBytes;
    }

    /// <summary>A deleted file that somebody holds open takes space and has no name.</summary>
    private static async Task<long> NamedBytesAsync(SimDisk disk)
    {
        long bytes = 0;
        foreach (string name in await DiskDamage.NamesAsync(disk))
        {
            await using IDiskFile file = (await disk.OpenAsync(name, DiskOpen.Existing)).Value;
            bytes += (file.LengthBytes + 4095) & -4096L;
        }

        return bytes;
    }
}
