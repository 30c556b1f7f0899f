using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>Paces of moving ranges.</summary>
public sealed record RangeSenderOptions
{
    /// <summary>Rows of a piece, about.</summary>
    public int PieceRows { get; init; } = 1024;

    /// <summary>Bytes of one command to the target, about.</summary>
    public int CommandBytes { get; init; } = 512 * 1024;

    /// <summary>Rows that one command removes of a range that has left, about.</summary>
    public int CleanRows { get; init; } = 512;
}

/// <summary>On the leader of a group: sends a range that is on its way out, and removes those that have left.</summary>
/// <remarks>
/// The order is everything, and is told at <see cref="RangeTransfers"/>: announce a piece, read it from a state after that, send it, say so; only then send what changed
/// meanwhile, in order. A new leader sends the piece under way again, from the state it finds, and all changes not yet acknowledged.
/// </remarks>
public sealed class RangeSender : LeaderWorker
{
    private readonly ShardModule _shard;
    private readonly RangeSenderOptions _options;
    private ulong _transfer;
    private Term _term;
    private ulong _run;
    private ulong _sequence;

    /// <summary>Prepares it; <see cref="LeaderWorker.Start"/> it.</summary>
    public RangeSender(NodeEnvironment environment, IRaftGroup raft, GroupMachine machine, ShardModule shard, IGroupCalls groups, RangeSenderOptions options)
        : base($"group-{raft?.Id}-ranges", environment, raft!, machine, groups) => (_shard, _options) = (shard, options);

    /// <inheritdoc/>
    protected override Task WaitForProgressAsync() => _shard.Progress.WaitAsync();

    /// <inheritdoc/>
    protected override async ValueTask<TimeSpan> LeadAsync()
    {
        if (_shard.Outgoing is { } outgoing)
        {
            try
            {
                return await SendAsync(outgoing);
            }
            catch (StorageException)
            {
                // What was sent last may still arrive: another run silences it.
                _transfer = 0;
                throw;
            }
        }

        foreach (Holding holding in _shard.Holdings.List)
        {
            if (holding.State == HoldingState.Leaving)
            {
                ShardAnswer answer = await ProposeAsync(new CleanRangesCommand(_options.CleanRows));
                return answer.Status == ShardStatus.Busy ? TimeSpan.FromMilliseconds(200) : TimeSpan.Zero;
            }
        }

        return Timeout.InfiniteTimeSpan;
    }

    private async ValueTask<TimeSpan> SendAsync(OutgoingTransfer outgoing)
    {
        // A run is one leader's: another one, or this one elected again, begins another.
        Term term = Raft.Term;
        if (_transfer != outgoing.Id || _run != outgoing.Run || _term != term)
        {
            ShardAnswer claimed = await ProposeAsync(new ClaimOutgoingCommand(outgoing.Id, 0));
            (_transfer, _term, _run, _sequence) = (outgoing.Id, term, claimed.Value, 0);

            // The target learns of the run before anything else is done in it.
            await new Parcel(this, outgoing).SendAsync(evenEmpty: true);
            return TimeSpan.Zero;
        }

        if (!outgoing.IsCopied)
        {
            await SendPieceAsync(outgoing);
            await ProposeAsync(new CopiedOutgoingCommand(outgoing.Id, 0, _run));
            return TimeSpan.Zero;
        }

        if (outgoing.FirstForward < outgoing.NextForward)
        {
            ulong upto = await SendForwardsAsync(outgoing);
            await ProposeAsync(new ForwardedOutgoingCommand(outgoing.Id, 0, _run, upto));
            return TimeSpan.Zero;
        }

        if (!outgoing.IsAllDeclared)
        {
            using IReadView state = Machine.Read();
            ReadOnlyMemory<byte> end = await RangeRows.FindPieceEndAsync(state, outgoing.Range with { From = outgoing.Declared }, _options.PieceRows);
            await ProposeAsync(new DeclareOutgoingCommand(outgoing.Id, 0, _run, end));
            return TimeSpan.Zero;
        }

        if (outgoing.FrozenAt == 0 || outgoing.IsReady)
        {
            return Timeout.InfiniteTimeSpan;
        }

        await SendBucketsAsync(outgoing);
        await ProposeAsync(new ReadyOutgoingCommand(outgoing.Id, 0, _run));
        return TimeSpan.Zero;
    }

