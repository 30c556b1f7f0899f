using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>The root group as consensus keeps it: the map is a module of its machine. On the loop of the group.</summary>
public sealed class ReplicatedRoot : IRootGroup
{
    private readonly IRaftGroup _group;
    private readonly MapModule _module;

    /// <summary>Names an open replica.</summary>
    /// <param name="loop">Owns the group.</param>
    /// <param name="group">The root group's replica on this node.</param>
    /// <param name="module">The map's part of its machine.</param>
    public ReplicatedRoot(ILoop loop, IRaftGroup group, MapModule module)
    {
        ArgumentNullException.ThrowIfNull(loop);
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(module);
        (Loop, _group, _module) = (loop, group, module);
    }

    /// <inheritdoc/>
    public ILoop Loop { get; }

    /// <inheritdoc/>
    public bool IsLeader => _group.IsLeader;

    /// <inheritdoc/>
    public ulong Term => _group.Term.Value;

    /// <inheritdoc/>
    public NodeId? Leader => _group.LeaderNode;

    /// <inheritdoc/>
    public ClusterMap Map => _module.Current;

    /// <inheritdoc/>
    public async ValueTask<bool> ConfirmAsync() => IsLeader && (await _group.ReadIndexAsync()).Status == ReadStatus.Ok && IsLeader;

    /// <inheritdoc/>
    public async ValueTask<MapResult> ProposeAsync(MapCommand command)
    {
        var to = new ByteWriter();
        MapCommandCodec.Encode(command, to);

        // Moving slots away from a full disk must work on a full disk too.
        ProposalOutcome outcome = await _group.ProposeAsync(to.WrittenMemory, freesSpace: true);
        return outcome.Status switch
        {
            ProposalStatus.Applied => (MapResult)outcome.Result!,
            ProposalStatus.Unknown => throw new StorageException(StorageError.OutcomeUnknown, "map", -1, $"the fate of {command.GetType().Name} is not known"),
            _ => throw new StorageException(StorageError.Unavailable, "map", -1, $"{command.GetType().Name} was not decided: {outcome.Status}"),
        };
    }
}
