using System;
using System.Linq;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Node;
using ObjectStore.Engine.Placement;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>How large a simulated region is, how its data is laid out, and how fast its clocks tick.</summary>
internal sealed record RegionShape
{
    /// <summary>Nodes; spread over the zones in turn.</summary>
    internal int NodeCount { get; init; } = 5;

    /// <summary>Zones.</summary>
    internal int ZoneCount { get; init; } = 3;

    /// <summary>Disks for shards on each node, besides the one for metadata.</summary>
    internal int DataDiskCount { get; init; } = 2;

    /// <summary>What the disks are like.</summary>
    internal SimDiskOptions Disk { get; init; } = new();

    /// <summary>How chunks are cut, and what that must survive.</summary>
    internal Layout Layout { get; init; } = new(3, 3, new Losses(1, 0, 1), new Losses(1, 0, 0), 1);

    /// <summary>Placement groups.</summary>
    internal int PlacementGroupCount { get; init; } = 8;

    /// <summary>Data bytes of a full chunk, all data shards together.</summary>
    internal int ChunkSizeBytes { get; init; } = 24 * 1024;

    /// <summary>Entries that a log keeps behind what is applied; few, so that replicas that were away need snapshots.</summary>
    internal int LogKeptEntries { get; init; } = 40;

    /// <summary>When ranges of keys are split, put together and moved; by default never in a run as short as these.</summary>
    internal ShardGroupsOptions Shards { get; init; } = new();

    /// <summary>True: waits and periods of the server as it is delivered. False: tens of times shorter, so that a few virtual seconds see everything that takes days.</summary>
    internal bool HasServerPaces { get; init; }

    /// <summary>Bytes per second that repair may move on each node.</summary>
    internal long RepairBytesPerSecond { get; init; } = new RepairOptions().BytesPerSecond;

    /// <summary>How long a disk may be down before its shards are built again elsewhere; only at the server's paces.</summary>
    internal TimeSpan OutAfter { get; init; } = new MapOptions().OutAfter;

    /// <summary>Time in which every shard is read and checked once; only at the server's paces.</summary>
    internal TimeSpan ScrubPeriod { get; init; } = new ChunkStoreOptions().ScrubPeriod;

    /// <summary>Days of lifecycle rules, and paces.</summary>
    internal LifecycleOptions Lifecycle { get; init; } = new();

    /// <summary>Who is told of events, and how.</summary>
    internal EventOptions Events { get; init; } = new();

    internal static string NameOf(int number) => $"node{number}";

    internal string ZoneOf(int number) => $"zone{number % ZoneCount}";

    /// <summary>Settings of a node.</summary>
    internal ClusterNodeOptions OptionsOf(int number)
    {
        NodeOptions small = SimNodeOptions.Small(RecordedClients.AccessKey, RecordedClients.SecretKey);

        // Batches of a Raft log and of a snapshot are larger than those of a single node.
        DiskStoreOptions metadata = small.Store with { Rows = small.Store.Rows with { LogSegmentBytes = 1024 * 1024 } };
        var common = new ClusterNodeOptions
        {
            Root = small.Root,
            Zone = ZoneOf(number),
            MetadataNodes = [.. Enumerable.Range(0, NodeCount).Select(static number => new NodeId(NameOf(number)))],
            Limits = small.Metadata.Limits,
            Shards = Shards,
            Gateway = small.Gateway with { Lifecycle = Lifecycle, Events = Events },
            Layout = Layout,
            GroupCount = PlacementGroupCount,
            Raft = new RaftHostOptions { LogBatchBytesMax = 256 * 1024, SnapshotChunkBytes = 1024, LogKeptEntries = LogKeptEntries },
            Io = new ChunkIoOptions { ChunkSizeBytes = ChunkSizeBytes },
            Map = new MapOptions { OutAfter = OutAfter },
            Repair = new RepairOptions { BytesPerSecond = RepairBytesPerSecond },
        };
        return HasServerPaces
            ? common with { Store = WithServerPaces(metadata), DataStore = ForShards(WithServerPaces(small.Store)) }
            : Hurried(common with { Store = metadata, DataStore = small.Store });
    }

    private static DiskStoreOptions WithServerPaces(DiskStoreOptions small)
    {
        (OrderedStoreOptions rows, ChunkStoreOptions chunks) = (new(), new());
        return small with
        {
            Rows = small.Rows with { ScrubPeriod = rows.ScrubPeriod, FullRetryDelay = rows.FullRetryDelay },
            Chunks = small.Chunks with { ReclaimPollInterval = chunks.ReclaimPollInterval, ScrubPeriod = chunks.ScrubPeriod, ScrubCheckpointFrames = chunks.ScrubCheckpointFrames },
        };
    }

    /// <summary>Shards of full chunks need larger extents than those of a simulated single node.</summary>
    private DiskStoreOptions ForShards(DiskStoreOptions options) => options with
    {
        Chunks = options.Chunks with
        {
            ScrubPeriod = ScrubPeriod,
            ChunkSizeBytes = Math.Max(options.Chunks.ChunkSizeBytes, ChunkSizeBytes),
            ExtentSizeBytes = Math.Max(options.Chunks.ExtentSizeBytes, 8L * ChunkSizeBytes),
            ReserveBytes = Math.Max(options.Chunks.ReserveBytes, 16L * ChunkSizeBytes),
        },
    };

    private static ClusterNodeOptions Hurried(ClusterNodeOptions options) => options with
    {
        Raft = options.Raft with { TickInterval = TimeSpan.FromMilliseconds(50), ElectionTicks = 10, HeartbeatTicks = 2 },
        Client = new GroupClientOptions { Deadline = TimeSpan.FromSeconds(4), CommandTimeout = TimeSpan.FromSeconds(3), QueryTimeout = TimeSpan.FromMilliseconds(500) },
        Io = options.Io with
        {
            PutTimeout = TimeSpan.FromMilliseconds(500),
            GetTimeout = TimeSpan.FromMilliseconds(300),
            WriteDeadline = TimeSpan.FromSeconds(4),
            ReadDeadline = TimeSpan.FromSeconds(4),
            LatePatience = TimeSpan.FromMilliseconds(50),
        },
        Map = new MapOptions
        {
            BeatInterval = TimeSpan.FromMilliseconds(200),
            BeatTimeout = TimeSpan.FromMilliseconds(400),
            DownAfter = TimeSpan.FromSeconds(1),
            OutAfter = TimeSpan.FromSeconds(5),
            LeaseDuration = TimeSpan.FromSeconds(3),
            KeepInterval = TimeSpan.FromMilliseconds(200),
            CommandTimeout = TimeSpan.FromSeconds(1),
        },
        Repair = options.Repair with
        {
            LookInterval = TimeSpan.FromMilliseconds(200),
            RetryDelay = TimeSpan.FromSeconds(1),
            HealInterval = TimeSpan.FromSeconds(1),
            StrayInterval = TimeSpan.FromSeconds(2),
            SilenceMax = TimeSpan.FromSeconds(2),
            ListMax = 64,
            BlobsMax = 16,
        },
        DiskInterval = TimeSpan.FromMilliseconds(500),
        PeerInterval = TimeSpan.FromSeconds(1),
    };
}