    private async ValueTask SendPieceAsync(OutgoingTransfer outgoing)
    {
        var piece = new PositionRange(outgoing.CopiedUpto, outgoing.IsAllDeclared ? outgoing.Range.To : outgoing.Declared);
        var rows = new Parcel(this, outgoing);
        using IReadView state = Machine.Read();
        SortedSet<ulong> buckets = await BucketsAsync(state);
        foreach (byte table in RangeRows.OrderedTables)
        {
            using IScan scan = RangeRows.Scan(state, table, piece);
            while (await scan.NextAsync())
            {
                // What is left of buckets that were deleted is freed from here.
                if (!buckets.Contains(Positions.BucketOf(scan.Key.Span[1..])))
                {
                    continue;
                }

                byte[] key = scan.Key.ToArray();
                byte[] value = scan.Value.ToArray();
                var owned = new List<KeyValuePair<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>?>>();
                await RangeRows.VisitOwnedAsync(state, key, value, isWhole: true, (name, row) => owned.Add(KeyValuePair.Create(name, (ReadOnlyMemory<byte>?)row)));

                // The row itself first: what is taken in halfway and dropped is found by it.
                await rows.AddAsync(key, value);
                foreach ((ReadOnlyMemory<byte> name, ReadOnlyMemory<byte>? row) in owned)
                {
                    await rows.AddAsync(name, row);
                }
            }
        }

        await rows.SendAsync();
    }

    private async ValueTask<ulong> SendForwardsAsync(OutgoingTransfer outgoing)
    {
        var rows = new Parcel(this, outgoing);
        ulong last = 0;
        using IReadView state = Machine.Read();
        using IScan scan = state.Scan(RowKeys.Numbered(Tables.Forwards, outgoing.FirstForward), RowKeys.Numbered(Tables.Forwards, outgoing.NextForward));
        while (!rows.IsFull && await scan.NextAsync())
        {
            last = new ByteReader(scan.Key.Span[1..]).UInt64BigEndian();
            foreach ((ReadOnlyMemory<byte> key, ReadOnlyMemory<byte>? value) in DecodeForward(scan.Value))
            {
                rows.Add(key, value);
            }
        }

        Invariant.Check(last >= outgoing.FirstForward, "kept changes are rows");
        await rows.SendAsync();
        return last;
    }

    /// <summary>Nothing changes them while the range is frozen: the root group sees to that.</summary>
    private async ValueTask SendBucketsAsync(OutgoingTransfer outgoing)
    {
        var rows = new Parcel(this, outgoing);
        using IReadView state = Machine.Read();
        using IScan scan = state.Scan(RowKeys.Named(Tables.Buckets, ""), new[] { (byte)(Tables.Buckets + 1) });
        while (await scan.NextAsync())
        {
            if (Positions.OfBucket(RowFormat.DecodeBucket(scan.Value.Span).Id).Overlaps(outgoing.Range))
            {
                await rows.AddAsync(scan.Key.ToArray(), scan.Value.ToArray());
            }
        }

        await rows.SendAsync();
    }

    private static async ValueTask<SortedSet<ulong>> BucketsAsync(IReadView state)
    {
        var ids = new SortedSet<ulong>();
        using IScan scan = state.Scan(RowKeys.Named(Tables.Buckets, ""), new[] { (byte)(Tables.Buckets + 1) });
        while (await scan.NextAsync())
        {
            ids.Add(RowFormat.DecodeBucket(scan.Value.Span).Id);
        }

        return ids;
    }

    private static KeyValuePair<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>?>[] DecodeForward(ReadOnlyMemory<byte> row)
    {
        var from = new ByteReader(row.Span);
        return RangeCommandForm.ReadRows(ref from);
    }

    /// <summary>Rows on their way, in commands of bounded size.</summary>
    private sealed class Parcel(RangeSender sender, OutgoingTransfer outgoing)
    {
        private List<KeyValuePair<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>?>> _rows = [];
        private long _bytes;

        internal bool IsFull => _bytes >= sender._options.CommandBytes;

        internal void Add(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte>? value)
        {
            _rows.Add(KeyValuePair.Create(key, value));
            _bytes += key.Length + (value?.Length ?? 0) + 16;
        }

        internal async ValueTask AddAsync(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte>? value)
        {
            Add(key, value);
            if (IsFull)
            {
                await SendAsync();
            }
        }

        internal async ValueTask SendAsync(bool evenEmpty = false)
        {
            if (_rows.Count == 0 && !evenEmpty)
            {
                return;
            }

            List<KeyValuePair<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>?>> rows = _rows;
            (_rows, _bytes) = ([], 0);
            ShardAnswer answer = await sender.ProposeToAsync(
                new GroupId(outgoing.Target), new IngestCommand(outgoing.Id, 0, sender._run, ++sender._sequence, rows));
            if (answer.Status != ShardStatus.Done)
            {
                throw new StorageException(StorageError.Unavailable, "group", -1, $"the target of transfer {outgoing.Id} refuses");
            }
        }
    }
}
