using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Placement;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Engine.Proofs.Cluster;

/// <summary>Goal: redundancy comes back by itself in bounded time, and nothing that is named, or may still be, is ever deleted. Method: regions in the simulator, with disks, nodes and gateways taken away.</summary>
public sealed class RepairTests
{
    private static readonly Layout FourTwo = new(4, 2, new Losses(1, 0, 0), new Losses(1, 0, 0), 0);

    [Fact]
    public void A_disk_that_was_wiped_is_replaced_and_filled_again() =>
        RegionRig.Tell(1, FourTwo, zones: 3, nodesPerZone: 1, disksPerNode: 3, async rig =>
        {
            await FillAsync(rig, 12);
            RegionRig.Member hit = rig.Members[1];
            hit.Machine.Crash();
            hit.Machine.WipeDisk(1);
            await rig.RestAsync(1);
            await rig.StartAsync(hit);
            await rig.RestAsync(7);
            await rig.RedundantAsync(TimeSpan.FromSeconds(30));
            Assert.Contains(rig.Root.Map.Disks.Values, disk => disk.State == MemberState.Out);
            Assert.All(rig.Root.Map.Groups.SelectMany(group => group.Slots), slot => Assert.Equal(MemberState.In, rig.Root.Map.Disks[slot.Disk].State));
            await rig.CheckAllAsync();
        });

    [Fact]
    public void A_node_that_stays_away_is_built_again_elsewhere_in_its_zone() =>
        RegionRig.Tell(2, FourTwo, zones: 3, nodesPerZone: 2, disksPerNode: 2, async rig =>
        {
            await FillAsync(rig, 12);
            rig.Members[0].Machine.Crash();
            await rig.RestAsync(7);
            await rig.RedundantAsync(TimeSpan.FromSeconds(30));
            foreach (PlacementGroup group in rig.Root.Map.Groups)
            {
                Assert.All(
                    group.Slots.GroupBy(slot => rig.Root.Map.PlacementOf(slot.Disk)!.Zone),
                    zone => Assert.True(zone.Count() <= 2, "two shards at most in a zone"));
            }

            await rig.CheckAllAsync();
        });

    [Fact]
    public void A_node_that_was_away_gets_what_it_missed() =>
        RegionRig.Tell(3, FourTwo, zones: 3, nodesPerZone: 1, disksPerNode: 2, async rig =>
        {
            await FillAsync(rig, 4);
            rig.Members[2].Machine.Crash();
            await FillAsync(rig, 8);
            await rig.StartAsync(rig.Members[2]);
            await rig.RestAsync(2);
            await rig.RedundantAsync(TimeSpan.FromSeconds(30));
            await rig.CheckAllAsync();
        });

    [Fact]
    public void A_zone_that_is_gone_is_waited_for_and_brought_up_to_date() =>
        RegionRig.Tell(4, FourTwo, zones: 3, nodesPerZone: 1, disksPerNode: 3, async rig =>
        {
            await FillAsync(rig, 6);
            DiskId[] before = [.. rig.Root.Map.Groups.SelectMany(group => group.Slots).Select(slot => slot.Disk)];
            rig.Members[1].Machine.Crash();
            await rig.RestAsync(20);
            Assert.Equal(before, rig.Root.Map.Groups.SelectMany(group => group.Slots).Select(slot => slot.Disk));
            await FillAsync(rig, 6);
            await rig.CheckAllAsync();
            await rig.StartAsync(rig.Members[1]);
            await rig.RestAsync(2);
            await rig.RedundantAsync(TimeSpan.FromSeconds(30));
        });

    [Fact]
    public void Rot_is_found_and_healed_on_the_same_disk() =>
        RegionRig.Tell(5, FourTwo, zones: 3, nodesPerZone: 1, disksPerNode: 2, async rig =>
        {
            await FillAsync(rig, 10);
            int rotten = 0;
            foreach (RegionRig.Member member in rig.Members.Take(2))
            {
                SimDisk disk = member.Machine.Disks[0];
                string extent = (await RegionRig.On(member, async () => (await disk.ListAsync()).Value)).First(name => name.StartsWith("extent", StringComparison.Ordinal));
                for (long at = 6_000; at < disk.LengthBytes(extent); at += 20_000)
                {
                    disk.Rot(extent, at);
                    rotten++;
                }
            }

            Assert.True(rotten > 4);
            await rig.RestAsync(60);
            await rig.CheckAllAsync();
            await rig.RestAsync(5);
            Assert.Contains(rig.Members, member => member.Healer.Progress.Done > 0);
            foreach (RegionRig.Member member in rig.Members)
            {
                Assert.All(member.Stores, store => Assert.Empty(store.Chunks.Damaged));
            }

            await rig.AssertInPlaceAsync();
        });

