using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <content>Questions: answered from one state, for the ranges that are the group's own at that moment.</content>
public sealed partial class ShardModule
{
    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> AnswerAsync(IReadView state, ReadOnlyMemory<byte> query)
    {
        ArgumentNullException.ThrowIfNull(state);
        BucketCache buckets = _buckets;
        IReadView knowing = buckets.Over(state);
        object question = ShardQueries.Read(query.Span);
        var to = new ByteWriter();
        switch (question)
        {
            case MetadataQuery asked:
                await AnswerAsync(knowing, asked, to);
                break;
            case ShardQueries.OpenQuery open:
                ShardStatus status = await CheckAsync(knowing, open.Object.Bucket, open.Object.Key);
                to.Byte((byte)status);
                if (status == ShardStatus.Done)
                {
                    ObjectOpening opening = await ObjectOpening.FindAsync(knowing, open.Object);
                    Meter.Touch(opening.Result.Bucket, open.Object.Key);
                    ShardQueries.Write(to, opening);
                }

                break;
            case ShardQueries.ListQuery list:
                await ListAsync(knowing, buckets, list, to);
                break;
            case ShardQueries.InlineQuery inline:
                ReadOnlyMemory<byte>? body = await state.GetAsync(RowKeys.InlineBody(inline.Blob));
                to.Byte((byte)(body is null ? ShardStatus.WrongShard : ShardStatus.Done));
                to.Raw((body ?? default).Span);
                break;
            case ShardQueries.BlobsQuery blobs:
                ShardQueries.Write(to, await BlobTable.ListOwnAsync(state, _ranges.Holdings, blobs.From, blobs.Last, blobs.Max));
                break;
            case ShardQueries.TransferQuery transfer:
                ShardQueries.Write(to, StatusOf(transfer.Transfer));
                break;
            case ShardQueries.OutcomeQuery outcome:
                ReadOnlyMemory<byte>? result = await state.GetAsync(RowKeys.Numbered(Tables.BucketOutcomes, outcome.Change));
                to.Byte((byte)(result is null ? ShardStatus.Pending : ShardStatus.Done));
                to.Raw((result ?? default).Span);
                break;
            default:
                throw new InvariantViolationException("no such question");
        }

        return to.WrittenMemory;
    }

    private async ValueTask AnswerAsync(IReadView state, MetadataQuery query, ByteWriter to)
    {
        ShardStatus status = query switch
        {
            GetObjectQuery get => await CheckAsync(state, get.Bucket, get.Key),
            ListPartsQuery list => await CheckAsync(state, list.Bucket, list.Key),
            GetUploadQuery get => await CheckAsync(state, get.Bucket, get.Key),
            GetBucketQuery or ListBucketsQuery or ListIdentitiesQuery => _changes is null ? ShardStatus.WrongShard : ShardStatus.Done,
            _ => ShardStatus.WrongShard,
        };
        to.Byte((byte)status);
        if (status == ShardStatus.Done)
        {
            QueryResult result = await MetadataQueries.AnswerAsync(state, query);
            if (CommandPlace.Of(query) is { } place)
            {
                Meter.Touch(result.Bucket, place.Key);
            }

            ResultCodec.Encode(result, to);
        }
    }

    /// <summary>One page from the range that holds the start; where the range ends before the listing does, the answer says where to go on.</summary>
    private async ValueTask ListAsync(IReadView state, BucketCache buckets, ShardQueries.ListQuery list, ByteWriter to)
    {
        Holdings holdings = _ranges.Holdings;
        ulong loads = _loads;
        string name = ListingPlace.BucketOf(list.Query);
        if (_locks.IsLocked(name))
        {
            to.Byte((byte)ShardStatus.Busy);
            return;
        }

        if (await ShardReader.FindBucketAsync(state, name) is not { } bucket)
        {
            to.Byte((byte)(_changes is null ? ShardStatus.WrongShard : ShardStatus.Done));
            if (_changes is not null)
            {
                ShardQueries.Write(to, new ListPage(new QueryResult { Error = MetadataError.NoSuchBucket }, default, default));
            }

            return;
        }

        // Read before anything else is awaited, or a later change might count as seen.
        var stamp = new ListStamp(unchecked(_life + (loads * 0x9E3779B97F4A7C15UL)), _changedAt.GetValueOrDefault(bucket.Id));
        PositionRange place = ListingPlace.Of(bucket.Id, list.Query);
        ReadOnlyMemory<byte> start = Positions.Compare(list.From, place.From) > 0 ? list.From : place.From;
        ShardStatus status = RangeTransfers.Check(holdings, start);
        to.Byte((byte)status);
        if (status != ShardStatus.Done)
        {
            return;
        }

        Meter.Touch(start);
        PositionRange held = holdings.Find(start)!.Value.Range;
        var slice = new SliceView(state, [new PositionRange(start, held.To)]);
        QueryResult result = await MetadataQueries.AnswerAsync(buckets.Over(slice), list.Query);
        bool goesOn = !result.IsTruncated && Positions.CompareEnds(held.To, place.To) < 0;
        ShardQueries.Write(to, new ListPage(result, goesOn ? held.To : default, stamp));
    }

    private TransferStatus StatusOf(ulong transfer) => _ranges.Outgoing is { } outgoing && outgoing.Id == transfer
        ? new TransferStatus(
            IsKnown: true,
            IsCaughtUp: outgoing is { IsAllDeclared: true, IsCopied: true },
            outgoing.NextForward - outgoing.FirstForward,
            outgoing.IsReady,
            outgoing.FrozenAt,
            _epochs.Floor,
            _epochs.Closed)
        : new TransferStatus(false, false, 0, false, 0, 0, []);
}

/// <summary>Tells whether a bucket has changed in a group between two listings: it has not when both have the same.</summary>
/// <param name="Life">Of the process and the state it loaded.</param>
/// <param name="ChangedAt">Number of the last change since.</param>
public readonly record struct ListStamp(ulong Life, ulong ChangedAt);

/// <summary>What one group gives to a listing.</summary>
/// <param name="Result">Its entries.</param>
/// <param name="GoesOnAt">Where another range must be asked for more; empty when this was the end or the page is full.</param>
/// <param name="Stamp">The bucket's state here.</param>
public sealed record ListPage(QueryResult Result, ReadOnlyMemory<byte> GoesOnAt, ListStamp Stamp);

/// <summary>How far a range is on its way out.</summary>
/// <param name="IsKnown">The source knows of it.</param>
/// <param name="IsCaughtUp">All has been copied once.</param>
/// <param name="Backlog">Changes that the target does not have yet.</param>
/// <param name="IsReady">Frozen, and the target has everything.</param>
/// <param name="FrozenAt">Number of the command that froze it: no row of the range has a higher one.</param>
/// <param name="EpochFloor">The source's closed epochs: all below.</param>
/// <param name="ClosedEpochs">And these.</param>
public sealed record TransferStatus(bool IsKnown, bool IsCaughtUp, ulong Backlog, bool IsReady, ulong FrozenAt, ulong EpochFloor, IReadOnlyList<ulong> ClosedEpochs);
