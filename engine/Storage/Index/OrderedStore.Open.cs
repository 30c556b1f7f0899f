using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <content>Opening, recovery and closing.</content>
public sealed partial class OrderedStore
{
    private OrderedStore(StoreContext context, Superblock superblock, Manifest manifest, Recovered recovered)
    {
        _context = context;
        _options = context.Options;
        _superblock = superblock;
        _manifest = manifest;
        _cache = recovered.Cache;
        _worker = context.Environment.Spawner.CreateLoop(context.Loop.Name + "-runs");
        _runs = new RunSet(recovered.Runs, DropRun);
        _runNumber = recovered.RunNumberNext - 1;
        _frozen.AddRange(recovered.Frozen);
        _active = recovered.Active;
        AppliedSequence = _durableSequence = recovered.LastSequence;
        _segments = new LogSegments(context, recovered.LogEnds, recovered.SpareSegments, _changed, Poison);
        _log = new WriteAheadLog(context, _segments, _changed, BecameDurable, Poison);
        ShowMemtables();
    }

    /// <summary>Opens the store of a disk, formatting the disk when it is empty, and recovers everything that was acknowledged.</summary>
    /// <param name="environment">The seams; the disk is this store's alone.</param>
    /// <param name="loop">Owns the store; call from it.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="StorageException">Damage that recovery cannot rule to be a torn tail, another format, a failing disk, or no space to format.</exception>
    public static async ValueTask<OrderedStore> OpenAsync(NodeEnvironment environment, ILoop loop, OrderedStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(loop);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        Invariant.Check(loop.IsCurrent, "a store is opened from its loop");
        IReadOnlyList<string> names = await ListAsync(environment.Disk);
        Superblock superblock = await Superblock.OpenAsync(environment.Disk) ?? await FormatAsync(environment, names);
        if (superblock.DamagedSlots > 0)
        {
            environment.Trace.Emit(TraceLevel.Warning, "superblock", "damaged-slots", ("count", superblock.DamagedSlots));
            environment.Trace.Mark("superblock-damaged-slot");
        }

        var context = new StoreContext(environment, loop, options, superblock.State.StoreId, superblock.State.Epoch + 1);
        try
        {
            OrderedStore store = superblock.State.Manifest == 0
                ? await CreateAsync(context, superblock, names)
                : await RecoverAsync(context, superblock, names);
            store.Start();
            await store.WaitForSegmentAsync();
            return store;
        }
        catch (StorageException)
        {
            await superblock.CloseAsync();
            throw;
        }
    }

    /// <summary>Flushes everything into runs when the disk lets it, stops all work and closes the files. Idempotent.</summary>
    public async ValueTask CloseAsync()
    {
        if (_isClosing)
        {
            return;
        }

        if (_failure is null)
        {
            RotateMemtable(force: true);
        }

        _isClosing = true;
        WakeAll();
        while (_frozen.Count > 0 && _failure is null && !IsFlushFull)
        {
            await _changed.WaitAsync();
        }

        _stopsNow = true;
        Volatile.Write(ref _isCancelled, 1);
        _deleteWake.Set();
        await _log.CloseAsync();
        WakeAll();
        while (_coroutines > 0)
        {
            await _changed.WaitAsync();
        }

        // A compaction may have committed after the loop that deletes had ended.
        await DeleteUnusedAsync();
        await _manifest.CloseAsync();
        foreach (Run run in _runs.ToList())
        {
            await run.CloseAsync();
        }

        await SealAsync();
        await _superblock.CloseAsync();
    }

    /// <summary>Leaves a witness of what is durable, so that rot while the store is closed cannot pass for a torn tail.</summary>
    private async ValueTask SealAsync()
    {
        if (_failure is not null || _superblock.State.DurableSequence == DurableSequence)
        {
            return;
        }

        try
        {
            await _superblock.WriteAsync(_context.Epoch, _superblock.State.Manifest, DurableSequence);
        }
        catch (StorageException failure)
        {
            // Nothing is lost: the store opens as after a crash.
            _context.Trace.Emit(TraceLevel.Warning, "store", "close-unsealed", ("reason", failure.Message));
        }
    }