    [Fact]
    public void Disks_that_are_only_away_are_not_given_up_while_a_group_needs_what_is_on_them() =>
        RegionRig.Tell(15, FourTwo, zones: 3, nodesPerZone: 2, disksPerNode: 2, async rig =>
        {
            await FillAsync(rig, 10);

            // For far longer than a disk may be down.
            await HalfAwayAsync(rig, _ => rig.RestAsync(60));
        });

    /// <summary>From <c>region-away</c>, seed 12: a disk was given up while another one that had just come back did not have yet what was written without it.</summary>
    [Fact]
    public void What_only_given_up_disks_hold_is_found_on_them_when_they_come_back() =>
        RegionRig.Tell(16, FourTwo, zones: 3, nodesPerZone: 2, disksPerNode: 2, async rig =>
        {
            await FillAsync(rig, 10);
            await HalfAwayAsync(rig, async away =>
            {
                await rig.RestAsync(5);
                foreach (DiskRecord disk in rig.Root.Map.Disks.Values.Where(disk => away.Any(member => member.Machine.Name == disk.Node.Value)))
                {
                    await OnRootAsync(rig, new SetDiskStateCommand(disk.Id, MemberState.Out));
                }

                // Their slots are on other disks by then.
                await rig.RestAsync(10);
                Assert.True(rig.Coordinator.Overview().Unreadable > 0);
            });
            Assert.True(rig.WasMarked("repair-found-elsewhere"));
        });

    [Fact]
    public void A_disk_is_emptied_with_everything_readable_and_nothing_rebuilt_from_less()
    {
        RegionRig.Tell(6, FourTwo, zones: 3, nodesPerZone: 1, disksPerNode: 3, async rig =>
        {
            await FillAsync(rig, 10);
            DiskId drained = rig.Root.Map.Groups[0].Slots[0].Disk;
            await OnRootAsync(rig, new SetDiskStateCommand(drained, MemberState.Draining));
            while (rig.Root.Map.Disks[drained].State != MemberState.Removed)
            {
                await rig.CheckAllAsync();
                Assert.Equal(0, rig.Coordinator.Overview().Degraded);
                await rig.RestAsync(0.3);
                Assert.True(rig.World.Now < TimeSpan.FromSeconds(60), "the disk is not empty");
            }

            await rig.RedundantAsync(TimeSpan.FromSeconds(10));
            await rig.RestAsync(5);
            Assert.Empty((await rig.ListAsync())[drained]);
            await rig.CheckAllAsync();
        });
    }

    [Fact]
    public void A_node_is_emptied_and_leaves() =>
        RegionRig.Tell(7, FourTwo, zones: 3, nodesPerZone: 2, disksPerNode: 2, async rig =>
        {
            await FillAsync(rig, 10);
            var leaver = new NodeId(rig.Members[0].Machine.Name);
            await OnRootAsync(rig, new SetNodeStateCommand(leaver, MemberState.Draining));
            while (rig.Root.Map.Nodes[leaver].State != MemberState.Removed)
            {
                await rig.RestAsync(0.3);
                Assert.True(rig.World.Now < TimeSpan.FromSeconds(60), "the node is not empty");
            }

            rig.Members[0].Machine.Crash();
            rig.Members.RemoveAt(0);
            await rig.RestAsync(5);
            await rig.RedundantAsync(TimeSpan.FromSeconds(30));
            await rig.CheckAllAsync();
        });

