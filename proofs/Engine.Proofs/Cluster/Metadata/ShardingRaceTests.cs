using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using Xunit;

namespace ObjectStore.Engine.Proofs.Cluster;

/// <summary>Goal: what concerns several groups at once is seen as one moment by everybody, while others write and ranges move.</summary>
public class ShardingRaceTests
{
    private const string Bucket = "bucket";
    private static readonly DateTime Now = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void A_bucket_over_several_groups_is_deleted_or_written_to_and_never_both()
    {
        var seen = new SortedSet<string>(StringComparer.Ordinal);
        for (ulong seed = 1; seed <= 30; seed++)
        {
            ulong round = seed;
            ClusterRig.Tell(
                seed,
                async rig =>
                {
                    await SpreadAsync(rig);
                    // Ranges of the bucket that is being deleted change hands meanwhile.
                    await MoveAsync(rig, "k", "t", from: 2, to: 1, waits: false);
                    var writes = new List<Task<CommandResult>>();
                    for (int node = 0; node < 3; node++)
                    {
                        writes.Add(LaterAsync(rig, (int)(round * 7 % 29) + (node * 3), node, Put(node == 1 ? "a" : node == 2 ? "k" : "z")));
                    }

                    CommandResult deleted = await LaterAsync(rig, (int)(round % 13), (int)(round % 3), new DeleteBucketCommand(Bucket) { NowUtc = Now });
                    CommandResult[] written = await Task.WhenAll(writes);
                    bool isDeleted = deleted.Error == MetadataError.None;
                    Assert.Equal(isDeleted, deleted.Error != MetadataError.BucketNotEmpty);
                    Assert.Equal(isDeleted, !written.Any(put => put.Error == MetadataError.None));
                    Assert.All(written, put => Assert.True(put.Error is MetadataError.None or MetadataError.NoSuchBucket, $"{put.Error}"));
                    Assert.Equal(isDeleted, written.All(put => put.Error == MetadataError.NoSuchBucket));
                    seen.Add(isDeleted ? "deleted" : "written");
                },
                groupCount: 3);
        }

        Assert.Equal(["deleted", "written"], seen);
    }

    [Fact]
    public void A_page_over_several_groups_shows_one_moment_of_the_bucket()
    {
        int crossing = 0;
        for (ulong seed = 1; seed <= 12; seed++)
        {
            ClusterRig.Tell(
                seed,
                async rig =>
                {
                    const int Rounds = 25;
                    await SpreadAsync(rig);
                    Task writing = WriteInTurnAsync(rig, Rounds);
                    while (!writing.IsCompleted)
                    {
                        QueryResult page = await rig.On(1, life => life.Metadata.QueryAsync(new ListObjectsQuery(Bucket, "", "", "", 1000)));
                        int low = page.Objects.Count(entry => entry.Key[0] == 'a');
                        int high = page.Objects.Count(entry => entry.Key[0] == 'z');

                        // Each round writes below, then above. The page must not have the later one without the earlier.
                        Assert.True(high <= low, $"{high} keys above and {low} below: {page.IsTruncated}");
                        Assert.True(page.IsTruncated || low - high <= 1, $"{high} keys above and {low} below");
                        crossing += high > 0 ? 1 : 0;
                    }

                    await writing;
                },
                groupCount: 3);
        }

        Assert.True(crossing > 20, $"only {crossing} pages went over several groups");
    }

    private static async Task WriteInTurnAsync(ClusterRig rig, int rounds)
    {
        for (int round = 0; round < rounds; round++)
        {
            string number = round.ToString("D3", CultureInfo.InvariantCulture);
            Assert.Equal(MetadataError.None, (await rig.DoAsync(0, Put("a" + number))).Error);
            Assert.Equal(MetadataError.None, (await rig.DoAsync(2, Put("z" + number))).Error);
            await rig.RestAsync(round % 7);
        }
    }

    /// <summary>A bucket whose keys belong to group 1 below k, to group 2 below t, and to group 3 from there on.</summary>
    private static async Task SpreadAsync(ClusterRig rig)
    {
        CommandResult created = await rig.DoAsync(0, new CreateBucketCommand(Bucket, "owner", "", ObjectLock: false) { NowUtc = Now });
        Assert.Equal(MetadataError.None, created.Error);
        await MoveAsync(rig, "k", "t", from: 1, to: 2, waits: true);
        await MoveAsync(rig, "t", null, from: 1, to: 3, waits: true);
    }

    private static async Task MoveAsync(ClusterRig rig, string first, string? end, ulong from, ulong to, bool waits)
    {
        ulong bucket = (await rig.On(0, life => life.Metadata.QueryAsync(new GetBucketQuery(Bucket)))).Bucket!.Id;
        ReadOnlyMemory<byte> last = end is null ? default : Positions.Of(bucket, end);
        var move = new BeginTransferCommand(new PositionRange(Positions.Of(bucket, first), last), new GroupId(from), new GroupId(to));
        Assert.True((await rig.On(0, async life => DirectoryCodec.DecodeAnswer((await life.Client.ProposeAsync(RangeDirectory.Root, DirectoryCodec.Encode(move))).Span))).IsDone);
        while (waits && (await DirectoryAsync(rig)).Transfers.Count > 0)
        {
            await rig.RestAsync(20);
        }
    }

    private static Task<RangeDirectory> DirectoryAsync(ClusterRig rig) =>
        rig.On(0, life => life.Client.Loop.CallAsync(static async life => await life.Directory.RefreshAsync(life.Client), life));

    private static async Task<CommandResult> LaterAsync(ClusterRig rig, int milliseconds, int node, MetadataCommand command)
    {
        await rig.RestAsync(milliseconds);
        return await rig.DoAsync(node, command);
    }

    private static PutObjectCommand Put(string key)
    {
        var record = new ObjectRecord { Key = key, Version = default, ModifiedUtc = Now, SizeBytes = 0, ETag = new string('0', 32), OwnerId = "owner" };
        return new PutObjectCommand(Bucket, record, default, new ObjectData(), null) { NowUtc = Now };
    }
}
