using System.Collections.Generic;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>Puts the blobs together that several groups name.</summary>
internal static class BlobMerge
{
    /// <summary>In order of their ids, each once. Where a group has more than it gave, nothing above its last one is kept: others may be missing there.</summary>
    internal static (IReadOnlyList<NamedBlob> Blobs, bool More) Join(IReadOnlyList<(IReadOnlyList<NamedBlob> Blobs, bool More)> parts)
    {
        (ulong Epoch, ulong Number)? end = null;
        var joined = new SortedDictionary<(ulong Epoch, ulong Number), NamedBlob>();
        foreach ((IReadOnlyList<NamedBlob> blobs, bool more) in parts)
        {
            foreach (NamedBlob named in blobs)
            {
                (ulong, ulong) key = KeyOf(named.Blob.Id);
                bool isOwn = named.IsOwn || (joined.TryGetValue(key, out NamedBlob other) && other.IsOwn);
                joined[key] = named with { IsOwn = isOwn };
            }

            if (more && blobs.Count > 0 && (end is not { } so || KeyOf(blobs[^1].Blob.Id).CompareTo(so) < 0))
            {
                end = KeyOf(blobs[^1].Blob.Id);
            }
        }

        var list = new List<NamedBlob>(joined.Count);
        foreach (((ulong Epoch, ulong Number) key, NamedBlob named) in joined)
        {
            if (end is not { } last || key.CompareTo(last) <= 0)
            {
                list.Add(named);
            }
        }

        return (list, end is not null);
    }

    private static (ulong Epoch, ulong Number) KeyOf(BlobId id) => (id.Epoch, id.Number);
}
