using System;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>One rule of a notification configuration: which events of which keys are told to whom.</summary>
/// <param name="Id">Its id, which events name.</param>
/// <param name="Kinds">Of these kinds.</param>
/// <param name="Prefix">Of keys that start with this, which is not encoded;</param>
/// <param name="Suffix">and end with this, likewise. The two may share characters of the key.</param>
/// <param name="Arn">As the configuration names the target.</param>
/// <param name="Target">Its name.</param>
/// <param name="Region">The region that the ARN names.</param>
internal sealed record EventRule(string Id, EventKinds Kinds, string Prefix, string Suffix, string Arn, string Target, string Region)
{
    internal bool Matches(EventKind kind, string key) =>
        Kinds.Contains(kind) && key.StartsWith(Prefix, StringComparison.Ordinal) && key.EndsWith(Suffix, StringComparison.Ordinal);

    /// <summary>Some event of some key may be meant by both: prefixes and suffixes both overlap when one is the start, or the end, of the other.</summary>
    internal bool Overlaps(EventRule other) =>
        Kinds.Overlaps(other.Kinds)
        && (Prefix.StartsWith(other.Prefix, StringComparison.Ordinal) || other.Prefix.StartsWith(Prefix, StringComparison.Ordinal))
        && (Suffix.EndsWith(other.Suffix, StringComparison.Ordinal) || other.Suffix.EndsWith(Suffix, StringComparison.Ordinal));
}
