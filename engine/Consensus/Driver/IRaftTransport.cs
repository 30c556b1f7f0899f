using System;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Consensus;

/// <summary>How a <c>RaftHost</c> reaches the hosts of other nodes. What arrives there is given to that host's <c>Receive</c>.</summary>
/// <remarks>
/// Contract: a frame may be lost, repeated, delayed or overtaken; it is never altered or invented, and the sender named at the receiver is the true one.
/// One frame carries messages of any number of groups: everything that the host had to say to a node in one turn of its loop.
/// </remarks>
public interface IRaftTransport
{
    /// <summary>Largest frame that a host hands over or takes.</summary>
    const int FrameSizeBytesMax = 4 * 1024 * 1024;

    /// <summary>Hands a frame over; no promise that it arrives. Called on the host's loop, never for the host's own node.</summary>
    /// <param name="to">The node.</param>
    /// <param name="frame">1 to <see cref="FrameSizeBytesMax"/> bytes; the caller reuses it on return.</param>
    void Send(NodeId to, ReadOnlySpan<byte> frame);
}
