using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Engine.Proofs.Cluster;

/// <summary>Goal: a gateway on any node uses the one replicated group: it finds the leader, never sends twice what may have happened, and its reads hold back reclamation.</summary>
public class ClusterMetadataTests
{
    private const string Bucket = "bucket";

    [Fact]
    public void A_gateway_on_any_node_writes_and_reads_what_others_wrote_whoever_leads() => ClusterRig.Tell(1, async rig =>
    {
        await rig.DoAsync(2, new CreateBucketCommand(Bucket, "o", "", false) { NowUtc = Now(rig) });
        for (int round = 0; round < 12; round++)
        {
            rig.Log.Leader = new NodeId(ClusterRig.Names[round % 3]);
            string key = $"k{round}";
            CommandResult put = await rig.DoAsync((round / 3) % 3, Put(rig, key, inline: round % 2 == 0));
            Assert.Equal(MetadataError.None, put.Error);
            for (int reader = 0; reader < 3; reader++)
            {
                QueryResult listed = await rig.On(reader, life => life.Metadata.QueryAsync(new ListObjectsQuery(Bucket, "", "", "", 100)));
                Assert.Equal(round + 1, listed.Objects.Count);
                using ReadLease lease = await rig.On(reader, life => life.Metadata.OpenForReadAsync(new GetObjectQuery(Bucket, key, null)));
                Assert.Equal(put.Object!.ETag, lease.Result.Object!.ETag);
                Assert.Equal(round % 2 == 0 ? 3 : 0, lease.InlineBody.Length);
                Assert.Equal(round % 2 == 0 ? 0 : 1, lease.Data!.Blobs.Count);
            }
        }
    });

    [Fact]
    public void Without_a_leader_a_command_ends_as_unavailable_and_never_happens() => ClusterRig.Tell(2, async rig =>
    {
        await rig.DoAsync(0, new CreateBucketCommand(Bucket, "o", "", false) { NowUtc = Now(rig) });
        int before = rig.Log.Count;
        rig.Log.Leader = null;
        StagedChunk[] staged = [new StagedChunk(new ChunkId(new BlobId(1, 1), 0), 0, 0, 5)];
        StorageException failure = await Assert.ThrowsAsync<StorageException>(() => rig.DoAsync(1, Put(rig, "k", inline: false), staged));
        Assert.Equal(StorageError.Unavailable, failure.Error);
        Assert.Equal(staged, rig.Lives[1].Abandoned);
        Assert.Equal(before, rig.Log.Count);
        Assert.Equal(StorageError.Unavailable, (await Assert.ThrowsAsync<StorageException>(() => rig.On(1, life => life.Metadata.QueryAsync(new GetBucketQuery(Bucket))))).Error);
    });

    [Fact]
    public void A_command_whose_answer_is_lost_ends_as_unknown_is_sent_once_and_keeps_its_chunks() => ClusterRig.Tell(3, async rig =>
    {
        await rig.DoAsync(0, new CreateBucketCommand(Bucket, "o", "", false) { NowUtc = Now(rig) });
        int before = rig.Log.Count;
        rig.Log.LosesAnswers = true;
        StagedChunk[] staged = [new StagedChunk(new ChunkId(new BlobId(1, 1), 0), 0, 0, 5)];
        StorageException failure = await Assert.ThrowsAsync<StorageException>(() => rig.DoAsync(1, Put(rig, "k", inline: false), staged));
        Assert.Equal(StorageError.OutcomeUnknown, failure.Error);
        Assert.Empty(rig.Lives[1].Abandoned);
        Assert.Equal(before + 1, rig.Log.Count);
        Assert.Equal(MetadataError.None, (await rig.On(2, life => life.Metadata.QueryAsync(new GetObjectQuery(Bucket, "k", null)))).Error);
    });

