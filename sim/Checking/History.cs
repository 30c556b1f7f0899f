using System;
using System.Collections.Generic;

namespace ObjectStore.Sim.Checking;

/// <summary>One operation of a history: when it was called, when it returned, and what it returned.</summary>
/// <typeparam name="TOperation">What was asked.</typeparam>
/// <typeparam name="TResult">What was answered.</typeparam>
public sealed class HistoryEntry<TOperation, TResult>
    where TResult : class
{
    /// <summary>Position in the history, from 0.</summary>
    public required int Id { get; init; }

    /// <summary>Who asked. A client may have several operations open.</summary>
    public required int Client { get; init; }

    /// <summary>What was asked.</summary>
    public required TOperation Operation { get; init; }

    /// <summary>Position of the call in the total order of calls and returns.</summary>
    public required long Call { get; init; }

    /// <summary>Position of the return; <see cref="long.MaxValue"/> when the outcome is unknown: the operation may take effect at any later time, or never.</summary>
    public long Return { get; set; } = long.MaxValue;

    /// <summary>The answer; null when unknown.</summary>
    public TResult? Result { get; set; }

    /// <summary>Time of the call, for people.</summary>
    public TimeSpan CallTime { get; init; }

    /// <summary>Time of the return or of giving up, for people.</summary>
    public TimeSpan ReturnTime { get; set; }

    /// <summary>A guess at its place among writes of the same thing (lower is earlier), for the search to try first; null when there is none.</summary>
    public int? OrderHint { get; init; }

    /// <inheritdoc/>
    public override string ToString() =>
        $"#{Id} client {Client} [{CallTime.TotalMilliseconds:0.###}, {(Result is null ? "" : $"{ReturnTime.TotalMilliseconds:0.###}")}] ms {Operation} -> {(object?)Result ?? "unknown"}";
}

/// <summary>What clients saw: calls and returns in one total order. Not thread-safe: one world, or one lock around it.</summary>
/// <remarks>Source of the form: Herlihy and Wing, "Linearizability", TOPLAS 1990.</remarks>
public sealed class History<TOperation, TResult>
    where TResult : class
{
    private readonly List<HistoryEntry<TOperation, TResult>> _entries = [];
    private long _position;

    /// <summary>In the order of calls.</summary>
    public IReadOnlyList<HistoryEntry<TOperation, TResult>> Entries => _entries;

    /// <summary>Notes a call. Until <see cref="Returned"/> its outcome is unknown.</summary>
    public HistoryEntry<TOperation, TResult> Called(int client, TOperation operation, TimeSpan now)
    {
        var entry = new HistoryEntry<TOperation, TResult>
        {
            Id = _entries.Count,
            Client = client,
            Operation = operation,
            Call = _position++,
            CallTime = now,
        };
        _entries.Add(entry);
        return entry;
    }

    /// <summary>Notes the answer.</summary>
    public void Returned(HistoryEntry<TOperation, TResult> entry, TResult result, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(entry);
        entry.Result = result;
        entry.Return = _position++;
        entry.ReturnTime = now;
    }

    /// <summary>Notes that the client gave up waiting: the outcome stays unknown.</summary>
    public void GaveUp(HistoryEntry<TOperation, TResult> entry, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(entry);
        entry.ReturnTime = now;
        _position++;
    }
}
