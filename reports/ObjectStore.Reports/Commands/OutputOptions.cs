using System;
using System.CommandLine;
using System.IO;
using System.Text.Json;

namespace ObjectStore.Reports;

/// <summary>The options that every command shares.</summary>
public static class OutputOptions
{
    public static (Option<FileInfo?> Html, Option<FileInfo?> Json, Option<FileInfo?> Csv) Create() =>
    (
        new Option<FileInfo?>("--html") { Description = "Write one self-contained page here." },
        new Option<FileInfo?>("--json") { Description = "Write results and inputs here." },
        new Option<FileInfo?>("--csv") { Description = "Write the main table here." });

    /// <summary>Reads a scenario; without a file, all defaults.</summary>
    public static T Read<T>(FileInfo? file)
        where T : class, new() =>
        file is null ? new T() : JsonSerializer.Deserialize<T>(File.ReadAllText(file.FullName), Outputs.Options)
            ?? throw new FormatException($"'{file}' holds null where a scenario belongs");
}
