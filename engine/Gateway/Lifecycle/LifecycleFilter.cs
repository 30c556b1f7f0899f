using System;
using System.Collections.Generic;

namespace ObjectStore.Engine.Gateway;

/// <summary>Which objects a lifecycle rule is for: all of its conditions must hold.</summary>
internal sealed record LifecycleFilter
{
    /// <summary>Keys start with this.</summary>
    internal string Prefix { get; init; } = "";

    /// <summary>Tags that the object must have, among others.</summary>
    internal IReadOnlyList<KeyValuePair<string, string>> Tags { get; init; } = [];

    /// <summary>Objects of more bytes only.</summary>
    internal long? LargerThanBytes { get; init; }

    /// <summary>Objects of fewer bytes only.</summary>
    internal long? SmallerThanBytes { get; init; }

    /// <summary>Names a size, which then replaces the least size of objects that are moved to other classes.</summary>
    internal bool HasSize => LargerThanBytes is not null || SmallerThanBytes is not null;

    /// <summary>Whether an object may be meant: all but its tags is looked at.</summary>
    internal bool MayMatch(string key, long sizeBytes) =>
        key.StartsWith(Prefix, StringComparison.Ordinal)
        && !(sizeBytes <= LargerThanBytes)
        && !(sizeBytes >= SmallerThanBytes);

    /// <summary>Whether an object has the tags asked for.</summary>
    internal bool HasTags(IReadOnlyList<KeyValuePair<string, string>> tags)
    {
        for (int i = 0; i < Tags.Count; i++)
        {
            if (!Contains(tags, Tags[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Contains(IReadOnlyList<KeyValuePair<string, string>> tags, KeyValuePair<string, string> wanted)
    {
        for (int i = 0; i < tags.Count; i++)
        {
            if (tags[i].Key == wanted.Key && tags[i].Value == wanted.Value)
            {
                return true;
            }
        }

        return false;
    }
}
