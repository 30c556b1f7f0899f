using System;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Proofs.Doubles;
using Xunit;

namespace ObjectStore.Engine.Proofs.Gateway.Lifecycle;

/// <summary>Goal: rules take effect through the whole gateway: in time, not before, on what they are for and on nothing else.</summary>
public sealed class LifecycleWorkerTests
{
    private const string Enabled = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";

    // Looks for changed rules at each step.
    private static readonly LifecycleOptions Options = new() { PageEntries = 3, ConcurrencyMax = 2, PollInterval = TimeSpan.Zero };

    [Fact]
    public void Objects_expire_at_their_midnight() => GatewayRig.Run(async rig =>
    {
        LifecycleWorker worker = Worker(rig);
        await PutRulesAsync(rig, "<Filter><Prefix>logs/</Prefix></Filter><Expiration><Days>2</Days></Expiration>");
        for (int i = 0; i < 5; i++)
        {
            (await rig.SendAsync("PUT", $"/bucket/logs/{i}", "x")).Is(200);
            (await rig.SendAsync("PUT", $"/bucket/other/{i}", "x")).Is(200);
        }

        DateTime dueUtc = rig.NowUtc.Date.AddDays(3);
        TestAnswer put = await rig.SendAsync("PUT", "/bucket/logs/5", "x");
        string told = $"expiry-date=\"{dueUtc:r}\", rule-id=\"r%201\"";
        Assert.Equal(told, put["x-amz-expiration"]);
        Assert.Equal(told, (await rig.SendAsync("HEAD", "/bucket/logs/5"))["x-amz-expiration"]);
        Assert.Equal(told, (await rig.SendAsync("GET", "/bucket/logs/0"))["x-amz-expiration"]);
        Assert.Null((await rig.SendAsync("HEAD", "/bucket/other/0"))["x-amz-expiration"]);

        await rig.UntilAsync(dueUtc - TimeSpan.FromSeconds(1));
        await SettleAsync(worker);
        Assert.Equal(11, (await rig.SendAsync("GET", "/bucket")).All("Key").Length);
        await rig.UntilAsync(dueUtc);
        (await rig.SendAsync("PUT", "/bucket/logs/3", "written again")).Is(200);
        await SettleAsync(worker);
        Assert.Equal(["logs/3", "other/0", "other/1", "other/2", "other/3", "other/4"], (await rig.SendAsync("GET", "/bucket")).All("Key"));
        Assert.Equal(5, worker.Counts.Expired);
    });

    [Fact]
    public void Rules_that_come_by_day_are_followed_by_day() => GatewayRig.Run(async rig =>
    {
        LifecycleWorker worker = Worker(rig);
        (await rig.SendAsync("PUT", "/bucket/k", "x")).Is(200);
        await SettleAsync(worker);
        string yesterday = rig.NowUtc.Date.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        await PutRulesAsync(rig, $"<Filter/><Expiration><Date>{yesterday}</Date></Expiration>");
        await SettleAsync(worker);
        (await rig.SendAsync("HEAD", "/bucket/k")).Is(404);

        // The same rules again, in a bucket that was deleted and made anew.
        (await rig.SendAsync("DELETE", "/bucket")).Is(204);
        (await rig.SendAsync("PUT", "/bucket")).Is(200);
        (await rig.SendAsync("PUT", "/bucket/k", "x")).Is(200);
        await PutRulesAsync(rig, $"<Filter/><Expiration><Date>{yesterday}</Date></Expiration>");
        await SettleAsync(worker);
        (await rig.SendAsync("HEAD", "/bucket/k")).Is(404);
    });

    [Fact]
    public void A_versioned_bucket_ends_up_empty() => GatewayRig.Run(async rig =>
    {
        LifecycleWorker worker = Worker(rig);
        (await rig.SendAsync("PUT", "/bucket?versioning", Enabled)).Is(200);
        await PutRulesAsync(
            rig, "<Filter/><Expiration><Days>1</Days></Expiration><NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration>");
        for (int version = 0; version < 7; version++)
        {
            (await rig.SendAsync("PUT", "/bucket/many", "x")).Is(200);
            (await rig.SendAsync("PUT", $"/bucket/few{version % 2}", "x")).Is(200);
        }

        int[] left = [14, 6, 6, 3, 0];
        foreach (int versions in left)
        {
            // The second midnight takes what is noncurrent and hides the rest; two days later that is gone, and then the markers are.
            await rig.UntilAsync(rig.NowUtc.Date.AddDays(1));
            await SettleAsync(worker);
            Assert.Equal(versions, (await rig.SendAsync("GET", "/bucket?versions")).All("VersionId").Length);
        }

        Assert.Empty((await rig.SendAsync("GET", "/bucket?versions")).All("Key"));
        Assert.Equal((3, 14, 3), (worker.Counts.Expired, worker.Counts.Removed, worker.Counts.MarkersRemoved));
    });

