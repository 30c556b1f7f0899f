using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>What a gateway is in its cluster, for the metadata that it writes.</summary>
public interface IGatewayIdentity
{
    /// <summary>The epoch of this life, given by the root group and never twice; at most 48 bits. 0 while there is none. Any thread.</summary>
    ulong Epoch { get; }

    /// <summary>The placement group for the next blob. Any thread.</summary>
    ushort NextPlacementGroup();

    /// <summary>A group refuses this epoch as closed: this life is over, and the gateway must ask for another epoch. Any thread, any number of times.</summary>
    void EpochWasClosed();

    /// <summary>Chunks whose command was refused: nothing will name them. Any thread.</summary>
    void Abandon(IReadOnlyList<StagedChunk> staged);
}

/// <summary>The cluster's metadata as a gateway on any node sees it. Any thread.</summary>
/// <remarks>
/// Linearizable: a command is decided by the log of its group, a query is answered by a replica that has confirmed how far that log is. A read is registered here before
/// anything is asked, and holds back reclamation until its lease is disposed of.
/// </remarks>
public sealed class ClusterMetadata : IMetadataShard
{
    private const int EpochBits = 48;

    private static readonly GroupId Everything = new(1);

    private readonly GroupClient _client;
    private readonly IGatewayIdentity _gateway;
    private readonly OpenReads _reads;
    private ulong _lastBlob;

