using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Host;

/// <summary>Frames between nodes over TCP and TLS: for each direction between two nodes a connection for small frames and one for large ones, opened by the sender and opened again when it breaks.</summary>
/// <remarks>
/// Lost, as the contract allows: frames sent while more than <see cref="QueueBytesMax"/> wait on a lane, those on a connection that breaks, and those that wait while none can be made. Nothing is
/// sent twice by this class. A receiver that falls behind stops reading, so that the sender's queue fills and drops. A peer must be known by name and prove it with its certificate
/// (<see cref="NodeCredentials"/>); without credentials nothing is proved, which is for one machine only. A node that stands alone does not listen.
/// </remarks>
public sealed class TcpNetwork : INetwork, IAsyncDisposable
{
    /// <summary>Most that waits to be sent to one peer on one lane.</summary>
    public const long QueueBytesMax = 64L * 1024 * 1024;

    /// <summary>Frames above this go on a connection of their own, so that small ones do not wait for them.</summary>
    private const int SmallBytesMax = 64 * 1024;

    private const int OpeningCountMax = 256;
    private const int UnansweredMs = 5000;
    private const int TcpUserTimeout = 18;

    /// <summary>How long a connection may take to be made, names proved and greeted.</summary>
    internal static readonly TimeSpan OpeningPatience = TimeSpan.FromSeconds(2);

    private readonly ITrace _trace;
    private readonly NodeCredentials? _credentials;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ReceivedFrames _received = new();
    private readonly Lock _gate = new();
    private readonly SortedDictionary<NodeId, Peer> _peers = [];
    private readonly HashSet<Task> _serving = [];
    private readonly SemaphoreSlim _opening = new(OpeningCountMax);
    private readonly Socket? _listener;
    private readonly Task _accepting = Task.CompletedTask;
    private int _disposed;

    /// <summary>Begins to listen.</summary>
    /// <param name="self">This node.</param>
    /// <param name="listen">Where peers connect to; port 0 takes a free one; null for a node without peers.</param>
    /// <param name="credentials">Null: cleartext and no proof of names, which is allowed on a loopback address only.</param>
    /// <param name="trace">Connections made and lost.</param>
    /// <exception cref="ArgumentException">Cleartext on an address that others reach, or a certificate of another node.</exception>
    /// <exception cref="SocketException">The address is in use or not ours.</exception>
    public TcpNetwork(NodeId self, IPEndPoint? listen, NodeCredentials? credentials, ITrace trace)
    {
        ArgumentNullException.ThrowIfNull(trace);
        if (credentials is null && listen is not null && !IPAddress.IsLoopback(listen.Address))
        {
            throw new ArgumentException($"nodes talk in cleartext on loopback addresses only, not on {listen}", nameof(credentials));
        }

        if (credentials is not null && !credentials.IsOf(self))
        {
            throw new ArgumentException($"the certificate is not made out to node {self}", nameof(credentials));
        }

        (Self, _credentials, _trace) = (self, credentials, trace);
        if (listen is not null)
        {
            _listener = new Socket(listen.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            _listener.Bind(listen);
            _listener.Listen();
            _accepting = Task.Run(AcceptAsync);
        }
    }

    /// <inheritdoc/>
    public NodeId Self { get; }

    /// <summary>Where it listens, with the port that was taken; null for a node without peers.</summary>
    public IPEndPoint? Address => (IPEndPoint?)_listener?.LocalEndPoint;

    /// <summary>Makes a peer known, or known at another address. Frames to and from unknown nodes are lost.</summary>
    public void AddPeer(NodeId peer, EndPoint address)
    {
        ArgumentNullException.ThrowIfNull(address);
        lock (_gate)
        {
            if (_peers.TryGetValue(peer, out Peer? known))
            {
                if (known.Address.Equals(address))
                {
                    return;
                }

                known.GiveUp();
            }

            var made = new Peer(this, peer, address, known?.Counters ?? new PeerCounters());
            _peers[peer] = made;

            // Off the caller's loop, which may be one of the node's.
            Track(Task.Run(() => made.Small.RunAsync(made.Stopping)));
            Track(Task.Run(() => made.Large.RunAsync(made.Stopping)));
        }
    }

    /// <summary>What went to and came from each peer since it was made known.</summary>
    public IReadOnlyList<PeerTraffic> MeasureTraffic()
    {
        lock (_gate)
        {
            var traffic = new List<PeerTraffic>(_peers.Count);
            foreach ((NodeId node, Peer peer) in _peers)
            {
                traffic.Add(peer.Counters.Read(node));
            }

            return traffic;
        }
    }

    /// <inheritdoc/>
    public void Send(NodeId to, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body)
    {
        int length = head.Length + body.Length;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, INetwork.FrameSizeBytesMax, nameof(body));
        if (to == Self)
        {
            _received.AddOrLose(new NetworkFrame(Self, (byte[])[.. head, .. body]));
        }
        else if (Find(to) is { } peer)
        {
            (IsLarge(length) ? peer.Large : peer.Small).Enqueue(head, body);
        }
    }

