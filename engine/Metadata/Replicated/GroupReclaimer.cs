using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>Paces of reclaiming in a group.</summary>
public sealed record GroupReclaimerOptions
{
    /// <summary>Rows that one command touches, about.</summary>
    public int RowsMax { get; init; } = 2048;

    /// <summary>Blobs whose shards are deleted in one go.</summary>
    public int BlobsMax { get; init; } = 256;

    /// <summary>Rest after a failure.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>Reclaims what the commands of a group freed. Every replica has one; only the leader's works.</summary>
/// <remarks>
/// Three steps, each a fact that outlives the leader: garbage is dated by a command; when every read that had begun after that command has ended, a command turns garbage into doomed blobs,
/// which no row names; when their shards are deleted, a command forgets them. A read that begins later sees the state after the garbage, so it cannot need it: hence waiting is for reads
/// in progress, not for those of any one group, and stays right when objects move between groups.
/// Source: McKenney and Slingwine, "Read-Copy Update", PDCS 1998 (grace periods).
/// </remarks>
public sealed class GroupReclaimer : Worker
{
    private readonly NodeEnvironment _environment;
    private readonly IRaftGroup _group;
    private readonly GroupMachine _machine;
    private readonly ShardModule _shard;
    private readonly IBlobReclaimer _blobs;
    private readonly GroupReclaimerOptions _options;
    private ulong _freeUpTo;
    private long _done;
    private long _failures;
    private long _rounds;

    /// <summary>Prepares it; run it on the loop of the store.</summary>
    public GroupReclaimer(
        NodeEnvironment environment, IRaftGroup group, GroupMachine machine, ShardModule shard, IBlobReclaimer blobs, GroupReclaimerOptions options)
        : base($"group-{group?.Id}-reclaim", (environment ?? throw new ArgumentNullException(nameof(environment))).Clock)
    {
        ArgumentNullException.ThrowIfNull(group);
        (_environment, _group, _machine, _shard, _blobs, _options) = (environment, group, machine, shard, blobs, options);
    }

    /// <inheritdoc/>
    public override WorkerProgress Progress => new(_done, 0, _failures, _rounds);

    /// <summary>Looks again whenever leadership changes.</summary>
    public async Task WatchAsync()
    {
        // Ends with the node.
        while (true)
        {
            _shard.Garbage.Set();
            await _group.WaitForChangeAsync();
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<TimeSpan> StepAsync()
    {
        if (!_group.IsLeader)
        {
            return Timeout.InfiniteTimeSpan;
        }

        try
        {
            List<BlobRef> doomed = await DoomedAsync();
            if (doomed.Count > 0)
            {
                await _blobs.DeleteAsync(doomed);
                await ProposeAsync(new ForgetDoomedCommand(doomed.ConvertAll(static blob => blob.Id)));
                _done += doomed.Count;
                return TimeSpan.Zero;
            }

            if (await FirstGarbageAsync() is not { } first)
            {
                _rounds++;
                return Timeout.InfiniteTimeSpan;
            }

            if (first > _freeUpTo)
            {
                // What is garbage by now was freed by commands up to this one.
                ulong number = _machine.Number;
                await _blobs.WaitForReadersAsync();
                _freeUpTo = number;
            }

            await ProposeAsync(new ExecuteCommand(0, new ReclaimCommand(first, _freeUpTo, _options.RowsMax) { NowUtc = Clock.UtcNow }));
            return TimeSpan.Zero;
        }
        catch (StorageException failure)
        {
            _failures++;
            _environment.Trace.Emit(TraceLevel.Warning, "metadata", "reclaim-failed", ("group", _group.Id.ToString()), ("error", failure.Error.ToString()));
            return _options.RetryDelay;
        }
    }

    /// <inheritdoc/>
    protected override async ValueTask RestAsync(TimeSpan rest, CancellationToken cancellation)
    {
        if (rest == Timeout.InfiniteTimeSpan)
        {
            await _shard.Garbage.WaitAsync();
        }
        else if (rest > TimeSpan.Zero)
        {
            await Clock.DelayAsync(rest, cancellation);
        }
    }

    private async ValueTask<List<BlobRef>> DoomedAsync()
    {
        using IReadView state = _machine.Read();
        (List<BlobRef> blobs, _) = await BlobTable.ListAsync(
            state, Tables.DoomedBlobs, default, new BlobId(ulong.MaxValue, ulong.MaxValue), _options.BlobsMax);
        return blobs;
    }

    private async ValueTask<ulong?> FirstGarbageAsync()
    {
        using IReadView state = _machine.Read();
        using IScan scan = state.Scan(RowKeys.Numbered(Tables.Garbage, 0), new[] { (byte)(Tables.Garbage + 1) });
        return await scan.NextAsync() ? RowKeys.SequenceOfGarbage(scan.Key.Span) : null;
    }

    private async ValueTask ProposeAsync(ShardCommand command)
    {
        var to = new ByteWriter();
        ShardCommandCodec.Encode(command, to);
        ProposalOutcome outcome = await _group.ProposeAsync(to.WrittenMemory, freesSpace: true);
        if (outcome.Status is not (ProposalStatus.Applied or ProposalStatus.NotLeader))
        {
            throw new StorageException(StorageError.Unavailable, "group", -1, $"reclaim was not taken: {outcome.Status}");
        }
    }
}
