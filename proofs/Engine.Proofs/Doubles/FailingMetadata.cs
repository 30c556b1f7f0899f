using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Proofs.Doubles;

/// <summary>Metadata that cannot do some things.</summary>
internal sealed class FailingMetadata(IMetadataShard inner) : IMetadataShard
{
    private readonly HashSet<string> _acted = [];

    /// <summary>What is refused.</summary>
    internal Type? Failing { get; set; }

    /// <summary>Commands that are done, and then nobody knows it.</summary>
    internal Type? Forgetting { get; set; }

    /// <summary>Happens just before the first lifecycle action on each key.</summary>
    internal Func<string, Task>? BeforeFirstAction { get; set; }

    public BlobId NextBlobId() => inner.NextBlobId();

    public async Task<CommandResult> ExecuteAsync(MetadataCommand command, IReadOnlyList<StagedChunk>? staged = null)
    {
        Check(command);
        if (command is ApplyLifecycleCommand action && BeforeFirstAction is { } before && _acted.Add(action.Key))
        {
            await before(action.Key);
        }

        CommandResult result = await inner.ExecuteAsync(command, staged);
        return command.GetType() != Forgetting ? result : throw new StorageException(StorageError.OutcomeUnknown, "group", -1, "planted");
    }

    public Task<QueryResult> QueryAsync(MetadataQuery query)
    {
        Check(query);
        return inner.QueryAsync(query);
    }

    public Task<ReadLease> OpenForReadAsync(GetObjectQuery query) => inner.OpenForReadAsync(query);

    private void Check(object asked)
    {
        if (asked.GetType() == Failing)
        {
            throw new StorageException(StorageError.Unavailable, "group", -1, "planted");
        }
    }
}
