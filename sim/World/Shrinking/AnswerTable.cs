using System;
using System.Collections.Generic;
using System.Linq;

namespace ObjectStore.Sim.World;

/// <summary>Where in a run a question was asked: the how-manieth of its label.</summary>
internal readonly record struct Place(string What, int Index);

/// <summary>What is done about questions that decide only when something happens, and in which order.</summary>
internal readonly record struct TimingAnswers(bool FromTable, ulong? Seed)
{
    /// <summary>As they were.</summary>
    internal static readonly TimingAnswers Kept = new(FromTable: true, Seed: null);

    /// <summary>All 0.</summary>
    internal static readonly TimingAnswers Calm = new(FromTable: false, Seed: null);

    /// <summary>Drawn anew.</summary>
    internal static TimingAnswers Drawn(ulong seed) => new(FromTable: false, seed);
}

/// <summary>The answers of a run by label, so that taking something away leaves the answers of everything else in place.</summary>
internal sealed class AnswerTable
{
    private readonly Dictionary<string, int[]> _answers;

    internal AnswerTable(IReadOnlyList<Choice> asked) => _answers = asked
        .GroupBy(static choice => choice.What)
        .ToDictionary(static label => label.Key, static label => label.Select(static choice => choice.Answer).ToArray());

    private AnswerTable(Dictionary<string, int[]> answers) => _answers = answers;

    /// <summary>True for a label whose answer 0 means that something does not happen at all.</summary>
    internal static bool IsSwitch(string what) => what.EndsWith('?');

    /// <summary>True for what decides only when, in which order, or how much of the unsynced: it may be drawn anew without adding to what happens.</summary>
    internal static bool IsTiming(Choice choice) => IsTiming(choice.What, choice.Bound);

    internal static bool IsTiming(string what, int bound) =>
        !IsSwitch(what) && bound != ChoicesExtensions.ChanceBound && !what.Contains("workload.", StringComparison.Ordinal);

    /// <summary>Places with an answer other than 0, by label in ordinal order.</summary>
    internal IEnumerable<Place> NotZero() =>
        from label in _answers
        orderby label.Key
        from index in Enumerable.Range(0, label.Value.Length)
        where label.Value[index] != 0
        select new Place(label.Key, index);

    internal int this[Place place] => _answers[place.What][place.Index];

    internal AnswerTable With(IEnumerable<Place> places, int answer)
    {
        var answers = new Dictionary<string, int[]>(_answers);
        foreach (IGrouping<string, Place> label in places.GroupBy(static place => place.What))
        {
            int[] changed = (int[])answers[label.Key].Clone();
            foreach (Place place in label)
            {
                changed[place.Index] = answer;
            }

            answers[label.Key] = changed;
        }

        return new AnswerTable(answers);
    }

    internal IChoices Choices(TimingAnswers timing, long askedMax) => new Answering(_answers, timing, askedMax);

    /// <summary>Answers from the table; 0 where it has none.</summary>
    private sealed class Answering(Dictionary<string, int[]> answers, TimingAnswers timing, long askedMax) : IChoices
    {
        private readonly Dictionary<string, int> _positions = [];
        private readonly SeededChoices? _drawn = timing.Seed is { } seed ? new SeededChoices(seed) : null;
        private long _asked;

        public int Next(int bound, string what)
        {
            if (++_asked > askedMax)
            {
                throw new SimLimitException($"the run asks for more than {askedMax} choices");
            }

            int position = _positions.GetValueOrDefault(what);
            _positions[what] = position + 1;
            if (!timing.FromTable && IsTiming(what, bound))
            {
                return _drawn?.Next(bound, what) ?? 0;
            }

            return answers.TryGetValue(what, out int[]? known) && position < known.Length ? known[position] % bound : 0;
        }
    }
}
