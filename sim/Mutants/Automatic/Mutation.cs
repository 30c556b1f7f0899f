using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json.Serialization;

namespace ObjectStore.Sim.Mutants;

/// <summary>One small change that a machine made to one place of the engine.</summary>
public sealed record Mutation : ISourceChange
{
    /// <summary>The file, relative to the root of the repository, with slashes.</summary>
    public required string File { get; init; }

    /// <summary>Line of the place, from 1.</summary>
    public required int Line { get; init; }

    /// <summary>Name of the method, property or constructor around it.</summary>
    public required string Member { get; init; }

    /// <summary>What kind of change, a name of <see cref="MutationOperators"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>What stood there, on one line and not too long.</summary>
    public required string Before { get; init; }

    /// <summary>What stands there now.</summary>
    public required string After { get; init; }

    /// <summary>Position of the place in the text of the file, in characters.</summary>
    [JsonIgnore]
    public int Start { get; init; }

    /// <summary>The whole text that is replaced.</summary>
    [JsonIgnore]
    public string Replaced { get; init; } = "";

    /// <summary>What it is replaced by.</summary>
    [JsonIgnore]
    public string Replacement { get; init; } = "";

    /// <summary>File, line and kind: names it in tables.</summary>
    public string Name => $"{File}:{Line} {Kind}";

    /// <inheritdoc/>
    [JsonIgnore]
    public IReadOnlyList<string> Files => [File];

    /// <summary>What it is, without where its line is by now.</summary>
    internal string Identity => $"{File} | {Member} | {Kind} | {Before} -> {After}";

    /// <inheritdoc/>
    public string Apply(string file, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (file != File || Start > text.Length || string.CompareOrdinal(text, Start, Replaced, 0, Replaced.Length) != 0)
        {
            throw new InvalidDataException($"{Name}: {file} is not the text it was made from");
        }

        return string.Concat(text.AsSpan(0, Start), Replacement, text.AsSpan(Start + Replaced.Length));
    }
}