    /// <summary>Prepares it.</summary>
    /// <param name="client">Reaches groups; its loop does the work here too.</param>
    /// <param name="gateway">Who this gateway is.</param>
    /// <param name="reads">Where reads are registered.</param>
    public ClusterMetadata(GroupClient client, IGatewayIdentity gateway, OpenReads reads)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(gateway);
        ArgumentNullException.ThrowIfNull(reads);
        (_client, _gateway, _reads) = (client, gateway, reads);
    }

    /// <inheritdoc/>
    /// <remarks>Frames in <paramref name="staged"/> were published when they were written; here they are only given up when the command is refused.</remarks>
    public Task<CommandResult> ExecuteAsync(MetadataCommand command, IReadOnlyList<StagedChunk>? staged = null)
    {
        ArgumentNullException.ThrowIfNull(command);
        return _client.Loop.CallAsync(static call => call.Self.ExecuteOnLoopAsync(call.Command, call.Staged), (Self: this, Command: command, Staged: staged ?? []));
    }

    /// <inheritdoc/>
    public Task<QueryResult> QueryAsync(MetadataQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return _client.Loop.CallAsync(
            static async call => ShardQueries.DecodeResult((await call.Self.AskAsync(ShardQueries.Encode(call.Query))).Span),
            (Self: this, Query: query));
    }

    /// <inheritdoc/>
    public BlobId NextBlobId()
    {
        ulong epoch = _gateway.Epoch;
        Invariant.Check(epoch is not 0 && epoch >> EpochBits == 0, "a gateway writes with an epoch of 48 bits");
        return new BlobId(((ulong)_gateway.NextPlacementGroup() << EpochBits) | epoch, Interlocked.Increment(ref _lastBlob));
    }

    /// <inheritdoc/>
    public Task<ReadLease> OpenForReadAsync(GetObjectQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);

        // Before anything is asked: from here on no blob that this read may find is reclaimed.
        ulong read = _reads.Begin();
        return _client.Loop.CallAsync(static call => call.Self.OpenOnLoopAsync(call.Query, call.Read), (Self: this, Query: query, Read: read));
    }

    /// <summary>Which blobs of a range of ids the metadata names: what repair must keep.</summary>
    /// <param name="from">The first.</param>
    /// <param name="last">The last, included.</param>
    /// <param name="max">At most so many.</param>
    /// <returns>In order of their ids, and whether there are more.</returns>
    /// <remarks>A blob that is not among them although all of them were asked for is named by nothing: it is being written (its gateway's epoch is open), being deleted, or an orphan.</remarks>
    /// <exception cref="StorageException"><see cref="StorageError.Unavailable"/>.</exception>
    public Task<(IReadOnlyList<BlobRef> Blobs, bool More)> ListLiveBlobsAsync(BlobId from, BlobId last, int max) =>
        _client.Loop.CallAsync(
            static async call => ShardQueries.DecodeBlobs((await call.Self.AskAsync(ShardQueries.EncodeLiveBlobs(call.From, call.Last, call.Max))).Span),
            (Self: this, From: from, Last: last, Max: max));

    /// <summary>Closes epochs of gateways in every group: when this ends, no blob of theirs becomes live any more.</summary>
    /// <param name="floor">All below this one.</param>
    /// <param name="epochs">And these.</param>
    /// <exception cref="StorageException">Not known to be closed everywhere: do it again.</exception>
    public Task CloseEpochsAsync(ulong floor, IReadOnlyList<ulong> epochs) =>
        _client.Loop.CallAsync(
            static async call =>
            {
                await call.Self.ProposeAsync(new CloseEpochsCommand(call.Floor, call.Epochs));
                return true;
            },
            (Self: this, Floor: floor, Epochs: epochs));

    private async ValueTask<CommandResult> ExecuteOnLoopAsync(MetadataCommand command, IReadOnlyList<StagedChunk> staged)
    {
        ShardAnswer answer;
        try
        {
            answer = await ProposeAsync(new ExecuteCommand(_gateway.Epoch, command));
        }
        catch (StorageException failure) when (failure.Error != StorageError.OutcomeUnknown)
        {
            Abandon(staged);
            throw;
        }

        if (answer.Status == ShardStatus.EpochClosed)
        {
            _gateway.EpochWasClosed();
            Abandon(staged);
            throw new StorageException(StorageError.Unavailable, "group", -1, "this gateway's epoch is closed");
        }

        CommandResult result = answer.Result ?? throw new MalformedDataException("answer without a result");
        if (result.Error != MetadataError.None)
        {
            Abandon(staged);
        }

        return result;
    }

    private async ValueTask<ReadLease> OpenOnLoopAsync(GetObjectQuery query, ulong read)
    {
        bool holds = false;
        try
        {
            ObjectOpening opening = ShardQueries.DecodeOpening((await AskAsync(ShardQueries.EncodeOpen(query))).Span);
            holds = opening.HasBlobs;
            return new Lease(this, holds ? read : null) { Result = opening.Result, Data = opening.Data, InlineBody = opening.InlineBody };
        }
        finally
        {
            if (!holds)
            {
                _reads.End(read);
            }
        }
    }

    private async ValueTask<ShardAnswer> ProposeAsync(ShardCommand command)
    {
        var to = new ByteWriter();
        ShardCommandCodec.Encode(command, to);
        return ShardAnswerCodec.Decode((await _client.ProposeAsync(Everything, to.WrittenMemory, _client.DeadlineFromNow())).Span);
    }

    private ValueTask<ReadOnlyMemory<byte>> AskAsync(byte[] query) => _client.AskAsync(Everything, query, _client.DeadlineFromNow());

    private void Abandon(IReadOnlyList<StagedChunk> staged)
    {
        if (staged.Count > 0)
        {
            _gateway.Abandon(staged);
        }
    }

    private sealed class Lease(ClusterMetadata metadata, ulong? read) : ReadLease
    {
        private int _disposed;

        public override Task<ReadOnlyMemory<byte>> ReadInlineAsync(BlobRef blob)
        {
            Invariant.Check(_disposed == 0, "read through a lease that was given back");
            return metadata._client.Loop.CallAsync(static call => call.Self.AskAsync(ShardQueries.EncodeReadInline(call.Blob.Id)), (Self: metadata, Blob: blob));
        }

        public override void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0 && read is { } open)
            {
                metadata._reads.End(open);
            }
        }
    }
}
