using System;
using System.Collections.Generic;
using System.Linq;
using ObjectStore.Engine.Consensus;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>
/// What the tables of all replicas hold, over a whole run: the same state after the same entry, however a replica came to it, and no state taken in but one that somebody sent to its last byte.
/// </summary>
/// <param name="broken">Is told the promise and how it was broken; may be called from within a node.</param>
internal sealed class TableStates(Action<string, string> broken)
{
    private readonly SortedDictionary<LogIndex, ulong> _after = [];
    private readonly HashSet<ulong> _sent = [];

    /// <summary>A replica has applied a command, or opened its table again.</summary>
    internal void Applied(string node, LogIndex index, ulong state)
    {
        if (!_after.TryAdd(index, state) && _after[index] != state)
        {
            broken("state-machine-safety", $"after entry {index} the table of {node} is not that of whoever applied it first");
        }
    }

    /// <summary>A replica has read its state to the end, to send it.</summary>
    internal void Sent(ulong bytesHash) => _sent.Add(bytesHash);

    /// <summary>All pieces of a state are there, says the engine.</summary>
    internal void TakenIn(string node, int sizeBytes, ulong bytesHash)
    {
        if (!_sent.Contains(bytesHash))
        {
            broken("snapshot-is-whole", $"{node} was given a snapshot of {sizeBytes} bytes that nobody sent");
        }
    }

    /// <summary>A replica has gone over to a state that it took in.</summary>
    internal void Switched(string node, LogIndex index, ulong state)
    {
        if (_after.LastOrDefault(each => each.Key <= index) is { Key.Value: > 0 } known && known.Value != state)
        {
            broken("state-machine-safety", $"{node} took in a state named by entry {index}; it is not what others hold after {known.Key}");
        }
    }
}
