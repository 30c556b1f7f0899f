using System;
using System.Numerics;
using MathNet.Numerics;

namespace ObjectStore.Reports;

/// <summary>The shards of one stripe, one bit each: lost with their disk, or with a latent error.</summary>
public readonly record struct Shards(ulong Failed, ulong Latent)
{
    public int Lost => BitOperations.PopCount(Failed);

    public int Missing => BitOperations.PopCount(Failed | Latent);
}

/// <summary>What can happen next to a stripe.</summary>
public enum StripeEvent
{
    DiskFailure,
    LatentError,
    DomainDestroyed,
    Shock,
    Repair,
    Scrub,
}

/// <summary>
/// The stripe shard by shard, without the chain's lumping: rates of the six kinds of events and what each does. Both Monte Carlo methods
/// run on this; they share no code with <see cref="StripeChain"/> but the description in <see cref="StripeModel"/>.
/// </summary>
public sealed class StripeDynamics
{
    public const int Kinds = 6;
    public const int FailureKinds = 4;

    private readonly ulong[] _domains;
    private readonly ulong _all;

    public StripeDynamics(StripeModel model)
    {
        Model = model;
        _domains = new ulong[model.DomainShards.Count];
        int next = 0;
        for (int d = 0; d < _domains.Length; d++)
        {
            for (int i = 0; i < model.DomainShards[d]; i++)
            {
                _domains[d] |= 1UL << next++;
            }
        }

        _all = next == 64 ? ulong.MaxValue : (1UL << next) - 1;
        LostMax = model.LostMax;
    }

    public StripeModel Model { get; }

    public int LostMax { get; }

    /// <summary>Fills in the rate of each kind; returns their sum.</summary>
    public double Rates(Shards at, Span<double> rates)
    {
        int lost = at.Lost;
        int shards = Model.Shards;
        int latent = BitOperations.PopCount(at.Latent);
        rates[(int)StripeEvent.DiskFailure] = (shards - lost) * Model.ShardFailuresPerHour;
        rates[(int)StripeEvent.LatentError] = (shards - lost - latent) * Model.LatentPerHour;
        rates[(int)StripeEvent.DomainDestroyed] = LivingDomains(at) * Model.DomainDestroyedPerHour;
        rates[(int)StripeEvent.Shock] = Model.ShockKills > 0 ? Model.ShockPerHour : 0;
        rates[(int)StripeEvent.Repair] = lost > 0 ? Model.RepairRate(lost) : 0;
        rates[(int)StripeEvent.Scrub] = latent * Model.ScrubFindsPerHour;
        return rates[0] + rates[1] + rates[2] + rates[3] + rates[4] + rates[5];
    }

    /// <summary>What one event of this kind leaves; shards and domains are drawn evenly. A shock follows its natural law.</summary>
    public Shards Apply(Shards at, StripeEvent kind, ref SplitMix random)
    {
        switch (kind)
        {
            case StripeEvent.DiskFailure:
                return Fail(at, Pick(_all & ~at.Failed, ref random));
            case StripeEvent.LatentError:
                return at with { Latent = at.Latent | Pick(_all & ~(at.Failed | at.Latent), ref random) };
            case StripeEvent.DomainDestroyed:
                return Fail(at, PickDomain(at, ref random));
            case StripeEvent.Shock:
                return Fail(at, Thin(_all & ~at.Failed, ref random));
            case StripeEvent.Repair:
                return at with { Failed = at.Failed & ~Pick(at.Failed, ref random) };
            default:
                return at with { Latent = at.Latent & ~Pick(at.Latent, ref random) };
        }
    }

    /// <summary>
    /// A shock that takes each count of good shards, from none to one too many, equally often; <paramref name="weight"/> is multiplied by the
    /// natural probability over that one. "One too many" stands for all larger counts.
    /// </summary>
    public Shards ApplyEvenShock(Shards at, ref SplitMix random, ref double weight)
    {
        ulong good = _all & ~(at.Failed | at.Latent);
        int count = BitOperations.PopCount(good);
        int tooMany = Math.Min(count, LostMax + 1 - at.Missing);
        int hits = random.NextIndex(tooMany + 1);
        double natural = 0;
        for (int h = hits; h <= (hits == tooMany ? count : hits); h++)
        {
            natural += SpecialFunctions.Binomial(count, h) * Math.Pow(Model.ShockKills, h) * Math.Pow(1 - Model.ShockKills, count - h);
        }

        weight *= natural * (tooMany + 1);
        Shards after = Fail(at, Thin(at.Latent, ref random));
        for (int h = 0; h < hits; h++)
        {
            ulong shard = Pick(good, ref random);
            good &= ~shard;
            after = Fail(after, shard);
        }

        return after;
    }

    /// <summary>Whether the stripe outlives this step, drawn with <see cref="StripeModel.Survives"/>.</summary>
    public bool Survives(Shards before, Shards after, ref SplitMix random)
    {
        int missing = after.Missing;
        if (missing <= before.Missing)
        {
            return true;
        }

        double chance = Model.Survives(before.Missing, missing);
        return chance >= 1 || (chance > 0 && random.NextDouble() < chance);
    }

    private static Shards Fail(Shards at, ulong which) => new(at.Failed | which, at.Latent & ~which);

    private static ulong Pick(ulong among, ref SplitMix random)
    {
        for (int skip = random.NextIndex(BitOperations.PopCount(among)); skip > 0; skip--)
        {
            among &= among - 1;
        }

        return unchecked(among & (~among + 1));
    }

    private ulong PickDomain(Shards at, ref SplitMix random)
    {
        int skip = random.NextIndex(LivingDomains(at));
        foreach (ulong domain in _domains)
        {
            ulong living = domain & ~at.Failed;
            if (living != 0 && skip-- == 0)
            {
                return living;
            }
        }

        throw new InvalidOperationException("a domain was to be destroyed and none is left");
    }

    private int LivingDomains(Shards at)
    {
        int living = 0;
        foreach (ulong domain in _domains)
        {
            living += (domain & ~at.Failed) != 0 ? 1 : 0;
        }

        return living;
    }

    private ulong Thin(ulong among, ref SplitMix random)
    {
        ulong taken = 0;
        while (among != 0)
        {
            ulong shard = unchecked(among & (~among + 1));
            among &= among - 1;
            taken |= random.NextDouble() < Model.ShockKills ? shard : 0;
        }

        return taken;
    }
}
