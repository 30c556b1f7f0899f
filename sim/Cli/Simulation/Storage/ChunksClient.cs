using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>Programs over one chunk store: who stages, publishes, gives up, releases with delay, reads any bytes, and looks at the rows.</summary>
internal sealed class ChunksClient(SimWorld world, StoreMachine<DiskStore> machine, StoreTroubles<DiskStore> troubles, ChunksModel model)
{
    private const int ChunksMax = 3;
    private const int ReadsMax = 6;
    private ulong _blobNumber;

    /// <summary>Does some steps.</summary>
    internal Task RunAsync(int steps, string name)
    {
        var draws = new ClientDraws(world.Choices, name);
        return draws.RunAsync(steps, () => StepAsync(draws));
    }

    /// <summary>Releases everything.</summary>
    internal async ValueTask ReleaseAllAsync(DiskStore store, ClientDraws draws)
    {
        while (model.Blobs.Count > 0)
        {
            draws.NextStep();
            await ReleaseAsync(store, draws, model.Blobs[0]);
        }
    }

    /// <summary>Reads every chunk whole.</summary>
    internal async ValueTask ReadAllAsync(DiskStore store)
    {
        foreach (PublishedBlob blob in model.Blobs.ToArray())
        {
            foreach (PublishedChunk chunk in blob.Chunks)
            {
                await ReadAsync(store, chunk, 0, chunk.LengthBytes);
            }
        }
    }

    /// <summary>Reads a few parts of a body at once.</summary>
    internal async ValueTask ReadSomeAsync(DiskStore store, ClientDraws draws)
    {
        if (Choose(draws) is not { } blob)
        {
            return;
        }

        blob.Readers++;
        try
        {
            var reads = new List<Task>();
            for (int count = draws.Next(ReadsMax, "reads"); count >= 0; count--)
            {
                PublishedChunk chunk = blob.Chunks[draws.Next(blob.Chunks.Count, "chunk")];
                int from = draws.Next(chunk.LengthBytes, "from");
                int most = draws.Next(2, "short") == 0 ? chunk.LengthBytes - from : Math.Min(100, chunk.LengthBytes - from);
                reads.Add(ReadAsync(store, chunk, from, 1 + draws.Next(most, "bytes")).AsTask());
            }

            await Task.WhenAll(reads);
        }
        finally
        {
            blob.Readers--;
        }
    }

    /// <summary>In every state of the rows, each chunk has one place and each place one chunk.</summary>
    internal async ValueTask AuditAsync(DiskStore store)
    {
        SortedSet<string> expected = model.Names();
        using IReadView view = store.Rows.ReadLatest();
        int places = 0;
        using (IScan frames = view.Scan(new byte[] { 0, 2 }, new byte[] { 0, 3 }))
        {
            while (await frames.NextAsync())
            {
                places++;
            }
        }

        var found = new SortedSet<string>(StringComparer.Ordinal);
        using IScan locations = view.Scan(new byte[] { 0, 1 }, new byte[] { 0, 2 });
        while (await locations.NextAsync())
        {
            found.Add(Convert.ToHexStringLower(locations.Key.Span[2..]));
        }

        if (!found.SetEquals(expected))
        {
            var odd = new SortedSet<string>(found, StringComparer.Ordinal);
            odd.SymmetricExceptWith(expected);
            throw new PromiseBrokenException("chunks", $"{expected.Count} chunks are published, and the rows place {found.Count}: chunk {odd.Min} is {(found.Contains(odd.Min!) ? "there though it was released" : "not there")}");
        }

        if (places != found.Count)
        {
            throw new PromiseBrokenException("chunks", $"{found.Count} chunks are placed, and the rows name {places} frames as live");
        }
    }

    private async Task StepAsync(ClientDraws draws)
    {
        bool inOrder = draws.Next(2, "in-order") == 1;
        switch (draws.Next(16, "what"))
        {
            case < 4:
                await troubles.TryAsync("a body is stored", inOrder, store => PutAsync(store, draws, publishes: true));
                break;
            case 4:
                await troubles.TryAsync("a body is given up", inOrder, store => PutAsync(store, draws, publishes: false));
                break;
            case < 8:
                await troubles.TryAsync("a body is released", inOrder, async store =>
                {
                    if (Choose(draws) is { Readers: 0 } blob)
                    {
                        await ReleaseAsync(store, draws, blob);
                    }
                });
                break;
            case < 12:
                await troubles.TryAsync("bytes of a body are read", inOrder, store => ReadSomeAsync(store, draws));
                break;
            case 12 or 13:
                await troubles.TryAsync("the rows of all chunks are read", inOrder, AuditAsync);
                break;
            case 14 when draws.Next(4, "stop") == 3 && machine.Store is { } store:
                await machine.RestartAsync(store, inOrder: true);
                break;
            default:
                await world.Clock.DelayAsync(draws.Pause());
                break;
        }
    }

    private PublishedBlob? Choose(ClientDraws draws)
    {
        List<PublishedBlob> staying = model.Blobs.FindAll(static blob => !blob.IsGoing);
        return staying.Count == 0 ? null : staying[draws.Next(staying.Count, "blob")];
    }

