using System;
using System.Globalization;
using System.IO;
using System.Text;
using System.Threading.Tasks;

namespace ObjectStore.Workloads.Benchmarks.Metadata;

/// <summary>The command <c>metadata</c>: the metadata of many small objects in the groups of one node, as Markdown to the screen and to a file.</summary>
internal static class MetadataCommand
{
    private const string Usage = """
        metadata [--objects N] [--rows-max N] [--memtable MIB] [--cache MIB] [--folder FOLDER] [--write FILE]
        Writes N objects (default 1000000) to a cluster of one node with a synced log, lists and reads them, and opens the store again.
        --rows-max N     rows of a group beyond which it is split (default 20000000: one group)
        --memtable MIB   memory for rows that are not in files yet (default 32)
        --cache MIB      memory for blocks of files (default 64)
        --folder FOLDER  where the store lies (default: below the folder for temporary files); removed before and after
        --write FILE     also writes the table there: reports/baselines/metadata.md
        """;

    internal static async Task<int> RunAsync(string[] arguments)
    {
        var options = new MetadataBenchOptions(1_000_000, Path.Combine(Path.GetTempPath(), "objectstore-metadata-bench"), 20_000_000, 32, 64);
        string? file = null;
        for (int i = 0; i < arguments.Length; i += 2)
        {
            if (i + 1 == arguments.Length || Take(ref options, ref file, arguments[i], arguments[i + 1]) is false)
            {
                await Console.Error.WriteLineAsync(Usage);
                return 2;
            }
        }

        MetadataFigures figures = await MetadataBench.RunAsync(options, Console.Error.WriteLine);
        string page = Page(options, figures, string.Join(' ', arguments));
        Console.Write(page);
        if (file is not null)
        {
            await File.WriteAllTextAsync(file, page);
        }

        return 0;
    }

    private static bool Take(ref MetadataBenchOptions options, ref string? file, string name, string value)
    {
        switch (name)
        {
            case "--folder":
                options = options with { Folder = value };
                return true;
            case "--write":
                file = value;
                return true;
            default:
                break;
        }

        if (!long.TryParse(value, CultureInfo.InvariantCulture, out long number) || number < 1)
        {
            return false;
        }

        MetadataBenchOptions? changed = name switch
        {
            "--objects" => options with { Objects = number },
            "--rows-max" => options with { RowsMax = number },
            "--memtable" when number <= 4096 => options with { MemtableMiB = (int)number },
            "--cache" when number <= 65_536 => options with { CacheMiB = (int)number },
            _ => null,
        };
        options = changed ?? options;
        return changed is not null;
    }

    private static string Page(MetadataBenchOptions options, MetadataFigures figures, string arguments)
    {
        var page = new StringBuilder();
        page.Append("# Metadata of small objects in the groups of one node\n\n");
        page.Append(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} processors, .NET {Environment.Version}. Made by\n`dotnet run --project workloads/Benchmarks -c Release -- metadata {arguments}`.\n\n");
        page.Append("A cluster of one node: every put is a command in a Raft log that is synced before the answer, 512 at a time; nothing of a body is stored. Keys of 29 bytes in random\n");
        page.Append("order, one blob each, owner and content type as a gateway writes them. Other work on the machine slows all times.\n\n");
        page.Append("| what | value |\n|---|---:|\n");
        Row("objects", $"{options.Objects}");
        Row("split beyond rows", $"{options.RowsMax}");
        Row("ranges / groups at the end", $"{figures.Shards.Ranges} / {figures.Shards.Groups}");
        Row("memory set: memtable / block cache, MiB", $"{options.MemtableMiB} / {options.CacheMiB}");
        Row("puts per second", $"{options.Objects / figures.PutSeconds:F0}");
        Row("bytes of keys, tags, owners and numbers, each object", $"{figures.RawBytesPerObject:F0}");
        Row("bytes on disk, each object (log, and what a compaction would remove, included)", $"{figures.DiskBytesPerObject:F0}");
        Row("keys listed per second, pages of 1000, one at a time", $"{options.Objects / figures.ListSeconds:F0}");
        Row("milliseconds each page", $"{figures.PageMilliseconds:F1}");
        Row("opens for reading per second, 64 at a time", $"{figures.GetsPerSecond:F0}");
        Row("seconds from start to serving", $"{figures.StartSeconds:F2}");
        Row("milliseconds of the first page after the start", $"{figures.FirstListMilliseconds:F1}");
        Row("resident at most, MiB, the load's own memory included", $"{figures.PeakResidentBytes >> 20}");
        Row("managed heap at the end, MiB", $"{figures.HeapBytes >> 20}");
        return page.ToString();

        void Row(string what, FormattableString value) => page.Append(CultureInfo.InvariantCulture, $"| {what} | {value.ToString(CultureInfo.InvariantCulture)} |\n");
    }
}
