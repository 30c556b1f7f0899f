using System.Collections.Generic;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Rpc;

/// <summary>What an endpoint knows of one other node: its instance, the calls on their way to it, and those taken from it.</summary>
/// <remarks>Invariant: a call is sent once, to the instance that was known then; what is in flight is bounded, what waits is bounded.</remarks>
internal sealed class RpcPeer(RpcEndpoint endpoint, NodeId node)
{
    // Frames of a peer's last lives may still be on their way when it has begun another.
    private const int LivesKept = 4;

    private readonly SortedDictionary<ulong, RpcCall> _inFlight = [];
    private readonly Queue<RpcCall> _waiting = new();
    private ulong _instance;
    private ulong _lastCall;
    private long _bytesInFlight;
    private bool _isGreeting;
    private readonly List<(ulong Caller, SeenCalls Calls)> _taken = [];

    internal NodeId Node => node;

    internal int HandlersRunning { get; set; }

    internal bool TryAdd(RpcCall call)
    {
        if (_waiting.Count >= endpoint.Options.CallsWaitingMax)
        {
            return false;
        }

        _waiting.Enqueue(call);
        Pump();
        return true;
    }

    /// <summary>The peer said which life of it is speaking. Calls to an earlier life have no answer any more, but may have run.</summary>
    internal void Greeted(ulong instance)
    {
        if (_instance != instance)
        {
            // What is in flight to the earlier life ends by its own timeout or by a late answer: nobody knows here.
            _instance = instance;
            endpoint.Environment.Trace.Mark("rpc-greeted");
        }

        Pump();
    }

    internal void Ended(ulong number, RpcReply reply)
    {
        if (_inFlight.Remove(number, out RpcCall? call))
        {
            _bytesInFlight -= call.Request.Length;
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
            _instance = 0;
            Ended(call.Number, new RpcReply(RpcStatus.Unknown, default));
        }
    }

    /// <summary>True for the first frame of a call by this peer.</summary>
    internal bool TryTake(ulong caller, ulong call)
    {
        foreach ((ulong known, SeenCalls calls) in _taken)
        {
            if (known == caller)
            {
                return calls.TryTake(call);
            }
        }

        if (_taken.Count == LivesKept)
        {
            _taken.RemoveAt(0);
        }

        var fresh = new SeenCalls();
        _taken.Add((caller, fresh));
        return fresh.TryTake(call);
    }

    private void Pump()
    {
        while (_waiting.TryPeek(out RpcCall? call))
        {
            if (call.HasEnded)
            {
                _waiting.Dequeue();
                continue;
            }

            if (_instance == 0)
            {
                GreetAsync();
                return;
            }

            bool fits = _inFlight.Count == 0
                || (_inFlight.Count < endpoint.Options.CallsInFlightMax && _bytesInFlight + call.Request.Length <= endpoint.Options.BytesInFlightMax);
            if (!fits)
            {
                return;
            }

            _waiting.Dequeue();
            call.Number = ++_lastCall;
            _inFlight.Add(call.Number, call);
            _bytesInFlight += call.Request.Length;
            endpoint.SendFrame(node, RpcFrameKind.Request, call.Method.Number, _instance, call.Number, call.Request.Span);
        }
    }

    private async void GreetAsync()
    {
        if (_isGreeting)
        {
            return;
        }

        _isGreeting = true;
        while (_instance == 0 && HasWaiting())
        {
            endpoint.SendFrame(node, RpcFrameKind.Hello, 0, 0, 0, []);
            await endpoint.Environment.Clock.DelayAsync(endpoint.Options.HelloTimeout);
        }

        _isGreeting = false;
        Pump();
    }

    private bool HasWaiting()
    {
        while (_waiting.TryPeek(out RpcCall? call) && call.HasEnded)
        {
            _waiting.Dequeue();
        }

        return _waiting.Count > 0;
    }
}
