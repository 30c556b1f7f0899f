using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Placement;
using ObjectStore.Engine.Rpc;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Engine.Proofs.Cluster;

/// <summary>The data path of a whole region: nodes with disks in zones, the root group and the metadata as doubles, everything between them over the simulated network.</summary>
internal sealed class RegionRig
{
    internal const int ChunkBytes = 24 * 1024;

    private readonly Dictionary<BlobId, int> _contents = [];
    private readonly SimNode _rootNode;
    private ulong _blobs;

    internal RegionRig(ulong seed, Layout layout, int zones, int nodesPerZone, int disksPerNode)
    {
        World = new SimWorld(new SeededChoices(seed));
        Layout = layout;
        Codec = new ChunkCodec(layout, ChunkBytes, 8 << 20);
        Model = new MetadataModel(World.Clock);
        _rootNode = World.CreateNode("root");
        for (int zone = 0; zone < zones; zone++)
        {
            for (int node = 0; node < nodesPerZone; node++)
            {
                AddMachine($"z{zone}", $"n{zone}{node}", disksPerNode);
            }
        }
    }

    internal sealed class Member(SimNode machine, string zone)
    {
        internal SimNode Machine => machine;

        internal string Zone => zone;

        internal ILoop Loop { get; set; } = null!;

        internal ShardService Service { get; set; } = null!;

        internal MapFollower Follower { get; set; } = null!;

        internal ClusterGateway Gateway { get; set; } = null!;

        internal ClusterContentStore Store { get; set; } = null!;

        internal BlobDeletion Deletion { get; set; } = null!;

        internal ShardClient Client { get; set; } = null!;

        internal DamageHealer Healer { get; set; } = null!;

        internal List<DiskStore> Stores { get; } = [];
    }

    internal SimWorld World { get; }

    internal Layout Layout { get; }

    internal ChunkCodec Codec { get; }

    internal MetadataModel Model { get; }

    internal MemoryRoot Root { get; } = new();

    internal RepairCoordinator Coordinator { get; private set; } = null!;

    /// <summary>As the root leader answers; call it by <see cref="AskAsync"/>.</summary>
    internal RootAdministration Administration { get; private set; } = null!;

    internal List<Member> Members { get; } = [];

    internal MapOptions MapOptions { get; init; } = new()
    {
        BeatInterval = TimeSpan.FromMilliseconds(100),
        BeatTimeout = TimeSpan.FromMilliseconds(300),
        DownAfter = TimeSpan.FromMilliseconds(800),
        OutAfter = TimeSpan.FromSeconds(5),
        LeaseDuration = TimeSpan.FromSeconds(3),
        KeepInterval = TimeSpan.FromMilliseconds(100),
    };

    internal RepairOptions RepairOptions { get; init; } = new()
    {
        LookInterval = TimeSpan.FromMilliseconds(100),
        RetryDelay = TimeSpan.FromSeconds(1),
        HealInterval = TimeSpan.FromSeconds(1),
        StrayInterval = TimeSpan.FromSeconds(2),
        SilenceMax = TimeSpan.FromSeconds(2),
        ListMax = 64,
        BlobsMax = 5,
    };

    internal ChunkIoOptions IoOptions { get; init; } = new()
    {
        ChunkSizeBytes = ChunkBytes,
        PutTimeout = TimeSpan.FromMilliseconds(300),
        GetTimeout = TimeSpan.FromMilliseconds(300),
        WriteDeadline = TimeSpan.FromSeconds(5),
        ReadDeadline = TimeSpan.FromSeconds(5),
        LatePatience = TimeSpan.FromMilliseconds(50),
    };

    internal int GroupCount { get; init; } = 4;

    private static DiskStoreOptions DiskOptions => new()
    {
        Rows = new OrderedStoreOptions
        {
            MemtableBytes = 64_000,
            BlockCacheBytes = 64_000,
            LogSegmentBytes = 65_536,
            GroupBytesMax = 16_384,
            BlockBytes = 2_048,
            RunBytes = 65_536,
            LevelOneBytes = 262_144,
            ReserveBytes = 1 << 20,
        },
        Chunks = new ChunkStoreOptions
        {
            ChunkSizeBytes = 32 * 1024,
            ExtentSizeBytes = 512 * 1024,
            ReserveBytes = 2 << 20,
            ScrubPeriod = TimeSpan.FromSeconds(10),
            HeaderCacheEntries = 16,
            IdleBufferBytesMax = 1 << 20,
        },
    };

