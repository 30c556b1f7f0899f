using System;
using System.Collections.Generic;
using System.Linq;
using MathNet.Numerics;

namespace ObjectStore.Reports;

/// <summary>
/// Builds the chain of a <see cref="StripeModel"/>. A state is the number of failed shards in each domain and the number of shards with a
/// latent error; domains of equal size are interchangeable, so states that differ only by such a swap are one (exact lumping).
/// </summary>
/// <remarks>Latent errors are counted per stripe and spread over the healthy shards of all domains alike.</remarks>
public sealed class StripeChain
{
    private readonly StripeModel _model;
    private readonly AbsorbingChain _chain = new();
    private readonly SortedDictionary<string, int> _states = new(StringComparer.Ordinal);
    private readonly Queue<(int State, int[] Failed, int Latent)> _open = new();

    private StripeChain(StripeModel model) => _model = model;

    public static AbsorbingChain Build(StripeModel model)
    {
        var builder = new StripeChain(model);
        builder.StateOf(new int[model.DomainShards.Count], 0);
        while (builder._open.TryDequeue(out (int State, int[] Failed, int Latent) next))
        {
            builder.Expand(next.State, next.Failed, next.Latent);
        }

        return builder._chain;
    }

    public static double MeanHoursToLoss(StripeModel model) => Build(model).MeanHoursToLoss();

    private void Expand(int state, int[] failed, int latent)
    {
        int lost = failed.Sum();
        int missing = lost + latent;
        int shards = _model.Shards;
        double latentAmongLiving = shards == lost ? 0 : (double)latent / (shards - lost);
        for (int d = 0; d < failed.Length; d++)
        {
            int living = _model.DomainShards[d] - failed[d];
            double rate = living * _model.ShardFailuresPerHour;
            Go(state, missing, With(failed, d, 1), latent, rate * (1 - latentAmongLiving));
            if (latent > 0)
            {
                Go(state, missing, With(failed, d, 1), latent - 1, rate * latentAmongLiving);
            }

            if (failed[d] > 0)
            {
                Go(state, missing, With(failed, d, -1), latent, _model.RepairRate(lost) * failed[d] / lost);
            }

            DestroyDomain(state, failed, latent, d, living);
        }

        Go(state, missing, failed, latent + 1, (shards - missing) * _model.LatentPerHour);
        if (latent > 0)
        {
            Go(state, missing, failed, latent - 1, latent * _model.ScrubFindsPerHour);
        }

        Shock(state, failed, latent);
    }

    /// <summary>The latent errors among the shards that go with the domain are hypergeometric.</summary>
    private void DestroyDomain(int state, int[] failed, int latent, int domain, int living)
    {
        if (living == 0 || _model.DomainDestroyedPerHour == 0)
        {
            return;
        }

        int missing = failed.Sum() + latent;
        int alive = _model.Shards - failed.Sum();
        for (int gone = Math.Max(0, latent - (alive - living)); gone <= Math.Min(latent, living); gone++)
        {
            double chance = Hypergeometric(alive, latent, living, gone);
            Go(state, missing, With(failed, domain, living), latent - gone, _model.DomainDestroyedPerHour * chance);
        }
    }

    /// <summary>
    /// All ways in which a shock can take shards: binomial in each domain. Which of them had a latent error is hypergeometric, as those are
    /// spread over the living shards alike. A shock that takes none changes nothing.
    /// </summary>
    private void Shock(int state, int[] failed, int latent)
    {
        if (_model.ShockPerHour == 0 || _model.ShockKills == 0)
        {
            return;
        }

        int lost = failed.Sum();
        int alive = _model.Shards - lost;
        var ways = new List<(int[] Failed, double Chance)> { (failed, 1.0) };
        for (int d = 0; d < failed.Length; d++)
        {
            int domain = d;
            int living = _model.DomainShards[d] - failed[d];
            ways = [.. ways.SelectMany(way => Enumerable.Range(0, living + 1)
                .Select(hit => (With(way.Failed, domain, hit), way.Chance * Binomial(living, hit))))];
        }

        foreach ((int[] after, double chance) in ways)
        {
            int taken = after.Sum() - lost;
            for (int gone = 0; taken > 0 && gone <= Math.Min(latent, taken); gone++)
            {
                double rate = _model.ShockPerHour * chance * Hypergeometric(alive, latent, taken, gone);
                Go(state, lost + latent, after, latent - gone, rate);
            }
        }
    }

    private double Binomial(int of, int hit) => SpecialFunctions.Binomial(of, hit)
        * Math.Pow(_model.ShockKills, hit) * Math.Pow(1 - _model.ShockKills, of - hit);

    private static double Hypergeometric(int population, int marked, int drawn, int hit) =>
        hit > marked || drawn - hit > population - marked
            ? 0
            : SpecialFunctions.Binomial(marked, hit) * SpecialFunctions.Binomial(population - marked, drawn - hit)
                / SpecialFunctions.Binomial(population, drawn);

    private void Go(int from, int missingBefore, int[] failed, int latent, double rate)
    {
        if (rate == 0)
        {
            return;
        }

        int missing = failed.Sum() + latent;
        double survives = missing <= missingBefore ? 1 : _model.Survives(missingBefore, missing);
        _chain.AddLoss(from, rate * (1 - survives));
        if (survives > 0)
        {
            _chain.AddRate(from, StateOf(failed, latent), rate * survives);
        }
    }

    private int StateOf(int[] failed, int latent)
    {
        (int Size, int Failed)[] sorted = [.. failed.Select((f, d) => (_model.DomainShards[d], f)).OrderBy(p => p.Item1).ThenBy(p => p.f)];
        string key = latent + ":" + string.Join(",", sorted.Select(p => p.Size + "/" + p.Failed));
        if (!_states.TryGetValue(key, out int state))
        {
            state = _chain.AddState();
            _states.Add(key, state);
            _open.Enqueue((state, failed, latent));
        }

        return state;
    }

    private static int[] With(int[] failed, int domain, int change)
    {
        int[] copy = [.. failed];
        copy[domain] += change;
        return copy;
    }
}
