using System;
using System.Collections.Generic;

namespace ObjectStore.Engine.Cluster;

/// <summary>Which versions of the map writes that are under way began with. Lives on one loop.</summary>
internal sealed class MapVersionsInUse
{
    private readonly SortedDictionary<ulong, int> _counts = [];

    /// <summary>The oldest in use; null when none is.</summary>
    internal ulong? Oldest
    {
        get
        {
            foreach (ulong version in _counts.Keys)
            {
                return version;
            }

            return null;
        }
    }

    /// <summary>Use of a version until it is disposed of.</summary>
    internal InUse Begin(ulong version)
    {
        _counts[version] = _counts.GetValueOrDefault(version) + 1;
        return new InUse(this, version);
    }

    internal void End(ulong version)
    {
        if (--_counts[version] == 0)
        {
            _counts.Remove(version);
        }
    }
}

/// <summary>One use of a version.</summary>
internal readonly struct InUse(MapVersionsInUse versions, ulong version) : IDisposable
{
    public void Dispose() => versions.End(version);
}
