using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>This node's replica of the root group, as far as the cluster map is concerned. On the loop that owns it.</summary>
public interface IRootGroup
{
    /// <summary>Owns the replica.</summary>
    ILoop Loop { get; }

    /// <summary>Whether it leads, as far as it knows.</summary>
    bool IsLeader { get; }

    /// <summary>Its term: what a leader remembers of an earlier one is worth nothing.</summary>
    ulong Term { get; }

    /// <summary>Who leads, as far as it knows.</summary>
    NodeId? Leader { get; }

    /// <summary>The map as applied here.</summary>
    ClusterMap Map { get; }

    /// <summary>Ends with true when this replica still led after the call began and <see cref="Map"/> has every command that was acknowledged before it (a read index).</summary>
    ValueTask<bool> ConfirmAsync();

    /// <summary>Has the group decide a command.</summary>
    /// <exception cref="StorageException"><see cref="StorageError.Unavailable"/>: nothing changed; <see cref="StorageError.OutcomeUnknown"/>: it may have.</exception>
    ValueTask<MapResult> ProposeAsync(MapCommand command);
}

/// <summary>Makes the metadata refuse the commands of gateways for good.</summary>
public interface IEpochFence
{
    /// <summary>Ends when every metadata shard refuses commands of these epochs, now and for ever.</summary>
    /// <exception cref="StorageException">Not known to be so everywhere: do it again.</exception>
    Task CloseAsync(System.Collections.Generic.IReadOnlyList<ulong> epochs);
}
