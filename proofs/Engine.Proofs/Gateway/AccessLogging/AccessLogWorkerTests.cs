using System;
using System.Collections.Generic;
using System.Linq;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using Xunit;
using static ObjectStore.Engine.Proofs.Gateway.AccessLogging.LogReader;

namespace ObjectStore.Engine.Proofs.Gateway.AccessLogging;

/// <summary>Goal: lines are delivered where and when they should be, with the rights that the target gives at that time, and not otherwise.</summary>
public sealed class AccessLogWorkerTests
{
    [Fact]
    public void An_object_is_named_by_the_time_of_its_delivery_and_is_the_owners() => GatewayRig.Run(async rig =>
    {
        await EnableAsync(rig, prefix: "a/");
        await rig.UntilAsync(new DateTime(2026, 2, 3, 4, 5, 6, DateTimeKind.Utc));
        (await rig.SendAsync("GET", "/bucket")).Is(200);
        await StepAsync(rig);
        Assert.Empty(await ReadAsync(rig));
        await DeliverAsync(rig);
        (string key, string[] lines) = Assert.Single(await ReadAsync(rig));
        Assert.Matches("^a/2026-02-03-04-10-06-[0-9A-F]{16}$", key);
        Assert.Single(lines);
        TestAnswer head = await rig.SendAsync("HEAD", $"/{Target}/{key}");
        Assert.Equal("text/plain", head["Content-Type"]);
        Assert.Equal(GatewayRig.Alice.CanonicalId, (await rig.SendAsync("GET", $"/{Target}?versions")).Xml.Descendants("Owner").Single().Element("ID")!.Value);
        Assert.Equal((1, 1, 1, 0), (Counts(rig).Lines, Counts(rig).Delivered, Counts(rig).Objects, Counts(rig).HeldBytes));

        // That delivery is no request that would be logged, nor is there anything else.
        (await rig.SendAsync("PUT", $"/{Target}?logging", Document())).Is(200);
        (await rig.SendAsync("GET", "/bucket")).Is(200);
        await DeliverAsync(rig);
        Assert.Equal(2, (await ReadAsync(rig)).Count);
        await DeliverAsync(rig);
        Assert.DoesNotContain((await ReadAsync(rig)).SelectMany(static file => file.Lines).Select(Split), static line => line[6] == "REST.PUT.OBJECT");
    });

    [Theory]
    [InlineData("EventTime", "2026/02/03", "2026-02-03-00-00-00", "2026/02/04", "2026-02-04-00-00-00")]
    [InlineData("DeliveryTime", "2026/02/04", "2026-02-04-00-04-00", null, null)]
    public void Keys_can_name_source_and_day(string dates, string day, string name, string? otherDay, string? otherName) => GatewayRig.Run(async rig =>
    {
        await EnableAsync(rig, $"<TargetObjectKeyFormat><PartitionedPrefix><PartitionDateSource>{dates}</PartitionDateSource></PartitionedPrefix></TargetObjectKeyFormat>", "a/");
        await rig.UntilAsync(new DateTime(2026, 2, 3, 23, 59, 0, DateTimeKind.Utc));
        (await rig.SendAsync("GET", "/bucket/before")).Is(404);
        await rig.UntilAsync(new DateTime(2026, 2, 4, 0, 1, 0, DateTimeKind.Utc));
        (await rig.SendAsync("GET", "/bucket/after")).Is(404);
        await rig.UntilAsync(new DateTime(2026, 2, 4, 0, 4, 0, DateTimeKind.Utc));
        await StepAsync(rig);
        List<(string Key, string[] Lines)> files = await ReadAsync(rig);
        string place = $"^a/{GatewayRig.Alice.CanonicalId}/us-east-1/bucket/";
        Assert.Matches($"{place}{day}/{name}-[0-9A-F]{{16}}$", files[0].Key);
        if (otherDay is not null)
        {
            Assert.Matches($"{place}{otherDay}/{otherName}-[0-9A-F]{{16}}$", files[1].Key);
            Assert.Equal(("before", "after"), (Split(Assert.Single(files[0].Lines))[7], Split(Assert.Single(files[1].Lines))[7]));
        }
        else
        {
            Assert.Equal(2, Assert.Single(files).Lines.Length);
        }
    });

