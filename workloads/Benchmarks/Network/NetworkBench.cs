using System;
using System.Diagnostics;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Host;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Rpc;
using TraceLevel = ObjectStore.Engine.Kernel.TraceLevel;

namespace ObjectStore.Workloads.Benchmarks.Network;

/// <summary>Calls and bandwidth between two nodes over loopback, in cleartext and over TLS, beside raw sockets in the same run.</summary>
internal static class NetworkBench
{
    private const int SmallBytes = 64;
    private const int LargeBytes = 256 * 1024;
    private static readonly RpcMethod Echo = new(0x0001);
    private static readonly RpcMethod Swallow = new(0x0002);
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);

    internal static async Task RunAsync(TimeSpan each)
    {
        Console.WriteLine($"| what | raw sockets | cleartext | TLS 1.3 |");
        Console.WriteLine("|---|---:|---:|---:|");
        await using var clear = new Pair(isSecure: false);
        await using var secure = new Pair(isSecure: true);
        await RowAsync("calls/s, 64 bytes, 1 at a time", await RawPingAsync(each), clear, secure, pair => pair.CallsPerSecondAsync(SmallBytes, 1, Echo, each));
        await RowAsync("calls/s, 64 bytes, 16 at a time", null, clear, secure, pair => pair.CallsPerSecondAsync(SmallBytes, 16, Echo, each));
        await RowAsync("calls/s, 64 bytes, 256 at a time", null, clear, secure, pair => pair.CallsPerSecondAsync(SmallBytes, 256, Echo, each));
        await RowAsync("MiB/s, requests of 256 KiB, 1 at a time", null, clear, secure, async pair => MiB(await pair.CallsPerSecondAsync(LargeBytes, 1, Swallow, each)));
        await RowAsync("MiB/s, requests of 256 KiB, 16 at a time", await RawBulkAsync(each), clear, secure, async pair => MiB(await pair.CallsPerSecondAsync(LargeBytes, 16, Swallow, each)));
        await RowAsync("p99 in µs of 64-byte calls beside 16 large ones", null, clear, secure, pair => pair.SmallBesideLargeAsync(each));
    }

    private static double MiB(double callsPerSecond) => callsPerSecond * LargeBytes / (1024 * 1024);

    private static async Task RowAsync(string what, double? raw, Pair clear, Pair secure, Func<Pair, Task<double>> measure) =>
        Console.WriteLine($"| {what} | {(raw is { } value ? $"{value:F0}" : "")} | {await measure(clear):F0} | {await measure(secure):F0} |");

    private static async Task<double> RawPingAsync(TimeSpan time)
    {
        (Socket client, Socket server) = await ConnectAsync();
        using (client)
        using (server)
        {
            Task echoing = Task.Run(async () =>
            {
                byte[] buffer = new byte[SmallBytes];
                while (await server.ReceiveAsync(buffer) is > 0 and int count)
                {
                    await server.SendAsync(buffer.AsMemory(0, count));
                }
            });
            byte[] message = new byte[SmallBytes];
            long calls = 0;
            long began = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(began) < time)
            {
                await client.SendAsync(message);
                await client.ReceiveAsync(message);
                calls++;
            }

            double rate = calls / Stopwatch.GetElapsedTime(began).TotalSeconds;
            client.Shutdown(SocketShutdown.Both);
            await echoing;
            return rate;
        }
    }

    private static async Task<double> RawBulkAsync(TimeSpan time)
    {
        (Socket client, Socket server) = await ConnectAsync();
        using (client)
        using (server)
        {
            Task<long> swallowing = Task.Run(async () =>
            {
                byte[] buffer = new byte[LargeBytes];
                long total = 0;
                while (await server.ReceiveAsync(buffer) is > 0 and int count)
                {
                    total += count;
                }

                return total;
            });
            byte[] message = new byte[LargeBytes];
            long began = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(began) < time)
            {
                await client.SendAsync(message);
            }

            client.Shutdown(SocketShutdown.Send);
            return await swallowing / Stopwatch.GetElapsedTime(began).TotalSeconds / (1024 * 1024);
        }
    }

    private static async Task<(Socket Client, Socket Server)> ConnectAsync()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Task<Socket> accepting = listener.AcceptAsync();
        await client.ConnectAsync(listener.LocalEndPoint!);
        Socket server = await accepting;
        server.NoDelay = true;
        return (client, server);
    }

    /// <summary>Two nodes with an endpoint each.</summary>
    private sealed class Pair : IAsyncDisposable
    {
        private readonly JsonTrace _trace = new(Stream.Null, TraceLevel.Error);
        private readonly HostSpawner _spawner = new();
        private readonly string _folder = Directory.CreateTempSubdirectory("objectstore-network-").FullName;
        private readonly FileDisk _disk;
        private readonly TcpNetwork _a;
        private readonly TcpNetwork _b;
        private readonly RpcEndpoint _caller;

        internal Pair(bool isSecure)
        {
            _disk = new FileDisk(_folder, _trace);
            using X509Certificate2 authority = RegionAuthority.Create("benchmark", TimeSpan.FromDays(1));
            _a = Network("a", isSecure ? authority : null);
            _b = Network("b", isSecure ? authority : null);
            _a.AddPeer(_b.Self, _b.Address!);
            _b.AddPeer(_a.Self, _a.Address!);
            _caller = Endpoint(_a);
            RpcEndpoint answerer = Endpoint(_b);
            answerer.Handle(Echo, static (_, request) => new ValueTask<ReadOnlyMemory<byte>>(request));
            answerer.Handle(Swallow, static (_, _) => default);
            _caller.Start();
            answerer.Start();
        }

        public async ValueTask DisposeAsync()
        {
            _spawner.BeginStop();
            await _a.DisposeAsync();
            await _b.DisposeAsync();
            _spawner.Dispose();
            _disk.Dispose();
            _trace.Dispose();
            Directory.Delete(_folder, recursive: true);
        }

        internal async Task<double> CallsPerSecondAsync(int bytes, int concurrent, RpcMethod method, TimeSpan time)
        {
            byte[] request = new byte[bytes];
            await CallAsync(method, request);
            long calls = 0;
            long began = Stopwatch.GetTimestamp();
            var running = new Task[concurrent];
            for (int caller = 0; caller < concurrent; caller++)
            {
                running[caller] = Task.Run(async () =>
                {
                    while (Stopwatch.GetElapsedTime(began) < time)
                    {
                        await CallAsync(method, request);
                        Interlocked.Increment(ref calls);
                    }
                });
            }

            await Task.WhenAll(running);
            return calls / Stopwatch.GetElapsedTime(began).TotalSeconds;
        }

        internal async Task<double> SmallBesideLargeAsync(TimeSpan time)
        {
            Task<double> large = CallsPerSecondAsync(LargeBytes, 16, Swallow, time);
            var waits = new System.Collections.Generic.List<double>();
            byte[] request = new byte[SmallBytes];
            long began = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(began) < time)
            {
                long sent = Stopwatch.GetTimestamp();
                await CallAsync(Echo, request);
                waits.Add(Stopwatch.GetElapsedTime(sent).TotalMicroseconds);
            }

            await large;
            waits.Sort();
            return waits[(int)(waits.Count * 0.99)];
        }

        private async Task CallAsync(RpcMethod method, byte[] request)
        {
            RpcReply reply = await _caller.CallAsync(_b.Self, method, request, CallTimeout);
            if (!reply.Ok)
            {
                throw new InvalidOperationException($"a call ended with {reply.Status}");
            }
        }

        private TcpNetwork Network(string name, X509Certificate2? authority)
        {
            NodeCredentials? credentials = authority is null
                ? null
                : new NodeCredentials(X509CertificateLoader.LoadCertificate(authority.RawData), RegionAuthority.Issue(authority, name, TimeSpan.FromDays(1)));
            return new TcpNetwork(new NodeId(name), new IPEndPoint(IPAddress.Loopback, 0), credentials, _trace);
        }

        private RpcEndpoint Endpoint(TcpNetwork network)
        {
            var environment = new NodeEnvironment(new SystemClock(), network, _disk, new SystemEntropy(), _spawner, _trace, NothingRare.Instance);
            return new RpcEndpoint(environment, _spawner.CreateLoop("rpc-" + network.Self.Value));
        }
    }
}
