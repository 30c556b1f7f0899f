using System;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Node;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>A node in small, so that some tens of requests already rotate logs, flush memtables, compact runs, seal extents and reclaim them.</summary>
internal static class SimNodeOptions
{
    /// <summary>Smallest part of an upload but the last.</summary>
    internal const int PartSizeBytesMin = 500;

    private const int InlineBytesMax = 2_000;

    /// <summary>Of the usual sizes (100, 1000 and 5000 bytes) one lies in the row of its object, one in a row of its own, one in a chunk.</summary>
    private const int RowBodyBytesMax = 150;

    internal static NodeOptions Small(string accessKey, string secretKey) => new()
    {
        Root = new Identity("root", accessKey, secretKey, new string('a', 64), "", IsRoot: true),
        Gateway = new GatewayOptions { InlineBytesMax = InlineBytesMax, RowBodyBytesMax = RowBodyBytesMax },
        Metadata = new MetadataShardOptions
        {
            Limits = new MetadataLimits { PartSizeBytesMin = PartSizeBytesMin },
            ReclaimRowsMin = 3,
            ReclaimRowsMax = 128,
        },
        Store = new DiskStoreOptions
        {
            Rows = new OrderedStoreOptions
            {
                MemtableBytes = 8_000,
                BlockCacheBytes = 64_000,
                LogSegmentBytes = 65_536,
                LogSegmentsPerMemtable = 2,
                GroupBytesMax = 16_384,
                BlockBytes = 1_024,
                RunBytes = 16_384,
                LevelZeroRunsMin = 2,
                LevelOneBytes = 32_768,
                LevelGrowth = 3,
                ManifestBytesMax = 16_384,
                ScrubPeriod = TimeSpan.FromSeconds(2),
                FullRetryDelay = TimeSpan.FromMilliseconds(5),
            },
            Chunks = new ChunkStoreOptions
            {
                ExtentSizeBytes = 256 * 1024,
                ChunkSizeBytes = 64 * 1024,
                ReserveBytes = 512 * 1024,
                ReclaimPollInterval = TimeSpan.FromMilliseconds(5),
                ScrubPeriod = TimeSpan.FromSeconds(1),
                ScrubCheckpointFrames = 8,
                HeaderCacheEntries = 16,
                IdleBufferBytesMax = 1 << 20,
            },
        },
    };
}
