using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ObjectStore.Reports;

/// <summary>Where a command's results go: a page, JSON and CSV, each when asked for.</summary>
public sealed record Outputs(FileInfo? Html, FileInfo? Json, FileInfo? Csv)
{
    public static JsonSerializerOptions Options { get; } = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        PropertyNameCaseInsensitive = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Writes what was asked for and names each file on <paramref name="log"/>.</summary>
    public void Write(TextWriter log, Func<string> page, object json, IReadOnlyList<string> head, IEnumerable<IReadOnlyList<string>> rows)
    {
        Put(log, Html, page);
        Put(log, Json, () => JsonSerializer.Serialize(json, Options) + "\n");
        Put(log, Csv, () => string.Concat(rows.Prepend(head).Select(row => string.Join(',', row.Select(Quoted)) + "\n")));
    }

    private static void Put(TextWriter log, FileInfo? file, Func<string> text)
    {
        if (file is not null)
        {
            file.Directory?.Create();
            File.WriteAllText(file.FullName, text());
            log.WriteLine("wrote " + file.FullName);
        }
    }

    private static string Quoted(string cell) =>
        cell.AsSpan().IndexOfAny(",\"\n") < 0 ? cell : "\"" + cell.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
}
