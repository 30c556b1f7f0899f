using System.Text.Json;
using System.Text.Json.Serialization;

namespace ObjectStore.Sim.Mutants;

/// <summary>What one exploration from one first seed came to.</summary>
public sealed record Detection
{
    private static readonly JsonSerializerOptions Form = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Which of the independent explorations, from 0.</summary>
    public required int Sequence { get; init; }

    /// <summary>Whether a promise was seen broken.</summary>
    public required bool Found { get; init; }

    /// <summary>Schedules made, with the one that showed it.</summary>
    public required long Schedules { get; init; }

    /// <summary>The scenario that showed it.</summary>
    public string? Scenario { get; init; }

    /// <summary>The seed of the run that showed it, where the strategy has seeds.</summary>
    public ulong? Seed { get; init; }

    /// <summary>The promise that was broken; <c>hang</c> and <c>process-ended</c> when the simulator itself could not go on.</summary>
    public string? Promise { get; init; }

    /// <summary>First line of what the checker said.</summary>
    public string? Said { get; init; }

    /// <summary>Processor time of its process until then, in seconds.</summary>
    public double ProcessorSeconds { get; init; }

    /// <summary>On one line.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Form);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    public static Detection FromJson(string line) => JsonSerializer.Deserialize<Detection>(line, Form)!;
}
