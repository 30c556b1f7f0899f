using System.Collections.Generic;

namespace ObjectStore.Engine.Cluster;

/// <summary>The reads that are open on this gateway, in the order in which they began. Any thread.</summary>
public sealed class OpenReads
{
    private readonly object _gate = new();
    private readonly SortedSet<ulong> _open = [];
    private ulong _next = 1;

    /// <summary>The number that the next read gets, and the oldest that is open (the next one when none is): reads below it have all ended.</summary>
    public (ulong Next, ulong Oldest) Now
    {
        get
        {
            lock (_gate)
            {
                return (_next, _open.Count == 0 ? _next : _open.Min);
            }
        }
    }

    /// <summary>A read begins. Call it before anything is asked.</summary>
    /// <returns>Its number; give it back with <see cref="End"/>.</returns>
    public ulong Begin()
    {
        lock (_gate)
        {
            _open.Add(_next);
            return _next++;
        }
    }

    /// <summary>A read has ended.</summary>
    public void End(ulong read)
    {
        lock (_gate)
        {
            _open.Remove(read);
        }
    }
}
