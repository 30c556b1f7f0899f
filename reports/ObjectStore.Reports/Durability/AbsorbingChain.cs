using System;
using System.Collections.Generic;

namespace ObjectStore.Reports;

/// <summary>
/// A continuous-time Markov chain with one absorbing state ("data lost"). State 0 is the start.
/// </summary>
/// <remarks>
/// The mean time to absorption is found by state reduction after Grassmann, Taksar and Heyman (Operations Research 33, 1985):
/// the diagonal is never stored, it is the sum of the other rates, so no two near-equal numbers are ever subtracted and each result
/// is right to about (states × 1e-16) however rare the loss is. Rates are per hour, times in hours.
/// </remarks>
public sealed class AbsorbingChain
{
    private readonly List<SortedDictionary<int, double>> _rates = [];
    private readonly List<double> _absorbRates = [];

    public int StateCount => _rates.Count;

    public int AddState()
    {
        _rates.Add([]);
        _absorbRates.Add(0);
        return _rates.Count - 1;
    }

    /// <summary>Adds a transition; several between the same two states add up.</summary>
    public void AddRate(int from, int to, double ratePerHour)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ratePerHour);
        if (ratePerHour == 0 || from == to)
        {
            return;
        }

        _rates[from][to] = _rates[from].GetValueOrDefault(to) + ratePerHour;
    }

    /// <summary>Adds a transition into the absorbing state.</summary>
    public void AddLoss(int from, double ratePerHour)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ratePerHour);
        _absorbRates[from] += ratePerHour;
    }

    /// <summary>Mean hours from state 0 to the absorbing state; infinity when it cannot be reached.</summary>
    public double MeanHoursToLoss()
    {
        int count = StateCount;
        var rows = new SortedDictionary<int, double>[count];
        double[] absorb = [.. _absorbRates];
        double[] reward = new double[count];
        for (int i = 0; i < count; i++)
        {
            rows[i] = new SortedDictionary<int, double>(_rates[i]);
            reward[i] = 1;
        }

        for (int n = count - 1; n >= 1; n--)
        {
            double outflow = absorb[n];
            foreach ((int to, double rate) in rows[n])
            {
                outflow += to < n ? rate : 0;
            }

            if (outflow == 0)
            {
                continue;
            }

            for (int i = 0; i < n; i++)
            {
                if (rows[i].Remove(n, out double into))
                {
                    Redirect(rows, absorb, reward, i, n, into / outflow);
                }
            }
        }

        return absorb[0] == 0 ? double.PositiveInfinity : reward[0] / absorb[0];
    }

    /// <summary>
    /// Probability that the loss has happened by time <paramref name="hours"/>, by uniformisation: a sum of positive terms only.
    /// Costs (largest rate × hours) steps; meant as the check of the exponential tail that <see cref="MeanHoursToLoss"/> implies.
    /// </summary>
    public double LossProbability(double hours)
    {
        int count = StateCount;
        double uniform = 0;
        double[] exits = new double[count];
        for (int i = 0; i < count; i++)
        {
            exits[i] = _absorbRates[i];
            foreach ((_, double rate) in _rates[i])
            {
                exits[i] += rate;
            }

            uniform = Math.Max(uniform, exits[i]);
        }

        double mean = uniform * hours;
        int stepsMax = (int)Math.Ceiling(mean + (12 * Math.Sqrt(mean)) + 60);
        double[] now = new double[count];
        double[] next = new double[count];
        now[0] = 1;
        double lost = 0;
        double total = 0;
        double logWeight = -mean;
        for (int step = 0; step <= stepsMax; step++)
        {
            total += Math.Exp(logWeight) * lost;
            logWeight += Math.Log(mean) - Math.Log(step + 1);
            lost += Step(now, next, exits, uniform);
            (now, next) = (next, now);
        }

        return total;
    }

    private static void Redirect(
        SortedDictionary<int, double>[] rows, double[] absorb, double[] reward, int i, int removed, double share)
    {
        foreach ((int to, double rate) in rows[removed])
        {
            if (to < removed && to != i)
            {
                rows[i][to] = rows[i].GetValueOrDefault(to) + (share * rate);
            }
        }

        absorb[i] += share * absorb[removed];
        reward[i] += share * reward[removed];
    }

    private double Step(double[] now, double[] next, double[] exits, double uniform)
    {
        Array.Clear(next);
        double lost = 0;
        for (int i = 0; i < now.Length; i++)
        {
            next[i] += now[i] * ((uniform - exits[i]) / uniform);
            foreach ((int to, double rate) in _rates[i])
            {
                next[to] += now[i] * rate / uniform;
            }

            lost += now[i] * _absorbRates[i] / uniform;
        }

        return lost;
    }
}
