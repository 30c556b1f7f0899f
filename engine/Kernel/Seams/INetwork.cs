using System;
using System.Threading;
using System.Threading.Tasks;

namespace ObjectStore.Engine.Kernel;

/// <summary>The name of a node in the topology; at most 64 characters, compared by ordinal.</summary>
public readonly record struct NodeId(string Value) : IComparable<NodeId>
{
    /// <inheritdoc/>
    public int CompareTo(NodeId other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;

    /// <summary>Ordinal order.</summary>
    public static bool operator <(NodeId left, NodeId right) => left.CompareTo(right) < 0;

    /// <summary>Ordinal order.</summary>
    public static bool operator >(NodeId left, NodeId right) => left.CompareTo(right) > 0;

    /// <summary>Ordinal order.</summary>
    public static bool operator <=(NodeId left, NodeId right) => left.CompareTo(right) <= 0;

    /// <summary>Ordinal order.</summary>
    public static bool operator >=(NodeId left, NodeId right) => left.CompareTo(right) >= 0;
}

/// <summary>A frame that arrived from another node. <paramref name="Payload"/> belongs to the receiver.</summary>
public readonly record struct NetworkFrame(NodeId From, ReadOnlyMemory<byte> Payload);

/// <summary>Frames between nodes.</summary>
/// <remarks>
/// Contract: a frame may be lost, delayed, repeated or overtaken by a later one. It is never invented and never
/// altered: a frame that fails its checksum is dropped below this seam and counts as lost.
/// </remarks>
public interface INetwork
{
    /// <summary>Largest payload of one frame.</summary>
    const int FrameSizeBytesMax = 16 * 1024 * 1024;

    /// <summary>This node.</summary>
    NodeId Self { get; }

    /// <summary>Hands a frame over for delivery; no promise that it arrives.</summary>
    /// <param name="to">The receiver; may be <see cref="Self"/>.</param>
    /// <param name="head">How the frame begins.</param>
    /// <param name="body">What follows <paramref name="head"/>, so that a header needs no copy of what it heads. Both together 0 to <see cref="FrameSizeBytesMax"/> bytes; the caller may reuse
    /// them on return.</param>
    void Send(NodeId to, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body);

    /// <summary>The next frame that arrived. One receiver at a time.</summary>
    ValueTask<NetworkFrame> ReceiveAsync(CancellationToken cancellation = default);
}

/// <summary>Short forms.</summary>
public static class NetworkExtensions
{
    /// <summary>Hands over a frame that is in one piece.</summary>
    public static void Send(this INetwork network, NodeId to, ReadOnlySpan<byte> payload)
    {
        ArgumentNullException.ThrowIfNull(network);
        network.Send(to, payload, []);
    }
}
