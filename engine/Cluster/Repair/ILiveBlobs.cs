using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>Which blobs the metadata names.</summary>
public interface ILiveBlobs
{
    /// <summary>Blobs of a range of ids, both ends included, in the order of their ids; and whether there are more.</summary>
    /// <remarks>
    /// Linearizable over all metadata shards together: a blob that is named from before the call to its end is among them, also when its row moves between shards meanwhile. A blob
    /// whose last reader may not have ended is still named.
    /// </remarks>
    /// <exception cref="StorageException">It cannot be told now.</exception>
    Task<(IReadOnlyList<BlobRef> Blobs, bool More)> ListAsync(BlobId from, BlobId last, int max);
}
