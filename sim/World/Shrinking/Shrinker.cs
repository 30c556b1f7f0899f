using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading.Tasks;

namespace ObjectStore.Sim.World;

/// <summary>Makes a failing run small: takes away whatever can go while the same promise stays broken.</summary>
/// <remarks>
/// Delta debugging (Zeller and Hildebrandt, TSE 2002) over the recorded answers, by what they decide: first everything whose label ends in <c>?</c> (faults,
/// then the size of the world, then steps of clients), then everything else towards 0. Since a bug often needs a crash at one moment, and any
/// change moves moments, each reduction is tried with the moments as they were, all at once, and drawn anew a few times.
/// What is accepted is recorded again, so that the result is a plain list of answers.
/// </remarks>
public sealed class Shrinker
{
    private const int DrawsOfMany = 6;
    private const int DrawsOfOne = 40;
    private const int RoundsMax = 8;
    private readonly Scenario _scenario;
    private readonly int _jobs;
    private readonly long _deadline;
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly string _broken;
    private readonly Action<ScenarioRun, long>? _progress;
    private Candidate _best;
    private long _runs = 1;
    private ulong _draw = 1;

    private Shrinker(Scenario scenario, Candidate first, ShrinkBudget budget, Action<ScenarioRun, long>? progress)
    {
        _scenario = scenario;
        _best = first;
        _broken = Signature(first.Run) ?? throw new ArgumentException("the run keeps every promise: there is nothing to shrink");
        _jobs = budget.Jobs > 0 ? budget.Jobs : Environment.ProcessorCount;
        _deadline = _started + (long)(budget.Time.TotalSeconds * Stopwatch.Frequency);
        _progress = progress;
    }

    private bool IsTimeUp => Stopwatch.GetTimestamp() >= _deadline;

    /// <summary>Shrinks the run that some answers make.</summary>
    /// <param name="scenario">What to run; must be a function of the answers, and runs on several threads at once.</param>
    /// <param name="answers">The run that breaks a promise.</param>
    /// <param name="budget">How long.</param>
    /// <param name="progress">Told of every smaller run, and how many runs were made.</param>
    /// <exception cref="ArgumentException">The run breaks no promise.</exception>
    public static ShrinkResult Shrink(Scenario scenario, IReadOnlyList<int> answers, ShrinkBudget budget, Action<ScenarioRun, long>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        ArgumentNullException.ThrowIfNull(answers);
        Candidate first = Candidate.Of(scenario, new RecordedChoices(answers));
        var shrinker = new Shrinker(scenario, first, budget, progress);
        bool minimal = shrinker.Reduce();
        Candidate best = shrinker._best;
        int[] kept = [.. best.Asked.Select(static choice => choice.Answer)];
        int end = Array.FindLastIndex(kept, static answer => answer != 0) + 1;
        return new ShrinkResult(kept[..end], best.Run, first.Run, minimal, shrinker._runs, Stopwatch.GetElapsedTime(shrinker._started));
    }

    /// <summary>What must stay broken: the promise and, where it is a catch-all, what kind of exception broke it.</summary>
    private static string? Signature(ScenarioRun run) => run.PromiseBroken switch
    {
        null => null,
        "no-unexpected-exception" or "invariant" => $"{run.PromiseBroken}: {run.Explanation!.Split([':', '\n'], 2)[0]}",
        _ => run.PromiseBroken,
    };

    /// <summary>True when a whole round found no request and no fault that can go.</summary>
    private bool Reduce()
    {
        TryAll(_best.Table, draws: 0);
        for (int round = 0; round < RoundsMax; round++)
        {
            (long Events, int Switches) before = (_best.Events, _best.Switches);
            RemoveSwitches(static what => what.StartsWith("fault.", StringComparison.Ordinal));
            RemoveSwitches(static what => what.StartsWith("shape.", StringComparison.Ordinal));
            RemoveSwitches(static what => !what.StartsWith("fault.", StringComparison.Ordinal) && !what.StartsWith("shape.", StringComparison.Ordinal));
            CalmLabels();
            if (IsTimeUp)
            {
                return false;
            }

            if ((_best.Events, _best.Switches) == before)
            {
                CalmPlaces();
                return true;
            }
        }

        return false;
    }

    /// <summary>Delta debugging over all places of switches that are on: ever smaller groups of them.</summary>
    private void RemoveSwitches(Func<string, bool> which)
    {
        List<Place> places = Switches();
        for (int size = places.Count; size >= 1 && !IsTimeUp; size = size == 1 ? 0 : (size + 1) / 2)
        {
            for (int from = 0; from < places.Count && !IsTimeUp;)
            {
                List<Place> group = places.GetRange(from, Math.Min(size, places.Count - from));
                if (TryAll(_best.Table.With(group, 0), size == 1 ? DrawsOfOne : DrawsOfMany))
                {
                    places = Switches();
                }
                else
                {
                    from += size;
                }
            }
        }

        List<Place> Switches() => [.. _best.Table.NotZero().Where(place => AnswerTable.IsSwitch(place.What) && which(place.What))];
    }

