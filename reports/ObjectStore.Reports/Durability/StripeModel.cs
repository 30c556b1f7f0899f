using System;
using System.Collections.Generic;
using System.Linq;

namespace ObjectStore.Reports;

/// <summary>
/// What can happen to one stripe (one object's shards), as rates. The chain and both Monte Carlo methods read this one description,
/// and each makes its own way from it: <see cref="StripeChain"/> lumps states, the simulators follow single shards.
/// </summary>
/// <param name="DomainShards">Shards in each failure domain (zone) that can be destroyed as a whole: {5, 5, 4}.</param>
/// <param name="Decodable">Decodable[j]: share of the patterns of j lost shards that can be decoded; see <see cref="Decodability"/>.</param>
/// <param name="ShardFailuresPerHour">Permanent failures of the disk under one shard.</param>
/// <param name="RepairsPerHour">RepairsPerHour[j]: total rate at which a stripe with j failed shards gets one back; index 0 is not used.</param>
public sealed record StripeModel(
    IReadOnlyList<int> DomainShards, IReadOnlyList<double> Decodable, double ShardFailuresPerHour, IReadOnlyList<double> RepairsPerHour)
{
    /// <summary>Rate at which one healthy shard gets a latent error (unreadable, not yet noticed).</summary>
    public double LatentPerHour { get; init; }

    /// <summary>Rate at which a latent error of one shard is found and mended: 2 / scrub interval, as the mean wait is half of it.</summary>
    public double ScrubFindsPerHour { get; init; }

    /// <summary>Rate at which one domain is destroyed with all its shards.</summary>
    public double DomainDestroyedPerHour { get; init; }

    /// <summary>Rate of common-cause shocks (firmware, a bad batch, a power event) that hit all shards at once ...</summary>
    public double ShockPerHour { get; init; }

    /// <summary>... and the probability that one shard is lost in a shock, independently (Marshall and Olkin's model with thinning).</summary>
    public double ShockKills { get; init; }

    public int Shards => DomainShards.Sum();

    /// <summary>Most shards that can be missing while some pattern is still decodable.</summary>
    public int LostMax
    {
        get
        {
            int lost = 0;
            while (lost + 1 < Decodable.Count && Decodable[lost + 1] > 0)
            {
                lost++;
            }

            return lost;
        }
    }

    /// <summary>
    /// Probability that a stripe stays decodable when its missing shards go from <paramref name="before"/> to <paramref name="after"/>:
    /// the ratio of the shares, because each part of a decodable pattern is decodable too.
    /// </summary>
    public double Survives(int before, int after) => after >= Decodable.Count ? 0 : Decodable[after] / Decodable[before];

    public double RepairRate(int lost) => RepairsPerHour[Math.Min(lost, RepairsPerHour.Count - 1)];
}
