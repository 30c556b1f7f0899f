using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Metrics;
using TraceLevel = ObjectStore.Engine.Kernel.TraceLevel;

namespace ObjectStore.Engine.Host;

/// <summary>The life of a server: lock, recover, listen, wait for a signal, drain, close.</summary>
internal static class Server
{
    private static readonly TimeSpan HandOverPatience = TimeSpan.FromSeconds(5);

    internal static async Task<int> RunAsync(ServerOptions options)
    {
        using var signals = new StopSignals();
        using DataFolder folder = DataFolder.TryAcquire(options.Data)
            ?? throw new CommandFailedException(ExitCode.InUse, $"the data folder {options.Data} is in use by another objectstore process");
        using var trace = new JsonTrace(Console.OpenStandardError(), options.LogLevel);
        if (options.Cluster is not null)
        {
            RegionFiles.RequireSecrets(folder);
        }

        ThreadPool.GetMinThreads(out int workers, out int completions);
        ThreadPool.SetMinThreads(workers + LedCall.Leaders, completions);
        RootIdentity root = RootIdentity.Load(folder);
        long began = Stopwatch.GetTimestamp();
        if (options.Lifecycle.Day != new LifecycleOptions().Day)
        {
            trace.Emit(TraceLevel.Warning, "server", "odd-lifecycle-days", ("seconds", (long)options.Lifecycle.Day.TotalSeconds), ("effect", "lifecycle rules take effect, and restored objects end, at other times than they say"));
        }

        foreach (EventTargetOption open in options.EventTargets.Where(static option => option.SendsTokenOpenly))
        {
            trace.Emit(TraceLevel.Warning, "server", "event-token-in-the-clear", ("target", open.Name), ("effect", "whoever is on the way to it can read the token"));
        }

        List<HttpEventTarget> targets = [.. options.EventTargets.Select(static option => new HttpEventTarget(option))];
        var gateway = new GatewayOptions
        {
            Region = options.Region,
            BaseDomains = options.FrontEnd.Domain.Length > 0 ? [options.FrontEnd.Domain] : [],
            WebsiteDomains = options.FrontEnd.WebsiteDomains,
            MasterKey = MasterKeyFile.Load(folder),
            AcceptSignatureVersion2 = options.SignatureVersion2,
            ChunkCacheBytes = options.CacheBytes,
            Lifecycle = options.Lifecycle,
            AccessLog = options.AccessLog,
            Events = new EventOptions { Targets = targets },
        };
        await using (IServedNode node = options.Cluster is { } cluster
            ? await RunningClusterNode.StartAsync(folder, cluster, root.Identity, gateway, ServedClusterNode.StartAsync, trace)
            : await RunningNode.StartAsync(folder, root.Identity, gateway, trace))
        {
            trace.Emit(TraceLevel.Info, "server", "recovered", ("milliseconds", (long)Stopwatch.GetElapsedTime(began).TotalMilliseconds));
            await ServeAsync(options, folder, root, node, trace, signals);
        }

        targets.ForEach(static target => target.Dispose());
        trace.Emit(TraceLevel.Info, "server", "stopped");
        return ExitCode.Ok;
    }

    private static async Task ServeAsync(
        ServerOptions options, DataFolder folder, RootIdentity root, IServedNode node, JsonTrace trace, StopSignals signals)
    {
        var metrics = new RequestMetrics();
        await using var frontEnd = new FrontEnd(options.FrontEnd, trace);
        var pages = new OperationsPages(
            options.FrontEnd.OperationsListen.Count > 0 ? frontEnd.IsOperationsPort : null,
            options.FrontEnd.BucketDomains,
            async text =>
            {
                metrics.WriteTo(text);
                await node.WriteMetricsAsync(text);
                ProcessMetrics.WriteTo(text, folder.Path);
            })
        { CanServe = () => node.IsReady };
        try
        {
            await frontEnd.StartAsync(node.Gateway, pages, metrics, trace);
        }
        catch (Exception failure) when (failure is IOException or System.Net.Sockets.SocketException)
        {
            throw new CommandFailedException(ExitCode.Failed, $"cannot listen: {failure.Message}");
        }

        using var service = new AdminService(node.Identities, node.Administration);
        await using var admin = new AdminSocket(folder.Path, service.HandleAsync, trace);
        pages.Ready = true;
        Announce(frontEnd, root);
        trace.Emit(TraceLevel.Info, "server", "listening", ("addresses", string.Join(' ', frontEnd.Addresses)));

        await signals.First;
        pages.Ready = false;
        trace.Emit(TraceLevel.Info, "server", "draining");

        // Others lead before this node stops answering, so that nobody waits for an election.
        await Task.WhenAny(node.HandOverAsync(HandOverPatience), Task.Delay(Timeout.Infinite, signals.Second));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(signals.Second);
        patience.CancelAfter(options.DrainPatience);
        await frontEnd.StopAsync(patience.Token);
    }

    private static void Announce(FrontEnd frontEnd, RootIdentity root)
    {
        Console.Out.WriteLine($"objectstore listens on {string.Join(' ', frontEnd.Addresses)}");
        if (root.IsNew)
        {
            Console.Out.WriteLine($"root access key {root.Identity.AccessKey}");
            Console.Out.WriteLine($"root secret key {root.Identity.SecretKey} (shown this once; kept in root.json in the data folder)");
        }

        Console.Out.Flush();
    }

    /// <summary>SIGTERM and SIGINT: the first begins the draining, the second ends the patience with requests in flight.</summary>
    private sealed class StopSignals : IDisposable
    {
        private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly CancellationTokenSource _second = new();
        private readonly PosixSignalRegistration _terminate;
        private readonly PosixSignalRegistration _interrupt;

        internal StopSignals()
        {
            _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle);
            _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle);
        }

        internal Task First => _first.Task;

        internal CancellationToken Second => _second.Token;

        public void Dispose()
        {
            _terminate.Dispose();
            _interrupt.Dispose();
            _second.Dispose();
        }

        private void Handle(PosixSignalContext context)
        {
            context.Cancel = true;
            if (!_first.TrySetResult())
            {
                _second.Cancel();
            }
        }
    }
}
