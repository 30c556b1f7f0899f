using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ObjectStore.Sim.Checking;

/// <summary>A line of a written history: an operation with its interval, as in Porcupine's operation form.</summary>
/// <param name="Client">Who asked.</param>
/// <param name="Input">What was asked.</param>
/// <param name="Call">Position of the call.</param>
/// <param name="Output">The answer; null when unknown.</param>
/// <param name="Return">Position of the return; null when unknown.</param>
/// <param name="CallUs">Time of the call, microseconds.</param>
/// <param name="ReturnUs">Time of the return or of giving up, microseconds.</param>
public sealed record HistoryLine(int Client, S3Operation Input, long Call, S3Result? Output, long? Return, long CallUs, long ReturnUs);

/// <summary>Writes and reads histories, one JSON object a line.</summary>
public static class HistoryJson
{
    /// <summary>Writes a history.</summary>
    public static void Write(TextWriter lines, IReadOnlyList<HistoryEntry<S3Operation, S3Result>> entries)
    {
        ArgumentNullException.ThrowIfNull(lines);
        ArgumentNullException.ThrowIfNull(entries);
        foreach (HistoryEntry<S3Operation, S3Result> entry in entries)
        {
            var line = new HistoryLine(
                entry.Client,
                entry.Operation,
                entry.Call,
                entry.Result,
                entry.Result is null ? null : entry.Return,
                (long)entry.CallTime.TotalMicroseconds,
                (long)entry.ReturnTime.TotalMicroseconds);
            lines.Write(JsonSerializer.Serialize(line, HistoryJsonContext.Default.HistoryLine));
            lines.Write('\n');
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static IReadOnlyList<HistoryEntry<S3Operation, S3Result>> Read(TextReader lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var entries = new List<HistoryEntry<S3Operation, S3Result>>();
        while (lines.ReadLine() is { } text)
        {
            HistoryLine line = JsonSerializer.Deserialize(text, HistoryJsonContext.Default.HistoryLine) ?? throw new InvalidDataException("an empty line");
            entries.Add(new HistoryEntry<S3Operation, S3Result>
            {
                Id = entries.Count,
                Client = line.Client,
                Operation = line.Input,
                Call = line.Call,
                Return = line.Return ?? long.MaxValue,
                Result = line.Output,
                CallTime = TimeSpan.FromMicroseconds(line.CallUs),
                ReturnTime = TimeSpan.FromMicroseconds(line.ReturnUs),
            });
        }

        return entries;
    }
}

/// <summary>Serialisation fixed at build time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, UseStringEnumConverter = true)]
[JsonSerializable(typeof(HistoryLine))]
internal sealed partial class HistoryJsonContext : JsonSerializerContext;
