using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Proofs.Cluster;

/// <summary>Stands for the metadata: which blobs are named, and which gateways' commands are refused.</summary>
internal sealed class MetadataModel(IClock clock) : ILiveBlobs, IEpochFence
{
    private readonly SortedDictionary<(ulong Epoch, ulong Number), BlobRef> _live = [];
    private readonly HashSet<ulong> _closed = [];

    internal IReadOnlyCollection<BlobRef> Live => _live.Values;

    public async Task<(IReadOnlyList<BlobRef> Blobs, bool More)> ListAsync(BlobId from, BlobId last, int max)
    {
        await clock.DelayAsync(System.TimeSpan.FromMilliseconds(1));
        BlobRef[] found =
        [
            .. _live.Values.Where(blob => (blob.Id.Epoch, blob.Id.Number).CompareTo((from.Epoch, from.Number)) >= 0
                && (blob.Id.Epoch, blob.Id.Number).CompareTo((last.Epoch, last.Number)) <= 0).Take(max + 1),
        ];
        return (found.Take(max).ToArray(), found.Length > max);
    }

    public async Task CloseAsync(IReadOnlyList<ulong> epochs)
    {
        _closed.UnionWith(epochs);
        await clock.DelayAsync(System.TimeSpan.FromMilliseconds(1));
    }

    /// <summary>A command that names a blob; false when the gateway's epoch is closed.</summary>
    internal bool TryName(ulong gatewayEpoch, BlobRef blob) =>
        !_closed.Contains(gatewayEpoch) && _live.TryAdd((blob.Id.Epoch, blob.Id.Number), blob);

    internal void Unname(BlobRef blob) => _live.Remove((blob.Id.Epoch, blob.Id.Number));
}
