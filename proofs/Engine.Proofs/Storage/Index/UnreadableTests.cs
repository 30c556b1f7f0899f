using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Engine.Proofs.Storage.Index;

/// <summary>Goal: a place that cannot be read, or reads as another place, gives right data or an error that names it, never wrong data.
/// Method: one bad block at a time in every kind of file, at opening and later, and disks that misdirect reads.</summary>
public sealed class UnreadableTests
{
    [Theory]
    [InlineData("superblock")]
    [InlineData("manifest-")]
    [InlineData("wal-")]
    [InlineData("run-")]
    public void One_unreadable_block_gives_right_data_or_an_error_that_names_the_file(string prefix) =>
        OrderedStoreModelTests.ForSeeds(1, 1, seed =>
        {
            var life = new StoreLife(seed);
            life.World.Run(async () =>
            {
                await life.OpenAsync();
                await life.WorkAsync(60);
                await life.SettleAsync();
                SimDisk whole = life.Disk.Crash(life.Choices, CrashStyle.LoseAll);
                foreach (string name in await DiskDamage.NamesAsync(whole))
                {
                    long length = name.StartsWith(prefix, StringComparison.Ordinal) ? (await DiskDamage.ReadAsync(whole, name)).Length : 0;
                    for (long bad = 0; bad < length; bad += 4096)
                    {
                        life.Stop();
                        life.Disk = whole.Crash(life.Choices, CrashStyle.KeepAll);
                        long at = bad;
                        life.Disk.Faults.Inject = request => request.Verb == DiskVerb.Read && request.Name == name
                            && request.Offset < at + 4096 && request.Offset + request.LengthBytes > at ? DiskError.ReadFailed : DiskError.None;
                        await RightOrNamedAsync(life, name, StorageError.ReadFailed);
                    }
                }

                life.Disk.Faults.Inject = null;
            });
        });

    [Fact]
    public void One_unreadable_superblock_copy_is_survived()
    {
        var life = new StoreLife(5);
        life.World.Run(async () =>
        {
            await life.OpenAsync();
            await life.WorkAsync(30);
            await life.SettleAsync();
            await life.Store!.CloseAsync();
            SimDisk whole = life.Disk;
            for (int slot = 0; slot < 4; slot++)
            {
                life.Stop();
                life.Disk = whole.Crash(life.Choices, CrashStyle.KeepAll);
                life.Disk.Faults.Inject = request => request is { Verb: DiskVerb.Read, Name: "superblock" } && request.Offset == slot * 4096
                    ? DiskError.ReadFailed
                    : DiskError.None;
                await life.RecoverAsync(0);
                await life.Store!.CloseAsync();
            }

            life.Disk.Faults.Inject = null;
        });
    }

    [Fact]
    public void Misdirected_reads_never_give_wrong_rows()
    {
        int right = 0;
        OrderedStoreModelTests.ForSeeds(10, 4, seed => right += RightUnderMisdirection(seed));
        Assert.InRange(right, 5, 75);
    }

    private static int RightUnderMisdirection(ulong seed)
    {
        int right = 0;
        var life = new StoreLife(seed);
        life.World.Run(async () =>
        {
            await life.OpenAsync();
            await life.WorkAsync(60);
            await life.SettleAsync();
            SimDisk whole = life.Disk.Crash(life.Choices, CrashStyle.LoseAll);
            life.Disk.Faults.MisdirectedReadsPerMillion = 1_000;
            for (int i = 0; i < 20; i++)
            {
                life.Stop();
                life.Disk = whole.Crash(life.Choices, CrashStyle.KeepAll);
                right += await RightOrNamedAsync(life, "", StorageError.Corrupt) ? 1 : 0;
            }

            life.Disk.Faults.Heal();
        });
        return right;
    }

    private static async Task<bool> RightOrNamedAsync(StoreLife life, string name, StorageError error)
    {
        try
        {
            await life.RecoverAsync(0);
        }
        catch (StorageException refused)
        {
            Assert.True(refused.File.Length > 0 && refused.File.StartsWith(name, StringComparison.Ordinal), refused.Message);
            Assert.True(refused.Error == error || refused.Error == StorageError.Corrupt, refused.Message);
            if (life.Store is not null)
            {
                await life.Store.CloseAsync();
            }

            return false;
        }

        await life.Store!.CloseAsync();
        return true;
    }
}
