using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>What lifecycle rules did since the start of the process.</summary>
public sealed record LifecycleCounts
{
    /// <summary>Current versions that expired: objects that went, or got a delete marker.</summary>
    public long Expired { get; init; }

    /// <summary>Noncurrent versions that went.</summary>
    public long Removed { get; init; }

    /// <summary>Delete markers that hid nothing and went.</summary>
    public long MarkersRemoved { get; init; }

    /// <summary>Versions that changed their storage class.</summary>
    public long Moved { get; init; }

    /// <summary>Uploads in progress that were aborted.</summary>
    public long UploadsAborted { get; init; }

    /// <summary>Actions that were not done: something had changed meanwhile, or the version is locked.</summary>
    public long Refused { get; init; }

    /// <summary>Looks for rules, pages and actions that failed; they are tried again, some times a day.</summary>
    public long Failures { get; init; }

    /// <summary>Buckets that were walked to their end.</summary>
    public long Walks { get; init; }

    internal LifecycleCounts With(LifecycleAction done) => done switch
    {
        LifecycleAction.Expire => this with { Expired = Expired + 1 },
        LifecycleAction.RemoveNoncurrent => this with { Removed = Removed + 1 },
        LifecycleAction.RemoveMarker => this with { MarkersRemoved = MarkersRemoved + 1 },
        LifecycleAction.Transition => this with { Moved = Moved + 1 },
        _ => this with { UploadsAborted = UploadsAborted + 1 },
    };
}
