using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;

namespace ObjectStore.Sim.Cli.Coverage;

/// <summary>Every mark that engine and simulator have, from <c>marks.txt</c>; a proof holds that file against the sources.</summary>
/// <remarks>A line is a mark, and where no scenario can reach it yet, <c>#</c> and why not. A campaign that reaches such a mark says that the line is out of date.</remarks>
internal static class MarkRegistry
{
    private static readonly SortedDictionary<string, string?> Known = Read();

    /// <summary>Marks that a campaign is expected to reach and did not.</summary>
    internal static IReadOnlyList<string> NeverHit(IReadOnlyDictionary<string, long> hit) =>
        [.. Known.Where(mark => mark.Value is null && !hit.ContainsKey(mark.Key)).Select(static mark => mark.Key)];

    /// <summary>Marks that were reached although the registry does not know them, or says that they cannot be.</summary>
    internal static IReadOnlyList<string> Surprises(IReadOnlyDictionary<string, long> hit) =>
        [.. hit.Keys.Where(static mark => !Known.TryGetValue(mark, out string? reason) || reason is not null)];

    private static SortedDictionary<string, string?> Read()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("marks.txt") ?? throw new InvalidOperationException("no registry of marks");
        using var reader = new StreamReader(stream);
        var known = new SortedDictionary<string, string?>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#')
            {
                string[] parts = line.Split('#', 2);
                known.Add(parts[0].Trim(), parts.Length == 2 ? parts[1].Trim() : null);
            }
        }

        return known;
    }
}
