using System;
using System.Linq;

namespace ObjectStore.Reports;

/// <summary>In which order a pool mends.</summary>
public enum RepairOrder
{
    /// <summary>Stripes that lost most go first; as few stripes share j given disks, they wait little more than the detection.</summary>
    CriticalFirst,

    /// <summary>Every lost shard is mended by itself; j lost shards come back j times as fast.</summary>
    Parallel,

    /// <summary>One lost shard of a stripe after the other, each as slow as the first.</summary>
    Serial,
}

/// <summary>All that a durability figure rests on. Each has a default; a scenario file (JSON) overrides any of them.</summary>
public sealed record Assumptions
{
    /// <summary>Hours in a year of 365.25 days; all rates "per year" use it.</summary>
    public const double HoursPerYear = 8766;

    /// <summary>Share of the disks that fail in a year. Default: Backblaze Drive Stats for 2025, 4,317 failures in 115,638,676 drive-days.</summary>
    public double AnnualFailureRate { get; init; } = 4317.0 / (115_638_676.0 / 365.0);

    /// <summary>Failures that this rate was counted from; it sets the interval of the rate (exact Poisson).</summary>
    public double FailuresObserved { get; init; } = 4317;

    public double Confidence { get; init; } = 0.95;

    /// <summary>From the failure to the start of its repair. Default: Ceph's mon_osd_down_out_interval, 10 minutes.</summary>
    public double DetectionHours { get; init; } = 10.0 / 60;

    public double DiskTerabytes { get; init; } = 20;

    public double FillRatio { get; init; } = 0.75;

    /// <summary>Disks that share a repair (declustered placement).</summary>
    public int PoolDisks { get; init; } = 200;

    /// <summary>What each disk of the pool may spend on repair, read and write together.</summary>
    public double RepairMegabytesPerSecondPerDisk { get; init; } = 20;

    public RepairOrder RepairOrder { get; init; } = RepairOrder.CriticalFirst;

    /// <summary>When set, the time to rebuild a disk, in place of the time computed from the pool.</summary>
    public double? RebuildHours { get; init; }

    public double ShardMegabytes { get; init; } = 8;

    /// <summary>Mean hours between latent errors of one disk. Default: Elerath and Pecht, DSN 2007: 9,259 h.</summary>
    public double LatentErrorHoursPerDisk { get; init; } = 9259;

    /// <summary>Every shard is read and checked once in this time.</summary>
    public double ScrubDays { get; init; } = 30;

    /// <summary>Share of the latent errors that one pass finds; what it misses waits for a later one.</summary>
    public double ScrubCoverage { get; init; } = 1;

    /// <summary>Nodes destroyed with all their disks, per node and year (fire in a box, a controller that writes garbage); an assumption.</summary>
    public double NodeDestroyedPerYear { get; init; } = 1e-4;

    /// <summary>Racks destroyed, per rack and year (water, a sprinkler, a power surge); an assumption.</summary>
    public double RackDestroyedPerYear { get; init; } = 1e-5;

    /// <summary>Zones destroyed with all data, per zone and year. No published rate exists; it is an assumption to be argued about.</summary>
    public double ZoneDestroyedPerYear { get; init; } = 1e-5;

    /// <summary>Regions destroyed (or lost as a whole to one cause) per year; an assumption.</summary>
    public double RegionDestroyedPerYear { get; init; } = 1e-13;

    /// <summary>Common-cause shocks a year (firmware, batch, power), and the share of the disks that each takes for good; assumptions.</summary>
    public double ShocksPerYear { get; init; } = 0.01;

    public double ShockKillShare { get; init; } = 1e-3;

    /// <summary>Operator or software incidents a year that destroy data, the share of objects hit, and the share of those not brought back.</summary>
    public double OperatorIncidentsPerYear { get; init; } = 0.01;

    public double OperatorShareOfObjects { get; init; } = 1e-6;

    public double OperatorNotRecovered { get; init; } = 1e-4;

    /// <summary>Hours a year that a zone is down but not lost; used for availability only.</summary>
    public double ZoneOutageHoursPerYear { get; init; } = 2;

