using System;
using System.Linq;
using System.Threading.Tasks;
using CsCheck;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Placement;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Engine.Proofs.Cluster;

/// <summary>Goal: what was acknowledged can be read whatever the layout promises to survive, and only what was written is ever read. Method: regions in the simulator, with things taken away.</summary>
public sealed class ChunkIoTests
{
    private static readonly Layout FourTwo = new(4, 2, new Losses(1, 0, 0), new Losses(1, 0, 0), 0);
    private static readonly Layout NineSix = new(9, 6, new Losses(1, 0, 1), new Losses(1, 0, 0), 1);

    [Fact]
    public void Bodies_of_all_kinds_of_lengths_read_back_in_all_kinds_of_ranges() =>
        RegionRig.Tell(1, FourTwo, zones: 3, nodesPerZone: 1, disksPerNode: 2, async rig =>
        {
            foreach (int length in new[] { 1, 63, 64, 65, 255, 256, 257, 4_095, 6_144, RegionRig.ChunkBytes - 1, RegionRig.ChunkBytes, RegionRig.ChunkBytes + 1, (3 * RegionRig.ChunkBytes) + 17 })
            {
                BlobRef blob = await rig.MustPutAsync(rig.Members[length % 3], length);
                await rig.CheckAsync(rig.Members[(length + 1) % 3], blob);
                var random = new Random(length);
                for (int i = 0; i < 8; i++)
                {
                    int from = random.Next(length);
                    await rig.CheckAsync(rig.Members[i % 3], blob, from, 1 + random.Next(length - from));
                }
            }

            await rig.AssertInPlaceAsync();
        });

    [Fact]
    public void A_small_range_touches_one_or_two_shards() =>
        RegionRig.Tell(2, FourTwo, zones: 3, nodesPerZone: 1, disksPerNode: 2, async rig =>
        {
            BlobRef blob = await rig.MustPutAsync(rig.Up, RegionRig.ChunkBytes);
            long before = rig.World.Network.Counts.Sent;
            await rig.CheckAsync(rig.Up, blob, (RegionRig.ChunkBytes / 4) - 10, 20);

            // Two requests and two answers at most, and what else is going on in a moment.
            Assert.InRange(rig.World.Network.Counts.Sent - before, 0, 12);
            Assert.False(rig.WasMarked("read-degraded"));
        });

    [Fact]
    public void A_chunk_reads_with_any_m_of_its_shards_gone_or_damaged()
    {
        for (ulong seed = 1; seed <= 3; seed++)
        {
            RegionRig.Tell(seed, FourTwo, zones: 3, nodesPerZone: 1, disksPerNode: 2, async rig =>
            {
                var random = new Random((int)seed);
                for (int first = 0; first < 6; first++)
                {
                    for (int second = first + 1; second < 6; second++)
                    {
                        BlobRef blob = await rig.MustPutAsync(rig.Up, 1 + random.Next(RegionRig.ChunkBytes));
                        bool isForged = random.Next(2) == 0;
                        await LoseAsync(rig, blob, first, damage: isForged);
                        await LoseAsync(rig, blob, second, damage: isForged && random.Next(2) == 0);
                        await rig.CheckAsync(rig.Members[random.Next(3)], blob);
                        if (isForged)
                        {
                            // A part of a shard is as right as the disk's own checksums: what no disk does to it is found by reading all of it.
                            continue;
                        }

                        int from = random.Next((int)blob.LengthBytes);
                        await rig.CheckAsync(rig.Members[random.Next(3)], blob, from, 1 + random.Next((int)blob.LengthBytes - from));
                    }
                }

                Assert.True(rig.WasMarked("read-degraded"));
            });
        }
    }

    [Fact]
    public void With_more_than_m_shards_gone_a_read_fails_and_gives_nothing() =>
        RegionRig.Tell(4, FourTwo, zones: 3, nodesPerZone: 1, disksPerNode: 2, async rig =>
        {
            BlobRef blob = await rig.MustPutAsync(rig.Up, RegionRig.ChunkBytes);
            int[] lost = [0, 2, 5];
            foreach (int slot in lost)
            {
                await LoseAsync(rig, blob, slot, damage: false);
            }

            StorageException failure = await Assert.ThrowsAsync<StorageException>(() => rig.CheckAsync(rig.Up, blob));
            Assert.Equal(StorageError.Unavailable, failure.Error);
        });

