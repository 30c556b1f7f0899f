using System;
using System.Collections.Generic;

namespace ObjectStore.Sim.World;

/// <summary>Passes on every question and keeps the answers, so that the run can be repeated from the list alone.</summary>
public sealed class RecordingChoices(IChoices inner) : IChoices, IStepChooser
{
    private readonly IStepChooser? _chooser = inner as IStepChooser;
    private readonly List<int> _answers = [];

    /// <summary>The answers so far.</summary>
    public IReadOnlyList<int> Answers => _answers;

    /// <inheritdoc/>
    public int Next(int bound, string what)
    {
        int answer = inner.Next(bound, what);
        _answers.Add(answer);
        return answer;
    }

    /// <inheritdoc/>
    public int NextStep(ReadOnlySpan<int> ids)
    {
        int answer = _chooser?.NextStep(ids) ?? inner.Next(ids.Length, "step");
        _answers.Add(answer);
        return answer;
    }
}

/// <summary>Gives back a list of answers; 0 once it is used up, which is the calmest answer everywhere.</summary>
/// <remarks>An answer beyond the bound, which a shortened list may hold, is taken modulo the bound.</remarks>
public sealed class RecordedChoices(IReadOnlyList<int> answers) : IChoices
{
    private int _position;

    /// <summary>How many questions were asked beyond the list.</summary>
    public long BeyondCount { get; private set; }

    /// <inheritdoc/>
    public int Next(int bound, string what)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        if (_position < answers.Count)
        {
            return answers[_position++] % bound;
        }

        BeyondCount++;
        return 0;
    }
}
