using System;
using System.CommandLine;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Workloads.Load.Crash;
using ObjectStore.Workloads.Load.Memory;

namespace ObjectStore.Workloads.Load.Commands;

/// <summary><c>memory</c>: resident memory of the server under one very large object.</summary>
internal static class MemoryCommand
{
    internal static Command Make()
    {
        var server = new Option<string>("--server")
        {
            Description = "The server to start: the objectstore program or its .dll. Default: the one built beside this program (dotnet build engine/Host -c Release).",
            DefaultValueFactory = _ => ServerProgram.DefaultPath,
        };
        var size = new Option<string>("--size") { Description = "Object size, such as 64MiB or 5GiB.", DefaultValueFactory = _ => "5GiB" };
        var limit = new Option<string>("--limit") { Description = "Resident memory that the server must not pass.", DefaultValueFactory = _ => "300MiB" };
        var part = new Option<string>("--part-size") { Description = "Size of the parts of the multipart upload.", DefaultValueFactory = _ => "64MiB" };
        var concurrency = new Option<int>("--concurrency") { Description = "Parts under way at once.", DefaultValueFactory = _ => 4 };
        var folder = new Option<string?>("--folder") { Description = "Where the data and the server's log go; removed after. Default: a temporary folder." };
        var command = new Command("memory", "Starts a server, puts one object whole and one by multipart, reads and checks both, and watches the server's memory.")
        {
            server, size, limit, part, concurrency, folder,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            MemoryOptions options;
            try
            {
                options = new MemoryOptions(
                    ServerProgram.Find(parsed.GetValue(server)!),
                    ByteSize.Parse(parsed.GetValue(size)!),
                    ByteSize.Parse(parsed.GetValue(part)!),
                    ByteSize.Parse(parsed.GetValue(limit)!),
                    Math.Max(1, parsed.GetValue(concurrency)),
                    parsed.GetValue(folder) ?? Path.Combine(Path.GetTempPath(), $"objectstore-memory-{Guid.NewGuid():N}"));
            }
            catch (Exception failure) when (failure is ArgumentException or FormatException or OverflowException)
            {
                await Console.Error.WriteLineAsync(failure.Message);
                return 2;
            }

            return await RunAsync(options, cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(MemoryOptions options, CancellationToken cancellation)
    {
        try
        {
            long peak = await MemoryRun.RunAsync(options, Console.Out, cancellation);
            bool held = peak <= options.LimitBytes;
            Console.WriteLine($"Most resident memory: {peak >> 20} MiB; limit {options.LimitBytes >> 20} MiB: {(held ? "held" : "EXCEEDED")}.");
            return held ? 0 : 1;
        }
        catch (InvalidOperationException failure)
        {
            await Console.Error.WriteLineAsync(failure.Message);
            return 1;
        }
        finally
        {
            Directory.Delete(options.Folder, recursive: true);
        }
    }
}
