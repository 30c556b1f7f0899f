using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Host;

/// <summary>Frames between nodes over TCP: one connection for each direction between two nodes, opened by the sender and opened again when it breaks.</summary>
/// <remarks>
/// Lost, as the contract allows: frames sent while more than <see cref="QueueBytesMax"/> wait for a peer, and those on a connection that breaks. Nothing is
/// sent twice by this class. A receiver that falls behind stops reading, so that the sender's queue fills and drops. The peers are trusted to be
/// who they say until nodes have certificates; a node that stands alone does not listen.
/// </remarks>
public sealed class TcpNetwork : INetwork, IAsyncDisposable
{
    /// <summary>Most that waits to be sent to one peer.</summary>
    public const long QueueBytesMax = 64L * 1024 * 1024;

    private const int ReceivedCountMax = 1024;

    private readonly ITrace _trace;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<NetworkFrame> _received =
        Channel.CreateBounded<NetworkFrame>(new BoundedChannelOptions(ReceivedCountMax) { SingleReader = true });

    private readonly Lock _gate = new();
    private readonly Dictionary<NodeId, PeerConnection> _peers = [];
    private readonly List<Task> _running = [];
    private readonly Socket? _listener;

    /// <summary>Begins to listen.</summary>
    /// <param name="self">This node.</param>
    /// <param name="listen">Where peers connect to; port 0 takes a free one; null for a node without peers.</param>
    /// <param name="trace">Connections made and lost.</param>
    public TcpNetwork(NodeId self, IPEndPoint? listen, ITrace trace)
    {
        ArgumentNullException.ThrowIfNull(trace);
        Self = self;
        _trace = trace;
        if (listen is not null)
        {
            _listener = new Socket(listen.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            _listener.Bind(listen);
            _listener.Listen();
            _running.Add(Task.Run(AcceptAsync));
        }
    }

    /// <inheritdoc/>
    public NodeId Self { get; }

    /// <summary>Where it listens, with the port that was taken; null for a node without peers.</summary>
    public IPEndPoint? Address => (IPEndPoint?)_listener?.LocalEndPoint;

    /// <summary>Makes a peer known. Frames to unknown nodes are lost.</summary>
    public void AddPeer(NodeId peer, IPEndPoint address)
    {
        lock (_gate)
        {
            var connection = new PeerConnection(Self, peer, address, _trace, _stopping.Token);
            _peers.Add(peer, connection);
            _running.Add(Task.Run(connection.RunAsync));
        }
    }

    /// <inheritdoc/>
    public void Send(NodeId to, ReadOnlySpan<byte> payload)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, INetwork.FrameSizeBytesMax, nameof(payload));
        if (to == Self)
        {
            _received.Writer.TryWrite(new NetworkFrame(Self, payload.ToArray()));
            return;
        }

        PeerConnection? peer;
        lock (_gate)
        {
            _peers.TryGetValue(to, out peer);
        }

        peer?.Enqueue(payload);
    }

    /// <inheritdoc/>
    public ValueTask<NetworkFrame> ReceiveAsync(CancellationToken cancellation = default) => _received.Reader.ReadAsync(cancellation);

    /// <summary>Closes every connection; what waits is lost.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener?.Dispose();
        Task[] running;
        lock (_gate)
        {
            running = [.. _running];
        }

        await Task.WhenAll(running);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Socket socket = await _listener!.AcceptAsync(_stopping.Token);
                serving.RemoveAll(static task => task.IsCompleted);
                serving.Add(ReceiveFramesAsync(socket));
            }
            catch (Exception failure) when (failure is OperationCanceledException or ObjectDisposedException)
            {
                break;
            }
            catch (SocketException failure)
            {
                _trace.Emit(TraceLevel.Warning, "network", "accept-failed", ("failure", failure.Message));
            }
        }

        await Task.WhenAll(serving);
    }

    private async Task ReceiveFramesAsync(Socket socket)
    {
        string from = "";
        try
        {
            await using var stream = new BufferedStream(new NetworkStream(socket, ownsSocket: true), 64 * 1024);
            NodeId? peer = null;
            byte[] header = new byte[WireFormat.HeaderBytes];
            while (await stream.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, _stopping.Token) == header.Length)
            {
                int length = WireFormat.Length(header);
                byte[] payload = length >= 0 ? new byte[length] : throw new InvalidDataException("frame length out of bounds");
                await stream.ReadExactlyAsync(payload, _stopping.Token);

                // After a damaged frame the place of the next one is in doubt, so the connection ends with it.
                if (!WireFormat.IsIntact(header, payload))
                {
                    throw new InvalidDataException("frame checksum does not match");
                }

                if (peer is null)
                {
                    peer = ReadGreeting(payload);
                    from = peer.Value.Value;
                    continue;
                }

                await _received.Writer.WriteAsync(new NetworkFrame(peer.Value, payload), _stopping.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The node ends.
        }
        catch (Exception failure) when (failure is IOException or SocketException or ObjectDisposedException)
        {
            _trace.Emit(TraceLevel.Info, "network", "connection-lost", ("from", from), ("failure", failure.Message));
        }
    }

    private static NodeId ReadGreeting(ReadOnlySpan<byte> payload) => payload.StartsWith(WireFormat.Greeting)
        ? new NodeId(Encoding.UTF8.GetString(payload[WireFormat.Greeting.Length..]))
        : throw new InvalidDataException("the connection does not begin with a greeting");
}
