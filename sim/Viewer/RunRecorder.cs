using System;
using System.Collections.Generic;
using ObjectStore.Sim.Trace;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Viewer;

/// <summary>A message between two lanes.</summary>
internal sealed record RecordedMessage(string From, string To, TimeSpan Sent, string Text)
{
    internal TimeSpan? Ended { get; set; }

    internal bool Arrived { get; set; }
}

/// <summary>A request to a disk.</summary>
internal sealed record RecordedDiskRequest(string Disk, DiskRequest Request, TimeSpan At, TimeSpan Takes);

/// <summary>What a power loss did.</summary>
internal sealed record RecordedCrash(string Node, TimeSpan At, DiskCrashReport Report);

/// <summary>Watches one run and keeps everything that a page about it may show. Bounded: of a run that is too long, the last part is kept.</summary>
public sealed class RunRecorder : IRunObserver
{
    /// <summary>Messages and disk requests that are kept of each, at most, while the run goes on; the page keeps fewer.</summary>
    private const int KeptWhileRunning = 200_000;
    private readonly List<TraceEvent> _events = [];
    private readonly List<RecordedMessage> _messages = [];
    private readonly List<RecordedDiskRequest> _diskRequests = [];
    private readonly List<RecordedCrash> _crashes = [];
    private long _messagesDropped;

    /// <summary>What was said in the trace.</summary>
    public IReadOnlyList<TraceEvent> Events => _events;

    internal IReadOnlyList<RecordedMessage> Messages => _messages;

    internal IReadOnlyList<RecordedDiskRequest> DiskRequests => _diskRequests;

    internal IReadOnlyList<RecordedCrash> Crashes => _crashes;

    internal ObservedHistory? History { get; private set; }

    /// <summary>What was dropped while the run went on: events, messages, disk requests.</summary>
    internal (long Events, long Messages, long DiskRequests) Dropped { get; private set; }

    /// <inheritdoc/>
    public void Traced(TraceEvent happened)
    {
        _events.Add(happened);
        if (_events.Count > KeptWhileRunning)
        {
            _events.RemoveRange(0, KeptWhileRunning / 2);
            Dropped = Dropped with { Events = Dropped.Events + (KeptWhileRunning / 2) };
        }
    }

    /// <inheritdoc/>
    public long MessageSent(TimeSpan at, string from, string to, string text)
    {
        _messages.Add(new RecordedMessage(from, to, at, text));
        if (_messages.Count > KeptWhileRunning)
        {
            _messages.RemoveRange(0, KeptWhileRunning / 2);
            _messagesDropped += KeptWhileRunning / 2;
            Dropped = Dropped with { Messages = _messagesDropped };
        }

        return _messagesDropped + _messages.Count - 1;
    }

    /// <inheritdoc/>
    public void MessageEnded(long message, TimeSpan at, bool arrived)
    {
        long index = message - _messagesDropped;
        if (index >= 0)
        {
            _messages[(int)index].Ended = at;
            _messages[(int)index].Arrived = arrived;
        }
    }

    /// <inheritdoc/>
    public void DiskAsked(string disk, DiskRequest request, TimeSpan at, TimeSpan takes)
    {
        _diskRequests.Add(new RecordedDiskRequest(disk, request, at, takes));
        if (_diskRequests.Count > KeptWhileRunning)
        {
            _diskRequests.RemoveRange(0, KeptWhileRunning / 2);
            Dropped = Dropped with { DiskRequests = Dropped.DiskRequests + (KeptWhileRunning / 2) };
        }
    }

    /// <inheritdoc/>
    public void DiskCrashed(string node, TimeSpan at, DiskCrashReport report) => _crashes.Add(new RecordedCrash(node, at, report));

    /// <inheritdoc/>
    public void HistoryChecked(ObservedHistory history) => History = history;
}
