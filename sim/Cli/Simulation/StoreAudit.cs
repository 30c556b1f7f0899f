using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Node;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.Checking;
using ObjectStore.Sim.World;
using ObjectStore.Workloads.Contract;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>Deletes everything through the API and looks at what is left: rows, chunks, extents, runs, buffers, open files. Nothing may be.</summary>
internal static class StoreAudit
{
    /// <summary>Tables of objects, their versions, bodies, parts and uploads, and of garbage: engine/Metadata/Layout/RowKeys.cs.</summary>
    private const byte FirstTable = 0x05;

    private const byte TablesEnd = 0x0D;

    /// <summary>Extents that are open for appending: of fresh chunks, and of moved ones.</summary>
    private const int OpenExtentsMax = 2;

    private const int ListMax = 1000;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    /// <summary>Virtual time in which background work must have cleaned up.</summary>
    private static readonly TimeSpan CleanUpMax = TimeSpan.FromSeconds(20);

    /// <summary>Waits until no request holds anything any more: what one stages or reads into is given back in the same life, not by the next start.</summary>
    /// <exception cref="PromiseBrokenException">Something is held: <c>no-leak</c>.</exception>
    internal static async Task RestAsync(SimWorld world, NodeRunner runner)
    {
        StorageNode node = runner.Node ?? throw new InvalidOperationException("the node is not up");
        await UntilAsync(world, "the last request", async () => await OnLoopAsync(runner, node, static store => ValueTask.FromResult(Held(store))) ?? DeletedAndOpen(runner));
    }

    /// <summary>Deletes, waits, looks, stops the node and looks again.</summary>
    /// <exception cref="PromiseBrokenException">Something is left: <c>no-leak</c>. Or what is stored is damaged though the disk is healthy: <c>store-invariant</c>.</exception>
    internal static async Task DrainAsync(SimWorld world, NodeRunner runner, WorkloadSession session)
    {
        StorageNode node = runner.Node ?? throw new InvalidOperationException("the node is not up");
        await CheckDamageAsync(runner, node);
        await DeleteAllAsync(runner, node, session);
        await UntilAsync(world, "everything was deleted", () => LeftoverAsync(runner, node));
        await runner.StopAsync();
        if (runner.OpenFilesAtStop.Count > 0)
        {
            throw new PromiseBrokenException("no-leak", $"the node has stopped, and these files are open: {string.Join(' ', runner.OpenFilesAtStop)}");
        }
    }

    private static Task UntilAsync(SimWorld world, string since, Func<Task<string?>> look) => Patience.UntilAsync(world, Poll, CleanUpMax, "no-leak", since, look);

    private static async Task DeleteAllAsync(NodeRunner runner, StorageNode node, WorkloadSession session)
    {
        QueryResult uploads = await runner.Machine.CallAsync(() => node.Metadata.QueryAsync(new ListUploadsQuery(session.Bucket, "", "", "", "", ListMax)));
        foreach (UploadRecord upload in uploads.Uploads)
        {
            await MustAsync(session, new S3Operation { Verb = S3Verb.AbortUpload, Bucket = session.Bucket, Key = upload.Template.Key, UploadId = upload.UploadId });
        }

        S3Result versions = await MustAsync(session, new S3Operation { Verb = S3Verb.ListVersions, Bucket = session.Bucket });
        foreach (S3Entry version in versions.Entries)
        {
            await MustAsync(session, new S3Operation { Verb = S3Verb.Delete, Bucket = session.Bucket, Key = version.Key, VersionId = version.VersionId });
        }
    }

    private static async Task<S3Result> MustAsync(WorkloadSession session, S3Operation operation) =>
        await session.SendAsync(operation) is { Ok: true } answer
            ? answer
            : throw new PromiseBrokenException("serves", $"{operation} on a healthy node was not answered well");

    private static async Task CheckDamageAsync(NodeRunner runner, StorageNode node)
    {
        IReadOnlyList<StorageDamage> damage = await OnLoopAsync(runner, node, static store => store.Rows.VerifyAsync());
        if (damage.Count > 0)
        {
            throw new PromiseBrokenException("store-invariant", $"the disk is healthy, and {damage[0].File} is damaged at {damage[0].Offset}: {damage[0].Message}");
        }
    }

    /// <summary>The first thing that is left, or null.</summary>
    private static async Task<string?> LeftoverAsync(NodeRunner runner, StorageNode node)
    {
        string? leftover = await OnLoopAsync(runner, node, static store => LookAsync(store));
        if (leftover is not null)
        {
            return leftover;
        }

        (int extents, int runs) = await OnLoopAsync(runner, node, static store => ValueTask.FromResult((store.Chunks.MeasureUsage().ExtentCount, store.Rows.RunCount)));
        return Files(runner, "extent-", extents) ?? Files(runner, "run-", runs) ?? DeletedAndOpen(runner);
    }

    /// <summary>A file keeps its space until it is closed, too.</summary>
    private static string? DeletedAndOpen(NodeRunner runner) =>
        runner.Machine.Disk.OpenFiles.Count(static name => name == SimDisk.DeletedName) is > 0 and int count ? $"{count} files that were deleted are open" : null;

    private static string? Files(NodeRunner runner, string prefix, int inUse)
    {
        int count = runner.Machine.Disk.Names.Count(name => name.StartsWith(prefix, StringComparison.Ordinal));
        return count > inUse ? $"{count} files {prefix}*, of which {inUse} are in use" : null;
    }

    private static async ValueTask<string?> LookAsync(DiskStore store)
    {
        using (IReadView state = store.Rows.ReadDurable())
        {
            if (await FirstAsync(state, [FirstTable], [TablesEnd]) is { } row)
            {
                return $"a row of table 0x{row[0]:x2}: {Convert.ToHexString(row)}";
            }

            if (await FirstAsync(state, [0x00, 0x01], [0x00, 0x03]) is { } place)
            {
                return $"a row of the chunk store: {Convert.ToHexString(place)}";
            }
        }

        ChunkStoreUsage usage = store.Chunks.MeasureUsage();
        return usage.LiveBytes > 0 ? $"{usage.LiveBytes} live bytes in extents"
            : usage.ExtentCount > OpenExtentsMax ? $"{usage.ExtentCount} extents"
            : Held(store);
    }

    /// <summary>What only a running request may hold, or null.</summary>
    private static string? Held(DiskStore store) =>
        store.Chunks.MeasureUsage() is { StagedBytes: > 0 } usage ? $"{usage.StagedBytes} staged bytes in extents"
        : store.Chunks.RentedBufferBytes > 0 ? $"{store.Chunks.RentedBufferBytes} bytes of buffers in use"
        : null;

    private static async ValueTask<byte[]?> FirstAsync(IReadView state, byte[] from, byte[] to)
    {
        using IScan scan = state.Scan(from, to);
        return await scan.NextAsync() ? scan.Key.ToArray() : null;
    }

    private static Task<T> OnLoopAsync<T>(NodeRunner runner, StorageNode node, Func<DiskStore, ValueTask<T>> look) =>
        runner.Machine.CallAsync(() => node.Loop.CallAsync(static call => call.look(call.Store), (look, node.Store)));
}
