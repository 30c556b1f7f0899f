using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using CsCheck;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;
using Xunit;

namespace ObjectStore.Engine.Proofs.Metadata;

/// <summary>Goal: a group's state is a function of its log, whatever crashes and snapshots come between; and its blob table names what the rows name.</summary>
public class GroupMachineTests
{
    private static readonly Gen<(ShardProgram.Step[] Steps, int[] Events)> Runs = Gen.Select(ShardProgram.Steps, Gen.Int[0, 40].Array[1, 40]);

    [Fact]
    public void Replicas_that_apply_the_same_log_have_identical_rows_through_crashes_and_snapshots() =>
        Runs.Sample(
            run => GroupBench.Tell(async bench =>
            {
                GroupBench.Replica steady = await bench.OpenAsync();
                GroupBench.Replica crashing = await bench.OpenAsync(new Doubles.MemoryOrderedStore { Hold = true });
                GroupBench.Replica late = await bench.OpenAsync();
                foreach (MetadataCommand command in bench.Program.Prologue())
                {
                    bench.Propose(command);
                }

                for (int i = 0; i < run.Steps.Length; i++)
                {
                    using (IReadView state = steady.Machine.Read())
                    {
                        BucketRecord? bucket = await ShardReader.FindBucketAsync(state, run.Steps[i].Bucket);
                        bench.Propose(bench.Program.TellingCommandOf(run.Steps[i], bucket?.Id ?? 0));
                    }

                    await bench.ApplyAsync(steady);
                    int what = run.Events[i % run.Events.Length];
                    switch (what)
                    {
                        case < 10:
                            crashing.Store.MakeDurable(what);
                            break;
                        case < 18:
                            // Batches that were applied and not yet durable are lost, all or some.
                            Doubles.MemoryOrderedStore left = crashing.Store.AfterCrash(what - 10);
                            left.Hold = true;
                            crashing = await bench.OpenAsync(left);
                            break;
                        case < 22:
                            await GroupBench.InstallAsync(steady, late, 1 + (what * 7));
                            break;
                        case 22:
                            steady.Shard.Garbage.Set();
                            bench.Propose(new ReclaimCommand(0, steady.Machine.Number, 3) { NowUtc = bench.Program.Now() }, epoch: 0);
                            break;
                        case 23:
                            await ForgetAsync(bench, steady);
                            break;
                        case 25:
                            bench.Propose(new RemoveEventsCommand("a", new EventPlace(steady.Machine.Number - 4096, 0)) { NowUtc = bench.Program.Now() }, epoch: 0);
                            break;
                        case 24:
                            bench.Propose(new CloseEpochsCommand((ulong)run.Steps[i].Pick, [9, 11]));
                            break;
                        default:
                            await bench.ApplyAsync(crashing, what - 20);
                            break;
                    }
                }

                await bench.ApplyAsync(steady);
                await bench.ApplyAsync(crashing);
                await bench.ApplyAsync(late);
                List<(string, string)> rows = await GroupBench.RowsAsync(steady);
                Assert.Equal(rows, await GroupBench.RowsAsync(crashing));
                Assert.Equal(rows, await GroupBench.RowsAsync(late));
                Assert.Equal(steady.Machine.Number, late.Machine.Number);
                Assert.Equal(steady.Shard.IsClosed(9), late.Shard.IsClosed(9));

                // What installations left is gone, and nothing else: the rows and the one row about generations.
                await bench.RestAsync();
                Assert.Equal(rows, await GroupBench.RowsAsync(late));
                Assert.True(await GroupBench.StoreRowsAsync(late) <= rows.Count + 1);
            }),
            iter: 150,
            threads: 1);