    [Fact]
    public void Noncurrent_versions_that_are_to_be_kept_stay() => GatewayRig.Run(async rig =>
    {
        LifecycleWorker worker = Worker(rig);
        (await rig.SendAsync("PUT", "/bucket?versioning", Enabled)).Is(200);
        await PutRulesAsync(
            rig,
            "<Filter/><NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays><NewerNoncurrentVersions>2</NewerNoncurrentVersions></NoncurrentVersionExpiration>");
        string[] versions = new string[8];
        for (int i = 0; i < versions.Length; i++)
        {
            versions[i] = (await rig.SendAsync("PUT", "/bucket/k", "x"))["x-amz-version-id"]!;
        }

        await rig.UntilAsync(rig.NowUtc.Date.AddDays(2));
        await SettleAsync(worker);
        Assert.Equal([versions[7], versions[6], versions[5]], (await rig.SendAsync("GET", "/bucket?versions")).All("VersionId"));
    });

    [Fact]
    public void Tags_decide_and_are_looked_at_again() => GatewayRig.Run(async rig =>
    {
        LifecycleWorker worker = Worker(rig);
        await PutRulesAsync(rig, "<Filter><Tag><Key>keep</Key><Value>no</Value></Tag></Filter><Expiration><Days>1</Days></Expiration>");
        (await rig.SendAsync("PUT", "/bucket/goes", "x", ("x-amz-tagging", "keep=no&a=1"))).Is(200);
        (await rig.SendAsync("PUT", "/bucket/stays", "x", ("x-amz-tagging", "keep=yes"))).Is(200);
        (await rig.SendAsync("PUT", "/bucket/saved", "x", ("x-amz-tagging", "keep=no"))).Is(200);
        Assert.Null((await rig.SendAsync("HEAD", "/bucket/stays"))["x-amz-expiration"]);
        Assert.NotNull((await rig.SendAsync("HEAD", "/bucket/saved"))["x-amz-expiration"]);
        (await rig.SendAsync("DELETE", "/bucket/saved?tagging")).Is(204);
        await rig.UntilAsync(rig.NowUtc.Date.AddDays(5));
        await SettleAsync(worker);
        Assert.Equal(["saved", "stays"], (await rig.SendAsync("GET", "/bucket")).All("Key"));
    });

    [Fact]
    public void A_move_shows_and_a_marker_follows_it() => GatewayRig.Run(async rig =>
    {
        LifecycleWorker worker = Worker(rig);
        (await rig.SendAsync("PUT", "/bucket?versioning", Enabled)).Is(200);
        await PutRulesAsync(
            rig,
            "<Filter><ObjectSizeGreaterThan>0</ObjectSizeGreaterThan></Filter><Transition><Days>1</Days><StorageClass>GLACIER_IR</StorageClass></Transition><Expiration><Days>3</Days></Expiration>");
        string version = (await rig.SendAsync("PUT", "/bucket/k", "body"))["x-amz-version-id"]!;
        string modified = (await rig.SendAsync("HEAD", "/bucket/k"))["Last-Modified"]!;
        await rig.UntilAsync(rig.NowUtc.Date.AddDays(2));
        await SettleAsync(worker);
        TestAnswer moved = await rig.SendAsync("GET", "/bucket/k");
        Assert.Equal(("GLACIER_IR", "body", modified), (moved["x-amz-storage-class"], moved.Text, moved["Last-Modified"]));
        (await rig.SendAsync("PUT", "/bucket/late", "body")).Is(200);
        await rig.UntilAsync(rig.NowUtc.Date.AddDays(7));
        await SettleAsync(worker);
        Assert.Equal(("true", 404), ((await rig.SendAsync("HEAD", "/bucket/late"))["x-amz-delete-marker"], (await rig.SendAsync("HEAD", "/bucket/k")).Status));
        Assert.Equal("body", (await rig.SendAsync("GET", $"/bucket/k?versionId={version}")).Text);
        Assert.Equal(["GLACIER_IR", "GLACIER_IR"], (await rig.SendAsync("GET", "/bucket?versions")).All("StorageClass"));
        Assert.Equal((2, 2), (worker.Counts.Moved, worker.Counts.Expired));
    });

