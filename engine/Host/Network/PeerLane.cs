using System;
using System.Buffers;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Host;

/// <summary>Frames of one kind to one peer: a bounded queue, and a connection that is opened when there is something to send and again, at growing intervals, as long as it fails.</summary>
/// <remarks>What waits while a connection fails is lost with it: its senders have given it up by the time that there is another one.</remarks>
internal sealed class PeerLane
{
    private const int BackoffMsMin = 50;
    private const int BackoffMsMax = 1000;
    private const int StreamBufferBytes = 64 * 1024;

    private readonly NodeId _self;
    private readonly NodeId _peer;
    private readonly EndPoint _address;
    private readonly NodeCredentials? _credentials;
    private readonly PeerCounters _counters;
    private readonly ITrace _trace;
    private readonly Channel<Frame> _queue = Channel.CreateUnbounded<Frame>(new UnboundedChannelOptions { SingleReader = true });
    private long _queuedBytes;
    private bool _complained;

    internal PeerLane(NodeId self, NodeId peer, EndPoint address, NodeCredentials? credentials, PeerCounters counters, ITrace trace) =>
        (_self, _peer, _address, _credentials, _counters, _trace) = (self, peer, address, credentials, counters, trace);

    private readonly record struct Frame(byte[] Buffer, int Length);

    /// <summary>Queues a frame, or loses it when too much waits.</summary>
    internal void Enqueue(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body)
    {
        int length = WireFormat.HeaderBytes + head.Length + body.Length;
        if (Interlocked.Add(ref _queuedBytes, length) > TcpNetwork.QueueBytesMax)
        {
            Interlocked.Add(ref _queuedBytes, -length);
            _counters.Lost();
            return;
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent(length);
        WireFormat.Lay(buffer, head, body);
        _queue.Writer.TryWrite(new Frame(buffer, length));
    }

    /// <summary>Sends until the peer is given up.</summary>
    internal async Task RunAsync(CancellationToken stopping)
    {
        int backoffMs = BackoffMsMin;
        try
        {
            while (await _queue.Reader.WaitToReadAsync(stopping))
            {
                try
                {
                    await ConnectAndSendAsync(() => backoffMs = BackoffMsMin, stopping);
                }
                catch (Exception failure) when (IsOfConnection(failure, stopping))
                {
                    Complain(failure);
                }

                LoseWaiting();
                await Task.Delay(backoffMs, stopping);
                backoffMs = Math.Min(backoffMs * 2, BackoffMsMax);
            }
        }
        catch (OperationCanceledException)
        {
            LoseWaiting();
        }
    }

    // Whatever is wrong with a connection, TLS and certificates included, another may be better.
    private static bool IsOfConnection(Exception failure, CancellationToken stopping) =>
        failure is not InvariantViolationException && !(failure is OperationCanceledException && stopping.IsCancellationRequested);

    private async Task ConnectAndSendAsync(Action connected, CancellationToken stopping)
    {
        using Socket socket = _address is IPEndPoint ? new Socket(_address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) : new Socket(SocketType.Stream, ProtocolType.Tcp);
        TcpNetwork.Tune(socket);
        using var opening = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        opening.CancelAfter(TcpNetwork.OpeningPatience);
        await socket.ConnectAsync(_address, opening.Token);
        var plain = new NetworkStream(socket, ownsSocket: false);
        await using Stream stream = _credentials is null ? plain : await _credentials.ConnectAsync(plain, _peer, opening.Token);
        await stream.WriteAsync(WireFormat.Greeting(_self), opening.Token);
        if (await FrameReader.ReadGreetingAsync(stream, opening.Token) is not { } answerer || answerer != _peer)
        {
            throw new IOException("the other side is not who it should be");
        }

        connected();
        _complained = false;
        _counters.Connected();
        try
        {
            await SendQueuedAsync(stream, stopping);
        }
        finally
        {
            _counters.Disconnected();
        }
    }

    private async Task SendQueuedAsync(Stream connection, CancellationToken stopping)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Task closing = CancelAtEndAsync(connection, ended);
        try
        {
            await using var stream = new BufferedStream(connection, StreamBufferBytes);
            while (await _queue.Reader.WaitToReadAsync(ended.Token))
            {
                while (_queue.Reader.TryRead(out Frame frame))
                {
                    try
                    {
                        WireFormat.Seal(frame.Buffer.AsSpan(0, frame.Length));
                        await stream.WriteAsync(frame.Buffer.AsMemory(0, frame.Length), ended.Token);
                        _counters.Sent(frame.Length);
                    }
                    finally
                    {
                        Release(frame);
                    }
                }

                await stream.FlushAsync(ended.Token);
            }
        }
        finally
        {
            await ended.CancelAsync();
            await closing;
        }
    }

    // The receiver says nothing after its greeting: whatever ends this read, the connection is over, and the next frame should find a new one.
    private static async Task CancelAtEndAsync(Stream connection, CancellationTokenSource ended)
    {
        try
        {
            _ = await connection.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, ended.Token);
        }
        catch (Exception failure) when (failure is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // It ended.
        }

        await ended.CancelAsync();
    }

    private void LoseWaiting()
    {
        while (_queue.Reader.TryRead(out Frame frame))
        {
            _counters.Lost();
            Release(frame);
        }
    }

    private void Release(Frame frame)
    {
        Interlocked.Add(ref _queuedBytes, -frame.Length);
        ArrayPool<byte>.Shared.Return(frame.Buffer);
    }

    private void Complain(Exception failure)
    {
        // A peer that is down is tried about once a second; one line says so.
        TraceLevel level = _complained ? TraceLevel.Debug : failure is AuthenticationException ? TraceLevel.Warning : TraceLevel.Info;
        _complained = true;
        _trace.Emit(level, "network", "connection-failed", ("to", _peer.Value), ("failure", failure is OperationCanceledException ? "no answer in time" : failure.Message));
    }
}
