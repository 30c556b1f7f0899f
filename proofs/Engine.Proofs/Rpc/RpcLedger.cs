using System.Collections.Generic;
using ObjectStore.Engine.Rpc;

namespace ObjectStore.Engine.Proofs.Rpc;

/// <summary>Outlives all nodes: which calls were executed how often, and what callers were told.</summary>
internal sealed class RpcLedger
{
    private readonly SortedDictionary<int, int> _executions = [];
    private readonly List<(int Call, RpcStatus Status)> _told = [];

    internal int Told => _told.Count;

    internal int Executed => _executions.Count;

    internal void Execute(int call) => _executions[call] = _executions.GetValueOrDefault(call) + 1;

    internal void Tell(int call, RpcStatus status) => _told.Add((call, status));

    internal int CountTold(RpcStatus status) => _told.FindAll(told => told.Status == status).Count;

    /// <summary>The first broken promise; empty when all were kept. Look when nothing is on its way any more.</summary>
    internal string Broken()
    {
        foreach ((int call, int times) in _executions)
        {
            if (times > 1)
            {
                return $"call {call} was executed {times} times";
            }
        }

        foreach ((int call, RpcStatus status) in _told)
        {
            bool executed = _executions.ContainsKey(call);
            if (status == RpcStatus.Ok && !executed)
            {
                return $"call {call} was answered and never executed";
            }

            if (status == RpcStatus.NotExecuted && executed)
            {
                return $"call {call} was executed, but its caller was told that it was not";
            }
        }

        return "";
    }
}
