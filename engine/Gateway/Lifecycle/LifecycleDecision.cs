using System;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>Where a version lies among those of its key.</summary>
/// <param name="Successor">The version just above it, which made it noncurrent; null for the current one.</param>
/// <param name="NewerNoncurrent">Noncurrent versions above it.</param>
/// <param name="IsAlone">The current one, and there is no other.</param>
internal readonly record struct VersionPlace(LifecycleSuccessor? Successor, int NewerNoncurrent, bool IsAlone)
{
    /// <summary>The only version that a key has.</summary>
    internal static VersionPlace Alone => new(null, 0, IsAlone: true);
}

/// <summary>What a rule asks for.</summary>
/// <param name="Action">What to do.</param>
/// <param name="RuleId">By which rule.</param>
internal sealed record LifecycleDecision(LifecycleAction Action, string RuleId)
{
    /// <summary>Of a move.</summary>
    internal string StorageClass { get; init; } = "";

    /// <summary>Holds only while at least so many noncurrent versions lie above this one.</summary>
    internal int NewerNoncurrentMin { get; init; }
}

/// <summary>When something will be done, and by which rule.</summary>
internal readonly record struct LifecycleDue(DateTime AtUtc, string RuleId);
