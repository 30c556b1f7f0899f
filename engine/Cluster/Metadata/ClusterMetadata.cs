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

    private readonly GroupClient _client;
    private readonly ShardRouter _router;
    private readonly ShardListing _listing;
    private readonly IGatewayIdentity _gateway;
    private readonly OpenReads _reads;
    private ulong _lastBlob;

    /// <summary>Prepares it.</summary>
    /// <param name="client">Reaches groups; its loop does the work here too.</param>
    /// <param name="directory">What is remembered of where keys are; the client's locator.</param>
    /// <param name="gateway">Who this gateway is.</param>
    /// <param name="reads">Where reads are registered.</param>
    public ClusterMetadata(GroupClient client, DirectoryCache directory, IGatewayIdentity gateway, OpenReads reads)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(directory);
        ArgumentNullException.ThrowIfNull(gateway);
        ArgumentNullException.ThrowIfNull(reads);
        (_client, _gateway, _reads) = (client, gateway, reads);
        _router = new ShardRouter(client, directory);
        _listing = new ShardListing(_router);
    }

    /// <inheritdoc/>
    /// <remarks>Frames in <paramref name="staged"/> were published when they were written; here they are only given up when the command is refused.</remarks>
    public Task<CommandResult> ExecuteAsync(MetadataCommand command, IReadOnlyList<StagedChunk>? staged = null)
    {
        ArgumentNullException.ThrowIfNull(command);
        return _client.Loop.EnterAsync(static call => call.Self.ExecuteOnLoopAsync(call.Command, call.Staged), (Self: this, Command: command, Staged: staged ?? []));
    }

    /// <inheritdoc/>
    public Task<QueryResult> QueryAsync(MetadataQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return _client.Loop.EnterAsync(static call => call.Self.QueryOnLoopAsync(call.Query), (Self: this, Query: query));
    }

    /// <inheritdoc/>
    public BlobId NextBlobId()
    {
        ulong epoch = _gateway.Epoch;
        if (epoch == 0)
        {
            // Its lease ran out between two steps of what it is about to write.
            throw new StorageException(StorageError.Unavailable, "gateway", -1, "the gateway has no epoch to write with");
        }

        Invariant.Check(epoch >> EpochBits == 0, "a gateway writes with an epoch of 48 bits");
        return new BlobId(((ulong)_gateway.NextPlacementGroup() << EpochBits) | epoch, Interlocked.Increment(ref _lastBlob));
    }

    /// <inheritdoc/>
    public Task<ReadLease> OpenForReadAsync(GetObjectQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);

        // Before anything is asked: from here on no blob that this read may find is reclaimed.
        ulong read = _reads.Begin();
        return _client.Loop.EnterAsync(static call => call.Self.OpenOnLoopAsync(call.Query, call.Read), (Self: this, Query: query, Read: read));
    }

    /// <summary>Which blobs of a range of ids the metadata of the cluster names: what repair must keep.</summary>
    /// <param name="from">The first.</param>
    /// <param name="last">The last, included.</param>
    /// <param name="max">At most so many of each group.</param>
    /// <returns>In order of their ids, and whether there are more.</returns>
    /// <remarks>
    /// Every blob that was named during the whole call and lies below the last one returned (all, when there are no more) is among them. One that is not is named by nothing: it is being written (its
    /// gateway's epoch is open), being deleted, or an orphan.
    /// </remarks>
    /// <exception cref="StorageException"><see cref="StorageError.Unavailable"/>.</exception>
    public Task<(IReadOnlyList<NamedBlob> Blobs, bool More)> ListLiveBlobsAsync(BlobId from, BlobId last, int max) =>
        _client.Loop.EnterAsync(static call => call.Self.ListBlobsOnLoopAsync(call.From, call.Last, call.Max), (Self: this, From: from, Last: last, Max: max));

    /// <summary>Closes epochs of gateways in every group: when this ends, no blob of theirs becomes live any more.</summary>
    /// <param name="floor">All below this one.</param>
    /// <param name="epochs">And these.</param>
    /// <exception cref="StorageException">Not known to be closed everywhere: do it again.</exception>
    public Task CloseEpochsAsync(ulong floor, IReadOnlyList<ulong> epochs) =>
        _client.Loop.EnterAsync(static call => call.Self.CloseOnLoopAsync(call.Floor, call.Epochs), (Self: this, Floor: floor, Epochs: epochs));

    private async ValueTask<CommandResult> ExecuteOnLoopAsync(MetadataCommand command, IReadOnlyList<StagedChunk> staged)
    {
        try
        {
            CommandResult result = await DecideAsync(command);
            if (result.Error != MetadataError.None)
            {
                Abandon(staged);
            }

            return result;
        }
        catch (StorageException failure) when (failure.Error != StorageError.OutcomeUnknown)
        {
            Abandon(staged);
            throw;
        }
    }

    private async ValueTask<CommandResult> DecideAsync(MetadataCommand command)
    {
        TimeSpan deadline = _client.DeadlineFromNow();
        (string Bucket, string Key)? place = CommandPlace.Of(command);
        for (int attempt = 0; ; attempt++)
        {
            GroupId? group = place is { } at ? await _router.FindAsync(at.Bucket, at.Key, deadline) : RangeDirectory.Root;
            if (group is not { } target)
            {
                return new CommandResult { Error = MetadataError.NoSuchBucket };
            }

            ShardAnswer answer = await ProposeAsync(target, new ExecuteCommand(_gateway.Epoch, command), deadline);
            switch (answer.Status)
            {
                case ShardStatus.Done:
                    return answer.Result ?? throw new MalformedDataException("answer without a result");
                case ShardStatus.EpochClosed:
                    _gateway.EpochWasClosed();
                    throw new StorageException(StorageError.Unavailable, "group", -1, "this gateway's epoch is closed");
                case ShardStatus.Pending:
                    return await WaitForOutcomeAsync(answer.Value, deadline);
                case ShardStatus.WrongShard:
                    await _router.MistrustAsync(place?.Bucket ?? "");
                    break;
                default:
                    break;
            }

            await _client.RestAsync(attempt, deadline, $"group {target} is busy");
        }
    }

    private async ValueTask<CommandResult> WaitForOutcomeAsync(ulong change, TimeSpan deadline)
    {
        byte[] question = ShardQueries.EncodeOutcome(change);
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                if (ShardQueries.DecodeOutcome((await _client.AskAsync(RangeDirectory.Root, question, deadline)).Span) is { } result)
                {
                    return result;
                }

                await _client.RestAsync(attempt, deadline, "a change of a bucket is not decided");
            }
            catch (StorageException failure)
            {
                throw new StorageException(StorageError.OutcomeUnknown, "group", -1, failure.Message);
            }
        }
    }

    private async ValueTask<QueryResult> QueryOnLoopAsync(MetadataQuery query)
    {
        TimeSpan deadline = _client.DeadlineFromNow();
        for (int attempt = 0; ; attempt++)
        {
            QueryResult? result = query is ListObjectsQuery or ListVersionsQuery or ListUploadsQuery
                ? await _listing.TryAsync(ListingPlace.BucketOf(query), query, deadline)
                : await TryQueryAsync(query, deadline);
            if (result is not null)
            {
                return result;
            }

            await _client.RestAsync(attempt, deadline, "ranges are moving");
        }
    }

    private async ValueTask<QueryResult?> TryQueryAsync(MetadataQuery query, TimeSpan deadline)
    {
        (string Bucket, string Key)? place = CommandPlace.Of(query);
        GroupId? group = place is { } at ? await _router.FindAsync(at.Bucket, at.Key, deadline) : RangeDirectory.Root;
        if (group is not { } target)
        {
            return new QueryResult { Error = MetadataError.NoSuchBucket };
        }

        (ShardStatus status, QueryResult? result) = ShardQueries.DecodeResult((await _client.AskAsync(target, ShardQueries.Encode(query), deadline)).Span);
        if (status == ShardStatus.WrongShard)
        {
            await _router.MistrustAsync(place?.Bucket ?? "");
        }

        return result;
    }

    private async ValueTask<ReadLease> OpenOnLoopAsync(GetObjectQuery query, ulong read)
    {
        bool holds = false;
        try
        {
            (ObjectOpening opening, GroupId group) = await OpenAsync(query);
            holds = opening.HasBlobs;
            return new Lease(this, group, holds ? read : null) { Result = opening.Result, Data = opening.Data, InlineBody = opening.InlineBody };
        }
        finally
        {
            if (!holds)
            {
                _reads.End(read);
            }
        }
    }

    private async ValueTask<(ObjectOpening Opening, GroupId Group)> OpenAsync(GetObjectQuery query)
    {
        TimeSpan deadline = _client.DeadlineFromNow();
        byte[] question = ShardQueries.EncodeOpen(query);
        for (int attempt = 0; ; attempt++)
        {
            if (await _router.FindAsync(query.Bucket, query.Key, deadline) is not { } group)
            {
                return (new ObjectOpening(new QueryResult { Error = MetadataError.NoSuchBucket }, null, default), RangeDirectory.Root);
            }

            (ShardStatus status, ObjectOpening? opening) = ShardQueries.DecodeOpening((await _client.AskAsync(group, question, deadline)).Span);
            if (opening is not null)
            {
                return (opening, group);
            }

            if (status == ShardStatus.WrongShard)
            {
                await _router.MistrustAsync(query.Bucket);
            }

            await _client.RestAsync(attempt, deadline, $"group {group} is busy");
        }
    }

    /// <summary>The group that the object was found in has the part, unless its range has moved meanwhile: then another one has.</summary>
    private async ValueTask<ReadOnlyMemory<byte>> ReadInlineAsync(BlobId blob, GroupId first)
    {
        byte[] question = ShardQueries.EncodeReadInline(blob);
        TimeSpan deadline = _client.DeadlineFromNow();
        List<GroupId> groups = [first, .. _router.Directory.AllGroups()];
        for (int i = 0; i < groups.Count; i++)
        {
            if (ShardQueries.DecodeInline(await _client.AskAsync(groups[i], question, deadline)) is { } body)
            {
                return body;
            }

            if (i == 0)
            {
                await _router.MistrustAsync("");
                groups = [first, .. _router.Directory.AllGroups()];
            }
        }

        throw new StorageException(StorageError.Unavailable, "group", -1, "no group has this part; its range may be moving");
    }

    private async ValueTask<(IReadOnlyList<NamedBlob> Blobs, bool More)> ListBlobsOnLoopAsync(BlobId from, BlobId last, int max)
    {
        TimeSpan deadline = _client.DeadlineFromNow();
        for (int attempt = 0; ; attempt++)
        {
            await _router.MistrustAsync("");
            ulong version = _router.Directory.Version;
            var parts = new List<(IReadOnlyList<NamedBlob> Blobs, bool More)>();
            foreach (GroupId group in _router.Directory.AllGroups())
            {
                parts.Add(ShardQueries.DecodeBlobs((await _client.AskAsync(group, ShardQueries.EncodeLiveBlobs(from, last, max), deadline)).Span));
            }

            // A range that has been handed over meanwhile may have been looked for where it was not yet, or not any more.
            await _router.MistrustAsync("");
            if (_router.Directory.Version == version)
            {
                return BlobMerge.Join(parts);
            }

            await _client.RestAsync(attempt, deadline, "ranges are moving");
        }
    }

    private async ValueTask<bool> CloseOnLoopAsync(ulong floor, IReadOnlyList<ulong> epochs)
    {
        TimeSpan deadline = _client.DeadlineFromNow();
        for (int attempt = 0; ; attempt++)
        {
            await _router.MistrustAsync("");
            ulong version = _router.Directory.Version;
            foreach (GroupId group in _router.Directory.AllGroups())
            {
                await ProposeAsync(group, new CloseEpochsCommand(floor, epochs), deadline);
            }

            // A group that was added meanwhile has been told nothing.
            await _router.MistrustAsync("");
            if (_router.Directory.Version == version)
            {
                return true;
            }

            await _client.RestAsync(attempt, deadline, "ranges are moving");
        }
    }

    private async ValueTask<ShardAnswer> ProposeAsync(GroupId group, ShardCommand command, TimeSpan deadline)
    {
        var to = new ByteWriter();
        ShardCommandCodec.Encode(command, to);
        return ShardAnswerCodec.Decode((await _client.ProposeAsync(group, to.WrittenMemory, deadline)).Span);
    }

    private void Abandon(IReadOnlyList<StagedChunk> staged)
    {
        if (staged.Count > 0)
        {
            _gateway.Abandon(staged);
        }
    }

    private sealed class Lease(ClusterMetadata metadata, GroupId group, ulong? read) : ReadLease
    {
        private int _disposed;

        public override Task<ReadOnlyMemory<byte>> ReadInlineAsync(BlobRef blob)
        {
            Invariant.Check(_disposed == 0, "read through a lease that was given back");
            return metadata._client.Loop.EnterAsync(static call => call.Self.ReadInlineAsync(call.Blob, call.Group), (Self: metadata, Blob: blob.Id, Group: group));
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
