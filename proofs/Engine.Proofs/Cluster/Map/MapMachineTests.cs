using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using CsCheck;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Placement;
using ObjectStore.Engine.Proofs.Doubles;
using ObjectStore.Engine.Storage;
using Xunit;

namespace ObjectStore.Engine.Proofs.Cluster;

/// <summary>Goal: the map keeps its invariants whatever is asked of it, and is the same from rows, from updates and from commands. Method: random programs.</summary>
public sealed class MapMachineTests
{
    private static readonly Layout Small = new(2, 1, new Losses(0, 0, 1), default, 0);

    private static readonly Gen<MemberState> States = Gen.Int[1, 4].Select(state => (MemberState)state);
    private static readonly Gen<NodeId> Nodes = Gen.Int[0, 3].Select(node => new NodeId($"n{node}"));
    private static readonly Gen<DiskId> Disks = Gen.Int[0, 6].Select(disk => new DiskId((uint)disk));
    private static readonly Gen<SlotChange> Changes =
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 2], Disks, Disks, (group, slot, from, to) => new SlotChange(group, slot, from, to));

    private static readonly Gen<MapCommand> Commands = Gen.Frequency(
        (1, Gen.Int[1, 4].Select(count => (MapCommand)new FoundMapCommand(Small, count))),
        (3, Gen.Select(Nodes, Gen.Int[0, 1], (node, zone) => (MapCommand)new JoinNodeCommand(node, $"z{zone}", "a:1", "a:2"))),
        (4, Gen.Select(Gen.Int[1, 6], Nodes, (store, node) => (MapCommand)new RegisterDiskCommand((UInt128)store, node, "p", 5L << 30))),
        (1, Gen.Select(Nodes, States, (node, state) => (MapCommand)new SetNodeStateCommand(node, state))),
        (3, Gen.Select(Disks, States, (disk, state) => (MapCommand)new SetDiskStateCommand(disk, state))),
        (2, Gen.Select(Nodes, Disks, Gen.Bool, (node, disk, up) => (MapCommand)new SetLivenessCommand([(node, up)], [(disk, !up)]))),
        (8, Changes.Array[1, 6].Select(changes => (MapCommand)new AssignSlotsCommand(changes))),
        (1, Gen.Int[0, 4].Array[0, 3].Select(groups => (MapCommand)new MarkDirtyCommand(groups))),
        (3, Gen.Select(Gen.Int[0, 3], Gen.Int[0, 60], (group, since) => (MapCommand)new MarkCleanCommand(group, (ulong)since))),
        (2, Gen.Select(Nodes, Gen.Int[1, 2], (node, life) => (MapCommand)new OpenGatewayCommand(node, (ulong)life))),
        (1, Gen.Int[1, 9].Array[0, 2].Select(epochs => (MapCommand)new ExpireGatewaysCommand([.. epochs.Select(epoch => (ulong)epoch)]))),
        (1, Gen.Int[1, 9].Array[0, 2].Select(epochs => (MapCommand)new CloseGatewaysCommand([.. epochs.Select(epoch => (ulong)epoch)]))));

    [Fact]
    public void Whatever_is_asked_the_map_keeps_its_invariants() =>
        Commands.Array[0, 60].Sample(commands =>
        {
            ClusterMap map = ClusterMap.Empty;
            var given = new HashSet<ulong>();
            foreach (MapCommand command in commands.Select(Translate(() => map)))
            {
                (ClusterMap after, MapResult result) = MapMachine.Decide(map, command);
                AssertHolds(map, after, command, result, given);
                map = after;
            }
        });

    [Fact]
    public void Rows_updates_and_commands_give_the_same_map() =>
        Commands.Array[0, 40].Sample(commands =>
        {
            var store = new MemoryOrderedStore();
            ClusterMap map = ClusterMap.Empty;
            var history = new List<ClusterMap> { map };
            foreach (MapCommand command in commands.Select(Translate(() => map)))
            {
                var encoded = new ByteWriter();
                MapCommandCodec.Encode(command, encoded);
                (ClusterMap after, MapResult result) = MapMachine.Decide(map, MapCommandCodec.Decode(encoded.Written));
                var answer = new ByteWriter();
                MapCommandCodec.Encode(result, answer);
                Assert.Equal(result, MapCommandCodec.DecodeResult(answer.Written));
                var batch = new WriteBatch();
                MapRows.Write(batch, map, after);
                store.Apply(batch);
                history.Add(map = after);
            }

            using IReadView view = store.ReadLatest();
            ValueTask<ClusterMap> loading = MapRows.LoadAsync(view);
            Assert.True(loading.IsCompleted);
            Assert.Equal(Bytes(map), Bytes(loading.Result));
            foreach (ClusterMap old in history)
            {
                var update = new ByteWriter();
                MapUpdate.Encode(map, old.Version, update);
                var from = new ByteReader(update.Written);
                Assert.Equal(Bytes(map), Bytes(MapUpdate.Apply(old, ref from)));
                from.End();
            }
        });

    [Fact]
    public void Damaged_commands_and_updates_are_malformed_and_nothing_else() =>
        Gen.Select(Commands, Gen.Int[0, 200], Gen.Byte).Sample((command, at, value) =>
        {
            var encoded = new ByteWriter();
            MapCommandCodec.Encode(command, encoded);
            byte[] bytes = encoded.ToArray();
            bytes[at % bytes.Length] = value;
            try
            {
                MapCommandCodec.Decode(bytes);
            }
            catch (MalformedDataException)
            {
                // As it should be.
            }
        });

    [Fact]
    public void A_slot_that_moves_keeps_its_source_until_a_pass_that_began_since_then_is_over()
    {
        ClusterMap map = Founded();
        map = Do(map, new AssignSlotsCommand([new(0, 0, default, new(1)), new(0, 1, default, new(2)), new(0, 2, default, new(3))]));
        ulong first = map.Groups[0].DirtySince;
        map = Do(map, new MarkCleanCommand(0, first));
        Assert.True(map.Groups[0].IsClean);
        map = Do(map, new SetDiskStateCommand(new(1), MemberState.Draining));
        map = Do(map, new AssignSlotsCommand([new(0, 0, new(1), new(4))]));
        Assert.Equal(new SlotRecord(new(4), new(1)), map.Groups[0].Slots[0]);
        Assert.Equal(MapStatus.Conflict, MapMachine.Decide(map, new MarkCleanCommand(0, first)).Result.Status);
        Assert.Equal(MapStatus.Conflict, MapMachine.Decide(map, new SetDiskStateCommand(new(1), MemberState.Removed)).Result.Status);
        map = Do(map, new MarkCleanCommand(0, map.Groups[0].DirtySince));
        Assert.Equal(new SlotRecord(new(4), default), map.Groups[0].Slots[0]);
        map = Do(map, new SetDiskStateCommand(new(1), MemberState.Removed));
        Assert.Equal(MemberState.Removed, map.Disks[new(1)].State);
    }

    [Fact]
    public void Only_the_slots_that_lost_shards_are_partial_and_a_pass_makes_them_whole()
    {
        ClusterMap map = Founded();
        map = Do(map, new AssignSlotsCommand([new(0, 0, default, new(1)), new(0, 1, default, new(2)), new(0, 2, default, new(3))]));
        Assert.All(map.Groups[0].Slots, static slot => Assert.False(slot.IsPartial));
        map = Do(map, new SetDiskStateCommand(new(1), MemberState.Draining));
        map = Do(map, new AssignSlotsCommand([new(0, 0, new(1), new(4))]));
        Assert.All(map.Groups[0].Slots, static slot => Assert.False(slot.IsPartial));
        map = Do(map, new SetDiskStateCommand(new(1), MemberState.Out));
        Assert.Equal(new SlotRecord(new(4), default, IsPartial: true), map.Groups[0].Slots[0]);
        Assert.False(map.Groups[0].Slots[1].IsPartial);
        map = Do(map, new MarkCleanCommand(0, map.Groups[0].DirtySince));
        Assert.Equal(new SlotRecord(new(4), default), map.Groups[0].Slots[0]);
    }

    [Fact]
    public void A_disk_is_never_given_two_slots_of_a_group()
    {
        ClusterMap map = Founded();
        map = Do(map, new AssignSlotsCommand([new(0, 0, default, new(1)), new(0, 1, default, new(1))]));
        Assert.Equal(new SlotRecord(new(1), default), map.Groups[0].Slots[0]);
        Assert.Equal(default, map.Groups[0].Slots[1]);
    }

    private static ClusterMap Founded()
    {
        ClusterMap map = Do(ClusterMap.Empty, new FoundMapCommand(Small, 2));
        for (uint node = 1; node <= 4; node++)
        {
            map = Do(map, new JoinNodeCommand(new NodeId($"n{node}"), "z", "", ""));
            map = Do(map, new RegisterDiskCommand(node, new NodeId($"n{node}"), "", 1L << 40));
        }

        return map;
    }

    private static ClusterMap Do(ClusterMap map, MapCommand command)
    {
        (ClusterMap after, MapResult result) = MapMachine.Decide(map, command);
        Assert.Equal(MapStatus.Done, result.Status);
        return after;
    }

    // Commands that name what is there now reach deeper than random ones.
    private static Func<MapCommand, MapCommand> Translate(Func<ClusterMap> map) => command => command switch
    {
        AssignSlotsCommand assign => new AssignSlotsCommand(
            [.. assign.Changes.Select(change => change.Group < map().Groups.Length ? change with { From = map().Groups[change.Group].Slots[change.Slot].Disk } : change)]),
        MarkCleanCommand mark when mark.Group < map().Groups.Length && mark.DirtySince % 2 == 0 => mark with { DirtySince = map().Groups[mark.Group].DirtySince },
        _ => command,
    };

    private static void AssertHolds(ClusterMap before, ClusterMap after, MapCommand command, MapResult result, HashSet<ulong> given)
    {
        Assert.Equal(ReferenceEquals(before, after) ? before.Version : before.Version + 1, after.Version);
        Assert.True(after.NextDisk >= before.NextDisk && after.NextEpoch >= before.NextEpoch);
        if (command is OpenGatewayCommand && result.Status == MapStatus.Done && !before.Epochs.ContainsKey(result.Value))
        {
            Assert.True(given.Add(result.Value), "an epoch was given twice");
        }

        foreach (ulong epoch in given)
        {
            Assert.True(!before.IsClosed(epoch) || after.IsClosed(epoch), "a closed epoch was opened");
        }

        foreach (PlacementGroup group in after.Groups)
        {
            DiskId[] disks = [.. group.Slots.Select(slot => slot.Disk).Where(disk => disk.IsSome)];
            Assert.Equal(disks.Length, disks.Distinct().Count());
            Assert.All(disks, disk => Assert.NotEqual(MemberState.Removed, after.Disks[disk].State));
            Assert.All(
                group.Slots.Where(slot => slot.Source.IsSome),
                slot => Assert.True(slot.Source != slot.Disk && after.Disks[slot.Source].State is MemberState.In or MemberState.Draining));
            if (group.Number < before.Groups.Length)
            {
                PlacementGroup old = before.Groups[group.Number];
                bool sameDisks = old.Slots.Select(slot => slot.Disk).SequenceEqual(group.Slots.Select(slot => slot.Disk));
                Assert.True(sameDisks || !group.IsClean, "disks changed and the group is clean");
                Assert.True(group.DirtySince >= old.DirtySince && group.Version >= old.Version);
            }
        }
    }

    private static byte[] Bytes(ClusterMap map)
    {
        var to = new ByteWriter();
        MapUpdate.Encode(map, 0, to);
        return to.ToArray();
    }
}
