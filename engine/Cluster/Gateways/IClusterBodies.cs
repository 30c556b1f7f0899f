using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>Where a cluster keeps bodies that do not lie in the metadata.</summary>
public interface IClusterBodies
{
    /// <summary>What the gateway writes to and reads from.</summary>
    IContentStore Content { get; }

    /// <summary>The placement group for the next blob. Any thread.</summary>
    ushort NextPlacementGroup();

    /// <summary>Deletes all that is stored of these blobs, which nobody reads any more. Again for what is deleted already is fine.</summary>
    /// <exception cref="StorageException">Something of them may still be stored; try later.</exception>
    Task DeleteAsync(IReadOnlyList<BlobRef> blobs);

    /// <summary>Chunks that nothing will name. Any thread; never fails: what cannot be deleted now is found later as an orphan.</summary>
    void Abandon(IReadOnlyList<StagedChunk> staged);
}
