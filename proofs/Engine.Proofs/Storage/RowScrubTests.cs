using System;
using System.Text;
using System.Threading.Tasks;
using ObjectStore.Engine.Proofs.Storage.Index;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Engine.Proofs.Storage;

/// <summary>Goal: rot in what nobody reads is found within the scrub period. Method: a bit flipped in the log of an idle disk.</summary>
public sealed class RowScrubTests
{
    private static readonly DiskStoreOptions Options = new()
    {
        Rows = new OrderedStoreOptions { ScrubPeriod = TimeSpan.FromSeconds(10), LogSegmentBytes = 65_536 },
    };

    [Fact]
    public void A_flipped_bit_is_reported_within_a_period_and_closing_does_not_wait_for_the_next()
    {
        var world = new SimWorld(new SeededChoices(1));
        SimDisk disk = world.CreateDisk();
        world.Run(async () =>
        {
            DiskStore store = await DiskStore.OpenAsync(world.CreateEnvironment(disk), world.TestLoop, Options);
            for (int row = 0; row < 20; row++)
            {
                var batch = new WriteBatch();
                batch.Put(Encoding.UTF8.GetBytes($"key{row}"), new byte[100]);
                await store.Rows.Apply(batch).Durable;
            }

            await world.Clock.DelayAsync(TimeSpan.FromSeconds(25));
            Assert.Empty(store.DamagedRows);
            Assert.True(store.RowScrubber.Progress.Rounds >= 2);
            string log = await UsedLogAsync(disk);
            await DiskDamage.FlipAsync(disk, log, 70);
            await world.Clock.DelayAsync(TimeSpan.FromSeconds(11));
            Assert.Contains(store.DamagedRows, damage => damage.File == log && damage.Error == StorageError.Corrupt);
            TimeSpan before = world.Now;
            await store.CloseAsync();
            Assert.True(world.Now - before < TimeSpan.FromSeconds(1));
        });
    }

    private static async Task<string> UsedLogAsync(SimDisk disk)
    {
        foreach (string name in await DiskDamage.NamesAsync(disk))
        {
            if (name.StartsWith("wal-", StringComparison.Ordinal) && (await DiskDamage.ReadAsync(disk, name)) is [not 0, ..])
            {
                return name;
            }
        }

        throw new InvalidOperationException("no log with content");
    }
}
