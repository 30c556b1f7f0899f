using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace ObjectStore.Sim.Mutants;

/// <summary>One entry of the catalogue: a realistic bug as a small patch, and what is claimed about it.</summary>
/// <remarks>
/// The file is a patch with a head of <c>name: value</c> lines: <c>title</c>, <c>breaks</c> (the promise), <c>scenarios</c> (those that should find it, in order), <c>schedules</c>
/// (how many runs it may take) and <c>fast: yes</c> when it belongs to the subset of continuous integration. The folder is its class, the file name its name.
/// </remarks>
public sealed record PlantedBug
{
    /// <summary>Its kind, such as <c>durability</c>.</summary>
    public required string Class { get; init; }

    /// <summary>Unique in the catalogue.</summary>
    public required string Name { get; init; }

    /// <summary>One line for people.</summary>
    public required string Title { get; init; }

    /// <summary>The promise that it breaks, in words.</summary>
    public required string Breaks { get; init; }

    /// <summary>Scenarios that should find it, in the order in which they are explored.</summary>
    public required IReadOnlyList<string> Scenarios { get; init; }

    /// <summary>Schedules within which it must be found, over all its scenarios together, from any first seed.</summary>
    public required int Schedules { get; init; }

    /// <summary>Whether continuous integration looks for it at every change.</summary>
    public bool Fast { get; init; }

    /// <summary>The change.</summary>
    public required TextPatch Patch { get; init; }

    /// <summary>Reads every entry below a folder, by class and name in ordinal order.</summary>
    /// <exception cref="InvalidDataException">An entry is malformed, or two have one name.</exception>
    public static IReadOnlyList<PlantedBug> ReadAll(string folder)
    {
        PlantedBug[] all =
        [
            .. Directory.EnumerateFiles(folder, "*.patch", SearchOption.AllDirectories)
                .Select(Read)
                .OrderBy(static bug => bug.Class, StringComparer.Ordinal)
                .ThenBy(static bug => bug.Name, StringComparer.Ordinal),
        ];
        return all.GroupBy(static bug => bug.Name).FirstOrDefault(static group => group.Count() > 1) is { } twice
            ? throw new InvalidDataException($"two planted bugs are called {twice.Key}")
            : all;
    }

    /// <summary>Reads one entry.</summary>
    /// <exception cref="InvalidDataException">It is malformed.</exception>
    public static PlantedBug Read(string file)
    {
        string[] lines = File.ReadAllLines(file);
        int end = Array.FindIndex(lines, static line => line.StartsWith("--- a/", StringComparison.Ordinal));
        if (end < 0)
        {
            throw new InvalidDataException($"{file}: no patch in it");
        }

        var head = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in lines.Take(end).Where(static line => line.Length > 0))
        {
            int colon = line.IndexOf(": ", StringComparison.Ordinal);
            if (colon < 0 || !head.TryAdd(line[..colon], line[(colon + 2)..].Trim()))
            {
                throw new InvalidDataException($"{file}: '{line}' is no line of its head");
            }
        }

        string Said(string name) => head.TryGetValue(name, out string? value) && value.Length > 0 ? value : throw new InvalidDataException($"{file}: says no '{name}'");
        return new PlantedBug
        {
            Class = Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(file)))!,
            Name = Path.GetFileNameWithoutExtension(file),
            Title = Said("title"),
            Breaks = Said("breaks"),
            Scenarios = Said("scenarios").Split(", "),
            Schedules = int.Parse(Said("schedules"), NumberStyles.None, CultureInfo.InvariantCulture),
            Fast = head.GetValueOrDefault("fast") == "yes",
            Patch = TextPatch.Parse(lines.AsSpan(end)),
        };
    }
}