    private async ValueTask PutAsync(DiskStore store, ClientDraws draws, bool publishes)
    {
        var blob = new PublishedBlob(new BlobId(store.Epoch, ++_blobNumber));
        var staged = new List<StagedChunk>();
        bool isPublished = false;
        try
        {
            for (int count = draws.Next(ChunksMax, "chunks"); count >= 0; count--)
            {
                staged.Add(await StageAsync(store, draws, new ChunkId(blob.Id, (uint)staged.Count)));
            }

            if (publishes || draws.Next(2, "sync") == 1)
            {
                await store.Chunks.SyncStagedAsync(staged);
            }

            if (publishes)
            {
                await store.Rows.WaitForRoomAsync();
                var batch = new WriteBatch();
                store.Chunks.Publish(batch, staged);
                CommitTicket ticket = store.Rows.Apply(batch);
                isPublished = true;
                store.Chunks.Published(staged);
                staged.ForEach(chunk => blob.Chunks.Add(new PublishedChunk(chunk.Id, chunk.LengthBytes, ticket.Sequence)));
                model.Blobs.Add(blob);
                await AcknowledgeAsync(ticket, draws);
            }
        }
        finally
        {
            if (!isPublished)
            {
                store.Chunks.Abandon(staged);
            }
        }
    }

    private static async ValueTask<StagedChunk> StageAsync(DiskStore store, ClientDraws draws, ChunkId id)
    {
        int most = store.Chunks.ChunkSizeBytes;
        int length = draws.Next(3, "whole") == 0 ? most : 1 + draws.Next(most, "length");
        using ChunkBuffer buffer = store.Chunks.RentBuffer();
        ChunksModel.Content(id, length).CopyTo(buffer.Data.Span);
        return await store.Chunks.StageAsync(id, buffer, length);
    }

    private async ValueTask AcknowledgeAsync(CommitTicket ticket, ClientDraws draws)
    {
        if (draws.Next(2, "wait") == 0)
        {
            await ticket.Durable;
            model.Acknowledge(ticket.Sequence);
        }
    }

    /// <summary>Some chunks a batch, with time between finding them and taking them out, in which reclamation may move them.</summary>
    private async ValueTask ReleaseAsync(DiskStore store, ClientDraws draws, PublishedBlob blob)
    {
        blob.IsGoing = true;
        int rowsMax = 1 + draws.Next(ChunksMax, "rows");
        bool lingers = draws.Next(2, "lingers?") != 0;
        bool isDone = false;
        while (!isDone)
        {
            await store.Rows.WaitForRoomAsync(freesSpace: true);
            var batch = new WriteBatch();
            using IReadView latest = store.Rows.ReadLatest();
            ChunkRelease release = store.Chunks.BeginRelease(latest);
            bool isLast = await store.Chunks.ReleaseAsync(release, batch, new BlobRef(blob.Id, 0, store.Chunks.ChunkSizeBytes), rowsMax);
            if (lingers)
            {
                lingers = false;
                await machine.Machine.Clock.DelayAsync(draws.Pause());
            }

            if (store.Chunks.IsCurrent(release))
            {
                if (TryApply(store, batch) is not { } ticket)
                {
                    await machine.Machine.Clock.DelayAsync(draws.Pause());
                    continue;
                }

                store.Chunks.Complete(release);
                List<PublishedChunk> there = blob.Chunks.FindAll(static chunk => chunk.Released is null);
                for (int index = 0; index < Math.Min(rowsMax, there.Count); index++)
                {
                    there[index].Released = ticket.Sequence;
                }

                isDone = isLast;
                await AcknowledgeAsync(ticket, draws);
            }
        }

        // A crash may bring it back as long as the last batch is not durable.
        if (blob.Chunks.TrueForAll(chunk => chunk.Released <= model.Acknowledged))
        {
            model.Blobs.Remove(blob);
        }
    }

    /// <summary>Others may have taken the room that was waited for; null then.</summary>
    private static CommitTicket? TryApply(DiskStore store, WriteBatch batch)
    {
        try
        {
            return store.Rows.Apply(batch);
        }
        catch (StorageException full) when (full.Error == StorageError.Full)
        {
            return null;
        }
    }

    private async ValueTask ReadAsync(DiskStore store, PublishedChunk chunk, int from, int lengthBytes)
    {
        byte[] read = new byte[lengthBytes];
        try
        {
            await store.Chunks.ReadAsync(chunk.Id, chunk.LengthBytes, from, read);
        }
        catch (StorageException failure) when (troubles.IsExplained(failure))
        {
            return;
        }

        if (!read.AsSpan().SequenceEqual(ChunksModel.Content(chunk.Id, chunk.LengthBytes).Slice(from, lengthBytes)))
        {
            throw new PromiseBrokenException("reads", $"{lengthBytes} bytes at {from} of chunk {ChunksModel.Name(chunk.Id)} ({chunk.LengthBytes} bytes) are not what was stored");
        }
    }
}
