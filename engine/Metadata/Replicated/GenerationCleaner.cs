using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>Removes the rows of generations that are no state any more, some at a time. What a crash leaves is found again by looking.</summary>
internal sealed class GenerationCleaner(NodeEnvironment environment, IOrderedStore store, ulong group)
{
    private const int RowsOfBatch = 512;

    private readonly Signal _wake = new();
    private uint _current;
    private uint? _installing;

    /// <summary>Says which generations stay.</summary>
    internal void Keep(uint current, uint? installing)
    {
        (_current, _installing) = (current, installing);
        _wake.Set();
    }

    internal async Task RunAsync()
    {
        // Ends with the node, or with its disk.
        try
        {
            while (true)
            {
                await _wake.WaitAsync();
                while (await RemoveSomeAsync())
                {
                    await Task.Yield();
                }
            }
        }
        catch (StorageException failure)
        {
            environment.Trace.Emit(TraceLevel.Warning, "metadata", "generation-cleaner-ended", ("error", failure.Error.ToString()));
        }
    }

    private async ValueTask<bool> RemoveSomeAsync()
    {
        await store.WaitForRoomAsync(freesSpace: true);
        var batch = new WriteBatch();
        using IReadView state = store.ReadLatest();
        using IScan scan = state.Scan(new KeySpace(group, 1).Start, new KeySpace(group, uint.MaxValue).End);
        while (batch.Operations.Count < RowsOfBatch && await scan.NextAsync())
        {
            // Looked at for each row: an installation may have begun meanwhile.
            uint generation = KeySpace.GenerationOf(scan.Key.Span);
            if (generation == _current || generation == _installing)
            {
                scan.SkipTo(new KeySpace(group, generation).End);
            }
            else
            {
                batch.Delete(scan.Key.ToArray());
            }
        }

        if (batch.Operations.Count == 0)
        {
            return false;
        }

        environment.Trace.Mark("group-generation-cleaned");
        store.Apply(batch);
        return true;
    }
}
