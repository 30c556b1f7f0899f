using System.Collections.Generic;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Rpc;

/// <summary>The lives of one peer that may call this life of ours, each with the calls that were taken from it.</summary>
/// <remarks>
/// Invariant: a request runs only within a session that is known now, once. A session's number is random and given once; a life whose session was dropped gets another number when it
/// asks again, so whatever it sent in the dropped one never runs, however late it comes.
/// </remarks>
internal sealed class RpcSessions(IEntropy entropy)
{
    // Late greetings of earlier lives of a peer may come between those of its present life.
    private const int LivesKept = 4;

    private readonly List<(ulong Caller, ulong Session, SeenCalls Calls)> _known = [];

    /// <summary>The session of a life of the peer, a new one when it has none.</summary>
    internal ulong Open(ulong caller)
    {
        foreach ((ulong known, ulong session, SeenCalls _) in _known)
        {
            if (known == caller)
            {
                return session;
            }
        }

        if (_known.Count == LivesKept)
        {
            _known.RemoveAt(0);
        }

        ulong fresh = entropy.NextUInt64() | 1;
        _known.Add((caller, fresh, new SeenCalls()));
        return fresh;
    }

    /// <summary>The calls taken in a session; null when there is none of that number for that life.</summary>
    internal SeenCalls? Find(ulong caller, ulong session)
    {
        foreach ((ulong known, ulong number, SeenCalls calls) in _known)
        {
            if (known == caller && number == session)
            {
                return calls;
            }
        }

        return null;
    }
}
