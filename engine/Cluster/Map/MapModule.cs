using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>The cluster map as a part of the root group's machine.</summary>
public sealed class MapModule : IGroupModule
{
    private volatile ClusterMap _map = ClusterMap.Empty;

    /// <inheritdoc/>
    public byte CommandKind => MapCommandCodec.CommandKind;

    /// <summary>The map as applied on this replica. Any thread.</summary>
    public ClusterMap Current => _map;

    /// <inheritdoc/>
    public async ValueTask<Action> LoadAsync(IReadView state)
    {
        ClusterMap map = await MapRows.LoadAsync(state);
        return () => _map = map;
    }

    /// <inheritdoc/>
    public ValueTask<object?> ApplyAsync(GroupStep step, ReadOnlyMemory<byte> command)
    {
        ArgumentNullException.ThrowIfNull(step);
        ClusterMap before = _map;
        (ClusterMap after, MapResult result) = MapMachine.Decide(before, MapCommandCodec.Decode(command.Span));
        MapRows.Write(step.Batch, before, after);
        step.Then(() => _map = after);
        return new ValueTask<object?>(result);
    }

    /// <inheritdoc/>
    public void EncodeResult(object? result, ByteWriter to) => MapCommandCodec.Encode((MapResult)result!, to);

    /// <inheritdoc/>
    /// <remarks>Any question is answered with the whole map, as <see cref="MapUpdate"/> encodes it.</remarks>
    public async ValueTask<ReadOnlyMemory<byte>> AnswerAsync(IReadView state, ReadOnlyMemory<byte> query)
    {
        var to = new ByteWriter();
        MapUpdate.Encode(await MapRows.LoadAsync(state), 0, to);
        return to.WrittenMemory;
    }
}
