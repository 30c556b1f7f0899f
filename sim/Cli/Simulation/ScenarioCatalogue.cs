using System;
using System.Collections.Generic;
using System.Linq;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Placement;
using ObjectStore.Sim.Checking;
using ObjectStore.Sim.Cli.Simulation.Lifecycle;
using ObjectStore.Sim.Consensus;
using ObjectStore.Sim.Faults;
using ObjectStore.Sim.World;
using ObjectStore.Workloads.Library;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>Every scenario that the command line knows.</summary>
internal static class ScenarioCatalogue
{
    private static readonly LinkFaults ShakyLink = new()
    {
        LoseRequestPerMillion = 20_000,
        LoseAnswerPerMillion = 30_000,
        CutBodyPerMillion = 50_000,
        SlowBodyPerMillion = 100_000,
        Timeout = TimeSpan.FromSeconds(2),
    };

    private static readonly FaultPlan Crashes = new() { CrashCountMax = 3, Link = ShakyLink, PauseCountMax = 1, WallJumpCountMax = 1 };

    /// <summary>Sectors smaller than what the log writes at once, so that a crash tears what was on its way.</summary>
    private static readonly SimDiskOptions TearingDisk = new() { SectorSizeBytes = 512 };

    /// <summary>Of the programs over one store: short, so that several crashes meet them.</summary>
    private static readonly TimeSpan StoreWindow = TimeSpan.FromMilliseconds(15);

    private static readonly Mix Everything = new() { Create = 1, Swap = 2, Copy = 1, List = 2, Upload = 3 };

    private static readonly Mix OfRegions = new() { Create = 1, Swap = 2, Copy = 1, List = 2, SizesBytes = [200, 5_000, 30_000, 60_000] };

    /// <summary>A few objects are a lot, a few requests are heat, and what has cooled down comes together at once.</summary>
    private static readonly ShardGroupsOptions RestlessShards = new()
    {
        Balance = new BalanceOptions { Interval = TimeSpan.FromMilliseconds(300), RowsMax = 6, RequestsPerSecondMax = 12, MergeDivisor = 2, GroupsMax = 4 },
        Meter = new RangeMeterOptions { Interval = TimeSpan.FromMilliseconds(200), StepRest = TimeSpan.FromMilliseconds(1) },
        Sender = new RangeSenderOptions { PieceRows = 3, CommandBytes = 500, CleanRows = 3 },
        Transfers = new TransferDriverOptions { SwitchTimeout = TimeSpan.FromSeconds(2), CopyTimeout = TimeSpan.FromSeconds(10) },
    };

    /// <summary>Whatever can leave something behind.</summary>
    private static readonly Mix Leftovers =
        new() { Put = 4, Get = 3, Head = 0, Delete = 2, Create = 2, Swap = 2, Copy = 1, Upload = 8, OddCompletePercent = 20, KeyCount = 3, SizesBytes = [200, 5_000, 80_000] };

    /// <summary>One store under loss of power: also for proofs, which put a disk that lies under it.</summary>
    internal static RowsScenario StoreCrash { get; } = new()
    {
        Description = "one ordered store of tiny parts: power fails at any moment and tears what was on its way, disks are slow",
        Faults = new FaultPlan { CrashCountMax = 6, StallsPerMillion = 5_000, SyncFailsPerMillion = 3_000, WriteFailsPerMillion = 1_000, ReadFailsPerMillion = 3_000, Window = StoreWindow },
    };

