using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Consensus;

/// <summary>What a group replicates: a deterministic machine whose state lives in the same ordered store as the group's log.</summary>
/// <remarks>
/// Everything is called on the host's loop, one call at a time: never an apply during another, nor during <see cref="BeginInstallAsync"/> or
/// <see cref="ISnapshotInstaller.FinishAsync"/>; chunks of an installation may be added while commands are applied to the old state.
/// Invariant: the state is a function of the commands applied, of nothing else. Effects are batches applied to the store of the log, in order, so the state
/// that a crash leaves is never ahead of the log and the log is never cut beyond it.
/// </remarks>
public interface IReplicatedStateMachine
{
    /// <summary>Index of the newest command whose effects are in the state; zero when new. Read when the group opens: entries above it are applied again.</summary>
    /// <remarks>After <see cref="ISnapshotInstaller.Switched"/> it is at least the snapshot's index.</remarks>
    LogIndex AppliedIndex { get; }

    /// <summary>Applies one committed command. Effects and <paramref name="index"/> go into one batch.</summary>
    /// <param name="index">Greater than that of every command before; not always by one, for the log has entries of its own.</param>
    /// <param name="term">The term in which it was proposed.</param>
    /// <param name="command">What was proposed; never changes.</param>
    /// <returns>What the proposer gets, if it is on this node. A refusal of the command is a result as well; the batch need not be durable on return: the log is.</returns>
    /// <exception cref="StorageException">The store failed. The group stops on this node.</exception>
    ValueTask<object?> ApplyAsync(LogIndex index, Term term, ReadOnlyMemory<byte> command);

    /// <summary>Opens the state as it is now, for sending. Later commands do not change what it yields.</summary>
    ISnapshotSource OpenSnapshot();

    /// <summary>Begins to take in another state, at <paramref name="index"/>, next to the present one. What an earlier unfinished installation left is dropped.</summary>
    ValueTask<ISnapshotInstaller> BeginInstallAsync(LogIndex index, Term term);
}

/// <summary>A state that is read chunk by chunk. Disposing releases the view beneath.</summary>
public interface ISnapshotSource : IDisposable
{
    /// <summary>The next bytes.</summary>
    /// <param name="buffer">Where they go; the source decides how much of it to fill.</param>
    /// <returns>How many; 0 at the end.</returns>
    /// <exception cref="StorageException">A row cannot be read: the transfer is given up.</exception>
    ValueTask<int> ReadChunkAsync(Memory<byte> buffer);
}

/// <summary>A state that is being taken in.</summary>
/// <remarks>Durable: nothing of it counts before the batch of <see cref="FinishAsync"/>; until then, and after a crash before it, the old state is in force.</remarks>
public interface ISnapshotInstaller
{
    /// <summary>Takes the next bytes, exactly as <see cref="ISnapshotSource.ReadChunkAsync"/> gave them, in order, cut anyhow.</summary>
    /// <param name="chunk">The installer may keep it.</param>
    ValueTask AddChunkAsync(ReadOnlyMemory<byte> chunk);

    /// <summary>All bytes were added: checks them and adds to <paramref name="batch"/> the rows that switch to the new state, with its index as the applied index.</summary>
    /// <param name="batch">Holds the rows of the log that belong to the switch; the group applies it, then calls <see cref="Switched"/>. Keep it small:
    /// rows of the old state are removed later.</param>
    /// <exception cref="MalformedDataException">The bytes are no state. The installation is abandoned and begins again.</exception>
    ValueTask FinishAsync(WriteBatch batch);

    /// <summary>The batch was applied: from now on the new state is the state.</summary>
    void Switched();

    /// <summary>Nothing more comes: drop what was added.</summary>
    ValueTask AbandonAsync();
}
