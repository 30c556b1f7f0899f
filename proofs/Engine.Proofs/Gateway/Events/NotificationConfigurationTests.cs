using System;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using CsCheck;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Metadata;
using Xunit;
using static ObjectStore.Engine.Proofs.Gateway.Events.EventRig;

namespace ObjectStore.Engine.Proofs.Gateway.Events;

/// <summary>Goal: configurations are taken, answered and refused as Amazon S3 documents it.</summary>
public sealed class NotificationConfigurationTests
{
    private static readonly (string Name, string Value) Skip = ("x-amz-skip-destination-validation", "true");

    [Fact]
    public void A_configuration_is_answered_as_it_was_put_with_ids_where_there_were_none() => EventRig.Run(async rig =>
    {
        const string Topic = "<TopicConfiguration><Id>mine</Id><Topic>arn:aws:sns:us-east-1:1:one</Topic><Event>s3:ObjectCreated:Put</Event><Event>s3:ObjectAcl:Put</Event></TopicConfiguration>";
        const string Function = "<CloudFunctionConfiguration><CloudFunction>arn:aws:lambda:us-east-1:1:function:two</CloudFunction><Event>s3:ObjectRemoved:*</Event>"
            + "<Filter><S3Key><FilterRule><Name>PreFix</Name><Value> a b</Value></FilterRule><FilterRule><Name>suffix</Name><Value>.jpg</Value></FilterRule></S3Key></Filter></CloudFunctionConfiguration>";
        (await rig.ConfigureAsync(Topic + Function + "<EventBridgeConfiguration/>")).Is(200);
        TestAnswer kept = await rig.Gateway.SendAsync("GET", "/bucket?notification");
        kept.Is(200);
        Assert.Equal(["mine"], kept.All("Id").Take(1));
        Assert.Equal(32, kept.All("Id")[1].Length);
        Assert.Equal(["arn:aws:lambda:us-east-1:1:function:two"], kept.All("CloudFunction"));
        Assert.Equal(["s3:ObjectCreated:Put", "s3:ObjectAcl:Put", "s3:ObjectRemoved:*"], kept.All("Event"));
        Assert.Equal([" a b", ".jpg"], kept.All("Value"));
        Assert.Single(kept.All("EventBridgeConfiguration"));

        // Both targets were told of it, and no event is one.
        JsonElement test = Assert.Single(rig.One.Taken);
        Assert.Equal(
            ("Amazon S3", "s3:TestEvent", "bucket"),
            (test.GetProperty("Service").GetString(), test.GetProperty("Event").GetString(), test.GetProperty("Bucket").GetString()));
        Assert.EndsWith("Z", test.GetProperty("Time").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(test.GetProperty("RequestId").GetString()!);
        Assert.NotEmpty(test.GetProperty("HostId").GetString()!);
        Assert.Single(rig.Two.Taken);
        Assert.Empty(rig.Bridge.Taken);

        (await rig.ConfigureAsync("")).Is(200);
        Assert.Empty((await rig.Gateway.SendAsync("GET", "/bucket?notification")).Xml.Elements());
        await rig.DoAsync(200, "PUT", "/bucket/k", "x");
        await rig.SettleAsync();
        Assert.Empty(rig.One.Heard);
        Assert.Empty(rig.Bridge.Taken);
    });

    [Theory]
    [InlineData("<Rule/>", "MalformedXML")]
    [InlineData("<QueueConfiguration><Queue>arn:aws:sqs:us-east-1:1:one</Queue></QueueConfiguration>", "MalformedXML")]
    [InlineData("<QueueConfiguration><Event>s3:ObjectCreated:*</Event></QueueConfiguration>", "MalformedXML")]
    [InlineData("<QueueConfiguration><Topic>arn:aws:sns:us-east-1:1:one</Topic><Event>s3:ObjectCreated:*</Event></QueueConfiguration>", "MalformedXML")]
    [InlineData("<EventBridgeConfiguration/><EventBridgeConfiguration/>", "MalformedXML")]
    [InlineData("<EventBridgeConfiguration><X/></EventBridgeConfiguration>", "MalformedXML")]
    public void What_is_no_configuration_is_malformed(string rules, string code) => EventRig.Run(async rig => (await rig.ConfigureAsync(rules, Skip)).Is(400, code));

    [Theory]
    [InlineData("one", "ObjectCreated:Nothing", "")]
    [InlineData("one", "ObjectCreated", "")]
    [InlineData("one", "objectcreated:*", "")]
    [InlineData("one", "ObjectCreated:*", "<FilterRule><Name>infix</Name><Value>a</Value></FilterRule>")]
    [InlineData("one", "ObjectCreated:*", "<FilterRule><Name>prefix</Name><Value>a</Value></FilterRule><FilterRule><Name>Prefix</Name><Value>b</Value></FilterRule>")]
    [InlineData("one", "ObjectCreated:*", "<FilterRule><Name>suffix</Name><Value>a</Value></FilterRule><FilterRule><Name>SUFFIX</Name><Value>a</Value></FilterRule>")]
    [InlineData("one.fifo", "ObjectCreated:*", "")]
    [InlineData("", "ObjectCreated:*", "")]
    [InlineData("a:b", "ObjectCreated:*", "")]
    [InlineData("eventbridge", "ObjectCreated:*", "")]
    public void Rules_that_say_nothing_are_invalid(string target, string events, string filter) =>
        EventRig.Run(async rig => (await rig.ConfigureAsync(Rule(target, events, filter), Skip)).Is(400, "InvalidArgument"));

    [Theory]
    [InlineData("Topic", "arn:aws:sqs:us-east-1:1:one")]
    [InlineData("Topic", "arn:aws:sns:us-east-1:one")]
    [InlineData("Topic", "arn:aws:sns:us-east-1:x:one")]
    [InlineData("Topic", "arn:aws:sns:us-west-2:1:one")]
    [InlineData("Topic", "one")]
    [InlineData("CloudFunction", "arn:aws:lambda:us-east-1:1:one")]
    [InlineData("CloudFunction", "arn:aws:lambda:us-east-1:1:layer:one")]
    [InlineData("CloudFunction", "arn:aws:lambda:us-east-1:1:function:one:live:2")]
    [InlineData("CloudFunction", "arn:aws:lambda:us-east-1:1:function:one:")]
    [InlineData("Topic", "arn:aws:sns:us-east-1:1:one:live")]
    [InlineData("Topic", "arn:aws-moon:sns:us-east-1:1:one")]
    public void Arns_of_something_else_are_invalid(string element, string arn) => EventRig.Run(async rig =>
        (await rig.ConfigureAsync($"<{element}Configuration><{element}>{arn}</{element}><Event>s3:ObjectCreated:*</Event></{element}Configuration>", Skip)).Is(400, "InvalidArgument"));

    [Theory]
    [InlineData("Topic", "arn:aws-cn:sns:us-east-1:1:one")]
    [InlineData("Queue", "arn:aws-us-gov:sqs:us-east-1:1:one")]
    [InlineData("CloudFunction", "arn:aws:lambda:us-east-1:1:function:one:7")]
    [InlineData("CloudFunction", "arn:aws:lambda:us-east-1:1:function:one:$LATEST")]
    public void Arns_of_any_partition_and_of_versions_of_functions_name_targets(string element, string arn) => EventRig.Run(async rig =>
    {
        (await rig.ConfigureAsync($"<{element}Configuration><{element}>{arn}</{element}><Event>s3:ObjectCreated:*</Event></{element}Configuration>")).Is(200);
        Assert.Single(rig.One.Taken);
    });

    [Theory]
    [InlineData("Replication:*", "Replication:OperationNotTracked", true)]
    [InlineData("Replication:OperationMissedThreshold", "Replication:OperationNotTracked", false)]
    [InlineData("ObjectRestore:*", "ObjectRestore:Delete", true)]
    [InlineData("ObjectAnnotation:*", "ObjectAnnotation:Put", true)]
    [InlineData("ObjectAnnotation:Delete", "ObjectAnnotation:Put", false)]
    [InlineData("IntelligentTiering", "ReducedRedundancyLostObject", false)]
    public void Rules_overlap_for_events_too_that_never_come_about(string name, string other, bool overlap) => EventRig.Run(async rig =>
        (await rig.ConfigureAsync(Rule("one", name) + Rule("two", other))).Is(overlap ? 400 : 200, overlap ? "InvalidArgument" : ""));

    [Theory]
    [InlineData("", "", true)]
    [InlineData("a+%C3%A9", "a%20\u00e9b", true)]
    [InlineData("a+b", "a%2Bb", false)]
    [InlineData("a", "ab", true)]
    [InlineData("a", "b", false)]
    public void Rules_that_could_mean_one_event_are_refused(string prefix, string other, bool overlap) => EventRig.Run(async rig =>
    {
        string first = Rule("one", "ObjectCreated:*", Filter("prefix", prefix), "first");
        int status = overlap ? 400 : 200;
        (await rig.ConfigureAsync(first + Rule("two", "ObjectCreated:Copy ObjectAcl:Put", Filter("prefix", other), "second"))).Is(status, overlap ? "InvalidArgument" : "");
        (await rig.ConfigureAsync(first + Rule("two", "ObjectCreated:Put", Filter("prefix", other) + Filter("suffix", "x"), "second"))).Is(status);
        (await rig.ConfigureAsync(first + Rule("two", "ObjectRemoved:*", Filter("prefix", other), "second"))).Is(200);
        (await rig.ConfigureAsync(
            Rule("one", "ObjectCreated:*", Filter("prefix", prefix) + Filter("suffix", "y"), "first") + Rule("two", "ObjectCreated:Put", Filter("prefix", other) + Filter("suffix", "x"), "second"))).Is(200);
        (await rig.ConfigureAsync(first + Rule("two", "ObjectRemoved:*", "", "first"))).Is(400, "InvalidArgument");
    });

    [Fact]
    public void Limits_are_kept() => EventRig.Run(async rig =>
    {
        (await rig.ConfigureAsync(Rule("one", "ObjectCreated:*", Filter("prefix", new string('\u00e9', 1024))))).Is(200);
        (await rig.ConfigureAsync(Rule("one", "ObjectCreated:*", Filter("prefix", new string('a', 1025))))).Is(400, "InvalidArgument");
        (await rig.ConfigureAsync(Rule("one", "ObjectCreated:*", "", new string('i', 256)))).Is(400, "InvalidArgument");
        string Rules(int count) => string.Concat(Enumerable.Range(100, count).Select(static number => Rule("one", "ObjectCreated:*", Filter("prefix", $"{number}/"))));
        (await rig.ConfigureAsync(Rules(101))).Is(400, "InvalidArgument");
        (await rig.ConfigureAsync(Rules(100))).Is(200);
        (await rig.ConfigureAsync(new string(' ', 512 * 1024))).Is(400);
    });

    [Fact]
    public void A_target_that_does_not_answer_or_is_not_there_is_refused_unless_nobody_is_to_look() => EventRig.Run(async rig =>
    {
        rig.Two.Failure = "down";
        string both = Rule("one", "ObjectCreated:*") + Rule("two", "ObjectRemoved:*");
        (await rig.ConfigureAsync(both)).Is(400, "InvalidArgument");
        (await rig.ConfigureAsync(Rule("three", "ObjectCreated:*"))).Is(400, "InvalidArgument");
        Assert.Empty((await rig.Gateway.SendAsync("GET", "/bucket?notification")).Xml.Elements());
        (await rig.ConfigureAsync(both, ("x-amz-skip-destination-validation", "perhaps"))).Is(400, "InvalidArgument");
        int attempts = rig.Two.Attempts;
        (await rig.ConfigureAsync(both, Skip)).Is(200);
        Assert.Equal(attempts, rig.Two.Attempts);

        (await rig.ConfigureAsync(Rule("three", "ObjectRemoved:*"), Skip)).Is(200);
        await rig.DoAsync(200, "PUT", "/bucket/k", "x");
        await rig.DoAsync(204, "DELETE", "/bucket/k");
        await rig.DoAsync(204, "DELETE", "/bucket/k");
        await rig.SettleAsync();
        Assert.Empty(rig.One.Heard);

        // A deletion may be of two kinds, and the second found nothing: what is counted is the deletions asked for. The log has the name once.
        Assert.Equal(2, rig.Gateway.Gateway.Events.UnknownTargets);
        Assert.Single(rig.Gateway.World.Log.Last(), static happened => happened.Name == "no-such-target");
    });

    [Fact]
    public void Few_test_messages_are_on_their_way_to_one_target() => EventRig.Run(async rig =>
    {
        rig.One.Thinking = () => rig.SettleAsync(5);
        Task<TestAnswer>[] asked = [.. Enumerable.Range(0, TestMessages.UnderWayMax + 2).Select(_ => rig.ConfigureAsync(Rule("one", "ObjectCreated:*")))];
        TestAnswer[] answers = await Task.WhenAll(asked);
        Assert.Equal(TestMessages.UnderWayMax, answers.Count(static answer => answer.Status == 200));
        Assert.Equal(2, answers.Count(static answer => answer.Code == "SlowDown"));
        Assert.Equal(TestMessages.UnderWayMax, rig.One.Attempts);
        (await rig.ConfigureAsync(Rule("one", "ObjectCreated:*"))).Is(200);
    });

    [Fact]
    public void A_bucket_that_was_made_anew_while_targets_were_asked_keeps_nothing() => EventRig.Run(async rig =>
    {
        rig.One.Thinking = async () =>
        {
            await rig.DoAsync(204, "DELETE", "/bucket");
            (await rig.Gateway.SendAsync("PUT", "/bucket", null, GatewayRig.Bob)).Is(200);
        };
        (await rig.ConfigureAsync(Rule("one", "ObjectCreated:*"))).Is(404, "NoSuchBucket");
        TestAnswer kept = await rig.Gateway.SendAsync("GET", "/bucket?notification", null, GatewayRig.Bob);
        kept.Is(200);
        Assert.Empty(kept.Xml.Elements());
    });

    [Fact]
    public void Owners_and_those_who_are_allowed_may_and_nobody_else() => EventRig.Run(async rig =>
    {
        byte[] document = System.Text.Encoding.UTF8.GetBytes($"<NotificationConfiguration>{Rule("one", "ObjectCreated:*")}</NotificationConfiguration>");
        (await rig.Gateway.SendAsync("PUT", "/bucket?notification", document, GatewayRig.Bob)).Is(403, "AccessDenied");
        (await rig.Gateway.SendAsync("GET", "/bucket?notification", null, GatewayRig.Bob)).Is(403, "AccessDenied");
        (await rig.Gateway.SendAsync("PUT", "/bucket?notification", document, null, ("x-amz-expected-bucket-owner", GatewayRig.Bob.CanonicalId))).Is(403, "AccessDenied");
        string policy = $$"""
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"CanonicalUser":"{{GatewayRig.Bob.CanonicalId}}"},"Action":["s3:PutBucketNotification","s3:GetBucketNotification"],"Resource":"arn:aws:s3:::bucket"}]}
            """;
        (await rig.Gateway.SendAsync("PUT", "/bucket?policy", policy)).Is(204);
        (await rig.Gateway.SendAsync("PUT", "/bucket?notification", document, GatewayRig.Bob)).Is(200);
        (await rig.Gateway.SendAsync("GET", "/bucket?notification", null, GatewayRig.Bob)).Is(200);
    });

    [Fact]
    public void A_rule_matches_keys_by_their_ends_and_overlapping_rules_are_those_that_some_key_meets_both_of()
    {
        Gen<string> text = Gen.Char["ab"].Array[0, 3].Select(static letters => new string(letters));
        Gen.Select(text, text, text, text, Gen.Char["ab"].Array[0, 7].Select(static letters => new string(letters))).Sample(
            (prefix, suffix, otherPrefix, otherSuffix, key) =>
            {
                EventKinds kinds = EventKinds.Of(EventKind.CreatedByPut);
                var rule = new EventRule("", kinds, prefix, suffix, "", "", "");
                var other = new EventRule("", kinds, otherPrefix, otherSuffix, "", "", "");
                bool matches = rule.Matches(EventKind.CreatedByPut, key);
                bool matchesOther = other.Matches(EventKind.CreatedByPut, key);
                Assert.Equal(key.AsSpan(0, int.Min(key.Length, prefix.Length)).SequenceEqual(prefix) && key.AsSpan(int.Max(0, key.Length - suffix.Length)).SequenceEqual(suffix), matches);
                Assert.False(rule.Matches(EventKind.CreatedByPost, key));
                Assert.True(!(matches && matchesOther) || rule.Overlaps(other));
                Assert.Equal(rule.Overlaps(other), other.Overlaps(rule));

                // Where both overlap there is a key that both mean.
                string longer = prefix.Length > otherPrefix.Length ? prefix : otherPrefix;
                string meant = longer + (suffix.Length > otherSuffix.Length ? suffix : otherSuffix);
                Assert.Equal(
                    rule.Overlaps(other),
                    rule.Matches(EventKind.CreatedByPut, meant) && other.Matches(EventKind.CreatedByPut, meant));
            },
            iter: 2_000,
            threads: 1);
    }
}
