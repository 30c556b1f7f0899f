using System;
using System.CommandLine;
using System.IO;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Workloads.Load.Crash;

namespace ObjectStore.Workloads.Load.Commands;

/// <summary><c>crash</c>: kill -9 during a parallel load.</summary>
internal static class CrashCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    internal static Command Make()
    {
        var server = new Option<string>("--server")
        {
            Description = "The server to start: the objectstore program or its .dll. Default: the one built beside this program (dotnet build engine/Host -c Release).",
            DefaultValueFactory = _ => ServerProgram.DefaultPath,
        };
        var rounds = new Option<int>("--rounds") { Description = "How often to kill.", DefaultValueFactory = _ => 20 };
        var clients = new Option<int>("--clients") { Description = "Parallel clients.", DefaultValueFactory = _ => 16 };
        var keys = new Option<int>("--keys") { Description = "Keys of each client.", DefaultValueFactory = _ => 40 };
        var seed = new Option<int?>("--seed") { Description = "Repeats the operations and times of death (not the machine's timing). Default: drawn." };
        var folder = new Option<string?>("--folder") { Description = "Where the data, the server's log and the log of acknowledged operations go. Default: a temporary folder." };
        var keep = new Option<bool>("--keep") { Description = "Keep the folder after a clean run." };
        var json = new Option<string?>("--json") { Description = "Write the result to this file." };
        var command = new Command("crash", "Starts a server, kills it with kill -9 under load, restarts it, checks every acknowledged object; again and again.")
        {
            server, rounds, clients, keys, seed, folder, keep, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            ServerProgram program;
            try
            {
                program = ServerProgram.Find(parsed.GetValue(server)!);
            }
            catch (ArgumentException failure)
            {
                await Console.Error.WriteLineAsync(failure.Message);
                return 2;
            }

            var options = new CrashOptions(
                program,
                parsed.GetValue(rounds),
                parsed.GetValue(clients),
                parsed.GetValue(keys),
                parsed.GetValue(seed) ?? Random.Shared.Next(),
                parsed.GetValue(folder) ?? Path.Combine(Path.GetTempPath(), $"objectstore-crash-{Guid.NewGuid():N}"),
                parsed.GetValue(keep));
            return await RunAsync(options, parsed.GetValue(json), cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(CrashOptions options, string? json, CancellationToken cancellation)
    {
        CrashResult result = await CrashRun.RunAsync(options, Console.Error, cancellation);
        if (json is not null)
        {
            await File.WriteAllTextAsync(json, JsonSerializer.Serialize(result, Indented), cancellation);
        }

        Console.WriteLine($"{result.Rounds} kills, {result.Acknowledged} acknowledged operations, {result.InDoubt} in doubt, {result.ObjectsChecked} object checks, seed {result.Seed}");
        if (result.Broken.Count == 0)
        {
            Console.WriteLine("Nothing acknowledged was lost, nothing was half there.");
            return 0;
        }

        foreach (string broken in result.Broken)
        {
            Console.WriteLine($"BROKEN: {broken}");
        }

        Console.WriteLine($"The data folder and the logs are in {options.Folder}; again with: crash --seed {options.Seed}");
        return 1;
    }
}