    [Fact]
    public void Forgotten_uploads_are_aborted() => GatewayRig.Run(async rig =>
    {
        LifecycleWorker worker = Worker(rig);
        await PutRulesAsync(
            rig, "<Filter><Prefix>in/</Prefix></Filter><AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload>");
        DateTime dueUtc = rig.NowUtc.Date.AddDays(2);
        for (int i = 0; i < 5; i++)
        {
            TestAnswer begun = await rig.SendAsync("POST", $"/bucket/in/{i}?uploads", "");
            Assert.Equal((dueUtc.ToString("r", CultureInfo.InvariantCulture), "r%201"), (begun["x-amz-abort-date"], begun["x-amz-abort-rule-id"]));
            string parts = $"/bucket/in/{i}?uploadId={begun.All("UploadId").Single()}";
            Assert.Equal(begun["x-amz-abort-date"], (await rig.SendAsync("GET", parts))["x-amz-abort-date"]);
        }

        Assert.Null((await rig.SendAsync("POST", "/bucket/out?uploads", ""))["x-amz-abort-date"]);
        await rig.UntilAsync(dueUtc - TimeSpan.FromSeconds(1));
        string young = (await rig.SendAsync("POST", "/bucket/in/2?uploads", "")).All("UploadId").Single();
        await SettleAsync(worker);
        Assert.Equal(7, (await rig.SendAsync("GET", "/bucket?uploads")).All("UploadId").Length);
        await rig.UntilAsync(dueUtc);
        await SettleAsync(worker);
        TestAnswer left = await rig.SendAsync("GET", "/bucket?uploads");
        Assert.Equal(["in/2", "out"], left.All("Key"));
        Assert.Equal(young, left.All("UploadId")[0]);
    });

    [Fact]
    public void A_blank_prefix_stays_what_it_is() => GatewayRig.Run(async rig =>
    {
        LifecycleWorker worker = Worker(rig);
        (await rig.SendAsync("PUT", "/bucket/k", "x")).Is(200);
        (await rig.SendAsync("PUT", "/bucket/%20k", "x")).Is(200);
        await PutRulesAsync(rig, "<Filter><Prefix> </Prefix></Filter><Expiration><Days>1</Days></Expiration>");
        await rig.UntilAsync(rig.NowUtc.Date.AddDays(3));
        await SettleAsync(worker);
        Assert.Equal(["k"], (await rig.SendAsync("GET", "/bucket")).All("Key"));
    });

    [Fact]
    public void Buckets_take_turns() => GatewayRig.Run(async rig =>
    {
        var worker = new LifecycleWorker(rig.Environment, rig.Metadata, Options with { PageEntries = 1, WalksMax = 2 }, static () => true);
        (await rig.SendAsync("PUT", "/small")).Is(200);
        await PutRulesAsync(rig, "<Filter/><Expiration><Days>1</Days></Expiration>");
        await PutRulesAsync(rig, "<Filter/><Expiration><Days>1</Days></Expiration>", "small");
        for (int i = 0; i < 20; i++)
        {
            (await rig.SendAsync("PUT", $"/bucket/{i}", "x")).Is(200);
        }

        (await rig.SendAsync("PUT", "/small/k", "x")).Is(200);
        await rig.UntilAsync(rig.NowUtc.Date.AddDays(2));
        for (int step = 0; step < 4; step++)
        {
            await worker.StepAsync();
        }

        (await rig.SendAsync("HEAD", "/small/k")).Is(404);
        Assert.InRange((await rig.SendAsync("GET", "/bucket")).All("Key").Length, 17, 19);
    });

    [Theory]
    [InlineData(typeof(ListVersionsQuery))]
    [InlineData(typeof(ListBucketsQuery))]
    [InlineData(typeof(ApplyLifecycleCommand))]
    public void What_fails_for_a_while_is_done_later(Type failing) => GatewayRig.Run(async rig =>
    {
        var metadata = new FailingMetadata(rig.Metadata) { Failing = failing };
        var worker = new LifecycleWorker(rig.Environment, metadata, Options, static () => true);
        await PutRulesAsync(rig, "<Filter/><Expiration><Days>1</Days></Expiration>");
        (await rig.SendAsync("PUT", "/bucket/k", "x")).Is(200);
        await rig.UntilAsync(rig.NowUtc.Date.AddDays(2));
        for (int step = 0; step < 20; step++)
        {
            await rig.Environment.Clock.DelayAsync(await worker.StepAsync());
        }

        // Tried again, but not for ever.
        Assert.InRange(worker.Counts.Failures, 3, failing == typeof(ListBucketsQuery) ? 20 : 15);
        Assert.Equal(0, worker.Counts.Expired);
        metadata.Failing = null;
        await rig.UntilAsync(rig.NowUtc.Date.AddDays(1));
        await SettleAsync(worker);
        (await rig.SendAsync("HEAD", "/bucket/k")).Is(404);
    });

