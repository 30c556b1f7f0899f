using System.Collections.Generic;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Gateway;

/// <summary>Names of the chunks that were last read whole and are not in the cache: its ghost queue. First in, first out, bounded by the pages that they would take.</summary>
/// <remarks>A name that was taken out still weighs until its turn comes: the memory is that of the last reads, not of the last names. Not thread-safe.</remarks>
internal sealed class RecentChunks(int pagesMax)
{
    private readonly Dictionary<ChunkId, long> _turns = [];
    private readonly Queue<(ChunkId Id, long Turn, int Pages)> _order = new();
    private long _turn;
    private int _pages;

    /// <summary>Forgets a chunk; false when it was not remembered.</summary>
    internal bool Remove(ChunkId id) => _turns.Remove(id);

    /// <summary>Remembers a chunk that it does not remember, of at most as many pages as the bound, and forgets the oldest beyond the bound.</summary>
    internal void Add(ChunkId id, int pages)
    {
        Invariant.Check(pages <= pagesMax, "a chunk greater than the memory of recent ones");
        _turns.Add(id, ++_turn);
        _order.Enqueue((id, _turn, pages));
        _pages += pages;
        while (_pages > pagesMax)
        {
            (ChunkId oldest, long turn, int weight) = _order.Dequeue();
            _pages -= weight;
            if (_turns.TryGetValue(oldest, out long last) && last == turn)
            {
                _turns.Remove(oldest);
            }
        }
    }
}
