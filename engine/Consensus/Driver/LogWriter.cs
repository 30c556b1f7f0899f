using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Consensus;

/// <summary>Something that a group wants written, and what follows.</summary>
/// <param name="Group">Whose.</param>
/// <param name="Number">The core's batch; 0 for a restored snapshot.</param>
/// <param name="SizeBytes">About.</param>
/// <param name="AddTo">Adds the rows.</param>
/// <param name="Whole">A batch that is applied as it is, on its own; null when the rows may share one.</param>
/// <param name="Stored">Called when the batch was applied, not durable yet.</param>
/// <param name="After">Messages that wait for it to be durable.</param>
internal sealed record LogWrite(
    RaftGroup Group, ulong Number, long SizeBytes, Action<WriteBatch> AddTo, WriteBatch? Whole, Action<LogWrite> Stored, List<RaftMessage> After)
{
    /// <summary>Once it is stored, entries up to here are in the store as they are in the log; lowered when they are replaced while it waits.</summary>
    public LogIndex End { get; set; }

    /// <summary>It was applied, and its group does not know yet that it is durable.</summary>
    public bool IsApplied { get; set; }
}

/// <summary>Writes the logs of all groups in the order in which the cores gave their batches: what waits together goes into one batch of the store.</summary>
/// <remarks>Invariant: batches are applied, and so become durable, in that order; a message goes when its batch and all before are durable.</remarks>
internal sealed class LogWriter(RaftHost host)
{
    private readonly Queue<LogWrite> _waiting = new();
    private readonly Queue<List<LogWrite>> _applied = new();
    private readonly Signal _wake = new();

    internal void Add(LogWrite write)
    {
        _waiting.Enqueue(write);
        _wake.Set();
    }

    internal async Task RunAsync()
    {
        // The event loop of the log; ends with the node or when the store has failed.
        while (host.Failure is null)
        {
            if (_waiting.Count == 0)
            {
                await _wake.WaitAsync();
            }
            else if (await host.WaitForRoomAsync())
            {
                WriteNext();
            }
        }
    }

    private void WriteNext()
    {
        var writes = new List<LogWrite>();
        var batch = new WriteBatch();
        while (_waiting.TryPeek(out LogWrite? write))
        {
            bool fits = writes.Count == 0 || (write.Whole is null && batch.SizeBytes + write.SizeBytes <= host.Options.LogBatchBytesMax);
            if (!fits)
            {
                break;
            }

            _waiting.Dequeue();
            if (write.Group.IsStopped)
            {
                continue;
            }

            batch = write.Whole ?? batch;
            write.AddTo(batch);
            writes.Add(write);
            if (write.Whole is not null)
            {
                break;
            }
        }

        if (writes.Count == 0)
        {
            return;
        }

        try
        {
            Task durable = host.Store.Apply(batch).Durable;
            foreach (LogWrite write in writes)
            {
                write.IsApplied = true;
                write.Stored(write);
            }

            _applied.Enqueue(writes);
            FinishAsync(writes, durable);
        }
        catch (StorageException failure)
        {
            // Room was there a moment ago: the store is broken, or smaller than a batch.
            host.Fail(failure);
        }
    }

    private async void FinishAsync(List<LogWrite> writes, Task durable)
    {
        try
        {
            await durable;
        }
        catch (StorageException failure)
        {
            host.Fail(failure);
            return;
        }

        // Who awaits the store goes on in any order when several batches became durable in one turn of the loop; each brings all before it with it.
        while (writes[0].IsApplied)
        {
            foreach (LogWrite write in _applied.Dequeue())
            {
                write.IsApplied = false;
                write.Group.Written(write);
            }
        }
    }
}
