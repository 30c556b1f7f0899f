using System.Collections.Generic;

namespace ObjectStore.Engine.Rpc;

/// <summary>Calls towards one peer that wait for each other: small ones never wait for large ones.</summary>
internal sealed class RpcLane(int callsMax, long bytesMax, int waitingMax)
{
    private readonly Queue<RpcCall> _waiting = new();
    private int _calls;
    private long _bytes;

    internal bool TryAdd(RpcCall call)
    {
        DropEnded();
        if (_waiting.Count >= waitingMax)
        {
            return false;
        }

        _waiting.Enqueue(call);
        return true;
    }

    internal bool HasWaiting()
    {
        DropEnded();
        return _waiting.Count > 0;
    }

    /// <summary>The next call, when the bounds let it go. A single call larger than the bounds goes alone.</summary>
    internal bool TryTake(out RpcCall? call)
    {
        DropEnded();
        if (!_waiting.TryPeek(out call) || (_calls > 0 && (_calls >= callsMax || _bytes + call.BytesOnTheWay > bytesMax)))
        {
            return false;
        }

        _waiting.Dequeue();
        _calls++;
        _bytes += call.BytesOnTheWay;
        return true;
    }

    internal void Release(RpcCall call)
    {
        _calls--;
        _bytes -= call.BytesOnTheWay;
    }

    private void DropEnded()
    {
        while (_waiting.TryPeek(out RpcCall? call) && call.HasEnded)
        {
            _waiting.Dequeue();
        }
    }
}
