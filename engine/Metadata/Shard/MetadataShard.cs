using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>Settings of a shard's driver.</summary>
public sealed record MetadataShardOptions
{
    /// <summary>Limits of the state machine.</summary>
    public MetadataLimits Limits { get; init; } = new();

    /// <summary>Rows that one step of reclamation touches, about, when there is little garbage.</summary>
    public int ReclaimRowsMin { get; init; } = 512;

    /// <summary>Rows that one step touches, about, however much garbage there is: other commands wait meanwhile, and all of them go into one batch.</summary>
    public int ReclaimRowsMax { get; init; } = 8192;

    /// <summary>Rest of the garbage worker after a failure.</summary>
    public TimeSpan ReclaimRetryDelay { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>Drives the state machine over a disk store on one node: decides commands one after another, commits them in groups, answers queries from durable state.</summary>
/// <remarks>
/// Order of a command: decide on the latest state, apply its batch (with the locations of its chunks) at once, so that the next command sees it; the caller's
/// task ends when the batch is durable. A refusal also waits: what it looked at may not be durable yet. Source: decisions/0005-reads-see-durable-state.md.
/// </remarks>
public sealed partial class MetadataShard : IMetadataShard
{
    private readonly ILoop _loop;
    private readonly NodeEnvironment _environment;
    private readonly BucketCachingStore _store;
    private readonly IChunkStore _chunks;
    private readonly MetadataShardOptions _options;
    private readonly MetadataStateMachine _machine;
    private readonly Queue<PendingCommand> _commands = new();
    private readonly GarbageWorker _garbage;
    private readonly ulong _epoch;

    // How much later than its number a command was applied at most: chunks may move while it is decided, and that takes sequence numbers too.
    private ulong _lagMax;
    private ChunkRelease? _release;
    private Task _lastDurable = Task.CompletedTask;
    private TaskCompletionSource? _idleCommands;
    private ulong _lastBlobNumber;

    private MetadataShard(
        NodeEnvironment environment, ILoop loop, IOrderedStore store, IChunkStore chunks, MetadataShardOptions options, ulong epoch)
    {
        (_environment, _loop, _store, _chunks, _options, _epoch) = (environment, loop, new BucketCachingStore(store), chunks, options, epoch);
        _machine = new MetadataStateMachine(options.Limits, ReleaseAsync);
        _garbage = new GarbageWorker(this);
    }

    /// <summary>Opens the shard of a store: makes a new epoch durable, then starts deciding and reclaiming. Call on <paramref name="loop"/>, which owns both stores.</summary>
    /// <exception cref="StorageException">The epoch could not be read or made durable.</exception>
    public static async Task<MetadataShard> OpenAsync(
        NodeEnvironment environment, ILoop loop, IOrderedStore store, IChunkStore chunks, MetadataShardOptions options)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(loop);
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(chunks);
        ArgumentNullException.ThrowIfNull(options);
        Invariant.Check(loop.IsCurrent, "a shard is opened on its own loop");
        ulong epoch = await StartEpochAsync(store);
        var shard = new MetadataShard(environment, loop, store, chunks, options, epoch);
        environment.Spawner.Spawn(loop, "metadata-commands", shard.RunCommandsAsync);
        environment.Spawner.Spawn(loop, shard._garbage.Name, () => shard._garbage.RunAsync(CancellationToken.None));
        return shard;
    }

    /// <summary>Frees what commands released. Units of progress: garbage rows. Lives on the shard's loop.</summary>
    public Worker Garbage => _garbage;

    /// <inheritdoc/>
    public BlobId NextBlobId() => new(_epoch, Interlocked.Increment(ref _lastBlobNumber));

    /// <inheritdoc/>
    public Task<CommandResult> ExecuteAsync(MetadataCommand command, IReadOnlyList<StagedChunk>? staged = null)
    {
        ArgumentNullException.ThrowIfNull(command);
        var pending = new PendingCommand(this, command, staged);
        _loop.Enter(static item => ((PendingCommand)item!).Enqueue(), pending, pending.Task);
        return pending.Task;
    }

    /// <inheritdoc/>
    public Task<QueryResult> QueryAsync(MetadataQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (query is GetBucketQuery { Name: var name } && _store.FindDurable(name) is { } known)
        {
            return known.Answer;
        }

        return _loop.EnterAsync(
            static async call =>
            {
                using IReadView state = call.Shard._store.ReadDurable();
                return await MetadataQueries.AnswerAsync(state, call.Query);
            },
            (Shard: this, Query: query));
    }

    private static async Task<ulong> StartEpochAsync(IOrderedStore store)
    {
        ulong epoch;
        using (IReadView state = store.ReadLatest())
        {
            ReadOnlyMemory<byte>? row = await state.GetAsync(RowKeys.Epoch);
            epoch = row is { } value ? RowFormat.DecodeNumber(value.Span) + 1 : 1;
        }

        var batch = new WriteBatch();
        batch.Put(RowKeys.Epoch, RowFormat.Encode(epoch));
        await store.Apply(batch).Durable;
        return epoch;
    }

    private async Task RunCommandsAsync()
    {
        // The event loop of commands; ends with the node.
        while (true)
        {
            while (_commands.TryDequeue(out PendingCommand? pending))
            {
                await DecideAsync(pending);
            }

            _idleCommands = new TaskCompletionSource();
            await _idleCommands.Task;
        }
    }

    private async ValueTask DecideAsync(PendingCommand pending)
    {
        try
        {
            await _store.WaitForRoomAsync(CommandCodec.FreesSpace(pending.Command));
            Decision decision;
            ulong number;
            do
            {
                using IReadView latest = _store.ReadLatest();
                _release = pending.Command is ReclaimCommand ? _chunks.BeginRelease(latest) : null;

                // Commands are decided one after another and each applies a batch, so this number grows from command to command.
                number = _store.AppliedSequence + 1;
                decision = await _machine.ApplyAsync(latest, pending.Command, number);
            }
            while (_release is { } release && !_chunks.IsCurrent(release));

            Settle(pending, decision, number);
        }
        catch (StorageException failure)
        {
            Abandon(pending);
            pending.SetException(failure);
        }
        catch (MalformedDataException failure)
        {
            Abandon(pending);
            pending.SetException(failure);
        }
    }

    // Only reclamation comes here; chunks move only for other reclamation, which backs off in its turn, so a second decision is rare and a third unheard of.
    private ValueTask<bool> ReleaseAsync(WriteBatch batch, BlobRef blob, int chunksMax) => _chunks.ReleaseAsync(_release!, batch, blob, chunksMax);

    // Nothing is awaited between publishing the chunks and applying the batch.
    private void Settle(PendingCommand pending, Decision decision, ulong number)
    {
        if (decision.Batch is { } batch)
        {
            if (pending.Staged.Count > 0)
            {
                _chunks.Publish(batch, pending.Staged);
            }

            CommitTicket ticket = _store.Apply(batch);
            _lagMax = ulong.Max(_lagMax, ticket.Sequence - number);
            _chunks.Published(pending.Staged);
            pending.Staged = [];
            if (_release is { } release)
            {
                _chunks.Complete(release);
            }

            _lastDurable = ticket.Durable;
            if (decision.AddsGarbage)
            {
                _garbage.Wake();
            }

            if (decision.AddsEvents)
            {
                _events.Advance();
            }
        }
        else
        {
            Abandon(pending);
        }

        if (_lastDurable.IsCompletedSuccessfully)
        {
            pending.SetResult(decision.Result);
        }
        else
        {
            AnswerWhenDurable(pending, decision.Result, _lastDurable);
        }
    }

    private static async void AnswerWhenDurable(PendingCommand pending, CommandResult result, Task durable)
    {
        try
        {
            await durable;
        }
        catch (StorageException failure)
        {
            pending.SetException(failure);
            return;
        }

        pending.SetResult(result);
    }

    private void Abandon(PendingCommand pending)
    {
        if (pending.Staged.Count > 0)
        {
            _chunks.Abandon(pending.Staged);
            pending.Staged = [];
        }
    }

    private sealed class PendingCommand(MetadataShard shard, MetadataCommand command, IReadOnlyList<StagedChunk>? staged)
        : TaskCompletionSource<CommandResult>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        internal MetadataCommand Command => command;

        /// <summary>Chunks that are neither published nor abandoned yet.</summary>
        internal IReadOnlyList<StagedChunk> Staged { get; set; } = staged ?? [];

        internal void Enqueue()
        {
            shard._commands.Enqueue(this);
            TaskCompletionSource? idle = shard._idleCommands;
            shard._idleCommands = null;
            idle?.SetResult();
        }
    }
}
