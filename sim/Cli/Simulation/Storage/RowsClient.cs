using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>Programs over one ordered store: writers that apply batches faster than they become durable, readers that take their time, somebody who stops and starts it.</summary>
internal sealed class RowsClient(SimWorld world, StoreMachine<OrderedStore> machine, StoreTroubles<OrderedStore> troubles, RowsShape shape, RowsModel model)
{
    private const int BurstMax = 12;

    /// <summary>Longer than a thousand syncs of a slow disk.</summary>
    private static readonly TimeSpan DurableMax = TimeSpan.FromSeconds(20);

    private readonly List<Task> _notes = [];
    private PromiseBrokenException? _broken;
    private long _batchNumber;

    /// <summary>Another life begins: nothing of the last one is waited for.</summary>
    internal void BeginLife() => _notes.Clear();

    /// <summary>Applies batches, looks at what is there, waits.</summary>
    internal Task WriteAsync(int steps, string name)
    {
        var draws = new ClientDraws(world.Choices, name);
        return draws.RunAsync(steps, () => WriteStepAsync(draws));
    }

    /// <summary>Opens views and reads them slowly, point by point.</summary>
    internal Task ReadAsync(int steps, string name)
    {
        var draws = new ClientDraws(world.Choices, name);
        return draws.RunAsync(steps, async () =>
        {
            await world.Clock.DelayAsync(draws.Pause());
            await troubles.TryAsync("a view is read", draws.Next(2, "in-order") == 1, store => ReadViewAsync(store, draws));
        });
    }

    /// <summary>Waits until everything applied in this life is acknowledged.</summary>
    internal async ValueTask SettleAsync(OrderedStore store)
    {
        // Nothing may be forgotten by those who come while this waits.
        ulong last = store.AppliedSequence;
        Task all = Task.WhenAll(_notes);
        _notes.Clear();
        if (!await Patience.EndsAsync(world, all, DurableMax))
        {
            throw new PromiseBrokenException("progress", $"{DurableMax} after batch {last} was applied, batches are durable up to {store.DurableSequence}");
        }

        if (_broken is not null)
        {
            throw _broken;
        }
    }

    /// <summary>Compares the newest and the durable state.</summary>
    internal async ValueTask CompareAsync(OrderedStore store)
    {
        using IReadView latest = store.ReadLatest();
        using IReadView durable = store.ReadDurable();
        if (durable.Sequence < model.Acknowledged)
        {
            throw new PromiseBrokenException("durable", $"batch {model.Acknowledged} was acknowledged, and the durable view ends at {durable.Sequence}");
        }

        if (latest.Sequence != model.LastSequence)
        {
            throw new PromiseBrokenException("reads", $"batch {model.LastSequence} was applied, and the latest view ends at {latest.Sequence}");
        }

        await model.CompareAsync(durable, "the durable");
        await model.CompareAsync(latest, "the latest");
    }

    /// <summary>Applies one batch.</summary>
    internal async ValueTask ApplyAsync(OrderedStore store, ClientDraws draws, bool freesSpace)
    {
        await store.WaitForRoomAsync(freesSpace);
        WriteBatch batch = shape.DrawBatch(draws, ++_batchNumber, mostlyDeletes: freesSpace && draws.Next(2, "deletes") == 1);
        CommitTicket ticket = store.Apply(batch);
        model.Add(batch);
        if (ticket.Sequence != model.LastSequence)
        {
            throw new PromiseBrokenException("reads", $"batch {model.LastSequence} was numbered {ticket.Sequence}");
        }

        _notes.Add(NoteAsync(store, ticket));
    }

    /// <summary>Damage that the disk does not explain breaks a promise.</summary>
    internal async ValueTask VerifyAsync(OrderedStore store)
    {
        foreach (StorageDamage damage in await store.VerifyAsync())
        {
            if (!troubles.IsExplained(new StorageException(damage.Error, damage.File, damage.Offset, damage.Message)))
            {
                throw new PromiseBrokenException("verifies", $"the disk is healthy, and {damage.File} is damaged at {damage.Offset}: {damage.Message}");
            }
        }
    }