    [Fact]
    public void The_blob_table_names_what_the_rows_name_and_reclaiming_empties_it() =>
        ShardProgram.Steps.Sample(
            steps => GroupBench.Tell(async bench =>
            {
                GroupBench.Replica replica = await bench.OpenAsync();
                foreach (MetadataCommand command in bench.Program.Prologue())
                {
                    await bench.DoAsync(replica, command);
                }

                foreach (ShardProgram.Step step in steps)
                {
                    await bench.DoAsync(replica, bench.Program.CommandOf(step));
                    await CheckBlobsAsync(replica, exactly: false);
                }

                var before = new SortedSet<BlobId>((await GroupBench.BlobsAsync(replica, Tables.Blobs)).Select(blob => blob.Id), BlobOrder);
                while ((await GroupBench.RowsAsync(replica, Tables.Garbage)).Count > 0)
                {
                    await bench.DoAsync(replica, new ReclaimCommand(0, replica.Machine.Number, 2) { NowUtc = bench.Program.Now() }, epoch: 0);
                }

                await CheckBlobsAsync(replica, exactly: true);
                var after = new SortedSet<BlobId>((await GroupBench.BlobsAsync(replica, Tables.Blobs)).Select(blob => blob.Id), BlobOrder);
                var doomed = new SortedSet<BlobId>((await GroupBench.BlobsAsync(replica, Tables.DoomedBlobs)).Select(blob => blob.Id), BlobOrder);
                Assert.Empty(after.Intersect(doomed));
                Assert.Equal(before, after.Union(doomed).OrderBy(id => id, BlobOrder));
                await ForgetAsync(bench, replica);
                await bench.ApplyAsync(replica);
                Assert.Empty(await GroupBench.BlobsAsync(replica, Tables.DoomedBlobs));
            }),
            iter: 200,
            threads: 1);

    [Fact]
    public void A_snapshot_without_its_last_row_is_refused_and_the_old_state_stays() => GroupBench.Tell(async bench =>
    {
        GroupBench.Replica source = await PreparedAsync(bench);
        GroupBench.Replica target = await bench.OpenAsync();
        await bench.ApplyAsync(target, 1);
        List<(string, string)> before = await GroupBench.RowsAsync(target);
        List<(string Key, string Value)> rows = await GroupBench.RowsAsync(source);
        int lastRow = 1 + 1 + (rows[^1].Key.Length / 2) + 1 + (rows[^1].Value.Length / 2);
        await Assert.ThrowsAsync<MalformedDataException>(
            () => GroupBench.InstallAsync(source, target, 100, whole => [.. whole[..^(13 + lastRow)], .. whole[^13..]]));
        Assert.Equal(before, await GroupBench.RowsAsync(target));
        await GroupBench.InstallAsync(source, target, 100);
        Assert.Equal(rows, await GroupBench.RowsAsync(target));
        await bench.RestAsync();
        Assert.Equal(rows.Count + 1, await GroupBench.StoreRowsAsync(target));
    });

    [Fact]
    public void A_snapshot_with_any_byte_changed_or_missing_is_refused() => GroupBench.Tell(async bench =>
    {
        GroupBench.Replica source = await PreparedAsync(bench);
        GroupBench.Replica target = await bench.OpenAsync();
        int size = 0;
        await GroupBench.InstallAsync(source, await bench.OpenAsync(), 64, whole =>
        {
            size = whole.Length;
            return whole;
        });
        for (int at = 0; at < size; at += 7)
        {
            int where = at;
            await Assert.ThrowsAsync<MalformedDataException>(() => GroupBench.InstallAsync(source, target, 64, whole => [.. whole[..where], (byte)(whole[where] ^ 0x21), .. whole[(where + 1)..]]));
            await Assert.ThrowsAsync<MalformedDataException>(() => GroupBench.InstallAsync(source, target, 64, whole => whole[..where]));
        }

        Assert.Equal(0UL, target.Machine.AppliedIndex.Value);
    });

    [Fact]
    public void A_crash_in_the_middle_of_an_installation_leaves_the_old_state_and_no_rows_behind() => GroupBench.Tell(async bench =>
    {
        GroupBench.Replica source = await PreparedAsync(bench);
        GroupBench.Replica target = await bench.OpenAsync();
        await bench.ApplyAsync(target, 3);
        List<(string, string)> before = await GroupBench.RowsAsync(target);
        using (ObjectStore.Engine.Consensus.ISnapshotSource snapshot = source.Machine.OpenSnapshot())
        {
            ObjectStore.Engine.Consensus.ISnapshotInstaller installer = await target.Machine.BeginInstallAsync(source.Machine.AppliedIndex, new ObjectStore.Engine.Consensus.Term(1));
            byte[] buffer = new byte[1 << 20];
            int read = await snapshot.ReadChunkAsync(buffer);
            await installer.AddChunkAsync(buffer.AsMemory(0, read));
            await installer.FinishAsync(new WriteBatch());
        }

        GroupBench.Replica reopened = await bench.OpenAsync(target.Store.AfterCrash());
        Assert.Equal(before, await GroupBench.RowsAsync(reopened));
        await bench.RestAsync();
        Assert.Equal(before.Count + 1, await GroupBench.StoreRowsAsync(reopened));
        await bench.ApplyAsync(reopened);
        Assert.Equal(await GroupBench.RowsAsync(source), await GroupBench.RowsAsync(reopened));
    });

