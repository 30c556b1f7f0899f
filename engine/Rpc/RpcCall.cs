using System;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Rpc;

/// <summary>One call under way.</summary>
internal sealed class RpcCall(RpcEndpoint endpoint, NodeId to, RpcMethod method, ReadOnlyMemory<byte> request, TimeSpan timeout)
    : TaskCompletionSource<RpcReply>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    private Action? _stopWatching;

    internal RpcMethod Method => method;

    internal ReadOnlyMemory<byte> Request => request;

    /// <summary>Number within this instance once it was sent, else 0.</summary>
    internal ulong Number { get; set; }

    internal bool HasEnded { get; private set; }

    internal void Begin()
    {
        RpcPeer peer = endpoint.Peer(to);
        if (peer.TryAdd(this))
        {
            if (!HasEnded)
            {
                WatchAsync(peer);
            }
        }
        else
        {
            End(new RpcReply(RpcStatus.NotExecuted, default));
        }
    }

    internal void End(RpcReply reply)
    {
        if (!HasEnded)
        {
            HasEnded = true;
            _stopWatching?.Invoke();
            SetResult(reply);
        }
    }

    private async void WatchAsync(RpcPeer peer)
    {
        using var ended = new CancellationTokenSource();
        _stopWatching = ended.Cancel;
        try
        {
            await endpoint.Environment.Clock.DelayAsync(timeout, ended.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        _stopWatching = null;
        if (!HasEnded)
        {
            peer.GiveUp(this);
        }
    }
}
