using System;
using System.Collections.Generic;

namespace ObjectStore.Sim.World;

/// <summary>Walks through every possible list of answers, one list a round, like an odometer. For small spaces.</summary>
/// <remarks>
/// Use: <c>while (all.NextRound()) { … all.Next(…) … }</c>. What asks must be a function of the answers.
/// The idea is TigerBeetle's exhaustigen; the first answer of all is 0 everywhere.
/// </remarks>
public sealed class ExhaustiveChoices : IChoices
{
    private readonly List<(int Answer, int Bound)> _digits = [];
    private int _position;
    private bool _started;

    /// <summary>Goes to the next list of answers; false when all have been given.</summary>
    public bool NextRound()
    {
        _position = 0;
        if (!_started)
        {
            return _started = true;
        }

        for (int digit = _digits.Count - 1; digit >= 0; digit--)
        {
            (int answer, int bound) = _digits[digit];
            if (answer + 1 < bound)
            {
                _digits[digit] = (answer + 1, bound);
                return true;
            }

            _digits.RemoveAt(digit);
        }

        return false;
    }

    /// <inheritdoc/>
    public int Next(int bound, string what)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        if (_position == _digits.Count)
        {
            _digits.Add((0, bound));
        }

        (int answer, int known) = _digits[_position++];
        return known == bound
            ? answer
            : throw new InvalidOperationException($"not a function of the answers: '{what}' asked for {bound} where it asked for {known} before");
    }
}
