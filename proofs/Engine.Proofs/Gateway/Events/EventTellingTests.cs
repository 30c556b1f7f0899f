using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Proofs.Doubles;
using ObjectStore.Engine.Proofs.Gateway.AccessLogging;
using Xunit;
using static ObjectStore.Engine.Proofs.Gateway.Events.EventRig;

namespace ObjectStore.Engine.Proofs.Gateway.Events;

/// <summary>Goal: each kind of event is told through the whole gateway, in Amazon S3's words, to those who asked for it, and nothing else is.</summary>
public sealed class EventTellingTests
{
    private const string Everything = "ObjectCreated:* ObjectRemoved:* ObjectTagging:* ObjectAcl:Put ObjectRestore:* LifecycleExpiration:* LifecycleTransition";

    [Fact]
    public void A_message_says_what_amazon_s3_says() => EventRig.Run(async rig =>
    {
        (await rig.ConfigureAsync(Rule("one", "ObjectCreated:*", id: "rule"))).Is(200);
        TestAnswer put = await rig.Gateway.SendAsync("PUT", "/bucket/red%20flower%2B%C3%A9/1.jpg", "bytes");
        await rig.SettleAsync();
        JsonElement record = Assert.Single(rig.One.Heard);
        string Text(params string[] path) => path.Aggregate(record, static (element, name) => element.GetProperty(name)).ToString();
        Assert.Equal("2.1", Text("eventVersion"));
        Assert.Equal("aws:s3", Text("eventSource"));
        Assert.Equal("us-east-1", Text("awsRegion"));
        Assert.True(DateTime.TryParseExact(Text("eventTime"), "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture, DateTimeStyles.None, out _));
        Assert.Equal("ObjectCreated:Put", Text("eventName"));
        Assert.Equal(GatewayRig.Alice.CanonicalId, Text("userIdentity", "principalId"));
        Assert.Equal("", Text("requestParameters", "sourceIPAddress"));
        Assert.Equal(put["x-amz-request-id"], Text("responseElements", "x-amz-request-id"));
        Assert.Equal(put["x-amz-id-2"], Text("responseElements", "x-amz-id-2"));
        Assert.Equal("1.0", Text("s3", "s3SchemaVersion"));
        Assert.Equal("rule", Text("s3", "configurationId"));
        Assert.Equal("bucket", Text("s3", "bucket", "name"));
        Assert.Equal(GatewayRig.Alice.CanonicalId, Text("s3", "bucket", "ownerIdentity", "principalId"));
        Assert.Equal("arn:aws:s3:::bucket", Text("s3", "bucket", "arn"));
        Assert.Equal("red+flower%2B%C3%A9/1.jpg", Text("s3", "object", "key"));
        Assert.Equal("5", Text("s3", "object", "size"));
        Assert.Equal(put["ETag"], $"\"{Text("s3", "object", "eTag")}\"");
        Assert.False(record.GetProperty("s3").GetProperty("object").TryGetProperty("versionId", out _));
        Assert.Matches("^[0-9A-F]{18}$", Text("s3", "object", "sequencer"));
    });

    [Fact]
    public void All_that_clients_do_to_objects_is_told() => EventRig.Run(
        async rig =>
        {
            (await rig.ConfigureAsync(Rule("one", Everything))).Is(200);
            await rig.DoAsync(200, "PUT", "/bucket/put", "x");
            (await rig.Gateway.PostFormAsync(null, "post", [1])).Is(403);
            (await rig.Gateway.PostFormAsync(Policy(rig), "post", [1])).Is(201);
            await rig.DoAsync(200, "PUT", "/bucket/copy", "", ("x-amz-copy-source", "bucket/put"));
            string upload = (await rig.Gateway.SendAsync("POST", "/bucket/parts?uploads")).All("UploadId")[0];
            string etag = (await rig.Gateway.SendAsync("PUT", $"/bucket/parts?partNumber=1&uploadId={upload}", "part"))["ETag"]!;
            string completion = $"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>";
            await rig.DoAsync(200, "POST", $"/bucket/parts?uploadId={upload}", completion);

            // The same answer again is no event; nor is what is refused, or finds nothing.
            await rig.DoAsync(200, "POST", $"/bucket/parts?uploadId={upload}", completion);
            await rig.DoAsync(412, "PUT", "/bucket/put", "x", ("If-None-Match", "*"));
            await rig.DoAsync(204, "DELETE", "/bucket/nothing");
            await rig.DoAsync(200, "PUT", "/bucket/put?tagging", "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>");
            await rig.DoAsync(204, "DELETE", "/bucket/put?tagging");

            // Nor is what changes nothing: the object was private, and has no tags any more.
            await rig.DoAsync(204, "DELETE", "/bucket/put?tagging");
            await rig.DoAsync(200, "PUT", "/bucket/put?acl", "", ("x-amz-acl", "private"));
            await rig.DoAsync(200, "PUT", "/bucket/put?acl", "", ("x-amz-acl", "public-read"));
            await rig.DoAsync(200, "PUT", "/bucket/put?acl", "", ("x-amz-acl", "public-read"));
            await rig.DoAsync(204, "DELETE", "/bucket/put");
            await rig.SettleAsync();
            Assert.Equal(
                [
                    "ObjectCreated:Put put", "ObjectCreated:Post post", "ObjectCreated:Copy copy", "ObjectCreated:CompleteMultipartUpload parts",
                    "ObjectTagging:Put put", "ObjectTagging:Delete put", "ObjectAcl:Put put", "ObjectRemoved:Delete put",
                ],
                rig.One.Told);
            Assert.Equal(["2.1", "2.1", "2.1", "2.1", "2.3", "2.3", "2.3", "2.1"], rig.One.Heard.Select(static record => record.GetProperty("eventVersion").GetString()));
            Assert.Equal(rig.One.Heard.Count, rig.Gateway.Deliveries.Counts[0].Delivered);
            Assert.Empty(rig.Two.Taken);
        },
        new MetadataLimits { PartSizeBytesMin = 1 });

    [Fact]
    public void Restores_are_told_once_asked_for_and_done() => EventRig.Run(async rig =>
    {
        (await rig.ConfigureAsync(Rule("one", "ObjectRestore:*"))).Is(200);
        await rig.DoAsync(200, "PUT", "/bucket/k", "x", ("x-amz-storage-class", "GLACIER"));
        const string Restore = "<RestoreRequest><Days>1</Days></RestoreRequest>";
        await rig.DoAsync(202, "POST", "/bucket/k?restore", Restore);
        await rig.DoAsync(200, "POST", "/bucket/k?restore", Restore);
        await rig.SettleAsync();
        Assert.Equal(["ObjectRestore:Post k", "ObjectRestore:Completed k", "ObjectRestore:Post k"], rig.One.Told);
        string[] sequencers = [.. rig.One.Heard.Select(EventTargetDouble.SequencerOf)];
        Assert.Equal(sequencers.Order(StringComparer.Ordinal).Distinct(), sequencers);
        Assert.Equal(
            [GatewayRig.Alice.CanonicalId, "s3.amazonaws.com", GatewayRig.Alice.CanonicalId],
            rig.One.Heard.Select(static record => record.GetProperty("userIdentity").GetProperty("principalId").GetString()));
        JsonElement done = rig.One.Heard[1].GetProperty("glacierEventData").GetProperty("restoreEventData");
        Assert.Equal("GLACIER", done.GetProperty("lifecycleRestoreStorageClass").GetString());
        Assert.StartsWith(rig.Gateway.NowUtc.Date.AddDays(2).ToString("yyyy-MM-dd'T'00:00:00", CultureInfo.InvariantCulture), done.GetProperty("lifecycleRestorationExpiryTime").GetString(), StringComparison.Ordinal);
    });

    [Fact]
    public void Versions_are_told_with_their_ids_and_sequencers_order_the_events_of_a_key() => EventRig.Run(async rig =>
    {
        await rig.DoAsync(200, "PUT", "/bucket?versioning", Enabled);
        (await rig.ConfigureAsync(Rule("one", "ObjectCreated:* ObjectRemoved:*"))).Is(200);
        var versions = new List<string>();
        for (int i = 0; i < 3; i++)
        {
            versions.Add((await rig.Gateway.SendAsync("PUT", "/bucket/k", $"{i}"))["x-amz-version-id"]!);
        }

        versions.Add((await rig.Gateway.SendAsync("DELETE", "/bucket/k"))["x-amz-version-id"]!);
        await rig.DoAsync(204, "DELETE", $"/bucket/k?versionId={versions[1]}");
        await rig.DoAsync(204, "DELETE", $"/bucket/k?versionId={versions[1]}");
        await rig.DoAsync(204, "DELETE", $"/bucket/k?versionId={versions[3]}");
        await rig.SettleAsync();
        Assert.Equal(
            ["ObjectCreated:Put k", "ObjectCreated:Put k", "ObjectCreated:Put k", "ObjectRemoved:DeleteMarkerCreated k", "ObjectRemoved:Delete k", "ObjectRemoved:Delete k"], rig.One.Told);
        Assert.Equal(
            [.. versions, versions[1], versions[3]], rig.One.Heard.Select(static record => record.GetProperty("s3").GetProperty("object").GetProperty("versionId").GetString()!));
        string[] sequencers = [.. rig.One.Heard.Select(EventTargetDouble.SequencerOf)];
        Assert.Equal(sequencers.Order(StringComparer.Ordinal).Distinct(), sequencers);
        Assert.False(rig.One.Heard[3].GetProperty("s3").GetProperty("object").TryGetProperty("size", out _));
    });

    [Fact]
    public void A_batch_of_deletions_is_told_one_by_one() => EventRig.Run(async rig =>
    {
        (await rig.ConfigureAsync(Rule("one", "ObjectRemoved:*", Filter("suffix", ".jpg")))).Is(200);
        string document = "<Delete>" + string.Concat(Enumerable.Range(0, 150).Select(static i => $"<Object><Key>{i}.{(i % 2 == 0 ? "jpg" : "png")}</Key></Object>")) + "</Delete>";
        for (int i = 0; i < 100; i++)
        {
            await rig.DoAsync(200, "PUT", $"/bucket/{i}.{(i % 2 == 0 ? "jpg" : "png")}", "x");
        }

        string md5 = Convert.ToBase64String(System.Security.Cryptography.MD5.HashData(Encoding.UTF8.GetBytes(document)));
        await rig.DoAsync(200, "POST", "/bucket?delete", document, ("Content-MD5", md5));
        await rig.SettleAsync();
        Assert.Equal(Enumerable.Range(0, 50).Select(static i => $"ObjectRemoved:Delete {2 * i}.jpg").Order(StringComparer.Ordinal), rig.One.Told.Order(StringComparer.Ordinal));
    });

    [Fact]
    public void What_lifecycle_rules_do_is_told() => EventRig.Run(async rig =>
    {
        var worker = new LifecycleWorker(
            rig.Gateway.Environment, rig.Gateway.Metadata, new LifecycleOptions { PollInterval = TimeSpan.Zero }, static () => true, rig.Gateway.Gateway.Events);
        (await rig.ConfigureAsync(Rule("one", "LifecycleExpiration:* LifecycleTransition") + Rule("two", "ObjectRemoved:*"))).Is(200);
        string yesterday = rig.Gateway.NowUtc.Date.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        string RuleOf(string prefix, string action) => $"<Rule><ID>{prefix}</ID><Status>Enabled</Status><Filter><Prefix>{prefix}</Prefix></Filter>{action}</Rule>";
        await rig.DoAsync(
            200,
            "PUT",
            "/bucket?lifecycle",
            "<LifecycleConfiguration>" + RuleOf("old", $"<Expiration><Date>{yesterday}</Date></Expiration>")
            + RuleOf("cold", $"<Transition><Date>{yesterday}</Date><StorageClass>GLACIER</StorageClass></Transition>") + "</LifecycleConfiguration>",
            ("x-amz-transition-default-minimum-object-size", "varies_by_storage_class"));
        await rig.DoAsync(200, "PUT", "/bucket/old", "x");
        await rig.DoAsync(200, "PUT", "/bucket/cold", "x");
        await StepsAsync(worker);
        await rig.DoAsync(200, "PUT", "/bucket?versioning", Enabled);
        await rig.DoAsync(200, "PUT", "/bucket/old", "x");
        await rig.Gateway.UntilAsync(rig.Gateway.NowUtc.Date.AddDays(1));
        await StepsAsync(worker);
        await rig.SettleAsync();
        Assert.Equal(["LifecycleExpiration:Delete old", "LifecycleExpiration:DeleteMarkerCreated old", "LifecycleTransition cold"], rig.One.Told.Order(StringComparer.Ordinal));
        Assert.Empty(rig.Two.Heard);
        Assert.All(rig.One.Heard, static record =>
        {
            Assert.Equal("s3.amazonaws.com", record.GetProperty("userIdentity").GetProperty("principalId").GetString());
            Assert.Equal("2.3", record.GetProperty("eventVersion").GetString());
        });
        JsonElement moved = rig.One.Heard.Single(static record => record.GetProperty("eventName").GetString() == "LifecycleTransition");
        Assert.Equal("GLACIER", moved.GetProperty("lifecycleEventData").GetProperty("transitionEventData").GetProperty("destinationStorageClass").GetString());
    });

    [Fact]
    public void Event_bridge_is_told_of_everything_in_its_own_words() => EventRig.Run(async rig =>
    {
        (await rig.ConfigureAsync("<EventBridgeConfiguration/>")).Is(200);
        await rig.DoAsync(200, "PUT", "/bucket/a%20b", "x");
        await rig.DoAsync(204, "DELETE", "/bucket/a%20b");
        await rig.SettleAsync();
        Assert.Equal(["Object Created", "Object Deleted"], rig.Bridge.Taken.Select(static message => message.GetProperty("detail-type").GetString()));
        JsonElement first = rig.Bridge.Taken[0];
        Assert.Equal(("aws.s3", "0", "us-east-1"), (first.GetProperty("source").GetString(), first.GetProperty("version").GetString(), first.GetProperty("region").GetString()));
        Assert.True(Guid.TryParse(first.GetProperty("id").GetString(), out _));
        Assert.Equal(["arn:aws:s3:::bucket"], first.GetProperty("resources").EnumerateArray().Select(static name => name.GetString()));
        JsonElement detail = first.GetProperty("detail");
        Assert.Equal(("a b", "PutObject"), (detail.GetProperty("object").GetProperty("key").GetString(), detail.GetProperty("reason").GetString()));
        JsonElement deleted = rig.Bridge.Taken[1].GetProperty("detail");
        Assert.Equal(("DeleteObject", "Permanently Deleted"), (deleted.GetProperty("reason").GetString(), deleted.GetProperty("deletion-type").GetString()));
        Assert.False(deleted.GetProperty("object").TryGetProperty("etag", out _));
        Assert.Empty(rig.One.Taken);
    });

    [Fact]
    public void Event_bridge_is_told_the_tag_of_a_delete_marker_and_that_the_store_restores() => EventRig.Run(async rig =>
    {
        await rig.DoAsync(200, "PUT", "/bucket/k", "x", ("x-amz-storage-class", "GLACIER"));
        await rig.DoAsync(200, "PUT", "/bucket?versioning", Enabled);
        (await rig.ConfigureAsync("<EventBridgeConfiguration/>")).Is(200);
        await rig.DoAsync(202, "POST", "/bucket/k?restore", "<RestoreRequest><Days>1</Days></RestoreRequest>");
        await rig.DoAsync(204, "DELETE", "/bucket/k");
        await rig.SettleAsync();
        Assert.Equal(
            ["Object Restore Initiated", "Object Restore Completed", "Object Deleted"], rig.Bridge.Taken.Select(static message => message.GetProperty("detail-type").GetString()));
        JsonElement[] details = [.. rig.Bridge.Taken.Select(static message => message.GetProperty("detail"))];
        Assert.Equal(
            [GatewayRig.Alice.CanonicalId, "s3.amazonaws.com", GatewayRig.Alice.CanonicalId], details.Select(static detail => detail.GetProperty("requester").GetString()));
        Assert.Equal([true, false, true], details.Select(static detail => detail.TryGetProperty("source-ip-address", out _)));
        Assert.Equal("d41d8cd98f00b204e9800998ecf8427e", details[2].GetProperty("object").GetProperty("etag").GetString());
    });

    [Fact]
    public void Filters_are_encoded_as_keys_are_in_messages_or_are_not_at_all() => EventRig.Run(async rig =>
    {
        (await rig.ConfigureAsync(Rule("one", "ObjectCreated:*", Filter("prefix", "a+b%2B/") + Filter("suffix", "%C3%A9 "), "1") + Rule("two", "ObjectCreated:*", Filter("prefix", "100%/")))).Is(200);
        await rig.DoAsync(200, "PUT", "/bucket/a%20b%2B/%C3%A9%20", "x");
        await rig.DoAsync(200, "PUT", "/bucket/a%2Bb%252B/%25C3%25A9%20", "x");
        await rig.DoAsync(200, "PUT", "/bucket/100%25/", "x");
        await rig.SettleAsync();
        Assert.Equal(["ObjectCreated:Put a+b%2B/%C3%A9+"], rig.One.Told);
        Assert.Equal(["ObjectCreated:Put 100%25/"], rig.Two.Told);
        Assert.Equal(["a+b%2B/", "%C3%A9 ", "100%/"], (await rig.Gateway.SendAsync("GET", "/bucket?notification")).All("Value"));
    });

    [Fact]
    public void An_access_log_is_told_to_be_of_the_log_service() => EventRig.Run(async rig =>
    {
        await LogReader.EnableAsync(rig.Gateway);
        await rig.DoAsync(200, "PUT", $"/{LogReader.Target}?notification", $"<NotificationConfiguration>{Rule("one", "ObjectCreated:*")}</NotificationConfiguration>");
        await rig.DoAsync(200, "GET", "/bucket");
        await LogReader.DeliverAsync(rig.Gateway);
        await rig.SettleAsync();
        JsonElement record = Assert.Single(rig.One.Heard);
        Assert.Equal("logging.s3.amazonaws.com", record.GetProperty("userIdentity").GetProperty("principalId").GetString());
        Assert.Equal("logging.s3.amazonaws.com", record.GetProperty("requestParameters").GetProperty("sourceIPAddress").GetString());
    });

    [Fact]
    public void Nobody_is_told_of_what_no_rule_is_for() => EventRig.Run(async rig =>
    {
        (await rig.ConfigureAsync(Rule("one", "ObjectCreated:Put", Filter("prefix", "in/")) + Rule("two", "ObjectRemoved:Delete"))).Is(200);
        await rig.DoAsync(200, "PUT", "/bucket/in/k", "x");
        await rig.DoAsync(200, "PUT", "/bucket/out", "x");
        await rig.DoAsync(200, "PUT", "/bucket/in/copy", "", ("x-amz-copy-source", "bucket/out"));
        await rig.DoAsync(204, "DELETE", "/bucket/out");
        await rig.SettleAsync();
        Assert.Equal(["ObjectCreated:Put in/k"], rig.One.Told);
        Assert.Equal(["ObjectRemoved:Delete out"], rig.Two.Told);
    });

    private static async Task StepsAsync(LifecycleWorker worker)
    {
        for (int step = 0; step < 20; step++)
        {
            await worker.StepAsync();
        }
    }

    private static string Policy(EventRig rig) =>
        $$"""{"expiration":"{{rig.Gateway.NowUtc.AddHours(1):yyyy-MM-dd'T'HH:mm:ss'Z'}}","conditions":[{"bucket":"bucket"},["starts-with","$key",""],["starts-with","$success_action_status",""],["starts-with","$x-amz-algorithm",""],["starts-with","$x-amz-credential",""],["starts-with","$x-amz-date",""]]}""";
}
