using System.Collections.Generic;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Rpc;

/// <summary>What an endpoint knows of one other node: the session with its present life, the calls on their way to it, and those taken from it.</summary>
/// <remarks>Invariant: a call is sent once, in the session that was known then; what is in flight is bounded, what waits is bounded.</remarks>
internal sealed class RpcPeer(RpcEndpoint endpoint, NodeId node)
{
    private readonly SortedDictionary<ulong, RpcCall> _inFlight = [];
    private readonly RpcLane _small = new(endpoint.Options.CallsInFlightMax, endpoint.Options.BytesInFlightMax, endpoint.Options.CallsWaitingMax);
    private readonly RpcLane _large = new(endpoint.Options.CallsInFlightMax, endpoint.Options.BytesInFlightMax, endpoint.Options.CallsWaitingMax);
    private ulong _session;
    private ulong _life;
    private ulong _greeting;
    private ulong _lastCall;
    private bool _isGreeting;

    internal NodeId Node => node;

    /// <summary>Calls from the peer.</summary>
    internal RpcSessions Sessions { get; } = new(endpoint.Environment.Entropy);

    internal int HandlersRunning { get; set; }

    internal bool TryAdd(RpcCall call)
    {
        if (!LaneOf(call).TryAdd(call))
        {
            return false;
        }

        Pump();
        return true;
    }

    /// <summary>The peer's present life answered a greeting.</summary>
    internal void Greeted(ulong greeting, ulong life, ulong session)
    {
        if (greeting != _greeting)
        {
            // What an earlier life of the peer said may arrive after it has ended.
            endpoint.Environment.Trace.Mark("rpc-late-greeting");
            return;
        }

        _session = session;
        if (_life != life)
        {
            _life = life;
            endpoint.Environment.Trace.Mark("rpc-greeted");
            EndAllInFlight();
        }

        Pump();
    }

    /// <summary>The peer does not know the session: it began another life. An earlier one may have run the call, from another copy of the frame.</summary>
    internal void Refused(ulong number)
    {
        if (_inFlight.TryGetValue(number, out RpcCall? call))
        {
            Forget(call.Session);
            Ended(number, new RpcReply(RpcStatus.Unknown, default));
        }
    }

    internal void Ended(ulong number, RpcReply reply)
    {
        if (_inFlight.Remove(number, out RpcCall? call))
        {
            LaneOf(call).Release(call);
            call.End(reply);
            Pump();
        }
    }

    internal void GiveUp(RpcCall call)
    {
        if (call.Number == 0)
        {
            // Still in the queue, which drops it when its turn comes.
            call.End(new RpcReply(RpcStatus.NotExecuted, default));
        }
        else
        {
            // Silence may mean a new life: ask before the next call.
            Forget(call.Session);
            Ended(call.Number, new RpcReply(RpcStatus.Unknown, default));
        }
    }

    private RpcLane LaneOf(RpcCall call) => call.BytesOnTheWay <= endpoint.Options.SmallBytesMax ? _small : _large;

    private void Forget(ulong session) => _session = _session == session ? 0 : _session;

    private void EndAllInFlight()
    {
        // Sent to a life that has ended; an answer of it that is still on its way comes too late.
        var lost = new List<ulong>(_inFlight.Keys);
        foreach (ulong number in lost)
        {
            Ended(number, new RpcReply(RpcStatus.Unknown, default));
        }
    }

    private void Pump()
    {
        if (_session == 0)
        {
            GreetAsync();
            return;
        }

        while (_small.TryTake(out RpcCall? call) || _large.TryTake(out call))
        {
            call!.Number = ++_lastCall;
            call.Session = _session;
            _inFlight.Add(call.Number, call);
            endpoint.SendFrame(node, RpcFrameKind.Request, call.Method.Number, _session, call.Number, call.Request.Span);
        }
    }

    private async void GreetAsync()
    {
        if (_isGreeting)
        {
            return;
        }

        _isGreeting = true;
        while (_session == 0 && (_small.HasWaiting() || _large.HasWaiting()))
        {
            endpoint.SendFrame(node, RpcFrameKind.Hello, 0, 0, ++_greeting, []);
            await endpoint.Environment.Clock.DelayAsync(endpoint.Options.HelloTimeout);
        }

        _isGreeting = false;
        if (_session != 0)
        {
            Pump();
        }
    }
}
