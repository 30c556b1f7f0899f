using System;
using ObjectStore.Engine.Storage;
using Xunit;

namespace ObjectStore.Engine.Proofs.Storage.Index;

/// <summary>Goal: what is applied has a place already, whoever applies it. Method: clients that never wait for room, on full and on free disks.</summary>
public sealed class LogRoomTests
{
    [Fact]
    public void A_batch_larger_than_the_log_takes_is_refused_before_it_is_applied_and_the_largest_one_is_kept()
    {
        var life = new StoreLife(1);
        life.World.Run(async () =>
        {
            await life.OpenAsync();
            for (int excess = 0; excess < 2; excess++)
            {
                var batch = new WriteBatch();
                batch.Put(new byte[] { 1 }, new byte[life.Options.BatchBytesMax - 15 + excess]);
                if (excess > 0)
                {
                    Assert.Throws<ArgumentException>(() => life.Store!.Apply(batch));
                }
                else
                {
                    await life.Store!.WaitForRoomAsync();
                    life.Apply(batch);
                }
            }

            await life.SettleAsync();
            Assert.Equal(1ul, life.Store!.AppliedSequence);
            await life.Store.CloseAsync();
            await life.RecoverAsync();
        });
    }

    [Fact]
    public void A_client_that_never_waits_for_room_is_refused_at_once_or_acknowledged_without_new_space() =>
        OrderedStoreModelTests.ForSeeds(10, 20, static seed =>
        {
            var life = new StoreLife(seed);
            life.World.Run(async () =>
            {
                await life.OpenAsync();
                await life.WorkAsync(life.Choices.Next(30, "before"));
                life.Disk.Faults.ReservedBytes = life.Disk.Options.CapacityBytes;
                int refused = 0;
                for (int i = 0; refused < 20; i++)
                {
                    Assert.True(i < 5000, "a full disk never refuses");
                    WriteBatch batch = life.NewBatch();
                    ulong before = life.Store!.AppliedSequence;
                    try
                    {
                        life.Apply(batch);
                    }
                    catch (StorageException full)
                    {
                        Assert.Equal((StorageError.Full, before), (full.Error, life.Store.AppliedSequence));
                        refused++;
                    }

                    if (life.Choices.Next(20, "pause") == 0)
                    {
                        await life.World.Clock.DelayAsync(TimeSpan.FromMilliseconds(1));
                    }
                }

                await life.SettleAsync();
                Assert.Equal(life.Model.LastSequence, life.Store!.DurableSequence);
                await life.CompareAsync();
                life.Disk.Faults.ReservedBytes = 0;
                await life.World.Clock.DelayAsync(TimeSpan.FromSeconds(5));
                await life.WorkAsync(20);
                await life.SettleAsync();
            });
        });

    [Fact]
    public void Who_waited_for_room_is_not_refused_while_the_disk_has_space() => OrderedStoreModelTests.ForSeeds(40, 10, static seed =>
    {
        var life = new StoreLife(seed);
        life.World.Run(async () =>
        {
            await life.OpenAsync();
            for (int i = 0; i < 150; i++)
            {
                var batch = new WriteBatch();
                batch.Put(life.NewKey(20), new byte[life.Choices.Next((int)life.Options.BatchBytesMax - 50, "size")]);
                await life.Store!.WaitForRoomAsync();
                life.Apply(batch);
            }

            await life.SettleAsync();
            await life.CompareAsync();
        });
    });
}
