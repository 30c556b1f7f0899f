using System;
using System.Collections.Generic;
using System.IO;

namespace ObjectStore.Sim.Mutants;

/// <summary>Mutations that a person looked at and that change nothing a promise hangs on, with the reason.</summary>
/// <remarks>
/// A line each: <c>file | member | kind | before -> after | why</c>, as the report prints them. Lines that are empty or begin with <c>#</c> are comments. What is equivalent is for
/// people to say: no machine can decide it in general.
/// </remarks>
public sealed class KnownEquivalents
{
    private readonly SortedDictionary<string, string> _reasons = new(StringComparer.Ordinal);

    /// <summary>What they are, without the reasons.</summary>
    public IReadOnlyCollection<string> Identities => _reasons.Keys;

    /// <summary>Reads the lines of the list.</summary>
    /// <exception cref="InvalidDataException">A line has no reason, or is there twice.</exception>
    public static KnownEquivalents Parse(IEnumerable<string> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var known = new KnownEquivalents();
        foreach (string line in lines)
        {
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            int reason = line.LastIndexOf(" | ", StringComparison.Ordinal);
            if (line.Split(" | ").Length < 5 || !known._reasons.TryAdd(line[..reason], line[(reason + 3)..]))
            {
                throw new InvalidDataException($"not 'file | member | kind | before -> after | why', or said twice: {line}");
            }
        }

        return known;
    }

    /// <summary>Why it changes nothing; null: nobody said so.</summary>
    public string? Reason(Mutation mutation)
    {
        ArgumentNullException.ThrowIfNull(mutation);
        return _reasons.GetValueOrDefault(mutation.Identity);
    }
}
