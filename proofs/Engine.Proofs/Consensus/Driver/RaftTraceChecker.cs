using System;
using System.Collections.Generic;
using ObjectStore.Engine.Kernel;
using ObjectStore.Sim.World;

namespace ObjectStore.Engine.Proofs.Consensus.Driver;

/// <summary>Watches the trace of a whole run: one leader a term, one vote a peer and term, one entry an index, no read below what was committed before it began.</summary>
internal sealed class RaftTraceChecker
{
    private readonly Dictionary<(long Group, long Term), long> _leaders = [];
    private readonly Dictionary<(long Group, long Peer, long Term), long> _votes = [];
    private readonly Dictionary<(long Group, long Index), (long Term, long Hash)> _entries = [];
    private readonly Dictionary<long, long> _committed = [];
    private readonly Dictionary<(long Group, long Peer, long Read), long> _reads = [];

    internal SortedDictionary<string, int> Counts { get; } = new(StringComparer.Ordinal);

    internal void Take(string name, ReadOnlySpan<TraceField> fields)
    {
        Counts[name] = Counts.GetValueOrDefault(name) + 1;
        long group = Field(fields, "group");
        switch (name)
        {
            case "leader":
                Same(_leaders, (group, Field(fields, "term")), Field(fields, "peer"), "election-safety");
                break;
            case "vote":
                Same(_votes, (group, Field(fields, "peer"), Field(fields, "term")), Field(fields, "for"), "one-vote-a-term");
                break;
            case "commit":
                long index = Field(fields, "index");
                Same(_entries, (group, index), (Field(fields, "term"), Field(fields, "hash")), "state-machine-safety");
                _committed[group] = Math.Max(_committed.GetValueOrDefault(group), index);
                break;
            case "read-begin":
                _reads[(group, Field(fields, "peer"), Field(fields, "read"))] = _committed.GetValueOrDefault(group);
                break;
            case "read-end":
                long begun = _reads[(group, Field(fields, "peer"), Field(fields, "read"))];
                if (Field(fields, "index") < begun)
                {
                    throw new PromiseBrokenException("read-is-fresh", $"stale read in group {group}: {Field(fields, "index")} after {begun}");
                }

                break;
            default:
                break;
        }
    }

    private static void Same<TKey, TValue>(Dictionary<TKey, TValue> known, TKey key, TValue value, string promise)
        where TKey : notnull
    {
        if (!known.TryAdd(key, value) && !EqualityComparer<TValue>.Default.Equals(known[key], value))
        {
            throw new PromiseBrokenException(promise, $"{key} is {known[key]} and {value}");
        }
    }

    private static long Field(ReadOnlySpan<TraceField> fields, string name)
    {
        foreach (TraceField field in fields)
        {
            if (field.Name == name)
            {
                return field.Number;
            }
        }

        throw new InvalidOperationException($"no field {name}");
    }
}

/// <summary>A trace that shows the events of area <c>raft</c> to a checker.</summary>
internal sealed class WatchedTrace(ITrace inner, RaftTraceChecker checker) : ITrace
{
    public bool IsEnabled(TraceLevel level) => true;

    public void Emit(TraceLevel level, string area, string name, params ReadOnlySpan<TraceField> fields)
    {
        inner.Emit(level, area, name, fields);
        if (area == "raft" && fields.Length > 1 && fields[0].Name == "group")
        {
            checker.Take(name, fields);
        }
    }
}
