using System;
using System.Collections.Generic;
using System.Linq;
using ObjectStore.Engine.Kernel;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>
/// Watches the trace of a whole run: one leader a term, one vote of a peer a term, one entry an index, no read below what was committed before it began; and that who was superseded steps down.
/// </summary>
/// <remarks>Source of the properties: Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm", figure 3. What is broken is thrown by <see cref="Check"/>, outside of the engine.</remarks>
internal sealed class RaftTraceChecker
{
    private readonly Dictionary<(long Group, long Term), long> _leaders = [];
    private readonly Dictionary<(long Group, long Peer, long Term), long> _votes = [];
    private readonly Dictionary<(long Group, long Index), (long Term, long Hash)> _entries = [];
    private readonly Dictionary<long, long> _committed = [];
    private readonly Dictionary<(long Group, long Peer, long Read), long> _reads = [];
    private readonly SortedDictionary<(string Node, long Group), (long Term, TimeSpan Until)> _leading = [];
    private PromiseBrokenException? _broken;

    /// <summary>Is told the node of every vote, change of leadership and change of members.</summary>
    internal Action<string>? Elections { get; set; }

    /// <summary>Is told who applied an entry before everybody else; says what is wrong with that, or null.</summary>
    internal Func<string, long, string?>? FirstCommit { get; set; }

    /// <summary>
    /// How long a leader may go on after another was elected, and the clock: a leader that hears of no majority steps down within two election timeouts (check-quorum). Null where nodes stand
    /// still or leave in the middle of it.
    /// </summary>
    internal (TimeSpan Within, IClock Clock)? StepsDown { get; init; }

    /// <summary>The trace of one node in a new life, seen by this checker.</summary>
    internal ITrace Watch(ITrace inner, string node)
    {
        foreach ((string Node, long Group) own in _leading.Keys.Where(key => key.Node == node).ToArray())
        {
            _leading.Remove(own);
        }

        return new WatchedTrace(inner, this, node);
    }

    /// <summary>Throws what was seen first, if anything.</summary>
    /// <exception cref="PromiseBrokenException">Raft's safety was broken.</exception>
    internal void Check()
    {
        if (_broken is not null)
        {
            throw _broken;
        }
    }

    private void Take(string name, string node, ReadOnlySpan<TraceField> fields)
    {
        long group = Field(fields, "group");
        switch (name)
        {
            case "leader":
                Same(_leaders, (group, Field(fields, "term")), Field(fields, "peer"), "election-safety");
                Supersede(node, group, Field(fields, "term"));
                break;
            case "stepped-down" when _leading.Remove((node, group), out (long Term, TimeSpan Until) led) && StepsDown is { } down && down.Clock.Now > led.Until:
                Break("steps-down", $"{node} led group {group} in term {led.Term} until {down.Clock.Now}, though another was elected {down.Clock.Now - led.Until + down.Within} before");
                break;
            case "vote":
                Same(_votes, (group, Field(fields, "peer"), Field(fields, "term")), Field(fields, "for"), "one-vote-a-term");
                break;
            case "commit":
                long index = Field(fields, "index");
                Same(_entries, (group, index), (Field(fields, "term"), Field(fields, "hash")), "state-machine-safety");
                if (index > _committed.GetValueOrDefault(group) && FirstCommit?.Invoke(node, index) is { } wrong)
                {
                    Break("committed-is-durable", wrong);
                }

                _committed[group] = Math.Max(_committed.GetValueOrDefault(group), index);
                break;
            case "group-failed":
                Break("keeps-working", $"{node} gave up group {group} on a healthy disk: {Text(fields, "reason")}");
                break;
            case "read-begin":
                _reads[(group, Field(fields, "peer"), Field(fields, "read"))] = _committed.GetValueOrDefault(group);
                break;
            case "read-end" when _reads.TryGetValue((group, Field(fields, "peer"), Field(fields, "read")), out long begun) && Field(fields, "index") < begun:
                Break("read-is-fresh", $"group {group}: a read at {Field(fields, "index")} began when {begun} was committed");
                break;
            default:
                break;
        }
    }

    private void Supersede(string node, long group, long term)
    {
        if (StepsDown is not { } down)
        {
            return;
        }

        foreach (((string Node, long Group) key, (long Term, TimeSpan Until) led) in _leading.ToArray())
        {
            if (key.Group == group && led.Until == TimeSpan.MaxValue)
            {
                _leading[key] = (led.Term, down.Clock.Now + down.Within);
            }
        }

        _leading[(node, group)] = (term, TimeSpan.MaxValue);
    }

    private void Same<TKey, TValue>(Dictionary<TKey, TValue> known, TKey key, TValue value, string promise)
        where TKey : notnull
    {
        if (!known.TryAdd(key, value) && !EqualityComparer<TValue>.Default.Equals(known[key], value))
        {
            Break(promise, $"{key} is {known[key]} and {value}");
        }
    }

    /// <summary>Notes what is broken; the first counts.</summary>
    internal void Break(string promise, string what) => _broken ??= new PromiseBrokenException(promise, what);

    private static long Field(ReadOnlySpan<TraceField> fields, string name)
    {
        foreach (TraceField field in fields)
        {
            if (field.Name == name)
            {
                return field.Number;
            }
        }

        throw new SimMisuseException($"the trace of raft has no field {name}");
    }

    private static string? Text(ReadOnlySpan<TraceField> fields, string name)
    {
        foreach (TraceField field in fields)
        {
            if (field.Name == name)
            {
                return field.Text;
            }
        }

        return null;
    }

    private sealed class WatchedTrace(ITrace inner, RaftTraceChecker checker, string node) : ITrace
    {
        public bool IsEnabled(TraceLevel level) => true;

        public void Emit(TraceLevel level, string area, string name, params ReadOnlySpan<TraceField> fields)
        {
            inner.Emit(level, area, name, fields);
            if (area == "raft" && fields.Length > 1 && fields[0].Name == "group")
            {
                checker.Take(name, node, fields);
                if (name is "vote" or "leader" or "stepped-down" or "membership" or "snapshot-installed")
                {
                    checker.Elections?.Invoke(node);
                }
            }
        }
    }
}