    [Fact]
    public void Commands_of_a_closed_epoch_are_refused_for_ever() => GroupBench.Tell(async bench =>
    {
        GroupBench.Replica replica = await PreparedAsync(bench);
        bench.Propose(new CloseEpochsCommand(5, [7]));
        Assert.Equal(ShardStatus.Done, (await bench.ApplyAsync(replica))!.Status);
        foreach ((ulong epoch, ShardStatus expected) in new[] { (4UL, ShardStatus.EpochClosed), (5UL, ShardStatus.Done), (7UL, ShardStatus.EpochClosed), (8UL, ShardStatus.Done), (0UL, ShardStatus.Done) })
        {
            bench.Propose(bench.Program.CommandOf(new ShardProgram.Step(4, "a", 0)), epoch);
            Assert.Equal(expected, (await bench.ApplyAsync(replica))!.Status);
        }

        bench.Propose(new CloseEpochsCommand(3, []));
        await bench.ApplyAsync(replica);
        GroupBench.Replica reopened = await bench.OpenAsync(replica.Store.AfterCrash());
        GroupBench.Replica installed = await bench.OpenAsync();
        await GroupBench.InstallAsync(replica, installed, 1000);
        foreach (GroupBench.Replica each in new[] { reopened, installed })
        {
            Assert.True(each.Shard.IsClosed(4));
            Assert.True(each.Shard.IsClosed(7));
            Assert.False(each.Shard.IsClosed(8));
        }
    });

    [Fact]
    public void Groups_share_a_store_and_give_different_numbers() => GroupBench.Tell(async bench =>
    {
        GroupBench.Replica one = await PreparedAsync(bench);
        Assert.Equal(4097UL % 4096, one.Machine.Number % 4096);
        Assert.True(one.Machine.Number >> 12 >= (ulong)bench.Log.Count);
        byte[] key = [5, 6];
        var left = new KeySpace(1, 2);
        var right = new KeySpace(1, 3);
        Assert.Equal(left.End.ToArray(), right.Start.ToArray());
        Assert.Equal(2u, KeySpace.GenerationOf(left.KeyOf(key)));
    });

    private static readonly Comparer<BlobId> BlobOrder =
        Comparer<BlobId>.Create((left, right) => (left.Epoch, left.Number).CompareTo((right.Epoch, right.Number)));

    private static async Task<GroupBench.Replica> PreparedAsync(GroupBench bench)
    {
        GroupBench.Replica replica = await bench.OpenAsync();
        foreach (MetadataCommand command in bench.Program.Prologue())
        {
            await bench.DoAsync(replica, command);
        }

        foreach (string key in ShardProgram.Keys)
        {
            await bench.DoAsync(replica, bench.Program.CommandOf(new ShardProgram.Step(4, key, 1)));
        }

        return replica;
    }

    private static async Task ForgetAsync(GroupBench bench, GroupBench.Replica replica)
    {
        List<BlobRef> doomed = await GroupBench.BlobsAsync(replica, Tables.DoomedBlobs);
        bench.Propose(new ForgetDoomedCommand(doomed.ConvertAll(static blob => blob.Id)));
    }

    /// <summary>Everything named is in the table; and when nothing waits to be reclaimed, nothing else.</summary>
    private static async Task CheckBlobsAsync(GroupBench.Replica replica, bool exactly)
    {
        SortedSet<string> named = await GroupBench.NamedBlobsAsync(replica);
        var table = new SortedSet<string>((await GroupBench.BlobsAsync(replica, Tables.Blobs)).Select(blob => blob.ToString()), StringComparer.Ordinal);
        Assert.Subset(table, named);
        if (exactly)
        {
            Assert.Equal(named, table);
        }
    }
}