    [Fact]
    public void A_policy_lets_in_one_source_and_not_another() => GatewayRig.Run(async rig =>
    {
        string condition = $$$""","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::bucket"},"StringEquals":{"aws:SourceAccount":"{{{GatewayRig.Alice.CanonicalId}}}"},"Bool":{"aws:SecureTransport":"true","aws:PrincipalIsAWSService":"true"}}""";
        await MakeTargetAsync(rig, "a/", condition);
        (await rig.SendAsync("PUT", $"/{Target}?ownershipControls", "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>")).Is(200);
        (await rig.SendAsync("PUT", "/other")).Is(200);
        (await rig.SendAsync("PUT", "/elsewhere")).Is(200);
        (await rig.SendAsync("PUT", "/bucket?logging", Document(prefix: "a/"))).Is(200);
        (await rig.SendAsync("PUT", "/other?logging", Document(prefix: "a/"))).Is(200);
        (await rig.SendAsync("PUT", "/elsewhere?logging", Document(prefix: "b/"))).Is(200);
        foreach (string bucket in "bucket other elsewhere".Split(' '))
        {
            (await rig.SendAsync("GET", $"/{bucket}")).Is(200);
        }

        Assert.Equal("bucket", Assert.Single(await TakeAsync(rig))[1]);
        Assert.Equal((1, 2, 0), (Counts(rig).Objects, Counts(rig).Refused, Counts(rig).HeldBytes));

        // What lets the service in lets nobody else in.
        (await rig.SendAsync("PUT", $"/{Target}/a/x", null, GatewayRig.Bob)).Is(403, "AccessDenied");
        (await rig.SendAsync("PUT", $"/{Target}/a/x", null, GatewayRig.Nobody)).Is(403, "AccessDenied");
    });