    /// <summary>Runs a story in a region that has come up.</summary>
    internal static void Tell(ulong seed, Layout layout, int zones, int nodesPerZone, int disksPerNode, Func<RegionRig, Task> story)
    {
        var rig = new RegionRig(seed, layout, zones, nodesPerZone, disksPerNode);
        try
        {
            rig.World.Run(async () =>
            {
                await rig.StartAllAsync();
                await rig.RedundantAsync(TimeSpan.FromSeconds(30));
                await story(rig);
            });
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"seed {seed}: {failure.Message}\n{string.Join('\n', rig.World.Log.Last().Where(happened => happened.Level >= TraceLevel.Info).TakeLast(60))}", failure);
        }
    }

    internal SimNode AddMachine(string zone, string name, int disks)
    {
        SimNode machine = World.CreateNode(name, diskCount: disks);
        Members.Add(new Member(machine, zone));
        return machine;
    }

    internal Task RestAsync(double seconds) => World.Clock.DelayAsync(TimeSpan.FromSeconds(seconds)).AsTask();

    internal async Task StartAllAsync()
    {
        await StartRootAsync();
        await AllAsync(Members.Select(StartAsync).ToArray());
    }

    /// <summary>In place of <c>Task.WhenAll</c>, which leaves the world when a task was made to continue asynchronously.</summary>
    internal static async Task AllAsync(IReadOnlyList<Task> tasks)
    {
        foreach (Task task in tasks)
        {
            await task;
        }
    }

    internal async Task StartRootAsync()
    {
        await _rootNode.Start(async environment =>
        {
            ILoop loop = environment.Spawner.CreateLoop("root");
            var rpc = new RpcEndpoint(environment, loop);
            var service = new RootService(environment, rpc);
            await loop.CallAsync(
                async _ =>
                {
                    await Root.BeginTermAsync(loop, new NodeId("root"));
                    await Root.ProposeAsync(new FoundMapCommand(Layout, GroupCount));
                    service.Attach(Root);
                    rpc.Start();
                    return true;
                },
                0);
            var keeper = new RootKeeper(environment, Root, service, Model, MapOptions);
            Coordinator = new RepairCoordinator(environment, Root, service, rpc, RepairOptions);
            Administration = new RootAdministration(environment, new LocalGroups(loop), service, RepairOptions, "region-1");
            Administration.Attach(Root, Coordinator, 17);
            environment.Spawner.Spawn(loop, "keeper", () => keeper.RunAsync(CancellationToken.None));
            RepairCoordinator coordinator = Coordinator;
            environment.Spawner.Spawn(loop, "coordinator", () => coordinator.RunAsync(CancellationToken.None));
            return true;
        });
    }

    internal Task<T> AskAsync<T>(Func<IClusterAdministration, Task<T>> ask) => _rootNode.CallAsync(() => ask(Administration));

    internal void CrashRoot()
    {
        Root.IsLeader = false;
        _rootNode.Crash();
    }

    internal Task StartAsync(Member member) => member.Machine.Start(async (environment, disks) =>
    {
        ILoop loop = environment.Spawner.CreateLoop("rpc");
        var rpc = new RpcEndpoint(environment, loop);
        var root = new RootClient(environment, rpc, [new NodeId("root")], MapOptions);
        var gateway = new ClusterGateway();
        var follower = new MapFollower(environment, root, gateway, MapOptions);
        var service = new ShardService(environment, rpc, follower);
        var client = new ShardClient(service, follower);
        var store = new ClusterContentStore(environment, client, Codec, follower, IoOptions);
        gateway.Attach(environment, follower, service);
        gateway.Attach(store);
        var budget = new RateBudget(environment.Clock, RepairOptions.BytesPerSecond);
        var repair = new RepairService(environment, rpc, client, store, Model, budget, RepairOptions);
        var healer = new DamageHealer(environment, service, client, store, budget, RepairOptions);
        var sweeper = new StraySweeper(environment, service, follower, RepairOptions);
        (member.Loop, member.Service, member.Follower, member.Gateway, member.Store, member.Client) = (loop, service, follower, gateway, store, client);
        (member.Deletion, member.Healer) = (new BlobDeletion(client, IoOptions), healer);
        member.Stores.Clear();
        return await loop.CallAsync(
            async _ =>
            {
                rpc.Start();
                var self = new NodeId(member.Machine.Name);
                await root.ExecuteAsync(new JoinNodeCommand(self, member.Zone, "", ""));
                for (int number = 0; number < disks.Count; number++)
                {
                    await OpenDiskAsync(environment with { Disk = disks[number] }, root, self, number, member);
                }

                follower.Start(servesReads: true);
                environment.Spawner.Spawn(loop, "healer", () => healer.RunAsync(CancellationToken.None));
                environment.Spawner.Spawn(loop, "sweeper", () => sweeper.RunAsync(CancellationToken.None));
                return true;
            },
            0);
    });

    internal Member Up => Members.First(member => member.Machine.IsUp && member.Gateway is { Epoch: > 0 });

    internal static Task<T> On<T>(Member member, Func<Task<T>> body) => member.Machine.CallAsync(body);

    /// <summary>Writes a body and names it; null when the region cannot take it now.</summary>
    internal async Task<BlobRef?> PutAsync(Member member, int length, bool names = true)
    {
        ulong epoch = member.Gateway.Epoch;
        if (epoch == 0)
        {
            return null;
        }

        var id = new BlobId(ClusterMap.BlobEpoch(member.Gateway.NextPlacementGroup(), epoch), ++_blobs);
        var blob = new BlobRef(id, length, ChunkBytes);
        _contents[id] = length;
        return await On(member, async () =>
        {
            var staged = new List<StagedChunk>();
            try
            {
                for (int from = 0; from < length; from += ChunkBytes)
                {
                    using ChunkBuffer buffer = member.Store.RentBuffer();
                    int count = Math.Min(ChunkBytes, length - from);
                    Content(id).AsSpan(from, count).CopyTo(buffer.Data.Span);
                    staged.Add(await member.Store.StageAsync(new ChunkId(id, (uint)(from / ChunkBytes)), buffer, count));
                }
            }
            catch (StorageException)
            {
                await member.Store.AbandonAsync(staged);
                return (BlobRef?)null;
            }

            if (!names)
            {
                return blob;
            }

            if (Model.TryName(epoch, blob))
            {
                return blob;
            }

            member.Gateway.EpochWasClosed();
            return null;
        });
    }

    internal async Task<BlobRef> MustPutAsync(Member member, int length)
    {
        BlobRef? blob = await PutAsync(member, length);
        Assert.True(blob is not null, "the region did not take a body");
        return blob.Value;
    }

    internal Task CheckAsync(Member member, BlobRef blob) => CheckAsync(member, blob, 0, (int)blob.LengthBytes);

    /// <summary>Reads a range and compares it.</summary>
    internal Task CheckAsync(Member member, BlobRef blob, int from, int count) => On(member, async () =>
    {
        byte[] content = Content(blob.Id);
        while (count > 0)
        {
            int index = from / ChunkBytes;
            int chunkLength = (int)Math.Min(ChunkBytes, blob.LengthBytes - ((long)index * ChunkBytes));
            int offset = from % ChunkBytes;
            byte[] read = new byte[Math.Min(count, chunkLength - offset)];
            await member.Store.ReadAsync(new ChunkId(blob.Id, (uint)index), chunkLength, offset, read);
            Assert.True(read.AsSpan().SequenceEqual(content.AsSpan(from, read.Length)), $"blob {blob.Id} differs in [{from}, {from + read.Length})");
            from += read.Length;
            count -= read.Length;
        }

        return true;
    });

    internal async Task CheckAllAsync()
    {
        foreach (BlobRef blob in Model.Live.ToArray())
        {
            await CheckAsync(Up, blob);
        }
    }

    internal byte[] Content(BlobId id)
    {
        byte[] content = new byte[_contents[id]];
        new Random(unchecked((int)StableHash.Compute(id.Number, 5))).NextBytes(content);
        return content;
    }

    /// <summary>Waits until every group is clean, and holds the disks to what that means.</summary>
    internal async Task RedundantAsync(TimeSpan atMost)
    {
        TimeSpan deadline = World.Now + atMost;
        while (Root.Map.Groups.Length == 0 || !Root.Map.Groups.All(group => group.IsClean) || Root.Map.Epochs.Values.Any(epoch => epoch.IsExpired)
            || Members.Any(member => member.Machine.IsUp && member.Gateway.Epoch == 0))
        {
            Assert.True(
                World.Now < deadline,
                $"not redundant after {atMost}: {string.Join(", ", Root.Map.Groups.Where(group => !group.IsClean))} epochs {string.Join(", ", Root.Map.Epochs.Values)} nodes {string.Join(", ", Root.Map.Nodes.Values)}");
            await RestAsync(0.2);
        }

        await AssertInPlaceAsync();
    }

    /// <summary>Every shard of every chunk that is named is on the disk of its slot, whole.</summary>
    internal async Task AssertInPlaceAsync()
    {
        SortedDictionary<DiskId, HashSet<ChunkId>> listed = await ListAsync();
        foreach (BlobRef blob in Model.Live)
        {
            PlacementGroup group = Root.Map.GroupFor(blob.Id);
            for (uint index = 0; index * (long)ChunkBytes < blob.LengthBytes; index++)
            {
                for (int slot = 0; slot < Layout.TotalShards; slot++)
                {
                    DiskId disk = group.Slots[slot].Disk;
                    Assert.True(
                        listed.TryGetValue(disk, out HashSet<ChunkId>? shards) && shards.Contains(ShardHeader.IdOf(new ChunkId(blob.Id, index), slot)),
                        $"chunk {index} of {blob.Id} misses slot {slot} on disk {disk}");
                }
            }
        }
    }

    /// <summary>Whole shards by disk.</summary>
    internal async Task<SortedDictionary<DiskId, HashSet<ChunkId>>> ListAsync()
    {
        var listed = new SortedDictionary<DiskId, HashSet<ChunkId>>();
        foreach (Member member in Members.Where(member => member.Machine.IsUp))
        {
            foreach (ShardDisk disk in member.Service.Disks.ToArray())
            {
                (_, IReadOnlyList<StoredChunk> shards, bool more) = await disk.ListAsync(
                    new ShardRange(ShardRange.OfGroup(0).From, ShardRange.OfGroup(ClusterMap.GroupCountMax - 1).Last), 1_000_000);
                Assert.False(more);
                listed[disk.Id] = [.. shards.Where(shard => !shard.IsDamaged).Select(shard => shard.Id)];
            }
        }

        return listed;
    }

    /// <summary>The member and its store that a disk is in.</summary>
    internal (Member Member, ShardDisk Disk) Find(DiskId disk)
    {
        foreach (Member member in Members.Where(member => member.Machine.IsUp))
        {
            ShardDisk? found = member.Service.Disks.FirstOrDefault(known => known.Id == disk);
            if (found is not null)
            {
                return (member, found);
            }
        }

        throw new InvalidOperationException($"disk {disk} is not up");
    }

    internal bool WasMarked(string mark) => World.Log.Marks.ContainsKey(mark);

    private static async ValueTask OpenDiskAsync(NodeEnvironment environment, RootClient root, NodeId self, int number, Member member)
    {
        ILoop loop = environment.Spawner.CreateLoop($"disk{number}");
        try
        {
            DiskStore store = await loop.CallAsync(call => DiskStore.OpenAsync(call.environment, call.loop, DiskOptions), (environment, loop));
            MapResult result = await root.ExecuteAsync(new RegisterDiskCommand(store.Rows.StoreId, self, $"disk{number}", 10L << 30));
            member.Service.Add(new ShardDisk(environment, loop, store, new DiskId((uint)result.Value)));
            member.Stores.Add(store);
        }
        catch (StorageException)
        {
            // The disk is broken: the node serves the others.
        }
    }
}