    [Fact]
    public void A_node_that_joins_takes_its_share() =>
        RegionRig.Tell(8, FourTwo, zones: 3, nodesPerZone: 1, disksPerNode: 2, async rig =>
        {
            await FillAsync(rig, 10);
            SimNode machine = rig.AddMachine("z0", "n09", 2);
            await rig.StartAsync(rig.Members[^1]);
            await rig.RestAsync(3);
            await rig.RedundantAsync(TimeSpan.FromSeconds(30));
            int share = rig.Root.Map.Groups.SelectMany(group => group.Slots).Count(slot => rig.Root.Map.Disks[slot.Disk].Node.Value == machine.Name);
            Assert.InRange(share, 3, 5);
            await rig.RestAsync(5);
            await AssertNothingElseAsync(rig);
            await rig.CheckAllAsync();
        });

    [Fact]
    public void What_a_dead_gateway_left_behind_goes_and_what_a_living_one_has_not_named_yet_stays() =>
        RegionRig.Tell(9, FourTwo, zones: 3, nodesPerZone: 1, disksPerNode: 2, async rig =>
        {
            await FillAsync(rig, 6);
            RegionRig.Member dead = rig.Members[0];
            RegionRig.Member living = rig.Members[1];
            BlobRef left = (await rig.PutAsync(dead, 60_000, names: false))!.Value;
            BlobRef unnamed = (await rig.PutAsync(living, 60_000, names: false))!.Value;
            ulong epoch = dead.Gateway.Epoch;
            dead.Machine.Crash();
            await rig.RestAsync(1);
            await rig.StartAsync(dead);
            await rig.RestAsync(6);
            await rig.RedundantAsync(TimeSpan.FromSeconds(30));
            Assert.True(rig.Root.Map.IsClosed(epoch));
            HashSet<BlobId> stored = [.. (await rig.ListAsync()).Values.SelectMany(shards => shards).Select(shard => shard.Blob)];
            Assert.DoesNotContain(left.Id, stored);
            Assert.Contains(unnamed.Id, stored);
            Assert.True(rig.Model.TryName(living.Gateway.Epoch, unnamed));
            await rig.AssertInPlaceAsync();
            await rig.CheckAllAsync();
        });

    [Fact]
    public void A_body_that_is_named_after_its_slots_moved_is_as_redundant_as_any() =>
        RegionRig.Tell(10, FourTwo, zones: 3, nodesPerZone: 1, disksPerNode: 3, async rig =>
        {
            await FillAsync(rig, 4);
            RegionRig.Member writer = rig.Members[0];
            var unnamed = new List<BlobRef>();
            for (int i = 0; i < 4; i++)
            {
                unnamed.Add((await rig.PutAsync(writer, 60_000, names: false))!.Value);
            }

            DiskId drained = rig.Root.Map.Groups[0].Slots[0].Disk;
            await OnRootAsync(rig, new SetDiskStateCommand(drained, MemberState.Draining));
            await rig.RestAsync(6);
            await rig.RedundantAsync(TimeSpan.FromSeconds(30));
            Assert.All(unnamed, blob => Assert.True(rig.Model.TryName(writer.Gateway.Epoch, blob)));
            await rig.AssertInPlaceAsync();
            await rig.CheckAllAsync();
        });

    [Fact]
    public void Repair_does_not_believe_a_shard_whose_checksum_is_wrong() =>
        RegionRig.Tell(11, FourTwo, zones: 3, nodesPerZone: 1, disksPerNode: 3, async rig =>
        {
            BlobRef blob = await rig.MustPutAsync(rig.Up, RegionRig.ChunkBytes);
            PlacementGroup group = rig.Root.Map.GroupFor(blob.Id);
            ChunkId bad = ShardHeader.IdOf(new ChunkId(blob.Id, 0), 0);
            (_, ShardDisk disk) = rig.Find(group.Slots[0].Disk);
            await disk.DeleteAsync([new ShardRange(bad, bad)]);
            byte[] garbage = new byte[rig.Codec.FrameBytes(RegionRig.ChunkBytes)];
            new Random(1).NextBytes(garbage);
            await disk.PutAsync(bad, garbage);

            // The last slot is lost: it has to be made from the others, of which one lies.
            ChunkId gone = ShardHeader.IdOf(new ChunkId(blob.Id, 0), 5);
            (_, ShardDisk last) = rig.Find(group.Slots[5].Disk);
            await last.DeleteAsync([new ShardRange(gone, gone)]);
            await OnRootAsync(rig, new MarkDirtyCommand([group.Number]));
            await rig.RestAsync(8);
            await rig.RedundantAsync(TimeSpan.FromSeconds(30));
            await rig.CheckAllAsync();
            Assert.Equal(ShardError.None, await disk.VerifyAsync(bad));
            Assert.Equal(ShardError.None, await last.VerifyAsync(gone));
        });