    [Fact]
    public void A_leader_that_dies_in_the_middle_of_a_command_leaves_it_unknown_and_others_go_on() => ClusterRig.Tell(4, async rig =>
    {
        await rig.DoAsync(0, new CreateBucketCommand(Bucket, "o", "", false) { NowUtc = Now(rig) });
        Task<CommandResult> put = rig.DoAsync(1, Put(rig, "k", inline: true));
        await rig.RestAsync(1);
        rig.Nodes[0].Crash(CrashStyle.Drawn);
        rig.Log.Leader = new NodeId("c");
        try
        {
            await put;
        }
        catch (StorageException failure)
        {
            Assert.Equal(StorageError.OutcomeUnknown, failure.Error);
        }

        Assert.Equal(MetadataError.None, (await rig.DoAsync(1, Put(rig, "l", inline: true))).Error);
        await rig.StartAsync(0);
        Assert.Equal(MetadataError.None, (await rig.On(0, life => life.Metadata.QueryAsync(new GetObjectQuery(Bucket, "l", null)))).Error);
    });

    [Fact]
    public void A_refused_command_gives_its_chunks_up() => ClusterRig.Tell(5, async rig =>
    {
        StagedChunk[] staged = [new StagedChunk(new ChunkId(new BlobId(1, 1), 0), 0, 0, 5)];
        Assert.Equal(MetadataError.NoSuchBucket, (await rig.DoAsync(1, Put(rig, "k", inline: false), staged)).Error);
        Assert.Equal(staged, rig.Lives[1].Abandoned);
    });

    [Fact]
    public void A_gateway_of_a_closed_epoch_is_told_so_and_can_name_nothing() => ClusterRig.Tell(6, async rig =>
    {
        await rig.DoAsync(0, new CreateBucketCommand(Bucket, "o", "", false) { NowUtc = Now(rig) });
        await rig.On(2, async life =>
        {
            await life.Metadata.CloseEpochsAsync(0, [rig.Lives[1].Epoch]);
            return true;
        });
        StorageException failure = await Assert.ThrowsAsync<StorageException>(() => rig.DoAsync(1, Put(rig, "k", inline: false)));
        Assert.Equal(StorageError.Unavailable, failure.Error);
        Assert.Equal(1, rig.Lives[1].Fenced);
        Assert.Equal(MetadataError.None, (await rig.DoAsync(2, Put(rig, "k", inline: false))).Error);
    });

    [Theory]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    public void A_blob_is_deleted_only_after_the_reads_that_may_need_it(int seed) => ClusterRig.Tell((ulong)seed, async rig =>
    {
        await rig.DoAsync(0, new CreateBucketCommand(Bucket, "o", "", false) { NowUtc = Now(rig) });
        PutObjectCommand put = Put(rig, "k", inline: false);
        await rig.DoAsync(1, put);
        ReadLease reader = await rig.On(2, life => life.Metadata.OpenForReadAsync(new GetObjectQuery(Bucket, "k", null)));
        Assert.Equal(put.Data.Blobs, (await LiveAsync(rig)).Blobs.Select(named => named.Blob));
        await rig.DoAsync(1, Put(rig, "k", inline: true));
        await rig.RestAsync(3_000);
        Assert.Empty(rig.Deleted);

        // Readers that came later do not hold it back.
        using ReadLease later = await rig.On(0, life => life.Metadata.OpenForReadAsync(new GetObjectQuery(Bucket, "k", null)));
        reader.Dispose();
        await rig.RestAsync(3_000);
        Assert.Equal(put.Data.Blobs, rig.Deleted);
        Assert.Empty((await LiveAsync(rig)).Blobs);
    });

    [Fact]
    public void A_reader_whose_gateway_died_holds_nothing_back() => ClusterRig.Tell(10, async rig =>
    {
        await rig.DoAsync(0, new CreateBucketCommand(Bucket, "o", "", false) { NowUtc = Now(rig) });
        PutObjectCommand put = Put(rig, "k", inline: false);
        await rig.DoAsync(1, put);
        _ = await rig.On(2, life => life.Metadata.OpenForReadAsync(new GetObjectQuery(Bucket, "k", null)));
        await rig.DoAsync(1, new DeleteObjectCommand(Bucket, "k", null, "o", null, false) { NowUtc = Now(rig) });
        await rig.RestAsync(2_000);
        Assert.Empty(rig.Deleted);
        rig.Nodes[2].Crash(CrashStyle.Drawn);
        await rig.StartAsync(2);
        await rig.RestAsync(3_000);
        Assert.Equal(put.Data.Blobs, rig.Deleted);
    });

