using System;
using System.Collections.Generic;
using System.Linq;

namespace ObjectStore.Sim.Mutants;

/// <summary>A folder of the engine, and where bugs in it should show.</summary>
/// <param name="Folder">The folder, relative to the root of the repository; what lies in a folder below that has an area of its own belongs to that.</param>
/// <param name="Scenarios">Explored one after the other.</param>
/// <param name="Schedules">Runs at most, over all of them.</param>
public sealed record MutationArea(string Folder, IReadOnlyList<string> Scenarios, long Schedules)
{
    private static readonly string[] Raft = ["raft-crash", "raft-partition", "raft-members", "raft-clocks"];
    private static readonly string[] Shards = ["region-shards-smoke", "region-shards"];

    /// <summary>
    /// Every folder that is mutated. Left out are those that no scenario runs: <c>Cluster/Administration</c> (answers an operator over HTTP) and <c>Cluster/Topology</c> (reads the file
    /// of a server) have proofs of their own.
    /// </summary>
    public static IReadOnlyList<MutationArea> All { get; } =
    [
        new("engine/Consensus/Core", ["core-elections", "core-members", "core-reads", .. Raft], 350),
        new("engine/Consensus/Driver", [.. Raft, "region-short"], 100),
        new("engine/Consensus/Log", [.. Raft, "region-short"], 100),
        new("engine/Storage", ["crash", "failed-sync", "disk-full", "rotten-disk"], 160),
        new("engine/Storage/Wal", ["crash", "failed-sync", "slow-sync", "disk-full", "rotten-disk"], 200),
        new("engine/Storage/Extents", ["large-bodies", "drain-crash", "disk-full", "rotten-disk", "sick-disk"], 200),
        new("engine/Storage/Index", ["crash", "drain-crash", "crash-multipart", "sick-disk", "disk-full", "rotten-disk"], 200),
        new("engine/Metadata", ["versions", "list-under-write", "multipart-race", "drain", "region-short"], 75),
        new("engine/Metadata/Buckets", ["versions", "suspended", "drain", "multipart-race"], 160),
        new("engine/Metadata/Objects", ["versions", "versioned-conditions", "conditional-race", "suspended", "drain"], 200),
        new("engine/Metadata/Multipart", ["multipart-race", "crash-multipart", "drain-crash"], 150),
        new("engine/Metadata/Listing", ["list-under-write", "versions", "suspended", "multipart-race"], 160),
        new("engine/Metadata/Layout", ["versions", "list-under-write", "multipart-race", "drain"], 160),
        new("engine/Metadata/Format", ["crash", "versions", "crash-multipart", "region-short"], 60),
        new("engine/Metadata/Reclaim", ["drain", "drain-crash", "large-bodies"], 150),
        new("engine/Metadata/Shard", ["crash", "versions", "drain-crash", "crash-multipart"], 160),
        new("engine/Metadata/Replicated", ["region-short", "region-crash", "region-shards-smoke"], 12),
        new("engine/Metadata/Replicated/Changes", [.. Shards, "region-short"], 9),
        new("engine/Metadata/Replicated/Leading", [.. Shards, "region-crash"], 9),
        new("engine/Metadata/Replicated/Ranges", Shards, 8),
        new("engine/Cluster/Bootstrap", ["region-smoke", "region-wipe"], 10),
        new("engine/Cluster/ChunkIo", ["region-smoke", "region-repair", "region-wipe", "region-lossy"], 12),
        new("engine/Cluster/Directory", Shards, 8),
        new("engine/Cluster/Map", ["region-crash", "region-wipe", "region-lossy", "region-partition"], 12),
        new("engine/Cluster/Metadata", ["region-short", "region-shards", "region-crash", "region-partition"], 12),
        new("engine/Cluster/Repair", ["region-repair", "region-wipe", "region-lossy"], 12),
        new("engine/Placement", ["region-smoke", "region-wipe", "region-repair"], 12),
    ];

    /// <summary>The area of a file, or null where nothing is mutated.</summary>
    public static MutationArea? Of(string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return All.Where(area => file.StartsWith(area.Folder + '/', StringComparison.Ordinal))
            .MaxBy(static area => area.Folder.Length);
    }
}
