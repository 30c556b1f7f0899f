using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Sim.Proofs;

public sealed class FirstSteps
{
    [Fact]
    public void A_synced_write_survives_every_crash_and_an_unsynced_one_may_vanish()
    {
        var world = new SimWorld(new SeededChoices(1));
        SimDisk disk = world.CreateDisk(new SimDiskOptions { SectorSizeBytes = 512 });
        world.Run(async () =>
        {
            IDiskFile file = (await disk.OpenAsync("a", DiskOpen.Create)).Value;
            Assert.Equal(DiskError.None, await file.WriteAsync(0, new byte[] { 1, 2, 3 }));
            Assert.Equal(DiskError.None, await file.SyncAsync());
            Assert.Equal(DiskError.None, await disk.SyncDirectoryAsync());
            Assert.Equal(DiskError.None, await file.WriteAsync(1, new byte[] { 9 }));
        });
        int kept = 0;
        int images = 0;
        foreach (SimDisk after in disk.EveryCrash())
        {
            images++;
            kept += world.Run(async () =>
            {
                IDiskFile file = (await after.OpenAsync("a", DiskOpen.Existing)).Value;
                byte[] content = new byte[10];
                Assert.Equal(3, (await file.ReadAsync(0, content)).Value);
                Assert.Equal(1, content[0]);
                return content[1] == 9 ? 1 : 0;
            });
        }

        Assert.Equal(2, images);
        Assert.Equal(1, kept);
    }
}
