using System.Collections.Generic;

namespace ObjectStore.Sim.World;

/// <summary>A question that was asked and its answer.</summary>
/// <param name="What">What was decided.</param>
/// <param name="Bound">How many answers there were.</param>
/// <param name="Answer">The one given.</param>
public readonly record struct Choice(string What, int Bound, int Answer);

/// <summary>Passes on every question and keeps it with its answer.</summary>
public sealed class LabelledChoices(IChoices inner) : IChoices
{
    private readonly List<Choice> _asked = [];

    /// <summary>The questions so far.</summary>
    public IReadOnlyList<Choice> Asked => _asked;

    /// <inheritdoc/>
    public int Next(int bound, string what)
    {
        int answer = inner.Next(bound, what);
        _asked.Add(new Choice(what, bound, answer));
        return answer;
    }
}