    [Theory]
    [InlineData("""{"Service":["other.amazonaws.com","logging.s3.amazonaws.com"]}""", 1)]
    [InlineData("""{"Service":"other.amazonaws.com"}""", 0)]
    [InlineData("""{"Federated":"logging.s3.amazonaws.com"}""", 0)]
    [InlineData(""" "*" """, 1)]
    public void A_policy_lets_in_whom_it_names(string principal, int delivered) => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", $"/{Target}", "", ("x-amz-object-ownership", "BucketOwnerEnforced"))).Is(200);
        (await rig.SendAsync("PUT", $"/{Target}?policy", PolicyFor().Replace("""{"Service":"logging.s3.amazonaws.com"}""", principal, StringComparison.Ordinal))).Is(204);
        (await rig.SendAsync("PUT", "/bucket?logging", Document())).Is(200);
        (await rig.SendAsync("GET", "/bucket")).Is(200);
        Assert.Equal(delivered, (await TakeAsync(rig)).Count);
    });

    [Fact]
    public void A_denial_counts_before_what_the_acl_grants() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", $"/{Target}", "", ("x-amz-acl", "log-delivery-write"))).Is(200);
        (await rig.SendAsync("PUT", "/bucket?logging", Document())).Is(200);
        (await rig.SendAsync("PUT", $"/{Target}?policy", PolicyFor().Replace("Allow", "Deny", StringComparison.Ordinal))).Is(204);
        (await rig.SendAsync("GET", "/bucket")).Is(200);
        Assert.Empty(await TakeAsync(rig));
        Assert.Equal(1, Counts(rig).Refused);
        (await rig.SendAsync("DELETE", $"/{Target}?policy")).Is(204);
        (await rig.SendAsync("GET", "/bucket")).Is(200);
        Assert.Single(await TakeAsync(rig));
    });

    [Theory]
    [InlineData("WRITE only")]
    [InlineData("enforced")]
    [InlineData("gone")]
    [InlineData("made anew by another")]
    [InlineData("locked")]
    [InlineData("requester pays")]
    public void What_the_target_does_not_take_any_more_is_dropped(string change) => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", $"/{Target}", "", ("x-amz-acl", "log-delivery-write"))).Is(200);
        (await rig.SendAsync("PUT", "/bucket?logging", Document())).Is(200);
        (await rig.SendAsync("GET", "/bucket")).Is(200);
        switch (change)
        {
            case "WRITE only":
                (await rig.SendAsync("PUT", $"/{Target}?acl", "", ("x-amz-grant-write", "uri=\"http://acs.amazonaws.com/groups/s3/LogDelivery\""))).Is(200);
                break;
            case "enforced":
                // With an ACL like this one only by a race.
                await rig.Metadata.ExecuteAsync(new SetBucketDocumentCommand(Target, "ownershipControls", "BucketOwnerEnforced"u8.ToArray()) { NowUtc = rig.NowUtc });
                break;
            case "gone":
                (await rig.SendAsync("DELETE", $"/{Target}")).Is(204);
                break;
            case "made anew by another":
                (await rig.SendAsync("DELETE", $"/{Target}")).Is(204);
                (await rig.SendAsync("PUT", $"/{Target}", null, GatewayRig.Bob, ("x-amz-acl", "log-delivery-write"))).Is(200);
                break;
            case "locked":
                (await rig.SendAsync("PUT", $"/{Target}?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")).Is(200);
                (await rig.SendAsync("PUT", $"/{Target}?object-lock", "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>")).Is(200);
                break;
            default:
                (await rig.SendAsync("PUT", $"/{Target}?requestPayment", "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>")).Is(200);
                break;
        }

        await DeliverAsync(rig);
        Assert.Equal((1, 0, 1, 0, 0), (Counts(rig).Lines, Counts(rig).Objects, Counts(rig).Refused, Counts(rig).Failures, Counts(rig).HeldBytes));
        Assert.Empty((await rig.SendAsync("GET", $"/{Target}", null, GatewayRig.Root)).All("Key"));
    });

    [Fact]
    public void Versions_encryption_and_grants_of_the_target_hold() => GatewayRig.Run(
        async rig =>
        {
            await EnableAsync(rig, $"<TargetGrants><Grant><Grantee><ID>{GatewayRig.Bob.CanonicalId}</ID></Grantee><Permission>READ</Permission></Grant></TargetGrants>");
            (await rig.SendAsync("PUT", $"/{Target}?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")).Is(200);
            (await rig.SendAsync("PUT", $"/{Target}?encryption", "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>")).Is(200);
            string key = new('k', 900);
            for (int i = 0; i < 60; i++)
            {
                (await rig.SendAsync("GET", $"/bucket/{key}{i}")).Is(404);
            }

            List<string[]> lines = await TakeAsync(rig);
            Assert.Equal(Enumerable.Range(0, 60).Select(i => $"{key}{i}"), lines.Select(static line => line[7]));
            string made = (await rig.SendAsync("GET", $"/{Target}")).All("Key").Single();
            TestAnswer read = await rig.SendAsync("GET", $"/{Target}/{made}", null, GatewayRig.Bob);
            read.Is(200);
            Assert.Equal("AES256", read["x-amz-server-side-encryption"]);
            Assert.Equal(16, read["x-amz-version-id"]!.Length);
            Assert.Equal($"\"{Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(read.Body))}\"", read["ETag"]);
            (await rig.SendAsync("GET", $"/{Target}/{made}", null, GatewayRig.Nobody)).Is(403);
            Assert.Equal(1, Counts(rig).Objects);
        },
        new GatewayOptions { BaseDomains = [GatewayRig.Host], MasterKey = new byte[32] });

    [Fact]
    public void Public_grants_do_not_get_past_a_block() => GatewayRig.Run(async rig =>
    {
        await EnableAsync(rig, "<TargetGrants><Grant><Grantee><URI>http://acs.amazonaws.com/groups/global/AllUsers</URI></Grantee><Permission>READ</Permission></Grant></TargetGrants>");
        (await rig.SendAsync("PUT", $"/{Target}?publicAccessBlock", "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>")).Is(200);
        (await rig.SendAsync("GET", "/bucket")).Is(200);
        Assert.Empty(await TakeAsync(rig));
        Assert.Equal(1, Counts(rig).Refused);
    });

    [Fact]
    public void The_last_requests_of_a_bucket_are_delivered_when_it_is_gone() => GatewayRig.Run(async rig =>
    {
        await EnableAsync(rig);
        (await rig.SendAsync("DELETE", "/bucket")).Is(204);
        Assert.Equal("REST.DELETE.BUCKET", Assert.Single(await TakeAsync(rig))[6]);
    });

    [Fact]
    public void It_runs_by_itself_delivers_much_at_once_and_the_rest_at_a_stop() => GatewayRig.Run(
        async rig =>
        {
            await EnableAsync(rig);
            AccessLogWorker worker = rig.Gateway.AccessLogs!;
            worker.Start(rig.Environment.Spawner);
            await rig.Environment.Clock.DelayAsync(TimeSpan.FromHours(1));
            Assert.Equal((WorkerState.Waiting, 0), (worker.State, Counts(rig).Objects));
            (await rig.SendAsync("GET", "/bucket/first")).Is(404);
            await rig.Environment.Clock.DelayAsync(TimeSpan.FromSeconds(50));
            Assert.Equal(0, Counts(rig).Objects);
            await rig.Environment.Clock.DelayAsync(TimeSpan.FromSeconds(11));
            Assert.Equal(1, Counts(rig).Objects);

            // Ten lines are more than an object is to wait for.
            for (int i = 0; i < 10; i++)
            {
                (await rig.SendAsync("GET", "/bucket/many")).Is(404);
            }

            await rig.Environment.Clock.DelayAsync(TimeSpan.FromSeconds(1));
            Assert.InRange(Counts(rig).Objects, 2, 4);
            (await rig.SendAsync("GET", "/bucket/last")).Is(404);
            await worker.StopAsync();
            Assert.Equal(WorkerState.Stopped, worker.State);
            Assert.Equal((12, 12, 0, 0), (Counts(rig).Lines, Counts(rig).Delivered, Counts(rig).Lost, Counts(rig).HeldBytes));
            Assert.Equal(12, (await ReadAsync(rig)).Sum(static file => file.Lines.Length));

            (await rig.SendAsync("GET", "/bucket/late")).Is(404);
            await rig.Environment.Clock.DelayAsync(TimeSpan.FromHours(1));
            Assert.Equal((13, 12, 1), (Counts(rig).Lines, Counts(rig).Delivered, Counts(rig).Lost));
        },
        new GatewayOptions { BaseDomains = [GatewayRig.Host], AccessLog = new AccessLogOptions { Interval = TimeSpan.FromMinutes(1), ObjectBytes = 2000 } });

    [Fact]
    public void What_fails_for_a_while_is_delivered_once_later_and_what_fails_for_ever_is_dropped() => GatewayRig.Run(async rig =>
    {
        await EnableAsync(rig);
        AccessLogWorker worker = rig.Gateway.AccessLogs!;
        (await rig.SendAsync("GET", "/bucket/k")).Is(404);
        await rig.Environment.Clock.DelayAsync(new AccessLogOptions().Interval);
        rig.Faults.Failing = typeof(PutObjectCommand);
        for (int attempt = 1; attempt <= 3; attempt++)
        {
            await rig.Environment.Clock.DelayAsync(await worker.StepAsync());
            TimeSpan rest = await worker.StepAsync();
            Assert.Equal(attempt, Counts(rig).Failures);
            Assert.InRange(rest, TimeSpan.FromSeconds((1 << (attempt - 1)) - 0.1), TimeSpan.FromSeconds(1 << (attempt - 1)));
            await rig.Environment.Clock.DelayAsync(rest);
        }

        rig.Faults.Failing = null;
        await StepAsync(rig);
        Assert.Single(Assert.Single(await ReadAsync(rig)).Lines);
        (await rig.SendAsync("GET", "/bucket/k")).Is(404);
        rig.Faults.Failing = typeof(PutObjectCommand);
        await rig.Environment.Clock.DelayAsync(TimeSpan.FromMilliseconds(1));
        for (int step = 0; step < 40; step++)
        {
            TimeSpan rest = await worker.StepAsync();
            await rig.Environment.Clock.DelayAsync(rest < TimeSpan.Zero ? TimeSpan.Zero : rest);
        }

        Assert.Equal((2, 1, 1, 3 + new AccessLogOptions().AttemptsMax, 0), (Counts(rig).Lines, Counts(rig).Delivered, Counts(rig).Lost, Counts(rig).Failures, Counts(rig).HeldBytes));
    });

    [Fact]
    public void A_delivery_of_which_nobody_knows_whether_it_was_is_done_again_under_the_same_key() => GatewayRig.Run(async rig =>
    {
        await EnableAsync(rig);
        (await rig.SendAsync("GET", "/bucket/k")).Is(404);
        rig.Faults.Forgetting = typeof(PutObjectCommand);
        await DeliverAsync(rig);
        Assert.Equal((0, 1), (Counts(rig).Objects, Counts(rig).Failures));
        Assert.Single(await ReadAsync(rig));
        rig.Faults.Forgetting = null;
        await DeliverAsync(rig);
        Assert.Equal(1, Counts(rig).Objects);
        Assert.Single(Assert.Single(await ReadAsync(rig)).Lines);
    });

    [Fact]
    public void A_stop_does_not_wait_for_what_cannot_be_delivered() => GatewayRig.Run(async rig =>
    {
        await EnableAsync(rig);
        (await rig.SendAsync("GET", "/bucket/k")).Is(404);
        await rig.Environment.Clock.DelayAsync(TimeSpan.FromMilliseconds(1));
        rig.Faults.Failing = typeof(PutObjectCommand);
        TimeSpan begun = rig.Environment.Clock.Now;
        await rig.Gateway.AccessLogs!.StopAsync();
        Assert.InRange(rig.Environment.Clock.Now - begun, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Equal((1, 1, 0), (Counts(rig).Failures, Counts(rig).Lost, Counts(rig).HeldBytes));
    });

    [Fact]
    public void A_node_that_does_not_serve_keeps_lines_until_it_does() => GatewayRig.Run(async rig =>
    {
        await EnableAsync(rig);
        (await rig.SendAsync("GET", "/bucket/k")).Is(404);
        rig.IsServing = false;
        await DeliverAsync(rig);
        Assert.Equal((0, 0), (Counts(rig).Objects, Counts(rig).Failures));
        rig.IsServing = true;
        await StepAsync(rig);
        Assert.Equal(1, Counts(rig).Objects);
        (await rig.SendAsync("GET", "/bucket/k")).Is(404);
        rig.IsServing = false;
        await rig.Gateway.AccessLogs!.StopAsync();
        Assert.Equal((0, 1, 0), (Counts(rig).Failures, Counts(rig).Lost, Counts(rig).HeldBytes));
    });

    private static AccessLogCounts Counts(GatewayRig rig) => rig.Gateway.AccessLogs!.Counts;
}
