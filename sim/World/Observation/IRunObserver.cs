using System;
using System.Collections.Generic;
using ObjectStore.Sim.Trace;

namespace ObjectStore.Sim.World;

/// <summary>Watches a run, for a page about it. It must not change the run: what it sees is not part of the trace hash, and it is asked for nothing.</summary>
/// <remarks>Nodes, disks and clients are known by their names, as many as there are.</remarks>
public interface IRunObserver
{
    /// <summary>Something was said in the trace.</summary>
    void Traced(TraceEvent happened)
    {
    }

    /// <summary>A message went off: a frame between nodes, or a request or answer between a client and a node.</summary>
    /// <returns>A number for <see cref="MessageEnded"/>.</returns>
    long MessageSent(TimeSpan at, string from, string to, string text) => 0;

    /// <summary>A message arrived, or will never.</summary>
    void MessageEnded(long message, TimeSpan at, bool arrived)
    {
    }

    /// <summary>A disk was asked for something, and will take so long.</summary>
    void DiskAsked(string disk, DiskRequest request, TimeSpan at, TimeSpan takes)
    {
    }

    /// <summary>A disk of a node lost power.</summary>
    void DiskCrashed(string node, TimeSpan at, DiskCrashReport report)
    {
    }

    /// <summary>The history that was checked, and what the check said; see <see cref="ObservedHistory"/>.</summary>
    void HistoryChecked(ObservedHistory history)
    {
    }
}

/// <summary>A history of requests in a form that needs no model.</summary>
/// <param name="Entries">In the order of calls.</param>
/// <param name="Unplaceable">The number of the entry that no order explains; null: all are explained.</param>
/// <param name="Involved">Numbers of the entries that have to do with it.</param>
/// <param name="States">What the model holds in the explanations that came furthest.</param>
public sealed record ObservedHistory(
    IReadOnlyList<ObservedRequest> Entries,
    int? Unplaceable,
    IReadOnlyList<int> Involved,
    IReadOnlyList<string> States);

/// <summary>One request of a history.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Client">Who asked.</param>
/// <param name="Call">When.</param>
/// <param name="Return">When the answer came, or when the client gave up.</param>
/// <param name="Asked">What was asked.</param>
/// <param name="Answered">The answer; null when unknown.</param>
public sealed record ObservedRequest(int Id, string Client, TimeSpan Call, TimeSpan Return, string Asked, string? Answered);
