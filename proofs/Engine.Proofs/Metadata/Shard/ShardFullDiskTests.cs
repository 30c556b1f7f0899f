using System.Threading.Tasks;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Engine.Proofs.Metadata;

/// <summary>Goal: a disk that is full for writers can still be emptied, and takes writes again after. Method: fill a small disk until it refuses, delete,
/// reclaim, write; three times over, with a crash while it is full.</summary>
public class ShardFullDiskTests
{
    private static readonly SimDiskOptions SmallDisk = new() { CapacityBytes = 6 << 20 };

    private static readonly DiskStoreOptions Options = ShardRig.Small with
    {
        Rows = ShardRig.Small.Rows with { ReserveBytes = 1 << 20, MemtableBytes = 20_000, RunBytes = 20_000, RunReachMax = 12, LevelOneBytes = 60_000, LevelGrowth = 4 },
        Chunks = ShardRig.Small.Chunks with { ReserveBytes = 500_000 },
    };

    [Fact]
    public void A_disk_full_of_chunks_can_be_emptied_and_written_again() => ShardTests.Check(rig => FillAsync(rig, 3 * ShardRig.Chunk), planted: null, Options, SmallDisk, seeds: 3);

    [Fact]
    public void A_disk_full_of_rows_can_be_emptied_and_written_again() =>
        ShardTests.Check(rig => FillAsync(rig, 3900), ShardDoubles.KeepsNoReserve, Options, SmallDisk, seeds: 2);

    /// <summary>What a few deletions hide is then in as many runs, each of which would be written again for it.</summary>
    [Fact]
    public void A_disk_full_of_rows_can_be_emptied_in_any_order() =>
        ShardTests.Check(rig => FillAsync(rig, 3900, inOrder: false), ShardDoubles.KeepsNoReserve, Options, SmallDisk, seeds: 2);

    private static async Task<string?> FillAsync(ShardRig rig, int length, bool inOrder = true)
    {
        for (int round = 0; round < 3; round++)
        {
            int count = await PutUntilFullAsync(rig, length);
            if (count is < 10 or int.MaxValue)
            {
                return $"round {round}: {count} objects fit";
            }

            if (round == 1)
            {
                await rig.RestartAsync(CrashStyle.Drawn);
            }

            for (int turn = 0; turn < count; turn++)
            {
                int i = inOrder ? turn : (int)(turn * 7919L % count);
                if (await rig.ReadAsync(Key(i)) != i + 1)
                {
                    return $"round {round}: object {i} of {count} is not there";
                }

                try
                {
                    await rig.DeleteAsync(Key(i));
                }
                catch (StorageException full) when (full.Error == StorageError.Full)
                {
                    return $"round {round}: object {i} of {count} cannot be deleted, {(await rig.Node.Disk.MeasureAsync()).Value}, {rig.Now.Store.Rows.Failure}";
                }
            }

            await rig.RestAsync(2000);
            if ((await rig.MeasureAsync()).LiveBytes != 0)
            {
                return $"round {round}: {rig.Now.Shard.Garbage.Progress}, {await rig.MeasureAsync()}";
            }
        }

        return null;
    }

    private static async Task<int> PutUntilFullAsync(ShardRig rig, int length)
    {
        for (int i = 0; i < 20_000; i++)
        {
            try
            {
                await rig.PutAsync(Key(i), i + 1, length);
            }
            catch (StorageException full) when (full.Error == StorageError.Full)
            {
                return i;
            }
        }

        return int.MaxValue;
    }

    private static string Key(int i) => $"{i:d6}{new string('k', 200)}";
}
