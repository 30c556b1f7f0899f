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

    /// <summary>Longest message of several events. One event is far shorter: its key and the id of its rule are bounded.</summary>
    /// <remarks>Source: Amazon S3 User Guide, "Amazon S3 Event Notifications": messages of at most 64 KB.</remarks>
    public int MessageBytes { get; init; } = 64 * 1024;

    /// <summary>Messages on their way to one target at the same time, from one node.</summary>
    public int MessagesInFlightMax { get; init; } = 4;

    /// <summary>Rest after a target did not take a message; doubles up to <see cref="RetryDelayMax"/>.</summary>
    public TimeSpan RetryDelayMin { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest rest.</summary>
    public TimeSpan RetryDelayMax { get; init; } = TimeSpan.FromMinutes(1);
}
