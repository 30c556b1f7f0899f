using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Sim.Trace;

/// <summary>All that a run said: its hash, the marks that it reached, the last events, and every event as JSON lines when asked.</summary>
public sealed class TraceLog
{
    private readonly TraceEvent?[] _ring;
    private readonly SortedDictionary<string, long> _marks = new(StringComparer.Ordinal);
    private readonly Stream? _jsonLines;
    private readonly SortedDictionary<string, long> _faults = new(StringComparer.Ordinal);
    private TraceHash _hash;
    private long _count;

    /// <summary>The area of events that say what was made to go wrong; their names are the kinds.</summary>
    public const string FaultArea = "fault";

    /// <summary>The area of events about clients; <see cref="CallName"/> begins a request.</summary>
    public const string ClientArea = "client";

    /// <summary>The name of the event that begins a request of a client.</summary>
    public const string CallName = "call";

    /// <summary>An empty log.</summary>
    /// <param name="keptCount">How many of the last events are kept for a failure report.</param>
    /// <param name="lowest">Events below this level are neither kept nor hashed. Marks are always kept.</param>
    /// <param name="jsonLines">Where every event goes as one JSON object a line; not disposed here.</param>
    public TraceLog(int keptCount = 200, TraceLevel lowest = TraceLevel.Debug, Stream? jsonLines = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keptCount, 1);
        _ring = new TraceEvent?[keptCount];
        Lowest = lowest;
        _jsonLines = jsonLines;
    }

    /// <summary>Events below this level are dropped.</summary>
    public TraceLevel Lowest { get; }

    /// <summary>The hash of the run so far.</summary>
    public ulong Hash => _hash.Value;

    /// <summary>Events so far, marks included.</summary>
    public long EventCount => _count;

    /// <summary>The marks reached and how often, in ordinal order.</summary>
    public IReadOnlyDictionary<string, long> Marks => _marks;

    /// <summary>Faults so far by kind, in ordinal order.</summary>
    public IReadOnlyDictionary<string, long> Faults => _faults;

    /// <summary>Requests of clients so far.</summary>
    public long RequestCount { get; private set; }

    /// <summary>Told of every event as it happens; null: nobody is. It must not change the run.</summary>
    public Action<TraceEvent>? Heard { get; set; }

    /// <summary>Adds a number to the hash without keeping an event.</summary>
    public void Fold(ulong number) => _hash.Add(number);

    /// <summary>Records one event.</summary>
    public void Add(TimeSpan at, long step, string node, TraceLevel level, string area, string name, ReadOnlySpan<TraceField> fields)
    {
        if (level < Lowest)
        {
            return;
        }

        if (level == TraceLevel.Mark)
        {
            _marks[name] = _marks.GetValueOrDefault(name) + 1;
        }

        if (area == FaultArea)
        {
            _faults[name] = _faults.GetValueOrDefault(name) + 1;
        }
        else if (area == ClientArea && name == CallName)
        {
            RequestCount++;
        }

        _hash.Add(at.Ticks);
        _hash.Add(node);
        _hash.Add(area);
        _hash.Add(name);
        foreach (TraceField field in fields)
        {
            _hash.Add(field.Name);
            _hash.Add(field.Number);
            if (field.Text is not null)
            {
                _hash.Add(field.Text);
            }
        }

        var happened = new TraceEvent(at, step, node, level, area, name, fields.ToArray());
        _ring[(int)(_count % _ring.Length)] = happened;
        _count++;
        Heard?.Invoke(happened);
        if (_jsonLines is not null)
        {
            Write(_jsonLines, happened);
        }
    }

    /// <summary>The last events, oldest first.</summary>
    public IReadOnlyList<TraceEvent> Last()
    {
        var last = new List<TraceEvent>(_ring.Length);
        for (long index = Math.Max(0, _count - _ring.Length); index < _count; index++)
        {
            last.Add(_ring[(int)(index % _ring.Length)]!);
        }

        return last;
    }

    private static void Write(Stream lines, TraceEvent happened)
    {
        using var json = new Utf8JsonWriter(lines);
        json.WriteStartObject();
        json.WriteNumber("atUs", happened.At.Ticks / TimeSpan.TicksPerMicrosecond);
        json.WriteNumber("step", happened.Step);
        json.WriteString("node", happened.Node);
        json.WriteString("level", happened.Level.ToString());
        json.WriteString("area", happened.Area);
        json.WriteString("name", happened.Name);
        foreach (TraceField field in happened.Fields)
        {
            if (field.Text is null)
            {
                json.WriteNumber(field.Name, field.Number);
            }
            else
            {
                json.WriteString(field.Name, field.Text);
            }
        }

        json.WriteEndObject();
        json.Flush();
        lines.WriteByte((byte)'\n');
    }
}
