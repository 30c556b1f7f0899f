using System.Collections.Generic;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>Finds out where each version lies among those of its key, from a listing that comes page by page.</summary>
/// <remarks>A version comes out when the next one is known: only then it is certain whether it stands alone.</remarks>
internal sealed class VersionWalk
{
    private readonly List<(ObjectRecord Record, VersionPlace Place)> _out = [];
    private ObjectRecord? _held;
    private VersionPlace _heldPlace;

    /// <summary>Takes the next page.</summary>
    /// <param name="page">Versions, in the order of listings.</param>
    /// <param name="isLast">There is none after it.</param>
    /// <returns>The versions whose place is known by now, with their place. Overwritten by the next call.</returns>
    internal IReadOnlyList<(ObjectRecord Record, VersionPlace Place)> Take(IReadOnlyList<VersionEntry> page, bool isLast)
    {
        _out.Clear();
        for (int i = 0; i < page.Count; i++)
        {
            Take(page[i]);
        }

        if (isLast)
        {
            Release(next: null);
        }

        return _out;
    }

    private void Take(VersionEntry entry)
    {
        // A listing that goes on within a key may begin it anew: the newest version says so.
        ObjectRecord? above = !entry.IsLatest && _held?.Key == entry.Object.Key ? _held : null;
        VersionPlace abovePlace = _heldPlace;
        Release(entry.Object);
        if (entry.IsLatest)
        {
            (_held, _heldPlace) = (entry.Object, VersionPlace.Alone);
        }
        else if (above is not null)
        {
            int newer = abovePlace.Successor is null ? 0 : abovePlace.NewerNoncurrent + 1;
            (_held, _heldPlace) = (entry.Object, new VersionPlace(new LifecycleSuccessor(above.Version, above.ModifiedUtc), newer, IsAlone: false));
        }

        // Else what made it noncurrent went while the listing was under way: another walk will see it.
    }

    private void Release(ObjectRecord? next)
    {
        if (_held is { } held)
        {
            _out.Add((held, _heldPlace with { IsAlone = _heldPlace.IsAlone && held.Key != next?.Key }));
            _held = null;
        }
    }
}
