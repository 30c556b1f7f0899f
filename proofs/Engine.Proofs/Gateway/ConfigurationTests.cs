using Xunit;

namespace ObjectStore.Engine.Proofs.Gateway;

/// <summary>Tags, object lock, CORS and the documents that are kept.</summary>
public sealed class ConfigurationTests
{
    private static readonly string[] Absent = ["abac", "metadataTable"];

    private const string Tags = "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>";

    [Fact]
    public void Tags_of_objects_and_buckets_come_and_go() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/key", "x", ("x-amz-tagging", "a=1&b=2"))).Is(200);
        Assert.Equal("2", (await rig.SendAsync("HEAD", "/bucket/key"))["x-amz-tagging-count"]);
        Assert.Equal(["a", "b"], (await rig.SendAsync("GET", "/bucket/key?tagging")).All("Key"));
        (await rig.SendAsync("PUT", "/bucket/key?tagging", Tags)).Is(200);
        Assert.Equal(["1"], (await rig.SendAsync("GET", "/bucket/key?tagging")).All("Value"));
        (await rig.SendAsync("DELETE", "/bucket/key?tagging")).Is(204);
        Assert.Empty((await rig.SendAsync("GET", "/bucket/key?tagging")).All("Key"));
        (await rig.SendAsync("PUT", "/bucket/key", "x", ("x-amz-tagging", "a=1&a=2"))).Is(400, "InvalidArgument");
        (await rig.SendAsync("PUT", "/bucket/key?tagging", Tags.Replace("<Key>a", "<Key>aws:a", System.StringComparison.Ordinal))).Is(400, "InvalidTag");
        (await rig.SendAsync("GET", "/bucket?tagging")).Is(404, "NoSuchTagSet");
        (await rig.SendAsync("PUT", "/bucket?tagging", Tags)).Is(204);
        Assert.Equal(["a"], (await rig.SendAsync("GET", "/bucket?tagging")).All("Key"));
        (await rig.SendAsync("DELETE", "/bucket?tagging")).Is(204);
        (await rig.SendAsync("GET", "/bucket?tagging")).Is(404, "NoSuchTagSet");
    });

    [Fact]
    public void Locked_versions_stay() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/locked", "", ("x-amz-bucket-object-lock-enabled", "true"))).Is(200);
        (await rig.SendAsync("GET", "/bucket?object-lock")).Is(404, "ObjectLockConfigurationNotFoundError");
        Assert.Equal(["Enabled"], (await rig.SendAsync("GET", "/locked?object-lock")).All("ObjectLockEnabled"));
        Assert.Equal(["Enabled"], (await rig.SendAsync("GET", "/locked?versioning")).All("Status"));
        (await rig.SendAsync("PUT", "/locked?versioning", "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>")).Is(409, "InvalidBucketState");
        const string Rule =
            "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>1</Days></DefaultRetention></Rule></ObjectLockConfiguration>";
        (await rig.SendAsync("PUT", "/locked?object-lock", Rule)).Is(200);
        string version = (await rig.SendAsync("PUT", "/locked/key", "x"))["x-amz-version-id"]!;
        Assert.Equal("GOVERNANCE", (await rig.SendAsync("HEAD", "/locked/key"))["x-amz-object-lock-mode"]);
        (await rig.SendAsync("DELETE", $"/locked/key?versionId={version}")).Is(403, "AccessDenied");
        (await rig.SendAsync("GET", "/locked/key?legal-hold")).Is(404, "NoSuchObjectLockConfiguration");
        Assert.Null((await rig.SendAsync("HEAD", "/locked/key"))["x-amz-object-lock-legal-hold"]);
        (await rig.SendAsync("PUT", "/locked/key?legal-hold", "<LegalHold><Status>ON</Status></LegalHold>")).Is(200);
        (await rig.SendAsync("DELETE", $"/locked/key?versionId={version}", "", ("x-amz-bypass-governance-retention", "true"))).Is(403, "AccessDenied");
        (await rig.SendAsync("PUT", "/locked/key?legal-hold", "<LegalHold><Status>OFF</Status></LegalHold>")).Is(200);
        Assert.Equal(["OFF"], (await rig.SendAsync("GET", "/locked/key?legal-hold")).All("Status"));
        Assert.Equal("OFF", (await rig.SendAsync("HEAD", "/locked/key"))["x-amz-object-lock-legal-hold"]);
        (await rig.SendAsync("PUT", "/locked/key?retention", "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2020-01-01T00:00:00Z</RetainUntilDate></Retention>"))
            .Is(400, "InvalidArgument");
        (await rig.SendAsync("PUT", "/locked/key?retention", "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2030-01-01T00:00:00Z</RetainUntilDate></Retention>"))
            .Is(200);
        Assert.Equal(["2030-01-01T00:00:00.000Z"], (await rig.SendAsync("GET", "/locked/key?retention")).All("RetainUntilDate"));
        (await rig.SendAsync("DELETE", $"/locked/key?versionId={version}", "", ("x-amz-bypass-governance-retention", "true"))).Is(204);
        (await rig.SendAsync("PUT", "/bucket/key", "x", ("x-amz-object-lock-legal-hold", "ON"))).Is(400, "InvalidRequest");
    });

    [Fact]
    public void Cors_rules_answer_browsers() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("GET", "/bucket?cors")).Is(404, "NoSuchCORSConfiguration");
        const string Rules =
            "<CORSConfiguration><CORSRule><AllowedOrigin>https://*.example</AllowedOrigin><AllowedMethod>GET</AllowedMethod><AllowedHeader>x-amz-*</AllowedHeader><ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>7</MaxAgeSeconds></CORSRule></CORSConfiguration>";
        (await rig.SendAsync("PUT", "/bucket?cors", Rules)).Is(200);
        TestAnswer preflight = await rig.SendAsync(
            "OPTIONS", "/bucket/key", null, GatewayRig.Nobody,
            ("Origin", "https://a.example"), ("Access-Control-Request-Method", "GET"), ("Access-Control-Request-Headers", "x-amz-date"));
        preflight.Is(200);
        Assert.Equal("https://a.example", preflight["Access-Control-Allow-Origin"]);
        Assert.Equal("7", preflight["Access-Control-Max-Age"]);
        (await rig.SendAsync("OPTIONS", "/bucket/key", null, GatewayRig.Nobody, ("Origin", "https://b.test"), ("Access-Control-Request-Method", "GET")))
            .Is(403, "AccessForbidden");
        TestAnswer get = await rig.SendAsync("GET", "/bucket", "", ("Origin", "https://a.example"));
        Assert.Equal(("ETag", "7"), (get["Access-Control-Expose-Headers"], get["Access-Control-Max-Age"]));
        (await rig.SendAsync("OPTIONS", "/bucket/key", null, GatewayRig.Nobody, ("Origin", "https://a.example"), ("Access-Control-Request-Method", "PATCH")))
            .Is(400, "BadRequest");
        (await rig.SendAsync("PUT", "/bucket?cors", "<CORSConfiguration><CORSRule/></CORSConfiguration>")).Is(400, "MalformedXML");
        (await rig.SendAsync("DELETE", "/bucket?cors")).Is(204);
        Assert.Null((await rig.SendAsync("GET", "/bucket", "", ("Origin", "https://a.example")))["Access-Control-Allow-Origin"]);
    });

    [Theory]
    [InlineData("<AllowedOrigin>*a*</AllowedOrigin><AllowedMethod>GET</AllowedMethod>")]
    [InlineData("<AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod><AllowedHeader>*-x-*</AllowedHeader>")]
    [InlineData("<AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod><ExposeHeader>x-amz-*</ExposeHeader>")]
    [InlineData("<AllowedOrigin>*</AllowedOrigin><AllowedMethod>PATCH</AllowedMethod>")]
    public void Cors_rules_that_ask_for_too_much_are_refused(string rule) => GatewayRig.Run(async rig =>
        (await rig.SendAsync("PUT", "/bucket?cors", $"<CORSConfiguration><CORSRule>{rule}</CORSRule></CORSConfiguration>")).Is(400, "InvalidRequest"));

    [Theory]
    [InlineData("lifecycle", "<LifecycleConfiguration><Rule><ID>r</ID><Status>Enabled</Status><Filter><Prefix>a</Prefix></Filter><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>", "NoSuchLifecycleConfiguration", 204)]
    [InlineData("website", "<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument></WebsiteConfiguration>", "NoSuchWebsiteConfiguration", 204)]
    [InlineData("notification", "<NotificationConfiguration></NotificationConfiguration>", "", 0)]
    [InlineData("requestPayment", "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>", "", 0)]
    public void Documents_are_kept(string kind, string document, string missing, int deleted) => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("GET", $"/bucket?{kind}")).Is(missing.Length > 0 ? 404 : 200, missing);
        (await rig.SendAsync("PUT", $"/bucket?{kind}", document)).Is(200);
        TestAnswer got = await rig.SendAsync("GET", $"/bucket?{kind}");
        Assert.Equal(System.Xml.Linq.XElement.Parse(document).Value, got.Xml.Value);
        (await rig.SendAsync("PUT", $"/bucket?{kind}", "<Other/>")).Is(400, "MalformedXML");
        if (deleted > 0)
        {
            (await rig.SendAsync("DELETE", $"/bucket?{kind}")).Is(deleted);
            (await rig.SendAsync("GET", $"/bucket?{kind}")).Is(404, missing);
        }
        else
        {
            (await rig.SendAsync("DELETE", $"/bucket?{kind}")).Is(405, "MethodNotAllowed");
        }
    });

    [Theory]
    [InlineData("<Status>Enabled</Status><Expiration><Days>1</Days></Expiration>")]
    [InlineData("<Status>Enabled</Status><Filter><Prefix>a</Prefix><ObjectSizeLessThan>5</ObjectSizeLessThan></Filter><Expiration><Days>1</Days></Expiration>")]
    [InlineData("<Status>Enabled</Status><Filter/><Expiration><Days>1</Days><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>")]
    public void Lifecycle_rules_that_could_be_read_two_ways_are_refused(string rule) => GatewayRig.Run(async rig =>
        (await rig.SendAsync("PUT", "/bucket?lifecycle", $"<LifecycleConfiguration><Rule>{rule}</Rule></LifecycleConfiguration>")).Is(400, "MalformedXML"));

    [Fact]
    public void A_lifecycle_is_told_with_its_smallest_size_and_keeps_blanks() => GatewayRig.Run(async rig =>
    {
        const string Header = "x-amz-transition-default-minimum-object-size";
        const string Rules = "<LifecycleConfiguration><Rule><ID>r</ID><Status>Enabled</Status><Filter><Prefix>a </Prefix></Filter><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>";
        Assert.Equal("all_storage_classes_128K", (await rig.SendAsync("PUT", "/bucket?lifecycle", Rules))[Header]);
        TestAnswer got = await rig.SendAsync("GET", "/bucket?lifecycle");
        Assert.Equal(("all_storage_classes_128K", "a "), (got[Header], Assert.Single(got.All("Prefix"))));
        (await rig.SendAsync("PUT", "/bucket?lifecycle", Rules, (Header, "varies_by_storage_class"))).Is(200);
        Assert.Equal("varies_by_storage_class", (await rig.SendAsync("GET", "/bucket?lifecycle"))[Header]);
        (await rig.SendAsync("PUT", "/bucket?lifecycle", Rules, (Header, "none"))).Is(400, "InvalidArgument");
    });

    [Fact]
    public void A_document_that_no_bucket_can_hold_is_refused() => GatewayRig.Run(async rig =>
    {
        string document = $"<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>{new string('x', 2 * 1024 * 1024)}</AllowedOrigin></CORSRule></CORSConfiguration>";
        (await rig.SendAsync("PUT", "/bucket?cors", document)).Is(400, "EntityTooLarge");
        (await rig.SendAsync("GET", "/bucket?cors")).Is(404, "NoSuchCORSConfiguration");
        (await rig.SendAsync("PUT", "/bucket/k", "x")).Is(200);
    });

    [Fact]
    public void A_lock_can_be_put_on_a_bucket_that_has_versions() => GatewayRig.Run(async rig =>
    {
        const string Enabled = "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>";
        (await rig.SendAsync("PUT", "/bucket?object-lock", Enabled)).Is(409, "InvalidBucketState");
        (await rig.SendAsync("PUT", "/bucket?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")).Is(200);
        (await rig.SendAsync("PUT", "/bucket?object-lock", Enabled)).Is(200);
        Assert.Equal(["Enabled"], (await rig.SendAsync("GET", "/bucket?object-lock")).All("ObjectLockEnabled"));
        (await rig.SendAsync("PUT", "/bucket?versioning", "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>")).Is(409, "InvalidBucketState");
    });

    [Fact]
    public void A_bucket_is_created_with_its_tags_and_tells_its_region_even_to_who_is_refused() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/tagged", "<CreateBucketConfiguration><Tags><Tag><Key>k</Key><Value>v</Value></Tag></Tags></CreateBucketConfiguration>")).Is(200);
        Assert.Equal(["v"], (await rig.SendAsync("GET", "/tagged?tagging")).All("Value"));
        Assert.Equal("us-east-1", (await rig.SendAsync("HEAD", "/tagged"))["x-amz-bucket-region"]);
        Assert.Equal("us-east-1", (await rig.SendAsync("GET", "/tagged?list-type=2"))["x-amz-bucket-region"]);
        TestAnswer refused = await rig.SendAsync("HEAD", "/tagged", null, GatewayRig.Nobody);
        Assert.Equal((403, "us-east-1"), (refused.Status, refused["x-amz-bucket-region"]));
    });

    [Theory]
    [InlineData("<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><Tagging><TagSet><Tag><Key>&e;</Key><Value/></Tag></TagSet></Tagging>")]
    [InlineData("<Tagging><TagSet>")]
    [InlineData("nonsense")]
    public void Documents_that_are_none_are_refused(string body) => GatewayRig.Run(async rig =>
        (await rig.SendAsync("PUT", "/bucket?tagging", body)).Is(400, "MalformedXML"));

    [Theory]
    [InlineData("tagging")]
    [InlineData("object-lock")]
    [InlineData("versioning")]
    [InlineData("cors")]
    public void A_document_that_is_missing_is_said_to_be(string kind) => GatewayRig.Run(async rig =>
        (await rig.SendAsync("PUT", $"/bucket?{kind}", "")).Is(400, "MissingRequestBodyError"));

    [Fact]
    public void What_we_do_not_have_is_refused_by_name() => GatewayRig.Run(async rig =>
    {
        foreach (string kind in Absent)
        {
            (await rig.SendAsync("GET", $"/bucket?{kind}")).Is(501, "NotImplemented");
        }

        (await rig.SendAsync("PUT", "/bucket?replication", "<ReplicationConfiguration/>")).Is(501, "NotImplemented");
        (await rig.SendAsync("POST", "/bucket/key?select", "<SelectObjectContentRequest/>")).Is(501, "NotImplemented");
    });
}
