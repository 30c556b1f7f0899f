using System;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Host;

/// <summary>The sending side towards one peer: a bounded queue and a connection that is opened again, at growing intervals, as long as it fails.</summary>
internal sealed class PeerConnection(NodeId self, NodeId peer, IPEndPoint address, ITrace trace, CancellationToken stopping)
{
    private const int BackoffMsMin = 50;
    private const int BackoffMsMax = 2000;

    private readonly Channel<byte[]> _queue = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });
    private long _queuedBytes;

    /// <summary>Queues a frame, or loses it when too much waits.</summary>
    internal void Enqueue(ReadOnlySpan<byte> payload)
    {
        long after = Interlocked.Add(ref _queuedBytes, payload.Length + WireFormat.HeaderBytes);
        if (after <= TcpNetwork.QueueBytesMax)
        {
            _queue.Writer.TryWrite(WireFormat.Encode(payload));
        }
        else
        {
            Interlocked.Add(ref _queuedBytes, -(payload.Length + WireFormat.HeaderBytes));
        }
    }

    /// <summary>Sends until the node ends.</summary>
    internal async Task RunAsync()
    {
        int backoffMs = BackoffMsMin;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(address, stopping);
                backoffMs = BackoffMsMin;
                await SendQueuedAsync(socket);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception failure) when (failure is IOException or SocketException)
            {
                trace.Emit(TraceLevel.Info, "network", "connection-failed", ("to", peer.Value), ("failure", failure.Message));
            }

            try
            {
                await Task.Delay(backoffMs, stopping);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            backoffMs = Math.Min(backoffMs * 2, BackoffMsMax);
        }
    }

    private async Task SendQueuedAsync(Socket socket)
    {
        await using var stream = new BufferedStream(new NetworkStream(socket, ownsSocket: false), 64 * 1024);
        byte[] name = Encoding.UTF8.GetBytes(self.Value);
        await stream.WriteAsync(WireFormat.Encode([.. WireFormat.Greeting, .. name]), stopping);
        while (await _queue.Reader.WaitToReadAsync(stopping))
        {
            while (_queue.Reader.TryRead(out byte[]? frame))
            {
                Interlocked.Add(ref _queuedBytes, -frame.Length);
                await stream.WriteAsync(frame, stopping);
            }

            await stream.FlushAsync(stopping);
        }
    }
}