    /// <summary>A store that is open has a place for the first batch, unless the disk is full or failing.</summary>
    private async ValueTask WaitForSegmentAsync()
    {
        while (_segments.Next is null && !_segments.IsFull && _failure is null)
        {
            await _changed.WaitAsync();
        }
    }

    private static async ValueTask<IReadOnlyList<string>> ListAsync(IDisk disk)
    {
        Outcome<IReadOnlyList<string>, DiskError> listed = await disk.ListAsync();
        return listed.Ok ? listed.Value : throw StoreFault.At(listed.Error, ".", -1, "list");
    }

    private static async ValueTask<Superblock> FormatAsync(NodeEnvironment environment, IReadOnlyList<string> names)
    {
        foreach (string name in names)
        {
            if (name != StoreFiles.Superblock + ".new")
            {
                throw StoreFault.Corrupt(StoreFiles.Superblock, -1, $"no superblock, but the disk holds {name}: not an empty disk");
            }
        }

        ulong high = environment.Entropy.NextUInt64();
        return await Superblock.CreateAsync(environment.Disk, new UInt128(high, environment.Entropy.NextUInt64()));
    }

    /// <summary>Finishes formatting. A stop before the superblock names the manifest leaves files that are cleared here.</summary>
    private static async ValueTask<OrderedStore> CreateAsync(StoreContext context, Superblock superblock, IReadOnlyList<string> names)
    {
        const ulong firstSegment = 1;
        foreach (string name in names)
        {
            if (!name.StartsWith(StoreFiles.Superblock, StringComparison.Ordinal))
            {
                StoreFault.ThrowIfFailed(await context.Disk.DeleteAsync(name), name, "delete");
            }
        }

        await LogSegments.CreateFirstAsync(context.Disk, context.Options, firstSegment);
        var state = new ManifestState(0, firstSegment, []);
        Manifest manifest = await Manifest.CreateAsync(context, superblock, state);
        var recovered = new Recovered(context.Options, firstSegment, new BlockCache(context.Options.BlockCacheBytes, context.Options.BlockBytes)) { RunNumberNext = 1 };
        recovered.LogEnds.Add(firstSegment, 0);
        return new OrderedStore(context, superblock, manifest, recovered);
    }

    private static async ValueTask<OrderedStore> RecoverAsync(StoreContext context, Superblock superblock, IReadOnlyList<string> names)
    {
        (ManifestFile file, ManifestState state) =
            await ManifestFile.OpenAsync(context.Disk, context.Trace, superblock.State.Manifest, context.ChecksumSeed);
        var recovered = new Recovered(context.Options, state.FirstSegment, new BlockCache(context.Options.BlockCacheBytes, context.Options.BlockBytes));
        try
        {
            await OpenRunsAsync(context, state, recovered);
            SortSegments(names, state.FirstSegment, recovered);
            var log = new LogRecovery(
                context.Disk, context.Trace, context.ChecksumSeed, state.FlushedSequence, superblock.State.DurableSequence, recovered.Add);
            recovered.LastSequence = await log.ReplayAsync(recovered.HeldSegments);
            recovered.TakeLogEnds(log.Ends);
            recovered.RunNumberNext = RunNumberAfter(names);
            Manifest manifest = await Manifest.ContinueAsync(context, superblock, file, state, recovered.LastSequence);
            await RemoveOrphansAsync(context, names, state, superblock.State.Manifest);
            context.Trace.Emit(
                TraceLevel.Info, "store", "recovered", ("epoch", (long)context.Epoch), ("sequence", (long)recovered.LastSequence), ("runs", state.Runs.Count));
            return new OrderedStore(context, superblock, manifest, recovered);
        }
        catch (StorageException)
        {
            await file.CloseAsync();
            foreach (Run run in recovered.Runs)
            {
                await run.CloseAsync();
            }

            throw;
        }
    }