    [Fact]
    public void A_body_written_while_a_zone_is_gone_survives_a_further_disk() =>
        RegionRig.Tell(5, NineSix, zones: 3, nodesPerZone: 2, disksPerNode: 3, async rig =>
        {
            foreach (RegionRig.Member member in rig.Members.Where(member => member.Zone == "z2"))
            {
                member.Machine.Crash();
            }

            BlobRef early = await rig.MustPutAsync(rig.Up, 50_000);
            await rig.RestAsync(2);
            BlobRef late = await rig.MustPutAsync(rig.Up, 50_000);
            foreach (BlobRef blob in new[] { early, late })
            {
                int lost = Enumerable.Range(0, 15).First(slot => rig.Root.Map.IsUp(rig.Root.Map.GroupFor(blob.Id).Slots[slot].Disk));
                await LoseAsync(rig, blob, lost, damage: false);
                await rig.CheckAsync(rig.Up, blob);
            }
        });

    [Fact]
    public void A_write_that_the_layout_does_not_promise_to_take_is_refused() =>
        RegionRig.Tell(6, NineSix, zones: 3, nodesPerZone: 2, disksPerNode: 3, async rig =>
        {
            // A node in each of two zones: their shards could be the budget of no failure that was promised.
            rig.Members.First(member => member.Zone == "z1").Machine.Crash();
            rig.Members.First(member => member.Zone == "z2").Machine.Crash();
            Assert.Null(await rig.PutAsync(rig.Up, 10_000));
            Assert.True(rig.WasMarked("write-without-quorum"));
        });

    [Fact]
    public void Nothing_is_lost_on_a_network_that_loses_repeats_and_delays()
    {
        for (ulong seed = 10; seed < 13; seed++)
        {
            RegionRig.Tell(seed, FourTwo, zones: 3, nodesPerZone: 1, disksPerNode: 2, async rig =>
            {
                rig.World.Network.Default = new LinkOptions { LossPerMillion = 20_000, RepeatPerMillion = 20_000, DelayMax = TimeSpan.FromMilliseconds(10) };
                int taken = 0;
                for (int i = 0; i < 20; i++)
                {
                    taken += await rig.PutAsync(rig.Members[i % 3], 30_000) is null ? 0 : 1;
                    await rig.CheckAllAsync();
                }

                Assert.True(taken >= 18, $"{taken} of 20 bodies taken");
            });
        }
    }

    [Fact]
    public void A_slow_disk_holds_up_neither_writes_nor_reads() =>
        RegionRig.Tell(20, FourTwo, zones: 3, nodesPerZone: 1, disksPerNode: 2, async rig =>
        {
            // Reads that are fast teach how long to wait.
            BlobRef first = await rig.MustPutAsync(rig.Members[0], RegionRig.ChunkBytes);
            for (int i = 0; i < 40; i++)
            {
                await rig.CheckAsync(rig.Members[0], first);
            }

            rig.Members[1].Machine.Disks[0].Faults.SlowFactor = 5_000;
            TimeSpan began = rig.World.Now;
            BlobRef blob = await rig.MustPutAsync(rig.Members[0], RegionRig.ChunkBytes);
            Assert.True(rig.World.Now - began < TimeSpan.FromMilliseconds(400), $"write took {rig.World.Now - began}");
            Assert.True(rig.WasMarked("write-left-late-shards"));
            began = rig.World.Now;
            await rig.CheckAsync(rig.Members[0], blob);
            Assert.True(rig.World.Now - began < TimeSpan.FromMilliseconds(400), $"read took {rig.World.Now - began}");
            rig.Members[1].Machine.Disks[0].Faults.Heal();

            // Shards that are late are on their way, or told to repair, within the time that a write may take.
            await rig.RestAsync(10);
            await rig.RedundantAsync(TimeSpan.FromSeconds(60));
        });