    /// <inheritdoc/>
    public ValueTask<NetworkFrame> ReceiveAsync(CancellationToken cancellation = default) => _received.ReceiveAsync(cancellation);

    /// <summary>Closes every connection; what waits is lost.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _stopping.CancelAsync();
        _listener?.Dispose();
        await _accepting;
        Task[] serving;
        lock (_gate)
        {
            serving = [.. _serving];
        }

        await Task.WhenAll(serving);
        _opening.Dispose();
        _stopping.Dispose();
    }

    internal static bool IsLarge(int payloadBytes) => payloadBytes > SmallBytesMax;

    /// <summary>Lets a connection break within seconds when the other side falls silent, so that a healed partition is not waited for by TCP's growing pauses.</summary>
    internal static void Tune(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 5);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 2);
        socket.SetRawSocketOption((int)SocketOptionLevel.Tcp, TcpUserTimeout, BitConverter.GetBytes(UnansweredMs));
    }

    private Peer? Find(NodeId node)
    {
        lock (_gate)
        {
            return _peers.GetValueOrDefault(node);
        }
    }

    private void Track(Task task)
    {
        lock (_gate)
        {
            _serving.Add(task);
        }

        _ = task.ContinueWith(
            ended =>
            {
                lock (_gate)
                {
                    _serving.Remove(ended);
                }
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await _opening.WaitAsync(_stopping.Token);
                Socket socket = await _listener!.AcceptAsync(_stopping.Token);
                Track(ServeAsync(socket));
            }
            catch (Exception failure) when (failure is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException failure)
            {
                _opening.Release();
                _trace.Emit(TraceLevel.Warning, "network", "accept-failed", ("failure", failure.Message));
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        NodeId? from = null;
        bool isOpening = true;
        try
        {
            Tune(socket);
            using var opening = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            opening.CancelAfter(OpeningPatience);
            var plain = new NetworkStream(socket, ownsSocket: true);
            await using Stream connection = _credentials is null ? plain : await _credentials.AcceptAsync(plain, opening.Token);
            await using var stream = new BufferedStream(connection, SmallBytesMax);
            from = await FrameReader.ReadGreetingAsync(stream, opening.Token);
            Peer peer = Admit(from, (connection as SslStream)?.RemoteCertificate as X509Certificate2);
            await connection.WriteAsync(WireFormat.Greeting(Self), opening.Token);
            _opening.Release();
            isOpening = false;
            byte[] header = new byte[WireFormat.HeaderBytes];
            while (await FrameReader.ReadAsync(stream, header, INetwork.FrameSizeBytesMax, _stopping.Token) is { } payload)
            {
                peer.Counters.Received(header.Length + payload.Length);
                await _received.AddAsync(new NetworkFrame(from!.Value, payload), _stopping.Token);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The node ends.
        }
        catch (Exception failure) when (failure is not InvariantViolationException)
        {
            // Whatever a stranger sends, of TLS or of ours, ends its connection and nothing else.
            TraceLevel level = failure is AuthenticationException ? TraceLevel.Warning : TraceLevel.Info;
            _trace.Emit(level, "network", isOpening ? "connection-refused" : "connection-lost", ("from", from?.Value ?? ""), ("failure", failure.Message));
        }
        finally
        {
            if (isOpening && !_stopping.IsCancellationRequested)
            {
                _opening.Release();
            }
        }
    }

    private Peer Admit(NodeId? from, X509Certificate2? certificate)
    {
        if (from is null)
        {
            throw new InvalidDataException("the connection does not begin with a greeting");
        }

        if (_credentials is not null && (certificate is null || !NodeCredentials.Names(certificate, from.Value)))
        {
            throw new AuthenticationException($"the certificate is not made out to node {from}");
        }

        return Find(from.Value) ?? throw new AuthenticationException($"node {from} is not in the topology");
    }

    private sealed class Peer
    {
        private readonly CancellationTokenSource _leaving;

        internal Peer(TcpNetwork network, NodeId name, EndPoint address, PeerCounters counters)
        {
            (Address, Counters) = (address, counters);
            _leaving = CancellationTokenSource.CreateLinkedTokenSource(network._stopping.Token);
            Stopping = _leaving.Token;
            Small = new PeerLane(network.Self, name, address, network._credentials, counters, network._trace);
            Large = new PeerLane(network.Self, name, address, network._credentials, counters, network._trace);
        }

        internal EndPoint Address { get; }

        internal PeerCounters Counters { get; }

        internal CancellationToken Stopping { get; }

        internal PeerLane Small { get; }

        internal PeerLane Large { get; }

        internal void GiveUp() => _leaving.Cancel();
    }
}
