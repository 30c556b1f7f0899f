using System;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Sim.World;

/// <summary>A network that loses every frame.</summary>
internal sealed class NoNetwork(NodeId self) : INetwork
{
    public NodeId Self => self;

    public void Send(NodeId to, ReadOnlySpan<byte> payload)
    {
        // Lost, as the contract allows.
    }

    public ValueTask<NetworkFrame> ReceiveAsync(CancellationToken cancellation = default) =>
        new(new TaskCompletionSource<NetworkFrame>().Task.WaitAsync(cancellation));
}
