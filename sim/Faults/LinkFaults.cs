using System;

namespace ObjectStore.Sim.Faults;

/// <summary>What happens to HTTP requests between a client and the node. Rates are per million requests.</summary>
public sealed record LinkFaults
{
    /// <summary>A link that only takes its time.</summary>
    public static readonly LinkFaults None = new();

    /// <summary>Longest delay of one direction.</summary>
    public TimeSpan DelayMax { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>How long a client waits for an answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Requests that never arrive.</summary>
    public int LoseRequestPerMillion { get; init; }

    /// <summary>Answers that never arrive.</summary>
    public int LoseAnswerPerMillion { get; init; }

    /// <summary>Bodies that end in the middle because the connection breaks. Such a request must have no effect.</summary>
    public int CutBodyPerMillion { get; init; }

    /// <summary>Bodies that come in pieces with pauses between them.</summary>
    public int SlowBodyPerMillion { get; init; }

    /// <summary>Answers whose bodies are taken in pieces with pauses between them.</summary>
    public int SlowReaderPerMillion { get; init; }

    /// <summary>Slow readers, of a million of them, that go away in the middle.</summary>
    public int ReaderLeavesPerMillion { get; init; }

    /// <summary>Longest pause of a slow reader.</summary>
    public TimeSpan ReaderPauseMax { get; init; } = TimeSpan.FromMilliseconds(20);
}
