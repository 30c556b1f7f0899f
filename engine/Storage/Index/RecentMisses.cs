using System;
using System.Numerics;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>Which blocks were lately missed and not kept, in one array: a place for each by its hash, which a later miss of the same place takes over.</summary>
/// <remarks>
/// A miss is forgotten after about as many others as there are places, as in the queue A1out of 2Q, but asking and remembering touch one cache line where an ordered queue over a dictionary touches eight.
/// Of places it has at most half as many as the cache has blocks, as the authors of 2Q advise: whatever is admitted is a new array, which the collector moves twice before it rests.
/// A wrong yes, one time in 2^31, keeps a block that was missed once.
/// Source: Johnson, Shasha, "2Q: A Low Overhead High Performance Buffer Management Replacement Algorithm", VLDB'94.
/// </remarks>
/// <param name="blocksMax">Blocks that the cache has room for.</param>
internal sealed class RecentMisses(long blocksMax)
{
    private const int PlacesMax = 1 << 20;

    private readonly uint[] _places = new uint[(int)BitOperations.RoundUpToPowerOf2((ulong)Math.Clamp(blocksMax / 4, 1, PlacesMax / 2) + 1)];

    /// <summary>True when the block was missed not long ago, and then forgets it; else remembers it.</summary>
    internal bool TakeOrRemember(ulong run, long offset)
    {
        ulong hash = StableHash.Compute((ulong)offset, run);
        ref uint place = ref _places[(int)(hash & (ulong)(_places.Length - 1))];
        uint name = (uint)(hash >> 32) | 1;
        bool wasMissed = place == name;
        place = wasMissed ? 0 : name;
        return wasMissed;
    }
}
