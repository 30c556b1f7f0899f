using System;
using System.Globalization;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Host;
using ObjectStore.Engine.Metrics;

namespace ObjectStore.Host.Proofs;

/// <summary>A front end on a free port of the loopback address, and raw bytes in and out of it.</summary>
internal sealed class FrontEndFixture : IAsyncDisposable
{
    private readonly JsonTrace _trace = new(Stream.Null);

    private FrontEndFixture(FrontEndOptions options) => FrontEnd = new FrontEnd(options, _trace);

    public FrontEnd FrontEnd { get; }

    public RequestMetrics Metrics { get; } = new();

    public OperationsPages Pages { get; private set; } = null!;

    public Uri Address => new(FrontEnd.Addresses[0]);

    public static async Task<FrontEndFixture> StartAsync(IS3Gateway gateway, Func<FrontEndOptions, FrontEndOptions>? change = null)
    {
        var options = new FrontEndOptions { Listen = [new IPEndPoint(IPAddress.Loopback, 0)] };
        options = change?.Invoke(options) ?? options;
        var fixture = new FrontEndFixture(options);
        fixture.Pages = new OperationsPages(
            options.OperationsListen.Count > 0 ? fixture.FrontEnd.IsOperationsPort : null, options.BucketDomains, fixture.WriteMetrics)
        { Ready = true };
        await fixture.FrontEnd.StartAsync(gateway, fixture.Pages, fixture.Metrics, fixture._trace);
        return fixture;
    }

    private Task WriteMetrics(PrometheusText text)
    {
        Metrics.WriteTo(text);
        return Task.CompletedTask;
    }

    /// <summary>Sends bytes as they are, stops sending, and returns all that comes back.</summary>
    public async Task<string> ExchangeAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Address.Port);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        return await ReadAllAsync(stream);
    }

    public static async Task<string> ReadAllAsync(Stream stream)
    {
        using var all = new MemoryStream();
        byte[] buffer = new byte[8192];
        try
        {
            for (int count = await stream.ReadAsync(buffer); count > 0; count = await stream.ReadAsync(buffer))
            {
                all.Write(buffer, 0, count);
            }
        }
        catch (IOException)
        {
            // A cut connection ends the reading too; what came before counts.
        }

        return Encoding.Latin1.GetString(all.ToArray());
    }

    public static string Get(string target, string headers = "") =>
        string.Create(CultureInfo.InvariantCulture, $"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n");

    public async ValueTask DisposeAsync()
    {
        await FrontEnd.StopAsync(new CancellationToken(canceled: true));
        await FrontEnd.DisposeAsync();
        _trace.Dispose();
    }
}
