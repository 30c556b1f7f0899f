using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>One shard of metadata: linearizable commands and queries. May be called from any thread; it hops to its own loop.</summary>
/// <remarks>
/// Today the shard commits through its disk store's log. It is shaped to sit on consensus: a command is a value that can be encoded, and applying it is a
/// function of the state and the command only (time, ids and randomness are fields of the command, put there by whoever proposes it).
/// </remarks>
public interface IMetadataShard
{
    /// <summary>Decides a command, commits it and returns when it is durable. Frames in <paramref name="staged"/> (synced) are published in the same batch;
    /// when the command is refused they are abandoned.</summary>
    /// <returns>The result, or an error that says which precondition failed; then nothing changed.</returns>
    /// <exception cref="StorageException">Outcome unknown when <see cref="StorageError.Poisoned"/>, else nothing changed.</exception>
    Task<CommandResult> ExecuteAsync(MetadataCommand command, IReadOnlyList<StagedChunk>? staged = null);

    /// <summary>Answers from durable state: every acknowledged command is seen, and nothing that could still be lost.</summary>
    Task<QueryResult> QueryAsync(MetadataQuery query);

    /// <summary>A fresh id for an upload, a blob or a version, unique over all time of the cluster.</summary>
    /// <exception cref="StorageException"><see cref="StorageError.Unavailable"/>: this node may not write now.</exception>
    BlobId NextBlobId();

    /// <summary>As <see cref="QueryAsync"/> for an object that is about to be streamed: its data stays until the lease is disposed.</summary>
    Task<ReadLease> OpenForReadAsync(GetObjectQuery query);
}
