using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using CsCheck;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Proofs.Doubles;
using ObjectStore.Engine.Proofs.Metadata;
using ObjectStore.Engine.Storage;
using Xunit;

namespace ObjectStore.Engine.Proofs.Cluster;

/// <summary>Goal: whatever ranges move, whoever leads and whatever crashes meanwhile, each event of an acknowledged write is told at least once, none is invented, and sequencers order those of a key.</summary>
public sealed class EventRangeTests
{
    private const string Bucket = "bucket";

    private static readonly Gen<((int Key, int What)[] Steps, int[] Moves, ulong Seed)> Runs =
        Gen.Select(Gen.Select(Gen.Int[0, ShardProgram.Keys.Length - 1], Gen.Int[0, 9]).Array[5, 60], Gen.Int[0, 999].Array[1, 20], Gen.ULong[1, 1_000_000]);

    [Fact]
    public void Every_event_is_told_while_ranges_move_and_leaders_change() =>
        Runs.Sample(
            run => ClusterRig.Tell(
                run.Seed,
                rig => RunAsync(rig, run.Steps, run.Moves),
                groupCount: 3,
                targets: [new EventTargetDouble("a"), new EventTargetDouble("b")]),
            iter: 40,
            threads: 1);

    [Fact]
    public void Events_wake_who_leads_and_a_change_of_that_wakes_the_others() => ClusterRig.Tell(
        1,
        async rig =>
        {
            rig.Log.Leader = new NodeId(ClusterRig.Names[0]);
            ulong bucketId = (await rig.DoAsync(0, new CreateBucketCommand(Bucket, "owner", "", ObjectLock: false) { NowUtc = Now(rig) })).Bucket!.Id;
            await rig.RestAsync(1000);
            GroupOutbox leading = rig.Lives[0].Outboxes[0];
            GroupOutbox other = rig.Lives[1].Outboxes[0];
            ulong seen = (await rig.On(0, _ => leading.ReadAsync("a", 1))).Stamp;
            EventPage page = await rig.On(1, _ => other.ReadAsync("a", 1));
            Assert.False(page.IsLed);
            Task<bool> leaderWaits = rig.On(0, _ => EndAsync(leading.WaitAsync(seen)));
            Task<bool> otherWaits = rig.On(1, _ => EndAsync(other.WaitAsync(page.Stamp)));
            PutObjectCommand put = EventCommands.Put(Bucket, "k", Now(rig), "a");
            await rig.DoAsync(0, put with { Events = put.Events! with { BucketId = bucketId } });
            await rig.RestAsync(1000);
            Assert.Equal((true, false), (leaderWaits.IsCompleted, otherWaits.IsCompleted));
            rig.Log.Leader = new NodeId(ClusterRig.Names[1]);
            await rig.RestAsync(1000);
            Assert.True(otherWaits.IsCompleted);

            static async Task<bool> EndAsync(Task wait)
            {
                await wait;
                return true;
            }
        },
        targets: [new EventTargetDouble("a")]);

    private static async Task RunAsync(ClusterRig rig, (int Key, int What)[] steps, int[] moves)
    {
        EventTargetDouble[] targets = [.. rig.Targets.Cast<EventTargetDouble>()];
        var unknown = new HashSet<string>(StringComparer.Ordinal);
        var written = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        ulong bucketId = (await rig.DoAsync(0, new CreateBucketCommand(Bucket, "owner", "", ObjectLock: false) { NowUtc = Now(rig) })).Bucket!.Id;
        await rig.DoAsync(0, new SetVersioningCommand(Bucket, VersioningState.Enabled) { NowUtc = Now(rig) });
        for (int i = 0; i < steps.Length; i++)
        {
            int move = moves[i % moves.Length];
            try
            {
                await ShardingTests.DisturbAsync(rig, move);
            }
            catch (StorageException failure) when (failure.Error == StorageError.OutcomeUnknown)
            {
                // Nodes crash here: a move that got no answer began or did not, and either will do.
            }

            targets[0].Failure = steps[i].What < 2 ? "down" : null;
            if (steps[i].What == 9)
            {
                int node = move % 3;
                rig.Nodes[node].Crash();
                await rig.StartAsync(node);
            }

            string key = ShardProgram.Keys[steps[i].Key];
            string etag = i.ToString("x32", CultureInfo.InvariantCulture);
            PutObjectCommand put = EventCommands.Put(Bucket, key, Now(rig), "a", "b");
            try
            {
                CommandResult result = await rig.DoAsync((move / 3) % 3, put with { Object = put.Object with { ETag = etag }, Events = put.Events! with { BucketId = bucketId } });
                Assert.Equal(MetadataError.None, result.Error);
            }
            catch (StorageException failure) when (failure.Error == StorageError.OutcomeUnknown)
            {
                unknown.Add(etag);
                continue;
            }

            if (!written.TryGetValue(key, out List<string>? ofKey))
            {
                written[key] = ofKey = [];
            }

            ofKey.Add(etag);
        }

        targets[0].Failure = null;
        await rig.RestAsync(120_000);

        // Of writes whose outcome is unknown too, as nothing is deleted here.
        QueryResult there = await rig.On(0, life => life.Metadata.QueryAsync(new ListVersionsQuery(Bucket, "", "", "", null, 1000)));
        Assert.False(there.IsTruncated);
        string[] versions = [.. there.Versions.Select(static version => $"{version.Object.ETag} {version.Object.Key}").Order(StringComparer.Ordinal)];
        foreach (EventTargetDouble target in targets)
        {
            // By key: the order of sequencers is that of the writes, each told at least once, and nothing else.
            foreach ((string key, List<string> etags) in written)
            {
                string[] told = [.. target.Heard.Where(record => Key(record) == key).OrderBy(EventTargetDouble.SequencerOf, StringComparer.Ordinal).Select(ETag).Where(etag => !unknown.Contains(etag)).Distinct(StringComparer.Ordinal)];
                Assert.Equal(etags, told);
            }

            Assert.Equal(versions, target.Heard.Select(static record => $"{ETag(record)} {Key(record)}").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        }

        // And nothing waits, on no replica.
        for (int node = 0; node < rig.Lives.Length; node++)
        {
            ClusterRig.Life life = rig.Lives[node];
            Assert.Equal(0, await rig.On(node, static life => life.Loop.CallAsync(CountRowsAsync, life)));
            Assert.All(life.Events!.Counts, static counts => Assert.Equal((0, 0), (counts.Waiting, counts.Dropped)));
        }
    }

    private static async ValueTask<int> CountRowsAsync(ClusterRig.Life life)
    {
        int rows = 0;
        foreach (LocalGroup group in life.Groups.All)
        {
            using IReadView state = group.Machine.Read();
            using IScan scan = state.Scan(new[] { Tables.Events }, new[] { Tables.EventQueues });
            while (await scan.NextAsync())
            {
                rows++;
            }
        }

        return rows;
    }

    private static string Key(JsonElement record) => Uri.UnescapeDataString(EventTargetDouble.KeyOf(record).Replace('+', ' '));

    private static string ETag(JsonElement record) => record.GetProperty("s3").GetProperty("object").GetProperty("eTag").GetString()!;

    private static DateTime Now(ClusterRig rig) => rig.World.Clock.UtcNow;
}
