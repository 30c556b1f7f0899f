using System.Threading;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Host;

/// <summary>What went to and came from one peer since the start.</summary>
/// <param name="Peer">Which.</param>
/// <param name="IsConnected">A connection to it stands.</param>
/// <param name="SentFrames">Handed to a connection; the last ones may be lost with it.</param>
/// <param name="SentBytes">With their headers.</param>
/// <param name="LostFrames">Not handed to a connection: too many waited, or there was none.</param>
/// <param name="ReceivedFrames">From it.</param>
/// <param name="ReceivedBytes">With their headers.</param>
/// <param name="Connections">Opened to it.</param>
public readonly record struct PeerTraffic(
    NodeId Peer, bool IsConnected, long SentFrames, long SentBytes, long LostFrames, long ReceivedFrames, long ReceivedBytes, long Connections);

/// <summary>The counters behind <see cref="PeerTraffic"/>. Any thread.</summary>
internal sealed class PeerCounters
{
    private long _sentFrames;
    private long _sentBytes;
    private long _lostFrames;
    private long _receivedFrames;
    private long _receivedBytes;
    private long _connections;
    private int _connected;

    internal void Sent(int bytes)
    {
        Interlocked.Increment(ref _sentFrames);
        Interlocked.Add(ref _sentBytes, bytes);
    }

    internal void Received(int bytes)
    {
        Interlocked.Increment(ref _receivedFrames);
        Interlocked.Add(ref _receivedBytes, bytes);
    }

    internal void Lost() => Interlocked.Increment(ref _lostFrames);

    internal void Connected()
    {
        Interlocked.Increment(ref _connections);
        Interlocked.Increment(ref _connected);
    }

    internal void Disconnected() => Interlocked.Decrement(ref _connected);

    internal PeerTraffic Read(NodeId peer) => new(
        peer,
        Volatile.Read(ref _connected) > 0,
        Interlocked.Read(ref _sentFrames),
        Interlocked.Read(ref _sentBytes),
        Interlocked.Read(ref _lostFrames),
        Interlocked.Read(ref _receivedFrames),
        Interlocked.Read(ref _receivedBytes),
        Interlocked.Read(ref _connections));
}