    [Fact]
    public void An_object_whose_tag_goes_at_the_last_moment_stays_unless_another_rule_is_for_it() => GatewayRig.Run(async rig =>
    {
        const string Actions = "<Expiration><Days>1</Days></Expiration></Rule><Rule><ID>r 2</ID><Status>Enabled</Status><Filter><Prefix>move/</Prefix></Filter><Transition><Days>1</Days><StorageClass>GLACIER</StorageClass></Transition>";
        var metadata = new FailingMetadata(rig.Metadata);
        var worker = new LifecycleWorker(rig.Environment, metadata, Options, static () => true);
        await PutRulesAsync(rig, "<Filter><Tag><Key>keep</Key><Value>no</Value></Tag></Filter>" + Actions);
        foreach (string key in "stay move/it".Split(' '))
        {
            (await rig.SendAsync("PUT", $"/bucket/{key}", new string('x', 200_000), ("x-amz-tagging", "keep=no"))).Is(200);
        }

        await rig.UntilAsync(rig.NowUtc.Date.AddDays(2));
        metadata.BeforeFirstAction = async key => (await rig.SendAsync("DELETE", $"/bucket/{key}?tagging")).Is(204);
        await SettleAsync(worker);
        Assert.Equal((0, 1, 2), (worker.Counts.Expired, worker.Counts.Moved, worker.Counts.Refused));
        (await rig.SendAsync("HEAD", "/bucket/stay")).Is(200);
        Assert.Equal("GLACIER", (await rig.SendAsync("HEAD", "/bucket/move/it"))["x-amz-storage-class"]);
    });

    [Fact]
    public void Who_loses_responsibility_stops_at_once_and_does_the_rest_when_it_is_back() => GatewayRig.Run(async rig =>
    {
        bool leads = true;
        var metadata = new FailingMetadata(rig.Metadata);
        var worker = new LifecycleWorker(rig.Environment, metadata, Options, () => leads);
        (await rig.SendAsync("PUT", "/bucket?versioning", Enabled)).Is(200);
        await PutRulesAsync(rig, "<Filter/><NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration>");
        for (int version = 0; version < 8; version++)
        {
            (await rig.SendAsync("PUT", "/bucket/k", "x")).Is(200);
        }

        await rig.UntilAsync(rig.NowUtc.Date.AddDays(2));
        metadata.BeforeFirstAction = _ =>
        {
            leads = false;
            return Task.CompletedTask;
        };
        await SettleAsync(worker);
        Assert.Equal(1, worker.Counts.Removed);
        leads = true;
        metadata.BeforeFirstAction = null;
        await SettleAsync(worker);
        Assert.Equal(7, worker.Counts.Removed);
    });

    [Fact]
    public void Who_is_not_responsible_does_nothing() => GatewayRig.Run(async rig =>
    {
        bool leads = false;
        var worker = new LifecycleWorker(rig.Environment, rig.Metadata, Options, () => leads);
        await PutRulesAsync(rig, "<Filter/><Expiration><Days>1</Days></Expiration>");
        (await rig.SendAsync("PUT", "/bucket/k", "x")).Is(200);
        await rig.UntilAsync(rig.NowUtc.Date.AddDays(2));
        await SettleAsync(worker);
        (await rig.SendAsync("HEAD", "/bucket/k")).Is(200);
        leads = true;
        await SettleAsync(worker);
        (await rig.SendAsync("HEAD", "/bucket/k")).Is(404);
    });

    private static LifecycleWorker Worker(GatewayRig rig) => new(rig.Environment, rig.Metadata, Options, static () => true);

    private static async Task PutRulesAsync(GatewayRig rig, string rule, string bucket = "bucket") =>
        (await rig.SendAsync("PUT", $"/{bucket}?lifecycle", $"<LifecycleConfiguration><Rule><ID>r 1</ID><Status>Enabled</Status>{rule}</Rule></LifecycleConfiguration>")).Is(200);

    /// <summary>Steps until it has nothing to do.</summary>
    private static async Task SettleAsync(LifecycleWorker worker)
    {
        WorkerProgress before;
        do
        {
            before = worker.Progress;
            await worker.StepAsync();
        }
        while (worker.Progress != before);
    }
}
