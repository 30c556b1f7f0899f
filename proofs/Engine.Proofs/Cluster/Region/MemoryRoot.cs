using System.Threading.Tasks;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Proofs.Doubles;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Proofs.Cluster;

/// <summary>A root group of one replica that keeps its rows in memory over crashes. Commands pass through their codec, the map through its rows.</summary>
internal sealed class MemoryRoot : IRootGroup
{
    private readonly MemoryOrderedStore _rows = new();

    public ILoop Loop { get; internal set; } = null!;

    public bool IsLeader { get; internal set; }

    public ulong Term { get; internal set; }

    public NodeId? Leader { get; internal set; }

    public ClusterMap Map { get; private set; } = ClusterMap.Empty;

    public async ValueTask<bool> ConfirmAsync()
    {
        await Task.Yield();
        return IsLeader;
    }

    public async ValueTask<MapResult> ProposeAsync(MapCommand command)
    {
        if (!IsLeader)
        {
            throw new StorageException(StorageError.Unavailable, "map", -1, "not the leader");
        }

        var encoded = new ByteWriter();
        MapCommandCodec.Encode(command, encoded);
        await Task.Yield();
        (ClusterMap after, MapResult result) = MapMachine.Decide(Map, MapCommandCodec.Decode(encoded.Written));
        var batch = new WriteBatch();
        MapRows.Write(batch, Map, after);
        if (batch.Operations.Count > 0)
        {
            _rows.Apply(batch);
        }

        Map = after;
        return result;
    }

    internal async Task BeginTermAsync(ILoop loop, NodeId self)
    {
        using IReadView view = _rows.ReadLatest();
        Map = await MapRows.LoadAsync(view);
        (Loop, Leader, IsLeader) = (loop, self, true);
        Term++;
    }
}
