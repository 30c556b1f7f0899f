using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Sim.Checking;
using ObjectStore.Workloads.Live;
using ObjectStore.Workloads.Load.Crash;

namespace ObjectStore.Workloads.Load.Compare;

/// <summary>A server that is measured, and the processes whose CPU time is its own.</summary>
internal sealed class PeerServer(string name, S3Endpoint endpoint, IReadOnlyList<int> processes, Action stop) : IDisposable
{
    internal const string Store = "store";
    internal const string Ceiling = "ceiling";
    internal const string Log = "log";
    internal const string Ceph = "ceph";

    /// <summary>Twice the pool that is read: each run has a pool of its own, and memory that is touched for the first time is slow.</summary>
    private const string Cache = "128MiB";

    private const string AccessKey = "compare-access";
    private const string SecretKey = "compare-secret-key";

    /// <summary>Our store, Kestrel doing nothing, Kestrel with nothing but a log, Ceph RGW; or the endpoint that the user gave.</summary>
    internal string Name { get; } = name;

    internal S3Endpoint Endpoint { get; } = endpoint;

    /// <summary>User and system CPU time of the server so far, in seconds; 0 when it is not ours to see.</summary>
    internal double CpuSeconds() => processes.Sum(ProcessCpu.SecondsOf);

    public void Dispose() => stop();

    /// <summary>Starts our store over a folder.</summary>
    internal static async Task<PeerServer> StartStoreAsync(string program, string folder, CancellationToken cancellation)
    {
        int port = ServerProcess.FreePort();
        string[] arguments = ["server", "--data", Path.Combine(folder, "data"), "--listen", $"127.0.0.1:{port}", "--log-level", "warning", "--cache", Cache];
        return await StartAsync(Store, program, arguments, port, "/health/ready", Path.Combine(folder, "store.log"), cancellation);
    }

    /// <summary>Starts the do-nothing server.</summary>
    internal static async Task<PeerServer> StartCeilingAsync(string program, string folder, CancellationToken cancellation)
    {
        int port = ServerProcess.FreePort();
        return await StartAsync(Ceiling, program, [$"127.0.0.1:{port}"], port, "/", Path.Combine(folder, "ceiling.log"), cancellation);
    }

    /// <summary>Starts the server that does nothing but append what is put to a log, and sync it.</summary>
    internal static async Task<PeerServer> StartLogAsync(string program, string folder, CancellationToken cancellation)
    {
        int port = ServerProcess.FreePort();
        return await StartAsync(Log, program, [$"127.0.0.1:{port}", folder], port, "/", Path.Combine(folder, "log.log"), cancellation);
    }

    /// <summary>Starts Ceph by its script; null when it is not installed, with the reason.</summary>
    internal static async Task<(PeerServer? Server, string Reason)> StartCephAsync(string script, string folder, CancellationToken cancellation)
    {
        int port = ServerProcess.FreePort();
        string data = Path.Combine(folder, "ceph");
        (int code, string output) = await RunScriptAsync(script, ["start", data, port.ToString(CultureInfo.InvariantCulture), AccessKey, SecretKey], cancellation);
        if (code != 0)
        {
            await RunScriptAsync(script, ["stop", data], cancellation);
            return (null, $"{(code == 3 ? "not installed" : "did not start")}: {output.Trim()}");
        }

        int[] processes = [.. output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(static word => int.Parse(word, CultureInfo.InvariantCulture))];
        var server = new PeerServer(
            Ceph,
            new S3Endpoint(new Uri($"http://127.0.0.1:{port}"), AccessKey, SecretKey, "us-east-1"),
            processes,
            () => RunScriptAsync(script, ["stop", data], CancellationToken.None).GetAwaiter().GetResult());
        if (FirstWrite(server.Endpoint) is { Length: > 0 } failure)
        {
            server.Dispose();
            return (null, $"did not start: {failure}");
        }

        return (server, "");
    }

    /// <summary>RGW makes its pools at the first write, which takes seconds: they belong to its start, not to the first cell.</summary>
    /// <returns>What went wrong; empty for nothing.</returns>
    private static string FirstWrite(S3Endpoint endpoint)
    {
        const string bucket = "first-write";
        using var client = new LiveS3Client(endpoint, TimeSpan.FromSeconds(60), content: null);
        foreach (S3Operation operation in (ReadOnlySpan<S3Operation>)
            [new() { Verb = S3Verb.CreateBucket, Bucket = bucket }, new() { Verb = S3Verb.Put, Bucket = bucket, Key = "object", Body = new byte[1] }])
        {
            S3Result? result = client.Send(operation);
            if (result is not { Ok: true })
            {
                return $"{operation.Verb}: {client.KindOf(result)}";
            }
        }

        return "";
    }

    private static async Task<PeerServer> StartAsync(
        string name, string program, string[] arguments, int port, string readyPath, string log, CancellationToken cancellation)
    {
        var server = new ServerProgram(program);
        var address = new Uri($"http://127.0.0.1:{port}");
        var command = new ServerCommand(server.Program, server.Arguments(arguments), address, AccessKey, SecretKey, log) { ReadyPath = readyPath };
        ServerProcess process = await ServerProcess.StartAsync(command, cancellation);
        return new PeerServer(name, command.Endpoint, [process.Id], process.Dispose);
    }

    private static async Task<(int Code, string Output)> RunScriptAsync(string script, string[] arguments, CancellationToken cancellation)
    {
        using Process process = Process.Start(new ProcessStartInfo("sh", [script, .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new InvalidOperationException("there is no sh");
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellation);
        Task<string> errors = process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return (process.ExitCode, process.ExitCode == 0 ? await output : await errors);
    }
}

/// <summary>CPU time of processes as the kernel counts it (proc(5), /proc/PID/stat).</summary>
internal static class ProcessCpu
{
    private const double TicksPerSecond = 100;

    internal static double SecondsOf(int process)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{process}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
