using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>Reclaiming over the whole cluster: waits for readers of every gateway, then deletes on every disk.</summary>
public sealed class ClusterReclaim(GatewayReads reads, BlobDeletion deletion) : IBlobReclaimer
{
    /// <inheritdoc/>
    public Task WaitForReadersAsync() => reads.WaitForReadersAsync();

    /// <inheritdoc/>
    public Task DeleteAsync(IReadOnlyList<BlobRef> blobs) => deletion.DeleteAsync(blobs);
}

/// <summary>The gateways of the map, from the root leader.</summary>
public sealed class MapGateways(RootClient root) : ILiveGateways
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<NodeId>> ListAsync() =>
        root.Rpc.Loop.CallAsync(static async client => await client.ListGatewaysAsync(), root);
}

/// <summary>The blobs that the metadata of the cluster names.</summary>
/// <remarks>Those that a range in transfer names too: they are kept, and when one turns out to be deleted its remains are orphans of a later pass.</remarks>
public sealed class MetadataLiveBlobs(ClusterMetadata metadata) : ILiveBlobs
{
    /// <inheritdoc/>
    public async Task<(IReadOnlyList<BlobRef> Blobs, bool More)> ListAsync(BlobId from, BlobId last, int max)
    {
        (IReadOnlyList<NamedBlob> named, bool more) = await metadata.ListLiveBlobsAsync(from, last, max);
        var blobs = new BlobRef[named.Count];
        for (int i = 0; i < blobs.Length; i++)
        {
            blobs[i] = named[i].Blob;
        }

        return (blobs, more);
    }
}

/// <summary>Closes epochs in the metadata of the cluster.</summary>
public sealed class MetadataFence(ClusterMetadata metadata) : IEpochFence
{
    /// <inheritdoc/>
    public Task CloseAsync(IReadOnlyList<ulong> epochs) => metadata.CloseEpochsAsync(0, epochs);
}