    [Fact]
    public void A_shard_is_taken_only_by_the_disk_of_its_slot_whole_and_under_its_own_name() =>
        RegionRig.Tell(30, FourTwo, zones: 3, nodesPerZone: 1, disksPerNode: 2, async rig =>
        {
            RegionRig.Member writer = rig.Up;
            var chunk = new ChunkId(new BlobId(ClusterMap.BlobEpoch(1, writer.Gateway.Epoch), 999), 0);
            PlacementGroup group = rig.Root.Map.Groups[1];
            ShardError[] errors = await RegionRig.On(writer, () => writer.Loop.CallAsync(
                async _ =>
                {
                    ulong version = writer.Follower.Current.Version;
                    TimeSpan patience = TimeSpan.FromSeconds(1);
                    Memory<byte>[] requests = [.. rig.Codec.Encode(chunk, new byte[1_000]).Select(request => request.Memory[..(ShardMessages.PutPrefixBytes + rig.Codec.FrameBytes(1_000))])];
                    ShardError wrongSlot = await writer.Client.PutAsync(group.Slots[1].Disk, requests[0], ShardHeader.IdOf(chunk, 0), version, patience);
                    ShardError wrongName = await writer.Client.PutAsync(group.Slots[1].Disk, requests[0], ShardHeader.IdOf(chunk, 1), version, patience);
                    requests[2].Span[^1] ^= 1;
                    ShardError damaged = await writer.Client.PutAsync(group.Slots[2].Disk, requests[2], ShardHeader.IdOf(chunk, 2), version, patience);
                    ShardError future = await writer.Client.PutAsync(group.Slots[3].Disk, requests[3], ShardHeader.IdOf(chunk, 3), version + 1_000, TimeSpan.FromSeconds(5));
                    ShardError right = await writer.Client.PutAsync(group.Slots[0].Disk, requests[0], ShardHeader.IdOf(chunk, 0), version, patience);
                    ShardError again = await writer.Client.PutAsync(group.Slots[0].Disk, requests[0], ShardHeader.IdOf(chunk, 0), version, patience);
                    Memory<byte> other = rig.Codec.Encode(chunk, [.. Enumerable.Repeat((byte)7, 1_000)])[0].Memory[..requests[0].Length];
                    ShardError conflict = await writer.Client.PutAsync(group.Slots[0].Disk, other, ShardHeader.IdOf(chunk, 0), version, patience);
                    return new[] { wrongSlot, wrongName, damaged, future, right, again, conflict };
                },
                0));
            Assert.Equal(
                [ShardError.Moved, ShardError.Refused, ShardError.Refused, ShardError.Behind, ShardError.None, ShardError.None, ShardError.Refused], errors);
        });

    [Fact]
    public void Headers_are_read_as_they_were_written_and_never_when_damaged() =>
        Gen.Select(Gen.Int[1, 255], Gen.Int[0, 1], Gen.Int[1, 100_000], Gen.UInt, Gen.ULong, Gen.ULong, Gen.Int[0, ShardHeader.SizeBytes - 1]).Sample(
            (k, m, length, checksum, epoch, number, at) =>
            {
                var header = new ShardHeader(ShardHeader.IdOf(new ChunkId(new BlobId(epoch, number), 77), k - 1), k, m, length, checksum, ShardHeader.ShardBytes(length, k), ~checksum);
                byte[] bytes = new byte[ShardHeader.SizeBytes];
                header.Write(bytes);
                Assert.True(ShardHeader.TryRead(bytes, out ShardHeader read));
                Assert.Equal(header, read);
                bytes[at] ^= 0x20;
                Assert.False(ShardHeader.TryRead(bytes, out _));
            });

    /// <summary>Takes a shard of a blob's first chunk away, or damages it where it lies.</summary>
    private static async Task LoseAsync(RegionRig rig, BlobRef blob, int slot, bool damage)
    {
        DiskId id = rig.Root.Map.GroupFor(blob.Id).Slots[slot].Disk;
        (RegionRig.Member _, ShardDisk disk) = rig.Find(id);
        ChunkId shard = ShardHeader.IdOf(new ChunkId(blob.Id, 0), slot);
        await disk.DeleteAsync([new ShardRange(shard, shard)]);
        if (damage)
        {
            // Another chunk's bytes under the shard's name: whole by the disk's own checksums.
            byte[] frame = new byte[rig.Codec.FrameBytes((int)Math.Min(blob.LengthBytes, RegionRig.ChunkBytes))];
            new Random(slot).NextBytes(frame);
            Assert.Equal(ShardError.None, await disk.PutAsync(shard, frame));
        }
    }
}
