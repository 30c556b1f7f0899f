using System.Collections.Generic;

namespace ObjectStore.Engine.Kernel;

/// <summary>Names of what was lately asked for and not kept, first in, first out, bounded by what it would weigh: an admission policy lets in what is asked for again while its name is still here.</summary>
/// <remarks>
/// A name that was taken out still weighs until its turn comes: the memory is that of the last so many requests, not of the last so many names. Not thread-safe.
/// Source: the queue A1out of Johnson, Shasha, "2Q: A Low Overhead High Performance Buffer Management Replacement Algorithm", VLDB'94.
/// </remarks>
/// <param name="weightMax">Of all names together, in the unit of <see cref="Add"/>.</param>
public sealed class GhostQueue<TKey>(long weightMax)
    where TKey : notnull
{
    private readonly Dictionary<TKey, ulong> _turns = [];
    private readonly Queue<(TKey Key, ulong Turn, long Weight)> _order = new();
    private ulong _turn;
    private long _weight;

    /// <summary>Forgets a name; false when it was not remembered.</summary>
    public bool Remove(TKey key) => _turns.Remove(key);

    /// <summary>Remembers a name that is not remembered, and forgets the oldest beyond the bound: this one too when it weighs more than that.</summary>
    public void Add(TKey key, long weight)
    {
        Invariant.Check(weight > 0, "what weighs nothing would never be forgotten");
        _turns.Add(key, ++_turn);
        _order.Enqueue((key, _turn, weight));
        _weight += weight;
        while (_weight > weightMax)
        {
            (TKey oldest, ulong turn, long itsWeight) = _order.Dequeue();
            _weight -= itsWeight;
            if (_turns.TryGetValue(oldest, out ulong last) && last == turn)
            {
                _turns.Remove(oldest);
            }
        }
    }
}
