using System.Collections.Generic;
using System.Linq;
using ObjectStore.Engine.Metadata;
using Xunit;

namespace ObjectStore.Engine.Proofs.Metadata;

/// <summary>Goal: creating, listing, configuring and deleting buckets; identities.</summary>
public class BucketTests
{
    private static CreateBucketCommand Create(MachineBench bench, string name, string owner = MachineBench.Owner, int max = 10) =>
        new(name, owner, "", false) { NowUtc = bench.Now, BucketsMax = max };

    [Fact]
    public void A_name_is_taken_once_and_the_answer_says_by_whom()
    {
        var bench = new MachineBench();
        Assert.Equal(MetadataError.None, bench.Do(Create(bench, "a")).Error);
        Assert.Equal(MetadataError.BucketOwnedByYou, bench.Do(Create(bench, "a")).Error);
        Assert.Equal(MetadataError.BucketOwnedByOther, bench.Do(Create(bench, "a", "somebody")).Error);
    }

    [Fact]
    public void An_owner_has_so_many_buckets_and_deleting_makes_room()
    {
        var bench = new MachineBench();
        bench.Do(Create(bench, "a", max: 2));
        bench.Do(Create(bench, "b", max: 2));
        Assert.Equal(MetadataError.TooManyBuckets, bench.Do(Create(bench, "c", max: 2)).Error);
        Assert.Equal(MetadataError.None, bench.Do(Create(bench, "d", "other", max: 2)).Error);
        bench.Do(new DeleteBucketCommand("a") { NowUtc = bench.Now });
        Assert.Equal(MetadataError.None, bench.Do(Create(bench, "c", max: 2)).Error);
    }

    [Fact]
    public void Listing_goes_by_owner_and_prefix_in_pages()
    {
        var bench = new MachineBench();
        foreach (string name in new[] { "b2", "a1", "b1", "c1", "b3" })
        {
            bench.Do(Create(bench, name));
        }

        bench.Do(Create(bench, "b0", "other"));
        QueryResult first = bench.Ask(new ListBucketsQuery(MachineBench.Owner, "b", "", 2));
        Assert.Equal(["b1", "b2"], first.Buckets.Select(b => b.Name));
        Assert.Equal((true, "b2"), (first.IsTruncated, first.NextMarker));
        QueryResult second = bench.Ask(new ListBucketsQuery(MachineBench.Owner, "b", first.NextMarker, 2));
        Assert.Equal(["b3"], second.Buckets.Select(b => b.Name));
        Assert.False(second.IsTruncated);
        Assert.Equal(6, bench.Ask(new ListBucketsQuery(null, "", "", 100)).Buckets.Count);
    }

    [Fact]
    public void A_bucket_with_anything_in_it_is_not_deleted()
    {
        MachineBench bench = new MachineBench().WithBucket(VersioningState.Enabled);
        var delete = new DeleteBucketCommand(MachineBench.Bucket) { NowUtc = bench.Now };
        CommandResult marker = bench.Delete("k");
        Assert.Equal(MetadataError.BucketNotEmpty, bench.Do(delete).Error);
        bench.Delete("k", marker.Version);
        Assert.Equal(MetadataError.None, bench.Do(delete).Error);
        Assert.Equal(MetadataError.NoSuchBucket, bench.Do(delete).Error);
        Assert.Equal(MetadataError.NoSuchBucket, bench.Put("k").Error);
        Assert.Empty(bench.Rows());
    }

    [Fact]
    public void A_new_bucket_of_an_old_name_shares_nothing_with_it()
    {
        MachineBench bench = new MachineBench().WithBucket();
        ulong old = bench.Ask(new GetBucketQuery(MachineBench.Bucket)).Bucket!.Id;
        bench.Do(new DeleteBucketCommand(MachineBench.Bucket) { NowUtc = bench.Now });
        bench.WithBucket();
        Assert.NotEqual(old, bench.Ask(new GetBucketQuery(MachineBench.Bucket)).Bucket!.Id);
    }

    [Fact]
    public void Documents_are_set_replaced_and_removed_in_order_of_their_kind()
    {
        MachineBench bench = new MachineBench().WithBucket();
        foreach ((string kind, byte[]? content) in new (string, byte[]?)[] { ("policy", [1]), ("acl", [2]), ("policy", [3]), ("cors", [4]), ("cors", null) })
        {
            System.ReadOnlyMemory<byte>? document = content is null ? default(System.ReadOnlyMemory<byte>?) : content;

            bench.Do(new SetBucketDocumentCommand(MachineBench.Bucket, kind, document) { NowUtc = bench.Now });
        }

        IReadOnlyList<KeyValuePair<string, System.ReadOnlyMemory<byte>>> documents = bench.Ask(new GetBucketQuery(MachineBench.Bucket)).Bucket!.Documents;
        Assert.Equal([("acl", (byte)2), ("policy", (byte)3)], documents.Select(d => (d.Key, d.Value.Span[0])).ToArray());
    }

    [Fact]
    public void Identities_have_unique_names_and_access_keys()
    {
        var bench = new MachineBench();
        var alice = new IdentityRecord { Name = "alice", AccessKey = "A", SecretKey = "secret-1", CanonicalId = "c1", IsRoot = true };
        Assert.Equal(MetadataError.None, bench.Do(new SetIdentityCommand(alice) { NowUtc = bench.Now }).Error);
        Assert.Equal(MetadataError.AccessKeyInUse, bench.Do(new SetIdentityCommand(alice with { Name = "bob" }) { NowUtc = bench.Now }).Error);
        Assert.Equal(MetadataError.None, bench.Do(new SetIdentityCommand(alice with { Email = "a@b" }) { NowUtc = bench.Now }).Error);
        Assert.Equal([alice with { Email = "a@b" }], bench.Ask(new ListIdentitiesQuery()).Identities);
        Assert.Equal(MetadataError.None, bench.Do(new RemoveIdentityCommand("alice") { NowUtc = bench.Now }).Error);
        Assert.Equal(MetadataError.NoSuchIdentity, bench.Do(new RemoveIdentityCommand("alice") { NowUtc = bench.Now }).Error);
    }

    [Fact]
    public void All_documents_of_a_bucket_together_have_a_largest_size()
    {
        MachineBench bench = new MachineBench().WithBucket();
        var half = new byte[MetadataLimits.BucketDocumentBytesMax / 2];
        Assert.Equal(MetadataError.None, Set("a", half).Error);
        Assert.Equal(MetadataError.None, Set("b", half).Error);
        Assert.Equal(MetadataError.EntityTooLarge, Set("c", new byte[1]).Error);
        Assert.Equal(MetadataError.None, Set("a", null).Error);
        Assert.Equal(MetadataError.None, Set("c", new byte[1]).Error);

        CommandResult Set(string kind, byte[]? document) => bench.Do(
            new SetBucketDocumentCommand(MachineBench.Bucket, kind, document is null ? null : (System.ReadOnlyMemory<byte>)document) { NowUtc = bench.Now });
    }
}
