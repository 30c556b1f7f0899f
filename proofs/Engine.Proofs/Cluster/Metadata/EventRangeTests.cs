using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using CsCheck;
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

    private static async Task RunAsync(ClusterRig rig, (int Key, int What)[] steps, int[] moves)
    {
        EventTargetDouble[] targets = [.. rig.Targets.Cast<EventTargetDouble>()];
        var unknown = new HashSet<string>(StringComparer.Ordinal);
        var written = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        await rig.DoAsync(0, new CreateBucketCommand(Bucket, "owner", "", ObjectLock: false) { NowUtc = Now(rig) });
        await rig.DoAsync(0, new SetVersioningCommand(Bucket, VersioningState.Enabled) { NowUtc = Now(rig) });
        for (int i = 0; i < steps.Length; i++)
        {
            int move = moves[i % moves.Length];
            await ShardingTests.DisturbAsync(rig, move);
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
                CommandResult result = await rig.DoAsync((move / 3) % 3, put with { Object = put.Object with { ETag = etag } });
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
        foreach (EventTargetDouble target in targets)
        {
            // By key: the order of sequencers is that of the writes, each told at least once, and nothing else.
            foreach ((string key, List<string> etags) in written)
            {
                string[] told = [.. target.Heard.Where(record => Key(record) == key).OrderBy(EventTargetDouble.SequencerOf, StringComparer.Ordinal).Select(ETag).Where(etag => !unknown.Contains(etag)).Distinct(StringComparer.Ordinal)];
                Assert.Equal(etags, told);
            }

            Assert.Equal(written.Values.Sum(static etags => etags.Count), target.Heard.Select(ETag).Where(etag => !unknown.Contains(etag)).Distinct(StringComparer.Ordinal).Count());
            Assert.All(target.Heard.Select(ETag), etag => Assert.InRange(int.Parse(etag, NumberStyles.HexNumber, CultureInfo.InvariantCulture), 0, steps.Length - 1));
        }

        // And nothing waits.
        foreach (ClusterRig.Life life in rig.Lives)
        {
            Assert.All(life.Events!.Counts, static counts => Assert.Equal((0, 0), (counts.Waiting, counts.Dropped)));
        }
    }

    private static string Key(JsonElement record) => Uri.UnescapeDataString(EventTargetDouble.KeyOf(record).Replace('+', ' '));

    private static string ETag(JsonElement record) => record.GetProperty("s3").GetProperty("object").GetProperty("eTag").GetString()!;

    private static DateTime Now(ClusterRig rig) => rig.World.Clock.UtcNow;
}
