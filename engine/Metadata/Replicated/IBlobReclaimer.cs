using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>What reclaiming needs from the rest of the cluster.</summary>
public interface IBlobReclaimer
{
    /// <summary>Ends when every read that had begun, on any gateway, when this was called has ended or can be served no more.</summary>
    /// <exception cref="StorageException">It cannot be told now; try later.</exception>
    Task WaitForReadersAsync();

    /// <summary>Deletes all that is stored of these blobs. Nobody reads them, and nobody will. Again for what is deleted already is fine.</summary>
    /// <exception cref="StorageException">Something of them may still be stored; try later.</exception>
    Task DeleteAsync(IReadOnlyList<BlobRef> blobs);
}