    private static async ValueTask OpenRunsAsync(StoreContext context, ManifestState state, Recovered recovered)
    {
        foreach (RunInfo info in state.Runs)
        {
            recovered.Runs.Add(await Run.OpenAsync(context.Disk, info, context.ChecksumSeed, recovered.Cache));
        }
    }

    private static void SortSegments(IReadOnlyList<string> names, ulong firstNeeded, Recovered recovered)
    {
        for (int i = 0; i < names.Count; i++)
        {
            if (StoreFiles.TryParse(names[i], StoreFiles.LogPrefix, out ulong number))
            {
                (number < firstNeeded ? recovered.SpareSegments : recovered.HeldSegments).Add(number);
            }
        }

        recovered.HeldSegments.Sort();
        if (recovered.HeldSegments.Count == 0 || recovered.HeldSegments[0] != firstNeeded)
        {
            throw StoreFault.Corrupt(StoreFiles.Log(firstNeeded), -1, "the manifest needs this log segment and it is missing");
        }
    }

    private static ulong RunNumberAfter(IReadOnlyList<string> names)
    {
        ulong highest = 0;
        for (int i = 0; i < names.Count; i++)
        {
            if (StoreFiles.TryParse(names[i], StoreFiles.RunPrefix, out ulong number))
            {
                highest = Math.Max(highest, number);
            }
        }

        return highest + 1;
    }

    /// <summary>Removes what a stop left behind: runs that no manifest names and manifests that no superblock names.</summary>
    private static async ValueTask RemoveOrphansAsync(StoreContext context, IReadOnlyList<string> names, ManifestState state, ulong manifest)
    {
        var live = new HashSet<string>(StringComparer.Ordinal) { StoreFiles.Manifest(manifest) };
        foreach (RunInfo run in state.Runs)
        {
            live.Add(run.FileName);
        }

        for (int i = 0; i < names.Count; i++)
        {
            bool isOurs = StoreFiles.TryParse(names[i], StoreFiles.RunPrefix, out _)
                || StoreFiles.TryParse(names[i], StoreFiles.ManifestPrefix, out _);
            if (isOurs && !live.Contains(names[i]))
            {
                context.Trace.Mark("store-orphan-removed");
                await context.Disk.DeleteAsync(names[i]);
            }
        }
    }

    private void Start()
    {
        _segments.Start(Spawn);
        _log.Start(Spawn);
        Spawn("flush", FlushLoopAsync);
        Spawn("compact", CompactLoopAsync);
        Spawn("run-delete", DeleteLoopAsync);
        Spawn("space", WatchSpaceAsync);
    }

    /// <summary>What opening found, until the store takes it over.</summary>
    private sealed class Recovered(OrderedStoreOptions options, ulong firstSegment, BlockCache cache)
    {
        internal BlockCache Cache { get; } = cache;

        internal List<Run> Runs { get; } = [];

        internal List<Memtable> Frozen { get; } = [];

        internal Memtable Active { get; private set; } = new(firstSegment, options.MemtableBytes);

        internal List<ulong> HeldSegments { get; } = [];

        internal SortedDictionary<ulong, long> LogEnds { get; } = [];

        internal List<ulong> SpareSegments { get; } = [];

        internal ulong LastSequence { get; set; }

        internal ulong RunNumberNext { get; set; }

        /// <summary>Segments behind the first in which nothing is whole are free at once: else every opening that nobody writes to would leave one more.</summary>
        internal void TakeLogEnds(SortedDictionary<ulong, long> ends)
        {
            foreach ((ulong number, long end) in ends)
            {
                if (end > 0 || number == HeldSegments[0])
                {
                    LogEnds.Add(number, end);
                }
                else
                {
                    SpareSegments.Add(number);
                }
            }
        }

        internal void Add(ulong sequence, WriteBatch batch, ulong segment)
        {
            if (Active.SizeBytes >= options.MemtableBytes)
            {
                Active.Freeze();
                Frozen.Add(Active);
                Active = new Memtable(segment, options.MemtableBytes);
            }

            Active.Add(sequence, batch);
        }
    }
}
