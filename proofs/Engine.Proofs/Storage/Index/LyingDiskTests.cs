using ObjectStore.Engine.Storage;
using Xunit;

namespace ObjectStore.Engine.Proofs.Storage.Index;

/// <summary>Goal: the crash proof sees a missing or misplaced sync of every kind of file. Method: the same runs on disks that lie about one kind.</summary>
public sealed class LyingDiskTests
{
    [Theory]
    [InlineData(DiskLie.DropsSync, "wal-")]
    [InlineData(DiskLie.DropsSync, "run-")]
    [InlineData(DiskLie.DropsSync, "manifest-")]
    [InlineData(DiskLie.DropsSync, "superblock")]
    [InlineData(DiskLie.WritesAfterSync, "wal-")]
    [InlineData(DiskLie.WritesAfterSync, "run-")]
    [InlineData(DiskLie.WritesAfterSync, "manifest-")]
    [InlineData(DiskLie.DropsDirectorySync, "-")]
    public void The_crash_proof_catches_a_disk_that_lies(DiskLie lie, string prefix)
    {
        for (ulong seed = 100; seed < 140; seed++)
        {
            if (IsCaught(new StoreLife(seed) { Between = disk => new LyingDisk(disk, lie, prefix) }))
            {
                return;
            }
        }

        Assert.Fail($"{lie} of {prefix} was not seen in 40 runs");
    }

    private static bool IsCaught(StoreLife life)
    {
        try
        {
            OrderedStoreModelTests.CrashAndRecover(life);
            return false;
        }
        catch (Xunit.Sdk.XunitException)
        {
            return true;
        }
        catch (StorageException)
        {
            return true;
        }
    }
}
