using System;
using System.Collections.Generic;

namespace ObjectStore.Engine.Gateway;

/// <summary>Who may be told of events, and paces of telling.</summary>
public sealed record EventOptions
{
    /// <summary>Most targets.</summary>
    public const int TargetsMax = 32;

    /// <summary>Who may be told; the same on all nodes of a region. Names are unique.</summary>
    public IReadOnlyList<IEventTarget> Targets { get; init; } = [];

    /// <summary>Events of one message, at most.</summary>
    public int MessageEventsMax { get; init; } = 100;

    /// <summary>A message that is so long takes no further event.</summary>
    public int MessageBytes { get; init; } = 256 * 1024;

    /// <summary>Messages on their way to one target at the same time, from one node.</summary>
    public int MessagesInFlightMax { get; init; } = 4;

    /// <summary>Rest after a target did not take a message; doubles up to <see cref="RetryDelayMax"/>.</summary>
    public TimeSpan RetryDelayMin { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest rest.</summary>
    public TimeSpan RetryDelayMax { get; init; } = TimeSpan.FromMinutes(1);
}