    [Fact]
    public void An_inline_part_is_read_through_the_lease_after_its_object_is_gone() => ClusterRig.Tell(11, async rig =>
    {
        await rig.DoAsync(0, new CreateBucketCommand(Bucket, "o", "", false) { NowUtc = Now(rig) });
        var template = new ObjectRecord { Key = "k", Version = default, ModifiedUtc = Now(rig), OwnerId = "o" };
        await rig.DoAsync(0, new CreateUploadCommand(Bucket, new UploadRecord { UploadId = "u", Template = template, InitiatorId = "o", InitiatedUtc = Now(rig) }) { NowUtc = Now(rig) });
        string etag = new('0', 32);
        var part = new PartRecord { Number = 1, SizeBytes = 3, ETag = etag, ModifiedUtc = Now(rig), Data = new ObjectData { Inline = new BlobRef(new BlobId(9, 9), 3, 0) } };
        await rig.DoAsync(0, new PutPartCommand(Bucket, "k", "u", part, new byte[] { 1, 2, 3 }) { NowUtc = Now(rig) });
        await rig.DoAsync(0, new CompleteUploadCommand(Bucket, "k", "u", [new CompletedPart(1, etag, null)]) { NowUtc = Now(rig) });
        ReadLease lease = await rig.On(1, life => life.Metadata.OpenForReadAsync(new GetObjectQuery(Bucket, "k", null)));
        await rig.DoAsync(0, new DeleteObjectCommand(Bucket, "k", null, "o", null, false) { NowUtc = Now(rig) });
        await rig.RestAsync(3_000);
        Assert.Equal(new byte[] { 1, 2, 3 }, (await rig.On(1, _ => lease.ReadInlineAsync(lease.Data!.Blobs[0]))).ToArray());
        lease.Dispose();
    });

    [Fact]
    public void Blob_ids_carry_the_placement_group_and_the_epoch_and_are_never_given_twice() => ClusterRig.Tell(12, async rig =>
    {
        await rig.RestAsync(1);
        var ids = rig.Lives.SelectMany(life => Enumerable.Range(0, 3).Select(_ => life.Metadata.NextBlobId())).ToList();
        Assert.Equal(9, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Equal(5UL, id.Epoch >> 48));
        Assert.Equal([1UL, 2UL, 3UL], ids.Select(id => id.Epoch & ((1UL << 48) - 1)).Distinct());
    });

    private static DateTime Now(ClusterRig rig) => rig.World.Clock.UtcNow;

    private static Task<(IReadOnlyList<NamedBlob> Blobs, bool More)> LiveAsync(ClusterRig rig) =>
        rig.On(1, life => life.Metadata.ListLiveBlobsAsync(default, new BlobId(ulong.MaxValue, ulong.MaxValue), 10));

    private static PutObjectCommand Put(ClusterRig rig, string key, bool inline)
    {
        BlobId blob = rig.Lives[0].Metadata.NextBlobId();
        var record = new ObjectRecord { Key = key, Version = default, ModifiedUtc = Now(rig), SizeBytes = 3, ETag = $"{blob.Number:x32}", OwnerId = "o" };
        ObjectData data = inline ? new ObjectData { Inline = new BlobRef(blob, 3, 0) } : new ObjectData { Blobs = [new BlobRef(blob, 3, 1 << 20)] };
        return new PutObjectCommand(Bucket, record, inline ? new byte[] { 1, 2, 3 } : default, data, null) { NowUtc = Now(rig), BodyLiesInRow = inline && blob.Number % 4 < 2 };
    }
}
