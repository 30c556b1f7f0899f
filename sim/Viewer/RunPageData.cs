using System.Collections.Generic;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ObjectStore.Sim.Viewer;

/// <summary>What the page about a run holds, as its script reads it. Times are microseconds of virtual time; lanes are indices into <see cref="Lanes"/>.</summary>
internal sealed record RunPageData
{
    /// <summary>Version of this form.</summary>
    public int Schema { get; init; } = 1;

    public required string Title { get; init; }

    public string? Promise { get; init; }

    public string? Explanation { get; init; }

    public string? Replay { get; init; }

    /// <summary>Pairs of name and value, for the line under the title.</summary>
    public required IReadOnlyList<string[]> Facts { get; init; }

    public required double EndUs { get; init; }

    public required IReadOnlyList<Lane> Lanes { get; init; }

    /// <summary>at, step, lane, level, area, name, text.</summary>
    public required IReadOnlyList<object[]> Events { get; init; }

    /// <summary>from lane, to lane, sent, end, arrived, text.</summary>
    public required IReadOnlyList<object[]> Messages { get; init; }

    /// <summary>lane, from, to, asked, answered or null, number in the history or null.</summary>
    public required IReadOnlyList<object?[]> Requests { get; init; }

    /// <summary>lane, from, to, verb, file, offset, length.</summary>
    public required IReadOnlyList<object[]> Disks { get; init; }

    /// <summary>lane, from, to, whether power was lost then.</summary>
    public required IReadOnlyList<object[]> Lives { get; init; }

    /// <summary>lane, group, from, to, role, term.</summary>
    public required IReadOnlyList<object[]> Roles { get; init; }

    public required IReadOnlyList<CrashOfDisk> Crashes { get; init; }

    public required IReadOnlyList<HistoryRow> History { get; init; }

    /// <summary>Number of the request that no order explains; null: none.</summary>
    public int? Unplaceable { get; init; }

    public required IReadOnlyList<int> Involved { get; init; }

    public required IReadOnlyList<string> States { get; init; }

    public required IReadOnlyDictionary<string, long> Faults { get; init; }

    public required IReadOnlyDictionary<string, long> Marks { get; init; }

    /// <summary>What is not in the page because there is too much of it.</summary>
    public required IReadOnlyList<string> LeftOut { get; init; }

    /// <summary>As JSON that may stand inside a script element: <c>&lt;</c> is written as an escape.</summary>
    internal string ToJson() => JsonSerializer.Serialize(this, RunPageJson.Default.RunPageData);
}

/// <summary>A lane.</summary>
/// <param name="Kind"><c>client</c>, <c>node</c>, <c>disk</c> or <c>world</c>.</param>
/// <param name="Name">Its name.</param>
internal sealed record Lane(string Kind, string Name);

/// <summary>A power loss of one disk.</summary>
internal sealed record CrashOfDisk(double At, string Node, string Disk, IReadOnlyList<FileAtCrash> Files);

/// <summary>A file at a power loss.</summary>
internal sealed record FileAtCrash(string Name, long? Before, long? Durable, long? After, int Unsynced, int Kept, int Lost, int Torn, int Bad, string Map);

/// <summary>A request of the history.</summary>
internal sealed record HistoryRow(int Id, string Client, double Call, double Ret, string Asked, string? Answered);

/// <summary>Serialisation fixed at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RunPageData))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(double))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(bool))]
internal sealed partial class RunPageJson : JsonSerializerContext;