    [Fact]
    public void What_is_deleted_is_gone_from_all_disks() =>
        RegionRig.Tell(12, FourTwo, zones: 3, nodesPerZone: 1, disksPerNode: 2, async rig =>
        {
            await FillAsync(rig, 8);
            BlobRef[] doomed = [.. rig.Model.Live.Take(5)];
            foreach (BlobRef blob in doomed)
            {
                rig.Model.Unname(blob);
            }

            RegionRig.Member member = rig.Up;
            await RegionRig.On(member, async () =>
            {
                await member.Deletion.DeleteAsync(doomed);
                return true;
            });
            await AssertNothingElseAsync(rig);
            await rig.CheckAllAsync();
        });

    [Fact]
    public void Repair_keeps_to_its_budget()
    {
        var world = new SimWorld(new SeededChoices(1));
        world.Run(async () =>
        {
            var budget = new RateBudget(world.Clock, 1_000_000);
            TimeSpan began = world.Now;
            for (int i = 0; i < 100; i++)
            {
                await budget.TakeAsync(100_000);
            }

            Assert.InRange((world.Now - began).TotalSeconds, 8.9, 10.1);
        });
    }

    [Fact]
    public void A_gateway_that_is_cut_off_stops_serving_before_its_epoch_is_over() =>
        RegionRig.Tell(13, FourTwo, zones: 3, nodesPerZone: 1, disksPerNode: 2, async rig =>
        {
            RegionRig.Member cut = rig.Members[0];
            cut.Machine.Clock.DriftPerMillion = -9_000;
            ulong epoch = cut.Gateway.Epoch;
            Assert.True(cut.Follower.MayRead);
            rig.World.Network.Partition([cut.Machine.Name], ["root"]);
            while (rig.Root.Map.Epochs.TryGetValue(epoch, out GatewayEpoch? known) && !known.IsExpired)
            {
                await rig.RestAsync(0.01);
            }

            Assert.False(cut.Follower.MayRead, "the epoch is over and the gateway still serves");
            rig.World.Network.Heal();
            await rig.RestAsync(3);
            await rig.RedundantAsync(TimeSpan.FromSeconds(30));
            Assert.NotEqual(epoch, cut.Gateway.Epoch);
            Assert.True(cut.Follower.MayRead);
        });

    [Theory]
    [InlineData(100)]
    [InlineData(101)]
    [InlineData(102)]
    [InlineData(103)]
    public void Through_all_kinds_of_trouble_nothing_is_lost_and_redundancy_comes_back(int seed) =>
        RegionRig.Tell((ulong)seed, FourTwo, zones: 3, nodesPerZone: 2, disksPerNode: 2, rig => TroubleAsync(rig, new Random(seed)));

    /// <summary>Every other node, one in each zone, loses power and comes back; then everything must be readable and in its place.</summary>
    private static async Task HalfAwayAsync(RegionRig rig, Func<RegionRig.Member[], Task> meanwhile)
    {
        RegionRig.Member[] away = [.. rig.Members.Where(static (_, number) => number % 2 == 0)];
        foreach (RegionRig.Member member in away)
        {
            member.Machine.Crash();
        }

        await meanwhile(away);
        foreach (RegionRig.Member member in away)
        {
            await rig.StartAsync(member);
        }

        await rig.RedundantAsync(TimeSpan.FromSeconds(60));
        await rig.CheckAllAsync();
        await rig.AssertInPlaceAsync();
    }

