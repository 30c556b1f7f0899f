using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using CsCheck;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Proofs.Metadata;
using ObjectStore.Engine.Storage;
using Xunit;

namespace ObjectStore.Engine.Proofs.Cluster;

/// <summary>Goal: whatever ranges move where meanwhile, a cluster of several groups answers as one state machine does that was given the same commands.</summary>
public class ShardingTests
{
    private static readonly Gen<(ShardProgram.Step[] Steps, int[] Moves, ulong Seed)> Runs =
        Gen.Select(ShardProgram.Steps, Gen.Int[0, 999].Array[1, 20], Gen.ULong[1, 1_000_000]);

    [Fact]
    public void A_sharded_cluster_answers_as_one_machine_while_ranges_move() => Explore(splitsLoseAKey: false, runs: 40);

    [Fact]
    public void A_move_that_loses_a_key_is_found() => Assert.ThrowsAny<CsCheckException>(() => Explore(splitsLoseAKey: true, runs: 10));

    private static void Explore(bool splitsLoseAKey, int runs) =>
        Runs.Sample(
            run => ClusterRig.Tell(
                run.Seed,
                rig =>
                {
                    rig.SplitsLoseAKey = splitsLoseAKey;
                    return RunAsync(rig, run.Steps, run.Moves);
                },
                groupCount: 3),
            iter: runs,
            threads: 1);

    private static async Task RunAsync(ClusterRig rig, ShardProgram.Step[] steps, int[] moves)
    {
        var oracle = new MachineBench();
        var program = new ShardProgram();
        foreach (MetadataCommand command in program.Prologue())
        {
            Compare(oracle.Do(command), await rig.DoAsync(0, command));
        }

        for (int i = 0; i < steps.Length; i++)
        {
            int move = moves[i % moves.Length];
            await DisturbAsync(rig, move);
            MetadataCommand command = program.CommandOf(steps[i]);
            Compare(oracle.Do(command), await rig.DoAsync(move % 3, command));
            if (i % 5 == 0 || i == steps.Length - 1)
            {
                await CompareAllAsync(rig, oracle, moves[(i + 1) % moves.Length]);
            }
        }

        // Everything comes to rest, and nothing is left of what moved away or was freed.
        await RestAsync(rig);
        await CompareAllAsync(rig, oracle, 1);
        oracle.ReclaimAll();
        await CheckRowsAsync(rig, oracle);
    }

    /// <summary>Moves a range, has another node lead, or nothing.</summary>
    internal static async Task DisturbAsync(ClusterRig rig, int move)
    {
        switch (move % 10)
        {
            case < 4:
                await BeginMoveAsync(rig, move);
                break;
            case 4:
                rig.Logs[move / 10 % 3].Leader = new NodeId(ClusterRig.Names[move / 30 % 3]);
                break;
            case 5:
                await rig.RestAsync(move);
                break;
            default:
                break;
        }
    }

    private static async Task BeginMoveAsync(ClusterRig rig, int move)
    {
        RangeDirectory directory = await rig.On(0, life => life.Client.Loop.CallAsync(static async life => await life.Directory.RefreshAsync(life.Client), life));
        PlacedRange placed = directory.Ranges[move / 10 % directory.Ranges.Count];
        ulong[] buckets = [.. (await rig.On(0, life => life.Metadata.QueryAsync(new ListBucketsQuery(null, "", "", 10)))).Buckets.Select(bucket => bucket.Id)];
        ReadOnlyMemory<byte> Cut(int which) => buckets.Length == 0 ? default : Positions.Of(buckets[which % buckets.Length], ShardProgram.Keys[which / 2 % ShardProgram.Keys.Length]);
        PositionRange wanted = (move / 100 % 3) switch
        {
            0 => new PositionRange(Cut(move), placed.Range.To),
            1 => new PositionRange(placed.Range.From, Cut(move)),
            _ => placed.Range,
        };
        PositionRange range = placed.Range.Intersect(wanted);
        if (!range.IsEmpty)
        {
            var target = new GroupId(1 + ((placed.Group.Value + (ulong)(move % 2)) % 3));
            await rig.On(0, life => life.Client.ProposeAsync(RangeDirectory.Root, DirectoryCodec.Encode(new BeginTransferCommand(range, placed.Group, target))));
        }
    }

    private static async Task RestAsync(ClusterRig rig)
    {
        for (int wait = 0; wait < 100; wait++)
        {
            await rig.RestAsync(500);
            RangeDirectory directory = await rig.On(0, life => life.Client.Loop.CallAsync(static async life => await life.Directory.RefreshAsync(life.Client), life));
            bool rests = directory.Transfers.Count == 0
                && rig.Lives.All(life => life.Shards.All(shard => shard.PendingChanges.Count == 0 && shard.Holdings.List.All(holding => holding.State == HoldingState.Active)));
            if (rests && !await HasGarbageAsync(rig))
            {
                return;
            }
        }

        throw new InvalidOperationException($"the cluster does not come to rest, garbage: {await HasGarbageAsync(rig)}\n{Describe(rig)}");
    }

