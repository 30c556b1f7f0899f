using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Host;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Host.Proofs.Network;

/// <summary>Real networks on loopback, certificates of one or several authorities, and a trace that can be waited for.</summary>
internal sealed class NetworkRig : IAsyncDisposable
{
    private readonly List<TcpNetwork> _networks = [];
    private readonly List<X509Certificate2> _certificates = [];
    private readonly List<NodeCredentials> _credentials = [];

    internal AwaitableTrace Trace { get; } = new();

    internal static IPEndPoint Loopback => new(IPAddress.Loopback, 0);

    internal X509Certificate2 NewAuthority()
    {
        X509Certificate2 made = RegionAuthority.Create("proof", TimeSpan.FromDays(1));
        _certificates.Add(made);
        return made;
    }

    internal NodeCredentials Credentials(X509Certificate2 trusted, X509Certificate2 issuer, string node, TimeSpan? validity = null)
    {
        var made = new NodeCredentials(
            X509CertificateLoader.LoadCertificate(trusted.RawData), RegionAuthority.Issue(issuer, node, validity ?? TimeSpan.FromDays(1)));
        _credentials.Add(made);
        return made;
    }

    internal TcpNetwork Node(string name, NodeCredentials? credentials, IPEndPoint? listen = null)
    {
        var network = new TcpNetwork(new NodeId(name), listen ?? Loopback, credentials, Trace);
        _networks.Add(network);
        return network;
    }

    /// <summary>Sends again and again, as callers do, until something arrives.</summary>
    internal static async Task<NetworkFrame> DeliverAsync(TcpNetwork from, TcpNetwork to, byte[] payload)
    {
        Task<NetworkFrame> arriving = to.ReceiveAsync().AsTask();
        while (!arriving.IsCompleted)
        {
            from.Send(to.Self, payload);
            await Task.WhenAny(arriving, Task.Delay(20));
        }

        return await arriving;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (TcpNetwork network in _networks)
        {
            await network.DisposeAsync();
        }

        _credentials.ForEach(static one => one.Dispose());
        _certificates.ForEach(static one => one.Dispose());
    }
}

/// <summary>A trace whose events are waited for by name instead of by time.</summary>
internal sealed class AwaitableTrace : ITrace
{
    private readonly Lock _gate = new();
    private readonly List<(string Name, string Text)> _seen = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsEnabled(TraceLevel level) => true;

    public void Emit(TraceLevel level, string area, string name, params ReadOnlySpan<TraceField> fields)
    {
        var text = new StringWriter();
        foreach (TraceField field in fields)
        {
            text.Write($"{field.Name}={field.Text ?? field.Number.ToString()} ");
        }

        lock (_gate)
        {
            _seen.Add((name, text.ToString()));
            _more.TrySetResult();
            _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>The first event of that name whose fields contain a text.</summary>
    internal async Task<string> SeenAsync(string name, string text)
    {
        while (true)
        {
            Task more;
            lock (_gate)
            {
                (string _, string found) = _seen.Find(seen => seen.Name == name && seen.Text.Contains(text, StringComparison.Ordinal));
                if (found is not null)
                {
                    return found;
                }

                more = _more.Task;
            }

            await more;
        }
    }
}
