using System;
using System.Collections.Generic;
using System.Net;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metrics;

namespace ObjectStore.Engine.Host;

/// <summary>Kestrel with our limits and our memory pool, running <see cref="S3HttpApplication"/> and nothing else.</summary>
internal sealed class FrontEnd : IAsyncDisposable
{
    private readonly FrontEndOptions _options;
    private readonly WebApplication _container;
    private readonly IServer _server;
    private readonly HashSet<int> _operationsPorts = [];

    internal FrontEnd(FrontEndOptions options, ITrace trace)
    {
        _options = options;
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(Configure);
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, BlockPoolFactory>();
        builder.Logging.AddProvider(new TraceLoggerProvider(trace)).SetMinimumLevel(LogLevel.Warning);
        _container = builder.Build();
        _server = _container.Services.GetRequiredService<IServer>();
    }

    /// <summary>The S3 addresses with the ports that were taken, such as <c>http://127.0.0.1:9000</c>.</summary>
    internal IReadOnlyList<string> Addresses { get; private set; } = [];

    /// <summary>Begins to listen.</summary>
    /// <exception cref="System.IO.IOException">An address is in use or not ours.</exception>
    internal async Task StartAsync(IS3Gateway gateway, OperationsPages pages, RequestMetrics metrics, ITrace trace)
    {
        await _server.StartAsync(new S3HttpApplication(gateway, pages, metrics, trace), CancellationToken.None);
        var bound = new List<string>(_server.Features.Get<IServerAddressesFeature>()!.Addresses);
        for (int index = _options.Listen.Count; index < bound.Count; index++)
        {
            _operationsPorts.Add(new Uri(bound[index]).Port);
        }

        Addresses = bound.GetRange(0, _options.Listen.Count);
    }

    /// <summary>True for a port on which only the operations pages are served.</summary>
    internal bool IsOperationsPort(int port) => _operationsPorts.Contains(port);

    /// <summary>Takes no new requests and waits for those in flight; when <paramref name="patience"/> ends, cuts them off.</summary>
    internal Task StopAsync(CancellationToken patience) => _server.StopAsync(patience);

    public ValueTask DisposeAsync() => _container.DisposeAsync();

    private void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.UTF8;
        KestrelServerLimits limits = kestrel.Limits;
        limits.MaxRequestBodySize = null; // the gateway knows the limit of each operation
        limits.MaxRequestLineSize = _options.RequestLineBytesMax;
        limits.MaxRequestHeadersTotalSize = _options.HeaderBytesMax;
        limits.MaxRequestBufferSize = 1024 * 1024;
        limits.MaxResponseBufferSize = 1024 * 1024;
        limits.MaxConcurrentConnections = _options.ConnectionCountMax;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(30);
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(120);
        limits.MinRequestBodyDataRate = new MinDataRate(_options.ClientBytesPerSecondMin, _options.SlowClientGrace);
        limits.MinResponseDataRate = new MinDataRate(_options.ClientBytesPerSecondMin, _options.SlowClientGrace);
        limits.Http2.MaxStreamsPerConnection = 256;
        limits.Http2.InitialConnectionWindowSize = 4 * 1024 * 1024;
        limits.Http2.InitialStreamWindowSize = 1024 * 1024;
        limits.Http2.MaxFrameSize = 64 * 1024;
        foreach (IPEndPoint endpoint in _options.Listen)
        {
            kestrel.Listen(endpoint, UseProtocols);
        }

        foreach (IPEndPoint endpoint in _options.OperationsListen)
        {
            kestrel.Listen(endpoint);
        }
    }

    private void UseProtocols(ListenOptions listen)
    {
        listen.Protocols = HttpProtocols.Http1;
        if (_options.Certificates.Count > 0)
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.UseHttps(new HttpsConnectionAdapterOptions
            {
                ServerCertificate = _options.Certificates[0],
                ServerCertificateChain = _options.Certificates,
            });
        }
    }
}
