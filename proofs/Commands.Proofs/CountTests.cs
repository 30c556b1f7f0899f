using System.IO;
using System.Linq;
using System.Text.Json;
using Xunit;

namespace ObjectStore.Commands.Proofs;

/// <summary>Goal: count tells what a request costs the server. Method: the command against a server of its own; counts, not times, so that a busy machine changes nothing.</summary>
public sealed class CountTests
{
    [Fact]
    public void A_put_costs_one_sync_and_a_get_of_a_small_object_no_disk_call()
    {
        using var folder = new WorkFolder();
        string load = Path.Combine(Commands.Root, "artifacts", "bin", "ObjectStore.Workloads.Load", Configuration, "ObjectStore.Workloads.Load.dll");
        Ended ended = Commands.Dotnet(
            folder.Path, load, "count", "--scenarios", "put", "get", "--concurrency", "1", "--duration", "0.5", "--json", folder.File("counts.json"));
        Assert.True(ended.ExitCode == 0, ended.ToString());
        JsonElement[] rows = [.. JsonDocument.Parse(File.ReadAllText(folder.File("counts.json"))).RootElement.EnumerateArray()];
        Assert.Equal(["put", "get"], rows.Select(static row => row.GetProperty("scenario").GetString()));
        Assert.InRange(Of(rows[0], "diskSyncs"), 0.8, 1.5);
        Assert.InRange(Of(rows[0], "diskWrittenBytes"), 4096, 64 * 1024);
        Assert.InRange(Of(rows[1], "diskSyncs"), 0, 0.1);
        Assert.InRange(Of(rows[1], "diskReads"), 0, 0.1);
        Assert.All(rows, static row => Assert.True(Of(row, "allocatedBytes") > 100 && Of(row, "sleeps") > 0));
    }

    private static string Configuration => Path.GetFileName(Path.TrimEndingDirectorySeparator(System.AppContext.BaseDirectory));

    private static double Of(JsonElement row, string count) => row.GetProperty("perRequest").GetProperty(count).GetDouble();
}