    /// <summary>Hours a year that a rack is down but not lost (switch, power); SimEDC's inputs: 34 h in ten years.</summary>
    public double RackOutageHoursPerYear { get; init; } = 3.4;

    /// <summary>Hours a year that a node is down but not lost (restarts); SimEDC's inputs: 0.25 h every 2,890.8 h.</summary>
    public double NodeOutageHoursPerYear { get; init; } = 0.76;

    /// <summary>Hours a year that the whole region is down (control plane, a bad deployment): nothing in it helps; an assumption.</summary>
    public double RegionOutageHoursPerYear { get; init; } = 0.1;

    public double FailuresPerHour => -MathNet.Numerics.SpecialFunctions.Log1p(-AnnualFailureRate) / HoursPerYear;

    public double OperatorLossPerYear => OperatorIncidentsPerYear * OperatorShareOfObjects * OperatorNotRecovered;

    /// <summary>
    /// Hours to rebuild one disk's shards: bytes read and written, over the pool's repair bandwidth, slowed by the other failures of the pool that
    /// share it (processor sharing: × 1 / (1 - load)). Infinite when the pool fails faster than it can repair.
    /// </summary>
    public double RebuildHoursOf(Layout layout)
    {
        if (RebuildHours is double given)
        {
            return given;
        }

        double megabytes = DiskTerabytes * 1e6 * FillRatio * (layout.RepairReads + 1);
        double alone = megabytes / (PoolDisks * RepairMegabytesPerSecondPerDisk) / 3600;
        double load = PoolDisks * FailuresPerHour * alone;
        return load >= 1 ? double.PositiveInfinity : alone / (1 - load);
    }

    /// <summary>Repair rates of a stripe with 0, 1 ... lost shards, per hour.</summary>
    public double[] RepairsPerHour(Layout layout)
    {
        double rebuild = RebuildHoursOf(layout);
        double[] rates = new double[layout.Shards + 1];
        double shared = Math.Min(1, (layout.Shards - 1.0) / Math.Max(1, PoolDisks - 1));
        for (int lost = 1; lost < rates.Length; lost++)
        {
            rates[lost] = RepairOrder switch
            {
                RepairOrder.Parallel => lost / (DetectionHours + rebuild),
                RepairOrder.Serial => 1 / (DetectionHours + rebuild),
                _ => 1 / (DetectionHours + (rebuild * Math.Pow(shared, lost - 1))),
            };
        }

        return rates;
    }

    /// <summary>The stripe that the chain and the simulators work on; the switches leave causes out, to show what each one adds.</summary>
    public StripeModel Stripe(Layout layout, bool latent = true, bool shocks = true, bool zones = true)
    {
        // No two shards of a stripe share a node or a rack: losing one is one more way to lose a single shard, whose repair the chain knows already.
        // Domains of one shard each are destroyed one shard at a time: the same as more failures of single shards, in far fewer states.
        bool single = layout.DomainShards.All(shards => shards == 1);
        double boxes = zones ? (NodeDestroyedPerYear + RackDestroyedPerYear) / HoursPerYear : 0;
        double destroyed = zones ? ZoneDestroyedPerYear / HoursPerYear : 0;
        double shardShare = ShardMegabytes / (DiskTerabytes * 1e6 * FillRatio);
        return new StripeModel(
            single ? [layout.Shards] : layout.DomainShards, layout.Decodable, FailuresPerHour + boxes + (single ? destroyed : 0), RepairsPerHour(layout))
        {
            LatentPerHour = latent ? shardShare / LatentErrorHoursPerDisk : 0,
            // Mean wait: half a pass, and a whole one for each time that the error is missed. At full coverage 2 / pass.
            ScrubFindsPerHour = 1 / (ScrubDays * 24 * ((1 / ScrubCoverage) - 0.5)),
            DomainDestroyedPerHour = single ? 0 : destroyed,
            ShockPerHour = shocks ? ShocksPerYear / HoursPerYear : 0,
            ShockKills = ShockKillShare,
        };
    }
}