    private static async Task TroubleAsync(RegionRig rig, Random random)
    {
        await FillAsync(rig, 5);
        for (int round = 0; round < 12; round++)
        {
            // One zone in trouble at a time: that is what the layout promises to survive.
            RegionRig.Member hit = rig.Members[random.Next(rig.Members.Count)];
            switch (random.Next(6))
            {
                case 0:
                    hit.Machine.Crash();
                    await WorkAsync(rig, random);
                    await rig.StartAsync(hit);
                    break;
                case 1:
                    hit.Machine.Crash();
                    hit.Machine.WipeDisk(random.Next(2));
                    await WorkAsync(rig, random);
                    await rig.StartAsync(hit);
                    break;
                case 2:
                    string[] zone = [.. rig.Members.Where(member => member.Zone == hit.Zone).Select(member => member.Machine.Name)];
                    rig.World.Network.Partition(zone, [.. rig.Members.Select(member => member.Machine.Name).Except(zone), "root"], oneWay: random.Next(2) == 0);
                    await WorkAsync(rig, random);
                    rig.World.Network.Heal();
                    break;
                case 3:
                    hit.Machine.Disks[0].Faults.SlowFactor = 200;
                    await WorkAsync(rig, random);
                    hit.Machine.Disks[0].Faults.Heal();
                    break;
                case 4:
                    rig.CrashRoot();
                    await WorkAsync(rig, random);
                    await rig.StartRootAsync();
                    break;
                default:
                    rig.World.Network.Default = new LinkOptions { LossPerMillion = 10_000, RepeatPerMillion = 10_000 };
                    await WorkAsync(rig, random);
                    rig.World.Network.Default = new LinkOptions();
                    break;
            }

            await rig.RestAsync(1);
            await rig.RedundantAsync(TimeSpan.FromSeconds(60));
            await rig.CheckAllAsync();
        }

        await rig.RestAsync(10);
        await rig.RedundantAsync(TimeSpan.FromSeconds(60));
        await rig.CheckAllAsync();
    }

    private static async Task WorkAsync(RegionRig rig, Random random)
    {
        for (int i = 0; i < 6; i++)
        {
            RegionRig.Member[] up = [.. rig.Members.Where(member => member.Machine.IsUp && member.Gateway.Epoch > 0)];
            RegionRig.Member member = up[random.Next(up.Length)];
            try
            {
                switch (random.Next(4))
                {
                    case 0 when rig.Model.Live.Count > 3:
                        BlobRef doomed = rig.Model.Live.ElementAt(random.Next(rig.Model.Live.Count));
                        rig.Model.Unname(doomed);
                        await RegionRig.On(member, async () =>
                        {
                            await member.Deletion.DeleteAsync([doomed]);
                            return true;
                        });
                        break;
                    case 1 when rig.Model.Live.Count > 0:
                        await rig.CheckAsync(member, rig.Model.Live.ElementAt(random.Next(rig.Model.Live.Count)));
                        break;
                    default:
                        await rig.PutAsync(member, 1 + random.Next(80_000), names: random.Next(6) > 0);
                        break;
                }
            }
            catch (StorageException)
            {
                // Not now: a deletion is taken up again by whoever reclaims, a read by the client.
            }
            catch (SimNodeCrashedException)
            {
                // Nor there.
            }

            await rig.RestAsync(random.NextDouble());
        }
    }

    private static async Task FillAsync(RegionRig rig, int count)
    {
        for (int i = 0; i < count; i++)
        {
            RegionRig.Member[] up = [.. rig.Members.Where(member => member.Machine.IsUp && member.Gateway.Epoch > 0)];
            await rig.MustPutAsync(up[i % up.Length], 1 + (i * 7_919 % 70_000));
        }
    }

    private static Task<bool> OnRootAsync(RegionRig rig, MapCommand command) => rig.Root.Loop.CallAsync(
        async _ =>
        {
            MapResult result = await rig.Root.ProposeAsync(command);
            Assert.Equal(MapStatus.Done, result.Status);
            return true;
        },
        0);

    /// <summary>Nothing is stored but shards of blobs that are named, each on the disk of its slot.</summary>
    private static async Task AssertNothingElseAsync(RegionRig rig)
    {
        HashSet<BlobId> named = [.. rig.Model.Live.Select(blob => blob.Id)];
        foreach ((DiskId disk, HashSet<ChunkId> shards) in await rig.ListAsync())
        {
            Assert.All(shards, shard =>
            {
                Assert.Contains(shard.Blob, named);
                Assert.Equal(disk, rig.Root.Map.GroupFor(shard.Blob).Slots[ShardHeader.SlotOf(shard)].Disk);
            });
        }
    }
}
