using System.Collections.Generic;
using System.Linq;

namespace ObjectStore.Workloads.Load.Crash;

/// <summary>Content that a key may have: absent when <paramref name="LengthBytes"/> is negative.</summary>
internal readonly record struct PossibleContent(ulong Seed, int LengthBytes)
{
    internal static readonly PossibleContent Absent = new(0, -1);

    internal bool IsAbsent => LengthBytes < 0;

    public override string ToString() => IsAbsent ? "absent" : $"{LengthBytes} bytes of seed {Seed}";
}

/// <summary>What a key must hold: what was last acknowledged, or what an operation without an answer may have made of it.</summary>
/// <remarks>One client writes a key, one operation at a time, so there is at most one operation in doubt.</remarks>
internal sealed class ExpectedObject(string key)
{
    private readonly List<PossibleContent> _possible = [PossibleContent.Absent];

    internal string Key { get; } = key;

    internal IReadOnlyList<PossibleContent> Possible => _possible;

    /// <summary>Before an operation is sent: until it is answered both are possible.</summary>
    internal void Begin(PossibleContent next) => _possible.Add(next);

    /// <summary>It was acknowledged.</summary>
    internal void Acknowledge(PossibleContent next) => Settle(next);

    /// <summary>It was refused: nothing changed.</summary>
    internal void Refuse() => _possible.RemoveAt(_possible.Count - 1);

    /// <summary>A reader saw it: from now on it must stay.</summary>
    internal void Settle(PossibleContent seen)
    {
        _possible.Clear();
        _possible.Add(seen);
    }

    internal string Describe() => string.Join(" or ", _possible.Select(content => content.ToString()));
}