    private async Task WriteStepAsync(ClientDraws draws)
    {
        bool inOrder = draws.Next(2, "in-order") == 1;
        switch (draws.Next(16, "what"))
        {
            case < 8:
                bool freesSpace = draws.Next(3, "frees-space") != 0;
                await troubles.TryAsync("batches are applied", inOrder, async store =>
                {
                    for (int count = draws.Next(BurstMax, "burst"); count >= 0; count--)
                    {
                        await ApplyAsync(store, draws, freesSpace);
                        if (draws.Next(4, "look?") == 3)
                        {
                            await LookAsync(store, shape.DrawKey(draws));
                        }
                    }
                });
                break;
            case 8 or 9:
                await troubles.TryAsync("batches become durable", inOrder, SettleAsync);
                break;
            case 10 or 11:
                await troubles.TryAsync("all rows are read", inOrder, CompareAsync);
                break;
            case 12:
                await world.Clock.DelayAsync(TimeSpan.FromMilliseconds(1 + draws.Next(20, "idle")));
                break;
            case 13:
                await troubles.TryAsync("all is verified", inOrder, VerifyAsync);
                break;
            case 14 when !troubles.MayStop && draws.Next(3, "compact") == 2:
                await troubles.TryAsync("all is compacted", inOrder, static store => store.CompactAllAsync());
                break;
            case 15 when draws.Next(3, "stop") == 2 && machine.Store is { } store:
                await machine.RestartAsync(store, inOrder: true);
                break;
            default:
                await world.Clock.DelayAsync(draws.Pause());
                break;
        }
    }

    /// <summary>One key, as it is now and as it is durably, while the batches before may be on their way.</summary>
    private async ValueTask LookAsync(OrderedStore store, byte[] key)
    {
        using IReadView durable = store.ReadDurable();
        using IReadView latest = store.ReadLatest();
        model.CheckRow("a durable", durable.Sequence, key, await durable.GetAsync(key));
        model.CheckRow("a latest", latest.Sequence, key, await latest.GetAsync(key));
    }

    private async ValueTask ReadViewAsync(OrderedStore store, ClientDraws draws)
    {
        bool latest = draws.Next(2, "which") == 0;
        string which = latest ? "a held latest" : "a held durable";
        using IReadView view = latest ? store.ReadLatest() : store.ReadDurable();
        byte[] from = draws.Next(3, "from?") == 0 ? [] : shape.DrawKey(draws);
        List<(byte[] Key, byte[] Value)> rows = model.Range(view.Sequence, from, []);
        using IScan scan = view.Scan(from, default);
        int next = 0;
        for (int point = draws.Next(10, "points"); point >= 0; point--)
        {
            if (draws.Next(2, "pause?") != 0)
            {
                await machine.Machine.Clock.DelayAsync(draws.Pause());
            }

            byte[] key = shape.DrawKey(draws);
            model.CheckRow(which, view.Sequence, key, await view.GetAsync(key));
            if (draws.Next(5, "skip?") == 4)
            {
                scan.SkipTo(key);
                next = Math.Max(next, rows.FindIndex(row => row.Key.AsSpan().SequenceCompareTo(key) >= 0) is var found && found < 0 ? rows.Count : found);
            }

            bool isRow = await scan.NextAsync();
            if (next == rows.Count)
            {
                RowsModel.CheckEnd(which, view.Sequence, scan, isRow);
                return;
            }

            RowsModel.CheckNext(which, view.Sequence, scan, isRow, rows[next].Key, rows[next].Value);
            next++;
        }
    }

    private async Task NoteAsync(OrderedStore store, CommitTicket ticket)
    {
        try
        {
            await ticket.Durable;
        }
        catch (StorageException failure)
        {
            if (failure.Error != StorageError.Closed && !troubles.IsExplained(failure))
            {
                _broken ??= new PromiseBrokenException("serves", $"batch {ticket.Sequence} was applied, and failed, though nothing goes wrong: {failure}");
            }

            return;
        }

        if (store.DurableSequence < ticket.Sequence)
        {
            _broken ??= new PromiseBrokenException("durable", $"batch {ticket.Sequence} is acknowledged, and the durable view ends at {store.DurableSequence}");
        }

        model.Acknowledge(ticket.Sequence);
    }
}
