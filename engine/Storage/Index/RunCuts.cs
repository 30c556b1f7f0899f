using System;
using System.Collections.Generic;

namespace ObjectStore.Engine.Storage;

/// <summary>Tells whoever writes rows in order when a run must end. Rows that only grow at their end, in runs of their own, overlap nothing: they are moved from level to level and never rewritten.</summary>
internal sealed class RunCuts(IReadOnlyList<ReadOnlyMemory<byte>> cuts)
{
    private int _next;

    /// <summary>Whether a cut lies between the key asked for before and this one, which is larger.</summary>
    internal bool IsCrossedBy(ReadOnlySpan<byte> key)
    {
        bool isCrossed = false;
        while (_next < cuts.Count && cuts[_next].Span.SequenceCompareTo(key) <= 0)
        {
            _next++;
            isCrossed = true;
        }

        return isCrossed;
    }
}