    /// <summary>Sets all answers of a kind of question to 0, for each kind and then for each label.</summary>
    private void CalmLabels()
    {
        foreach (Func<string, string> kindOf in (Func<string, string>[])[WithoutNumbers, static what => what])
        {
            foreach (string kind in _best.Table.NotZero().Where(IsDetail).Select(place => kindOf(place.What)).Distinct().ToList())
            {
                Place[] places = [.. _best.Table.NotZero().Where(place => IsDetail(place) && kindOf(place.What) == kind)];
                if (places.Length > 0 && !IsTimeUp)
                {
                    Try(_best.Table.With(places, 0), TimingAnswers.Kept);
                }
            }
        }
    }

    /// <summary>Sets what is left to 0 in ever smaller groups, and what then remains to the half as long as that goes.</summary>
    private void CalmPlaces()
    {
        for (int size = Math.Max(1, Details().Count / 2); size >= 1 && !IsTimeUp; size /= 2)
        {
            List<Place> places = Details();
            for (int from = 0; from < places.Count && !IsTimeUp; from += size)
            {
                IEnumerable<Place> group = places.Skip(from).Take(size).Intersect(_best.Table.NotZero());
                Try(_best.Table.With(group, 0), TimingAnswers.Kept);
            }
        }

        foreach (Place place in Details())
        {
            while (!IsTimeUp && _best.Table.NotZero().Contains(place) && Try(_best.Table.With([place], _best.Table[place] / 2), TimingAnswers.Kept))
            {
            }
        }

        List<Place> Details() => [.. _best.Table.NotZero().Where(IsDetail)];
    }

    private static bool IsDetail(Place place) => !AnswerTable.IsSwitch(place.What);

    private static string WithoutNumbers(string what) => string.Join('.', what.Split('.').Where(static part => !part.All(char.IsAsciiDigit)));

    /// <summary>Tries a table with the moments as they are, all at once, and drawn anew; several runs at the same time.</summary>
    private bool TryAll(AnswerTable table, int draws)
    {
        if (Try(table, TimingAnswers.Kept) || Try(table, TimingAnswers.Calm))
        {
            return true;
        }

        for (int done = 0; done < draws && !IsTimeUp; done += _jobs)
        {
            TimingAnswers[] timings = [.. Enumerable.Range(0, Math.Min(_jobs, draws - done)).Select(_ => TimingAnswers.Drawn(_draw++))];
            var found = new Candidate?[timings.Length];
            Parallel.For(0, timings.Length, new ParallelOptions { MaxDegreeOfParallelism = _jobs }, index => found[index] = Make(table, timings[index]));
            _runs += timings.Length;
            foreach (Candidate candidate in found.OfType<Candidate>())
            {
                if (Accept(candidate))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private bool Try(AnswerTable table, TimingAnswers timing)
    {
        _runs++;
        return Accept(Make(table, timing));
    }

    private Candidate Make(AnswerTable table, TimingAnswers timing) =>
        Candidate.Of(_scenario, table.Choices(timing, askedMax: (4L * _best.Asked.Count) + 10_000));

    private bool Accept(Candidate candidate)
    {
        if (Signature(candidate.Run) != _broken || candidate.CompareTo(_best) >= 0)
        {
            return false;
        }

        _best = candidate;
        _progress?.Invoke(candidate.Run, _runs);
        return true;
    }

    /// <summary>A run with its answers, ordered by how much there is to understand about it.</summary>
    private sealed record Candidate(ScenarioRun Run, IReadOnlyList<Choice> Asked)
    {
        private long Size { get; } = Asked.Sum(static choice => (long)choice.Answer);

        private int NotZero { get; } = Asked.Count(static choice => choice.Answer != 0);

        internal long Events { get; } = ShrinkResult.EventsOf(Run);

        internal int Switches { get; } = Asked.Count(static choice => choice.Answer != 0 && AnswerTable.IsSwitch(choice.What));

        internal AnswerTable Table { get; } = new(Asked);

        internal static Candidate Of(Scenario scenario, IChoices choices)
        {
            var labelled = new LabelledChoices(choices);
            ScenarioRun run = scenario(new ScenarioContext(labelled));
            return new Candidate(run, labelled.Asked);
        }

        internal int CompareTo(Candidate other) =>
            (Events, Switches, NotZero, Size).CompareTo((other.Events, other.Switches, other.NotZero, other.Size));
    }
}
