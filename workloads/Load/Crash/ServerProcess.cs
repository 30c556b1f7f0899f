using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Workloads.Live;

namespace ObjectStore.Workloads.Load.Crash;

/// <summary>A server that this command started and may kill.</summary>
internal sealed class ServerProcess : IDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private ServerProcess(Process process) => _process = process;

    internal int Id => _process.Id;

    /// <summary>Starts the server and waits until it says that it is ready.</summary>
    internal static async Task<ServerProcess> StartAsync(ServerCommand command, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(command.Program) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in command.Arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["OBJECTSTORE_ACCESS_KEY"] = command.AccessKey;
        start.Environment["OBJECTSTORE_SECRET_KEY"] = command.SecretKey;
        Process process = Process.Start(start) ?? throw new InvalidOperationException($"cannot start {command.Program}");
        var server = new ServerProcess(process);
        process.OutputDataReceived += (_, line) => command.Log(line.Data);
        process.ErrorDataReceived += (_, line) => command.Log(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        var waited = Stopwatch.StartNew();
        while (true)
        {
            if (process.HasExited)
            {
                throw new InvalidOperationException($"the server ended with exit code {process.ExitCode} instead of starting; see the server log");
            }

            try
            {
                using HttpResponseMessage answer = await client.GetAsync(new Uri(command.Address, command.ReadyPath), cancellation);
                if (answer.StatusCode == HttpStatusCode.OK || (command.ReadyPath == "/" && answer.StatusCode == HttpStatusCode.NotFound))
                {
                    return server;
                }
            }
            catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
            {
                // Not listening yet.
            }

            if (waited.Elapsed > StartTimeout)
            {
                server.Kill();
                throw new TimeoutException($"the server was not ready after {StartTimeout.TotalSeconds} s; see the server log");
            }

            await Task.Delay(20, cancellation);
        }
    }

    /// <summary>kill -9, and waits until the process is gone.</summary>
    internal void Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.WaitForExit();
    }

    /// <summary>A loopback port that was free a moment ago.</summary>
    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }
}

/// <summary>How to start the server.</summary>
internal sealed class ServerCommand(string program, IReadOnlyList<string> arguments, Uri address, string accessKey, string secretKey, string logFile)
{
    internal string Program { get; } = program;

    internal IReadOnlyList<string> Arguments { get; } = arguments;

    internal Uri Address { get; } = address;

    /// <summary>Answers with 200 once requests are served; <c>/</c> may also be not found.</summary>
    internal string ReadyPath { get; init; } = "/health/ready";

    internal string AccessKey { get; } = accessKey;

    internal string SecretKey { get; } = secretKey;

    /// <summary>Where and with which keys its clients come.</summary>
    internal S3Endpoint Endpoint => new(Address, AccessKey, SecretKey, "us-east-1");

    internal void Log(string? line)
    {
        if (line is not null)
        {
            lock (logFile)
            {
                File.AppendAllText(logFile, line + "\n");
            }
        }
    }
}