    /// <summary>In the order of the command <c>list</c>.</summary>
    internal static IReadOnlyList<SimScenario> All { get; } =
    [
        new NodeScenario
        {
            Workload = new MixedWorkload("smoke", "every kind of request, nothing goes wrong", S3Versioning.Off, Everything),
            Faults = FaultPlan.None,
            StepCount = 15,
        }.As("smoke"),
        new NodeScenario
        {
            Workload = new MixedWorkload("short", "a few requests and at most one power loss: for very many seeds", S3Versioning.Off, new Mix { Create = 1, KeyCount = 2, SizesBytes = [100, 1000] }),
            Faults = Crashes with { CrashCountMax = 1, Window = TimeSpan.FromMilliseconds(8) },
            Disk = TearingDisk,
            ClientCount = 2,
            StepCount = 3,
            StopsInOrder = false,
        }.As("short"),
        new NodeScenario
        {
            Workload = new MixedWorkload("crash", "puts, gets, deletes, conditions and listings; power fails at any moment", S3Versioning.Off, Everything with { Upload = 0 }),
            Faults = Crashes,
            Disk = TearingDisk,
        }.As("crash"),
        new NodeScenario
        {
            Workload = new MixedWorkload(
                "crash-multipart", "uploads in parts, completed and aborted; power fails at any moment", S3Versioning.Off, new Mix { Upload = 12, KeyCount = 2, Create = 1 }),
            Faults = Crashes,
            Disk = TearingDisk,
        }.As("crash-multipart"),
        new NodeScenario
        {
            Workload = new MixedWorkload(
                "conditional-race", "many clients create and swap the same object", S3Versioning.Off,
                new Mix { Put = 1, Get = 2, Head = 0, Delete = 3, Create = 6, Swap = 6, KeyCount = 1 }),
            Faults = FaultPlan.None with { Link = ShakyLink with { CutBodyPerMillion = 0 } },
            ClientCount = 6,
        }.As("conditional-race"),
        new NodeScenario
        {
            Workload = new MixedWorkload(
                "versions", "a versioned bucket: versions and delete markers, by id and in listings; power fails", S3Versioning.Enabled,
                new Mix { Put = 5, Delete = 3, Versions = 3, ListVersions = 2, List = 1, Copy = 1, KeyCount = 3 }),
            Faults = Crashes with { CrashCountMax = 2 },
        }.As("versions"),
        new NodeScenario
        {
            Workload = new MixedWorkload(
                "suspended", "a bucket whose versioning is suspended; power fails", S3Versioning.Suspended,
                new Mix { Put = 5, Delete = 3, Versions = 2, ListVersions = 2, KeyCount = 3 }),
            Faults = Crashes with { CrashCountMax = 2 },
        }.As("suspended"),
        new NodeScenario
        {
            Workload = new MixedWorkload(
                "versioning-changes", "a bucket whose versioning is enabled and suspended in turns, versions asked for that may not be there; then all is deleted; power fails", S3Versioning.Enabled,
                new Mix { Put = 6, Get = 3, Delete = 3, Versions = 6, ListVersions = 1, Versioning = 2, KeyCount = 2, SizesBytes = [200, 3_000] }),
            Faults = Crashes with { CrashCountMax = 2 },
            Drains = true,
        }.As("versioning-changes"),
        new NodeScenario
        {
            Workload = new MixedWorkload(
                "events", "a versioned bucket that tells somebody outside of all that happens to it; he does not always listen, and power fails", S3Versioning.Enabled,
                new Mix { Put = 6, Get = 1, Head = 0, Delete = 3, Create = 1, Swap = 1, Copy = 1, Upload = 2, KeyCount = 3 }),
            Faults = Crashes,
            Disk = TearingDisk,
            Tells = true,
        }.As("events"),
        new NodeScenario
        {
            Workload = new MixedWorkload(
                "list-under-write", "listings by prefix, delimiter and page while keys come and go", S3Versioning.Off,
                new Mix { Put = 5, Get = 0, Head = 0, Delete = 4, List = 8, KeyCount = 8 }),
            Faults = FaultPlan.None,
            ClientCount = 4,
        }.As("list-under-write"),
        new NodeScenario
        {
            Workload = new MixedWorkload(
                "versioned-conditions", "a versioned bucket under conditional writes and deletes: a marker is no object", S3Versioning.Enabled,
                new Mix { Put = 1, Get = 2, Delete = 4, Create = 5, Swap = 4, KeyCount = 2, SizesBytes = [100] }),
            Faults = FaultPlan.None with { Link = ShakyLink with { CutBodyPerMillion = 0 } },
        }.As("versioned-conditions"),
        new NodeScenario
        {
            Workload = new MixedWorkload(
                "multipart-race", "uploads of one key, completed with stale, missing and misplaced parts, and completed again", S3Versioning.Off,
                new Mix { Put = 1, Get = 2, Head = 0, Upload = 12, SharesUploads = true, OddCompletePercent = 50, KeyCount = 1, Create = 1, SizesBytes = [600, 1500, 3_000] }),
            Faults = FaultPlan.None with { Link = ShakyLink },
            StepCount = 20,
        }.As("multipart-race"),
        new NodeScenario
        {
            Workload = new MixedWorkload(
                "drain", "bodies of all sizes, refused, overwritten, uploaded and aborted; then all is deleted, and nothing may be left", S3Versioning.Off, Leftovers),
            Faults = FaultPlan.None with { Link = ShakyLink },
            Drains = true,
        }.As("drain"),
        new NodeScenario
        {
            Workload = new MixedWorkload(
                "drain-crash", "the same in a versioned bucket while power fails", S3Versioning.Enabled, Leftovers with { Versions = 3 }),
            Faults = Crashes,
            Disk = TearingDisk,
            Drains = true,
        }.As("drain-crash"),
        new NodeScenario
        {
            Workload = new MixedWorkload("disk-full", "the disk fills up and gets room again", S3Versioning.Off, Everything with { SizesBytes = [1000, 40_000] }),
            Faults = Crashes with { CrashCountMax = 1, FillCountMax = 3 },
        }.As("disk-full"),
        new NodeScenario
        {
            Workload = new MixedWorkload("failed-sync", "syncs fail and lose what they should have kept; power fails", S3Versioning.Off, Everything with { Upload = 0 }),
            Faults = Crashes with { SyncFailsPerMillion = 10_000, CrashCountMax = 4 },
            Disk = TearingDisk,
        }.As("failed-sync"),
        new NodeScenario
        {
            Workload = new MixedWorkload(
                "slow-sync", "syncs take long, so that reads meet what is not durable yet; power fails", S3Versioning.Off,
                new Mix { Put = 4, Get = 8, Delete = 1, List = 2, KeyCount = 2 }),
            Faults = Crashes with { CrashCountMax = 6, Link = new LinkFaults { DelayMax = TimeSpan.FromMicroseconds(300) } },
            Disk = new SimDiskOptions { SyncLatencyFactor = 50 },
            ClientCount = 4,
        }.As("slow-sync"),
        new NodeScenario
        {
            Workload = new MixedWorkload(
                "sick-disk", "reads and writes of the disk fail now and then; readers are slow and go away in the middle; power fails", S3Versioning.Off,
                Everything with { Get = 8, Upload = 1, SizesBytes = [100, 5000, 150_000, 200_000] }),
            Faults = Crashes with { Link = ShakyLink with { SlowReaderPerMillion = 500_000, ReaderLeavesPerMillion = 600_000 }, ReadFailsPerMillion = 20_000, WriteFailsPerMillion = 5_000, StallsPerMillion = 5_000, DriftPerMillionMax = 100_000, CrashCountMax = 4 },
        }.As("sick-disk"),
        new NodeScenario
        {
            Workload = new MixedWorkload("rotten-disk", "bits rot and sectors become unreadable; what is damaged may be refused and is never returned", S3Versioning.Off, Everything),
            Faults = Crashes with { RotPerMillion = 2_000, LatentErrorsPerMillion = 2_000, StallsPerMillion = 10_000, CrashCountMax = 2 },
        }.As("rotten-disk"),
        new NodeScenario
        {
            Workload = new MixedWorkload(
                "large-bodies", "bodies that are cut into chunks, overwritten and read while they are reclaimed; power fails", S3Versioning.Off,
                new Mix { Put = 6, Get = 6, Delete = 2, Copy = 1, KeyCount = 3, SizesBytes = [200, 40_000, 150_000] }),
            Faults = Crashes,
            Disk = TearingDisk,
        }.As("large-bodies"),
        new NodeScenario
        {
            Workload = new MixedWorkload(
                "slow-readers", "large bodies taken slowly, while what they are read from is overwritten, deleted, moved and reclaimed", S3Versioning.Off,
                new Mix { Put = 7, Get = 7, Head = 0, Delete = 2, Copy = 1, KeyCount = 3, SizesBytes = [40_000, 150_000, 200_000] }),
            Faults = FaultPlan.None with { Link = ShakyLink with { SlowReaderPerMillion = 500_000, ReaderLeavesPerMillion = 200_000, Timeout = TimeSpan.FromSeconds(10) } },
            Drains = true,
            StepCount = 15,
        }.As("slow-readers"),
        new NodeScenario
        {
            Workload = new MixedWorkload(
                "churn", "small objects written, deleted and listed until runs are merged again and again; power fails", S3Versioning.Off,
                new Mix { Put = 10, Get = 6, Head = 0, Delete = 5, List = 1, KeyCount = 12, SizesBytes = [500, 1500] }),
            Faults = Crashes,
            StepCount = 150,
        }.As("churn"),
        new LifecycleScenario
        {
            Description = "objects, versions, tags and uploads under lifecycle rules that come and go, often at the midnight when they take effect; nothing goes wrong",
        }.As("lifecycle"),
        new LifecycleScenario
        {
            Description = "the same while power fails, also in the middle of what rules do",
            Crashes = true,
        }.As("lifecycle-crash"),
        new LifecycleScenario
        {
            Description = "seven years and more under lifecycle rules, some of which count years; power fails",
            StepCount = 60,
            DaysMax = 800,
            GapDaysMax = 250,
            PollInterval = TimeSpan.FromDays(1),
            Crashes = true,
        }.As("lifecycle-years"),
        new LifecycleScenario
        {
            Description = "lifecycle rules with days of four seconds in a region: whoever leads does what they ask for; nodes lose power, ranges of keys move",
            Day = TimeSpan.FromSeconds(4),
            Grace = TimeSpan.FromSeconds(2),
            PollInterval = TimeSpan.FromMilliseconds(400),
            StepCount = 12,
            DaysMax = 2,
            GapDaysMax = 1,
            Region = new RegionShape { NodeCount = 3, DataDiskCount = 1, PlacementGroupCount = 4, Layout = new Layout(1, 2, new Losses(1, 0, 1), new Losses(1, 0, 0), 1), Shards = RestlessShards },
            RegionFaults = new RegionFaultPlan { CrashCountMax = 3, PartitionCountMax = 1, LossPerMillion = 5_000, Window = TimeSpan.FromSeconds(20) },
        }.As("region-lifecycle"),
        new CoreScenario
        {
            Description = "Raft's cores alone: crashes, partitions, lost and late messages, a few entries and many terms",
            Life = new CoreLifeOptions
            {
                Paces = [CorePace.Elections, CorePace.Elections, CorePace.Restarts, CorePace.Writes, CorePace.SlowDisks, CorePace.Balanced],
                Stories = [CoreStory.LeaderAlone],
                ChangesMembership = false,
            },
        }.As("core-elections"),
        new CoreScenario
        {
            Description = "Raft's cores alone: members come, learn, vote and go while peers crash and are cut off",
            Life = new CoreLifeOptions { Paces = [CorePace.Members, CorePace.Members, CorePace.Elections, CorePace.Restarts, CorePace.Balanced], Stories = [CoreStory.LeaderAlone] },
        }.As("core-members"),
        new CoreScenario
        {
            Description = "Raft's cores alone: reads by rounds and by leases, clocks apart as far as leases allow for, peers that stand still, start again, hear late, and hand on",
            Life = new CoreLifeOptions
            {
                Paces = [CorePace.Reads, CorePace.Reads, CorePace.Reads, CorePace.Elections, CorePace.Restarts],
                Stories = [CoreStory.LateAnswers, CoreStory.StandsStill, CoreStory.ForgetfulVoter],
                ChangesMembership = false,
            },
        }.As("core-reads"),
        new RowsScenario
        {
            Description = "one ordered store of tiny parts: batches, held views, scans; the disk stalls now and then, else nothing goes wrong",
            Faults = FaultPlan.None with { StallsPerMillion = 20_000 },
        }.As("store-rows"),
        StoreCrash.As("store-crash"),
        new RowsScenario
        {
            Description = "one ordered store of tiny parts whose disk fills up and gets room again; power fails",
            Faults = new FaultPlan { CrashCountMax = 1, FillCountMax = 6, Window = 4 * StoreWindow },
            WriterCount = 2,
        }.As("store-full"),
        new RowsScenario
        {
            Description = "one ordered store with long keys on small sectors: power fails just when its manifest, its superblock or its log is written",
            Faults = new FaultPlan { CrashCountMax = 8, CrashFiles = ["manifest-", "superblock", "wal-"], Window = StoreWindow },
            SectorSizes = [512, 1024],
            KeySizes = [RowsShape.LongKeyBytes, 100],
            ReaderCount = 1,
        }.As("store-torn"),
        new ChunksScenario
        {
            Description = "one disk with chunks in tiny extents: stored, read in part and released while they are moved; the disk stalls, writes fail, power fails",
            Faults = new FaultPlan { CrashCountMax = 3, StallsPerMillion = 50_000, WriteFailsPerMillion = 1_000, SyncFailsPerMillion = 1_000, FillCountMax = 1, Window = 2 * StoreWindow },
        }.As("store-chunks"),
        new ChunksScenario
        {
            Description = "one disk with chunks in tiny extents that rot: what is read is right or refused, never wrong",
            Faults = new FaultPlan
            {
                CrashCountMax = 3, StallsPerMillion = 20_000, RotPerMillion = 100_000, MisdirectedReadsPerMillion = 10_000,
                Spares = static name => !name.StartsWith("extent-", StringComparison.Ordinal), Window = 4 * StoreWindow,
            },
        }.As("store-chunks-rot"),
        new RaftScenario
        {
            Description = "one Raft group of three replicas: power fails, of one or of all, disks are slow, messages are lost and repeated, leadership is handed on",
            Faults = new RegionFaultPlan { CrashCountMax = 4, OutageCountMax = 2, TriggeredOutageCountMax = 4, PairCutCountMax = 2, PauseCountMax = 1, SlowDiskCountMax = 2, LossPerMillion = 20_000, RepeatPerMillion = 20_000 },
            MoveCount = 3,
            StepCount = 40,
        }.As("raft-crash"),
        new RaftScenario
        {
            Description = "one Raft group of five replicas: whole, one-way and partial partitions, drifting clocks",
            Faults = new RegionFaultPlan
            {
                PartitionCountMax = 3, OneWayPartitionCountMax = 2, PairCutCountMax = 3, CrashCountMax = 1, DriftPerMillionMax = 20_000, LossPerMillion = 10_000,
            },
            NodeCount = 5,
            MoveCount = 2,
        }.As("raft-partition"),
        new RaftScenario
        {
            Description = "one Raft group of three replicas whose clocks run as far apart as they may; leaders are cut off, hear late, and hand on",
            Faults = new RegionFaultPlan
            {
                PartitionCountMax = 3, OneWayPartitionCountMax = 2, PairCutCountMax = 3, SlowLinkCountMax = 3, PauseCountMax = 2, DriftPerMillionMax = 200_000, LossPerMillion = 10_000,
            },
            ClockDriftPerMillionMax = 200_000,
            MoveCount = 20,
            StepCount = 60,
        }.As("raft-clocks"),
        new RaftScenario
        {
            Description = "one Raft group of three replicas that start again within moments, are cut off, and hear of the log in small pieces",
            Faults = new RegionFaultPlan
            {
                CrashCountMax = 8, PartitionCountMax = 4, PairCutCountMax = 3, DriftPerMillionMax = 10_000, LossPerMillion = 20_000, DurationMax = TimeSpan.FromMilliseconds(1500),
            },
            AppendBytesMax = 200,
            ClockDriftPerMillionMax = 10_000,
            HeartbeatTicks = 5,
            StepCount = 60,
        }.As("raft-restarts"),
        new RaftScenario
        {
            Description = "one Raft group of three replicas whose logs are cut short, whose machines are slow, and whose snapshots come in many pieces that are lost, repeated and overtaken",
            Faults = new RegionFaultPlan
            {
                CrashCountMax = 5, TriggeredOutageCountMax = 2, PartitionCountMax = 3, PairCutCountMax = 3, PauseCountMax = 1, LossPerMillion = 60_000, RepeatPerMillion = 150_000,
                DurationMax = TimeSpan.FromMilliseconds(700),
            },
            ClientCount = 4,
            StepCount = 40,
            MoveCount = 2,
            RowsPerClient = 6,
            ApplyMax = TimeSpan.FromMilliseconds(12),
            LogKeptEntries = 2,
            SnapshotChunkBytes = 160,
        }.As("raft-snapshots"),
        new RaftScenario
        {
            Description = "one Raft group whose members come and go while nodes lose power and are cut off",
            Faults = new RegionFaultPlan { CrashCountMax = 2, TriggeredOutageCountMax = 3, PartitionCountMax = 2, LossPerMillion = 10_000 },
            NodeCount = 4,
            MoveCount = 10,
        }.As("raft-members"),
        new RegionScenario
        {
            Workload = new MixedWorkload("region-smoke", "five nodes in three zones, shards on fifteen disks, nothing goes wrong", S3Versioning.Off, OfRegions),
        }.As("region-smoke"),
        new RegionScenario
        {
            Workload = new MixedWorkload(
                "region-short", "three nodes in three zones, a few requests; nodes lose power, links are cut", S3Versioning.Off, OfRegions with { Create = 4, Swap = 4, KeyCount = 1, SizesBytes = [100] }),
            Faults = new RegionFaultPlan { CrashCountMax = 2, PartitionCountMax = 1, LossPerMillion = 30_000 },
            Shape = new RegionShape { NodeCount = 3, LogKeptEntries = 6 },
            ClientCount = 3,
            StepCount = 8,
        }.As("region-short"),
        new RegionScenario
        {
            Workload = new MixedWorkload("region-crash", "five nodes in three zones: nodes and whole zones lose power", S3Versioning.Off, OfRegions),
            Faults = new RegionFaultPlan { CrashCountMax = 4, ZoneOutageCountMax = 1, PauseCountMax = 1, LossPerMillion = 5_000, RepeatPerMillion = 5_000 },
        }.As("region-crash"),
        new RegionScenario
        {
            Workload = new MixedWorkload(
                "region-away", "three nodes in three zones whose disks go away until they are given up, several at a time, and come back with all they had", S3Versioning.Off,
                new Mix { Put = 8, Get = 4, Head = 0, Delete = 1, KeyCount = 6, SizesBytes = [600, 5_000, 30_000] }),
            Faults = new RegionFaultPlan { AwayDiskCountMax = 16, CrashCountMax = 2, Window = TimeSpan.FromSeconds(4), DurationMax = TimeSpan.FromSeconds(40) },
            Shape = new RegionShape { NodeCount = 3, DataDiskCount = 3, PlacementGroupCount = 4 },
            ThinkMax = TimeSpan.FromMilliseconds(800),
            StepCount = 12,
        }.As("region-away"),
        new RegionScenario
        {
            Workload = new MixedWorkload("region-partition", "five nodes in three zones: whole, one-way and partial partitions, drifting clocks", S3Versioning.Off, OfRegions),
            Faults = new RegionFaultPlan
            {
                PartitionCountMax = 3, OneWayPartitionCountMax = 2, PairCutCountMax = 3, CrashCountMax = 1, WallJumpCountMax = 2, DriftPerMillionMax = 20_000, LossPerMillion = 10_000,
            },
        }.As("region-partition"),
        new RegionScenario
        {
            Workload = new MixedWorkload(
                "region-uploads", "three nodes in three zones: uploads in parts, shared by clients, while nodes lose power and links are cut", S3Versioning.Off,
                new Mix { Put = 1, Get = 3, Head = 0, Delete = 1, Upload = 16, SharesUploads = true, OddCompletePercent = 20, KeyCount = 2, Create = 1, SizesBytes = [600, 3_000, 30_000] }),
            Faults = new RegionFaultPlan { CrashCountMax = 4, ZoneOutageCountMax = 1, PartitionCountMax = 1, PauseCountMax = 1, LossPerMillion = 10_000, RepeatPerMillion = 5_000 },
            Shape = new RegionShape { NodeCount = 3, DataDiskCount = 3, PlacementGroupCount = 4 },
            StepCount = 25,
        }.As("region-uploads"),
        new RegionScenario
        {
            Workload = new MixedWorkload("region-wipe", "five nodes in three zones: disks are replaced by empty ones", S3Versioning.Enabled, OfRegions with { Versions = 2 }),
            Faults = new RegionFaultPlan { WipeCountMax = 2, CrashCountMax = 2, SlowDiskCountMax = 1, WholeWithin = TimeSpan.FromMinutes(1) },
        }.As("region-wipe"),
        new RegionScenario
        {
            Workload = new MixedWorkload(
                "region-repair", "three nodes in three zones, bodies of many chunks: disks are replaced by empty ones, nodes lose power, frames are lost", S3Versioning.Off,
                new Mix { Put = 8, Get = 4, Head = 0, Delete = 1, KeyCount = 5, SizesBytes = [5_000, 30_000, 60_000] }),
            Faults = new RegionFaultPlan { WipeCountMax = 3, CrashCountMax = 2, PartitionCountMax = 1, SlowDiskCountMax = 3, LossPerMillion = 20_000, WholeWithin = TimeSpan.FromMinutes(1) },
            Shape = new RegionShape { NodeCount = 3, DataDiskCount = 3, PlacementGroupCount = 4 },
            ClientCount = 5,
            StepCount = 10,
        }.As("region-repair"),
        new RegionScenario
        {
            Workload = new MixedWorkload(
                "region-lossy", "three nodes in three zones that hear each other badly; no node ever goes away, so that nothing but the losses themselves makes anybody look again", S3Versioning.Off,
                new Mix { Put = 8, Get = 3, Head = 0, Delete = 1, KeyCount = 5, SizesBytes = [5_000, 30_000, 60_000] }),
            Faults = new RegionFaultPlan { LossPerMillion = 60_000, RepeatPerMillion = 20_000, SlowDiskCountMax = 1, PairCutCountMax = 1, DurationMax = TimeSpan.FromMilliseconds(600) },
            Shape = new RegionShape { NodeCount = 3, DataDiskCount = 3, PlacementGroupCount = 4 },
            ClientCount = 3,
            StepCount = 10,
        }.As("region-lossy"),
        new RegionScenario
        {
            Workload = new MixedWorkload(
                "region-shards", "ranges of keys are split, put together and moved between groups under way; nodes lose power and hear each other badly", S3Versioning.Off,
                OfRegions with { KeyCount = 12, List = 3, SizesBytes = [100, 400] }),
            Faults = new RegionFaultPlan
            {
                CrashCountMax = 4, ZoneOutageCountMax = 1, PartitionCountMax = 1, PairCutCountMax = 1, PauseCountMax = 1, LossPerMillion = 5_000, RepeatPerMillion = 5_000,
                Window = TimeSpan.FromSeconds(6),
            },
            Shape = new RegionShape { Shards = RestlessShards },
            StepCount = 40,
        }.As("region-shards"),
        new RegionScenario
        {
            Workload = new MixedWorkload("region-shards-smoke", "ranges of keys are split, put together and moved between groups under way; nothing goes wrong", S3Versioning.Enabled,
                OfRegions with { KeyCount = 12, Versions = 1, ListVersions = 1, List = 3, SizesBytes = [100, 400] }),
            Shape = new RegionShape { Shards = RestlessShards },
            StepCount = 40,
        }.As("region-shards-smoke"),
        new RegionScenario
        {
            Workload = new MixedWorkload(
                "region-events", "a versioned bucket that tells somebody outside of all that happens to it, while its ranges move between groups, nodes lose power and links are cut", S3Versioning.Enabled,
                new Mix { Put = 6, Get = 1, Head = 0, Delete = 3, Create = 1, Copy = 1, KeyCount = 8, SizesBytes = [100, 400] }),
            Faults = new RegionFaultPlan { CrashCountMax = 4, ZoneOutageCountMax = 1, PartitionCountMax = 1, PauseCountMax = 1, LossPerMillion = 5_000, Window = TimeSpan.FromSeconds(6) },
            Shape = new RegionShape { NodeCount = 3, Shards = RestlessShards },
            StepCount = 30,
            Tells = true,
        }.As("region-events"),
        new RegionScenario
        {
            Workload = new MixedWorkload(
                "region-buckets", "a bucket comes and goes while others write to it, and its keys lie in several groups; nodes lose power", S3Versioning.Off,
                new Mix { Buckets = 12, Put = 3, Get = 1, Head = 0, Delete = 1, KeyCount = 4, SizesBytes = [100] }),
            Faults = new RegionFaultPlan { CrashCountMax = 6, PartitionCountMax = 1, LossPerMillion = 10_000, Window = TimeSpan.FromSeconds(6) },
            Shape = new RegionShape { NodeCount = 3, Shards = RestlessShards },
            ClientCount = 3,
            StepCount = 40,
        }.As("region-buckets"),
        new RegionScenario
        {
            Workload = new MixedWorkload(
                "region-rot", "three nodes in three zones: writes of disks fail now and then, bits rot on one disk", S3Versioning.Off,
                new Mix { Put = 6, Get = 8, Head = 0, Delete = 1, KeyCount = 5, SizesBytes = [5_000, 30_000] }),
            Faults = new RegionFaultPlan { SickDiskCountMax = 3, RotPerMillion = 20_000, CrashCountMax = 1, SlowDiskCountMax = 1 },
            Shape = new RegionShape { NodeCount = 3, DataDiskCount = 3, PlacementGroupCount = 4 },
            ClientCount = 3,
            StepCount = 20,
        }.As("region-rot"),
        new RegionScenario
        {
            Workload = new MixedWorkload(
                "region-hours", "five nodes in three zones at the server's own paces: some requests, and a node, a link or a disk that fails now and then", S3Versioning.Off, OfRegions),
            Faults = new RegionFaultPlan { CrashCountMax = 2, PartitionCountMax = 1, WipeCountMax = 1, Window = TimeSpan.FromMinutes(30), DurationMax = TimeSpan.FromMinutes(5) },
            Shape = new RegionShape { HasServerPaces = true, DataDiskCount = 1, Layout = new Layout(2, 3, new Losses(1, 0, 1), new Losses(1, 0, 0), 1) },
            ThinkMax = TimeSpan.FromMinutes(10),
            StepCount = 12,
            Cost = 60,
        }.As("region-hours"),
    ];

    /// <summary>The scenario of a name, or null.</summary>
    internal static SimScenario? Find(string name) => All.FirstOrDefault(scenario => scenario.Name == name);
}