    private static string Describe(ClusterRig rig)
    {
        RangeDirectory last = rig.Lives[0].Directory.Current;
        IEnumerable<string> holdings = rig.Lives.SelectMany((life, node) => life.Shards.Select((shard, group) =>
            $"node {node} group {group + 1}: {string.Join(", ", shard.Holdings.List)} outgoing {Show(shard.Outgoing)} pending {shard.PendingChanges.Count}"));
        return $"{string.Join("; ", last.Ranges)}\n{string.Join("; ", last.Transfers)}\n{string.Join("\n", holdings)}\n"
            + $"{string.Join("\n", rig.World.Log.Last().Where(heard => heard.Name is "leader-work-failed" or "route-corrected").TakeLast(6))}\nleaders {string.Join(",", rig.Logs.Select(log => log.Leader))}";
    }

    private static async Task<bool> HasGarbageAsync(ClusterRig rig)
    {
        for (int group = 0; group < rig.Logs.Length; group++)
        {
            if ((await RowsAsync(rig, group)).Any(row => row.Key[0] is Tables.Garbage or Tables.DoomedBlobs or Tables.Forwards or Tables.BucketLocks or Tables.BucketChanges))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The rows of all groups together are the rows of one machine, table by table; blobs are those that the rows name.</summary>
    private static async Task CheckRowsAsync(ClusterRig rig, MachineBench oracle)
    {
        var all = new List<byte[]>();
        for (int group = 0; group < rig.Logs.Length; group++)
        {
            all.AddRange((await RowsAsync(rig, group)).Select(row => row.Key));
        }

        foreach (byte table in new[] { Tables.Objects, Tables.NullVersions, Tables.InlineBodies, Tables.PartLists, Tables.Uploads, Tables.Parts, Tables.CompletedUploads })
        {
            Assert.Equal((table, oracle.Rows(table).Count), (table, all.Count(key => key[0] == table)));
        }

        (IReadOnlyList<NamedBlob> blobs, bool more) = await rig.On(1, life => life.Metadata.ListLiveBlobsAsync(default, new BlobId(ulong.MaxValue, ulong.MaxValue), 10_000));
        Assert.False(more);
        Assert.All(blobs, named => Assert.True(named.IsOwn));
        Assert.Equal(oracle.NamedBlobs(), blobs.Select(named => named.Blob.ToString()).Order(StringComparer.Ordinal));
        Assert.Empty(rig.Deleted.Select(blob => blob.ToString()).Intersect(oracle.NamedBlobs()));
    }

    private static Task<List<(byte[] Key, byte[] Value)>> RowsAsync(ClusterRig rig, int group)
    {
        int leader = Array.IndexOf(ClusterRig.Names, rig.Logs[group].Leader!.Value.Value);
        return rig.On(leader, life => life.Loop.CallAsync(
            static async call =>
            {
                var rows = new List<(byte[], byte[])>();
                using IReadView state = call.life.Groups.Find(new GroupId((ulong)call.group + 1))!.Machine.Read();
                using IScan scan = state.Scan(default, default);
                while (await scan.NextAsync())
                {
                    rows.Add((scan.Key.ToArray(), scan.Value.ToArray()));
                }

                return rows;
            },
            (life, group)));
    }

    private static void Compare(CommandResult expected, CommandResult actual) => Assert.Equal(Show(expected), Show(actual));

    private static async Task CompareAllAsync(ClusterRig rig, MachineBench oracle, int pick)
    {
        foreach (string bucket in ShardProgram.Buckets)
        {
            foreach (string key in ShardProgram.Keys)
            {
                await CompareAsync(rig, oracle, pick, new GetObjectQuery(bucket, key, null, WithParts: true));
                await CompareAsync(rig, oracle, pick, new ListPartsQuery(bucket, key, "upload-1", 0, 10));
            }

            int max = 1 + (pick % 4);
            string delimiter = pick % 2 == 0 ? "/" : "";
            string prefix = pick % 7 == 0 ? "a/" : "";
            await CompareAsync(rig, oracle, pick, new GetBucketQuery(bucket));
            await CompareListingAsync(rig, oracle, pick, new ListObjectsQuery(bucket, prefix, delimiter, "", max));
            await CompareListingAsync(rig, oracle, pick, new ListVersionsQuery(bucket, prefix, delimiter, "", null, max));
            await CompareListingAsync(rig, oracle, pick, new ListUploadsQuery(bucket, prefix, delimiter, "", "", max));
            await CompareAsync(rig, oracle, pick, new ListObjectsQuery(bucket, "", "", "", 0));
        }

        await CompareAsync(rig, oracle, pick, new ListBucketsQuery(ShardProgram.Owner, "", "", 10));
    }

    private static async Task CompareAsync(ClusterRig rig, MachineBench oracle, int pick, MetadataQuery query) =>
        Assert.Equal(Show(oracle.Ask(query)), Show(await rig.On(pick % 3, life => life.Metadata.QueryAsync(query))));

    /// <summary>All pages together; pages may end early, at the edge of a range.</summary>
    private static async Task CompareListingAsync(ClusterRig rig, MachineBench oracle, int pick, MetadataQuery query)
    {
        var expected = new List<string>();
        var actual = new List<string>();
        MetadataQuery? next = query;
        while (next is not null)
        {
            QueryResult page = oracle.Ask(next);
            expected.AddRange(Entries(page));
            next = Next(next, page);
        }

        next = query;
        while (next is not null)
        {
            MetadataQuery now = next;
            QueryResult page;
            try
            {
                page = await rig.On(pick % 3, life => life.Metadata.QueryAsync(now));
            }
            catch (StorageException failure)
            {
                throw new InvalidOperationException($"{now}: {failure.Message}\n{Describe(rig)}", failure);
            }

            Assert.True(!page.IsTruncated || Entries(page).Any(), "an empty page cannot be gone on from");
            actual.AddRange(Entries(page));
            next = Next(now, page);
        }

        Assert.Equal(expected, actual);
    }

    private static MetadataQuery? Next(MetadataQuery query, QueryResult page) => !page.IsTruncated ? null : query switch
    {
        ListObjectsQuery list => list with { StartAfter = page.NextMarker },
        ListVersionsQuery list => list with { KeyMarker = page.NextMarker, VersionMarker = page.NextVersionMarker },
        ListUploadsQuery list => list with { KeyMarker = page.NextMarker, UploadIdMarker = page.NextUploadIdMarker },
        _ => null,
    };

    /// <summary>In the order of the listing, keys and common prefixes together: pages may end at different entries.</summary>
    private static IEnumerable<string> Entries(QueryResult page)
    {
        IEnumerable<(string Name, string Shown)> entries =
        [
            .. page.Objects.Select(entry => (entry.Key, Show(entry))),
            .. page.Versions.Select(version => (version.Object.Key, $"{Show(version.Object)} {version.IsLatest}")),
            .. page.Uploads.Select(upload => (upload.Template.Key, $"{upload.Template.Key} {upload.UploadId}")),
            .. page.CommonPrefixes.Select(prefix => (prefix, prefix)),
        ];
        return entries.OrderBy(entry => Convert.ToHexString(Encoding.UTF8.GetBytes(entry.Name)), StringComparer.Ordinal).Select(entry => entry.Shown);
    }

    private static string Show(OutgoingTransfer? outgoing) => outgoing is null
        ? "-"
        : $"{outgoing.Id} to {outgoing.Target} run {outgoing.Run} declared {Convert.ToHexString(outgoing.Declared.Span)} all {outgoing.IsAllDeclared} copied {outgoing.IsCopied} "
            + $"forwards {outgoing.FirstForward}-{outgoing.NextForward} frozen {outgoing.FrozenAt} ready {outgoing.IsReady}";

    private static string Show(CommandResult result) =>
        $"{result.Error} {Show(result.Bucket)} {Show(result.Object)} {result.Version?.IsNull} {result.IsDeleteMarker} {result.PartNumber} {result.Upload?.UploadId}";

    private static string Show(QueryResult result) =>
        $"{result.Error} {Show(result.Bucket)} {Show(result.Object)} {string.Join(",", result.Parts)} {string.Join(",", result.Buckets.Select(Show))} "
        + $"{string.Join(",", Entries(result))} {string.Join(",", result.UploadedParts.Select(part => $"{part.Number}:{part.ETag}"))} {result.IsTruncated}";

    private static string Show(BucketRecord? bucket) => bucket is null ? "-" : $"{bucket.Name} {bucket.OwnerId} {bucket.Versioning} {string.Join(",", bucket.Documents.Select(document => $"{document.Key}={Convert.ToHexString(document.Value.Span)}"))}";

    private static string Show(ObjectRecord? record) =>
        record is null ? "-" : $"{record.Key} {record.ETag} {record.SizeBytes} {record.IsDeleteMarker} {record.Version.IsNull} {string.Join(",", record.Tags)}";
}
