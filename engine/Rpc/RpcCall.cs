using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Rpc;

/// <summary>One call under way.</summary>
internal sealed class RpcCall : TaskCompletionSource<RpcReply>
{
    private readonly RpcEndpoint _endpoint;
    private readonly NodeId _to;
    private RpcPeer? _peer;

    internal RpcCall(RpcEndpoint endpoint, NodeId to, RpcMethod method, ReadOnlyMemory<byte> request, TimeSpan timeout, int answerBytesMax)
        : base(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        (_endpoint, _to, Method, Request, Timeout) = (endpoint, to, method, request, timeout);
        BytesOnTheWay = Math.Max(request.Length, answerBytesMax);
    }

    internal RpcMethod Method { get; }

    internal TimeSpan Timeout { get; }

    /// <summary>What it weighs against the bounds of a peer.</summary>
    internal int BytesOnTheWay { get; }

    internal ReadOnlyMemory<byte> Request { get; private set; }

    /// <summary>Number within this instance once it was sent, else 0.</summary>
    internal ulong Number { get; set; }

    /// <summary>The session that it was sent in.</summary>
    internal ulong Session { get; set; }

    internal bool HasEnded { get; private set; }

    /// <summary>Place in <see cref="RpcDeadlines"/>.</summary>
    internal RpcDeadlines.Place Place { get; set; }

    internal void Begin()
    {
        _peer = _endpoint.Peer(_to);
        _endpoint.Deadlines.Add(this);
        if (!_peer.TryAdd(this))
        {
            End(new RpcReply(RpcStatus.NotExecuted, default));
        }
    }

    internal void TimeOut() => _peer!.GiveUp(this);

    internal void End(RpcReply reply)
    {
        if (!HasEnded)
        {
            HasEnded = true;
            Request = default;
            _endpoint.Deadlines.Remove(this);
            SetResult(reply);
        }
    }
}
