using System;
using System.Globalization;
using System.Linq;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Metadata;
using Xunit;

namespace ObjectStore.Engine.Proofs.Gateway;

/// <summary>Buckets and listings.</summary>
public sealed class BucketAndListingTests
{
    private static readonly string[] Keys = ["a", "b/1", "b/2", "b", "c/1", "d"];

    [Fact]
    public void Buckets_are_made_once_listed_and_deleted_when_empty() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket")).Is(200);
        (await rig.SendAsync("PUT", "/bucket", null, GatewayRig.Bob)).Is(409, "BucketAlreadyExists");
        TestAnswer made = await rig.SendAsync("PUT", "/other");
        made.Is(200);
        Assert.Equal("/other", made["Location"]);
        Assert.Equal(["bucket", "other"], (await rig.SendAsync("GET", "/")).All("Name"));
        Assert.Empty((await rig.SendAsync("GET", "/", null, GatewayRig.Bob)).All("Name"));
        (await rig.SendAsync("GET", "/", null, GatewayRig.Nobody)).Is(403, "AccessDenied");
        TestAnswer page = await rig.SendAsync("GET", "/?max-buckets=1");
        Assert.Equal(["bucket"], page.All("Name"));
        string token = Uri.EscapeDataString(Assert.Single(page.All("ContinuationToken")));
        Assert.Equal(["other"], (await rig.SendAsync("GET", $"/?max-buckets=1&continuation-token={token}")).All("Name"));
        (await rig.SendAsync("PUT", "/bucket/key", "x")).Is(200);
        (await rig.SendAsync("DELETE", "/bucket")).Is(409, "BucketNotEmpty");
        (await rig.SendAsync("DELETE", "/bucket", null, GatewayRig.Bob)).Is(403, "AccessDenied");
        (await rig.SendAsync("DELETE", "/bucket/key")).Is(204);
        (await rig.SendAsync("DELETE", "/bucket")).Is(204);
        (await rig.SendAsync("HEAD", "/bucket")).Is(404);
        (await rig.SendAsync("GET", "/bucket")).Is(404, "NoSuchBucket");
    });

    [Theory]
    [InlineData("ab")]
    [InlineData("Upper")]
    [InlineData("under_score")]
    [InlineData("192.168.1.1")]
    [InlineData("dot..dot")]
    [InlineData("dash-.dot")]
    [InlineData("-start")]
    [InlineData("end-")]
    [InlineData("xn--punycode")]
    public void Bucket_names_that_are_none_are_refused(string name) => GatewayRig.Run(async rig =>
        (await rig.SendAsync("PUT", $"/{name}")).Is(400, "InvalidBucketName"));

    [Theory]
    [InlineData("private", 200)]
    [InlineData("public-read", 400)]
    public void A_bucket_without_acls_takes_those_that_give_nothing(string acl, int status) => GatewayRig.Run(async rig =>
        (await rig.SendAsync("PUT", "/enforced", "", ("x-amz-object-ownership", "BucketOwnerEnforced"), ("x-amz-acl", acl)))
            .Is(status, status == 200 ? "" : "InvalidBucketAclWithObjectOwnership"));

    [Fact]
    public void Location_and_region_are_told() => GatewayRig.Run(async rig =>
    {
        Assert.Equal("us-east-1", (await rig.SendAsync("HEAD", "/bucket"))["x-amz-bucket-region"]);
        TestAnswer location = await rig.SendAsync("GET", "/bucket?location");
        Assert.Equal("", location.Xml.Value);
        Assert.Equal("LocationConstraint", location.Xml.Name.LocalName);
        const string Abroad = "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";
        (await rig.SendAsync("PUT", "/abroad", Abroad)).Is(400, "InvalidLocationConstraint");
        (await rig.SendAsync("PUT", "/abroad", "<Create")).Is(400, "MalformedXML");
    });

    [Fact]
    public void Virtual_hosted_style_names_the_bucket_in_the_host() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/key", "x", ("Host", $"bucket.{GatewayRig.Host}:9000"))).Is(200);
        Assert.Equal("x", (await rig.SendAsync("GET", "/bucket/key")).Text);
        Assert.Equal(["key"], (await rig.SendAsync("GET", "/", "", ("Host", $"bucket.{GatewayRig.Host}"))).All("Key"));
    });

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a&b<c>d\"e'f", "a&amp;b&lt;c&gt;d&quot;e'f")]
    [InlineData("tab\tline\nreturn\r", "tab\tline\nreturn&#13;")]
    [InlineData("one\u0001", "one&#x1;")]
    [InlineData("\u00e9\u4e16\ud83d\ude00", "\u00e9\u4e16\ud83d\ude00")]
    [InlineData("\u00e9\ufffe", "\u00e9&#xfffe;")]
    public void A_key_is_listed_with_what_xml_reserves_escaped(string key, string shown) => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", $"/bucket/{Uri.EscapeDataString(key)}", "x")).Is(200);
        Assert.Contains($"<Key>{shown}</Key>", (await rig.SendAsync("GET", "/bucket?list-type=2")).Text, StringComparison.Ordinal);
        Assert.Contains($"<Key>{shown}</Key>", (await rig.SendAsync("GET", "/bucket?versions")).Text, StringComparison.Ordinal);
    });

    [Fact]
    public void A_listing_shows_the_time_that_head_shows() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/key", "x")).Is(200);
        DateTime modified = DateTime.ParseExact(
            (await rig.SendAsync("HEAD", "/bucket/key"))["Last-Modified"]!, "r", CultureInfo.InvariantCulture);
        string shown = modified.ToString("yyyy-MM-dd'T'HH:mm:ss'.000Z'", CultureInfo.InvariantCulture);
        Assert.Equal([shown], (await rig.SendAsync("GET", "/bucket")).All("LastModified"));
    });

    [Fact]
    public void A_page_of_a_thousand_keys_is_whole() => GatewayRig.Run(async rig =>
    {
        string[] keys = [.. Enumerable.Range(0, 1001).Select(static number => $"{number:d4}-{new string('k', number % 97)}")];
        foreach (string key in keys)
        {
            (await rig.SendAsync("PUT", $"/bucket/{key}", "x")).Is(200);
        }

        TestAnswer page = await rig.SendAsync("GET", "/bucket?list-type=2");
        Assert.Equal(keys[..1000], page.All("Key"));
        string token = Uri.EscapeDataString(Assert.Single(page.All("NextContinuationToken")));
        Assert.Equal(keys[1000..], (await rig.SendAsync("GET", $"/bucket?list-type=2&continuation-token={token}")).All("Key"));
    });

    [Fact]
    public void Listings_roll_up_and_page() => GatewayRig.Run(async rig =>
    {
        foreach (string key in Keys)
        {
            (await rig.SendAsync("PUT", $"/bucket/{key}", key)).Is(200);
        }

        TestAnswer all = await rig.SendAsync("GET", "/bucket");
        Assert.Equal(["a", "b", "b/1", "b/2", "c/1", "d"], all.All("Key"));
        TestAnswer rolled = await rig.SendAsync("GET", "/bucket?list-type=2&delimiter=/");
        Assert.Equal(["a", "b", "d"], rolled.All("Key"));
        Assert.Equal(["", "b/", "c/"], rolled.All("Prefix"));
        Assert.Equal("5", Assert.Single(rolled.All("KeyCount")));
        TestAnswer first = await rig.SendAsync("GET", "/bucket?list-type=2&delimiter=/&max-keys=3");
        Assert.Equal("true", Assert.Single(first.All("IsTruncated")));
        string token = Uri.EscapeDataString(Assert.Single(first.All("NextContinuationToken")));
        TestAnswer second = await rig.SendAsync("GET", $"/bucket?list-type=2&delimiter=/&max-keys=3&continuation-token={token}");
        Assert.Equal(["d"], second.All("Key"));
        Assert.Equal("false", Assert.Single(second.All("IsTruncated")));
        TestAnswer v1 = await rig.SendAsync("GET", "/bucket?delimiter=/&max-keys=3");
        Assert.Equal("b/", Assert.Single(v1.All("NextMarker")));
        Assert.Equal(["b/1", "b/2"], (await rig.SendAsync("GET", "/bucket?prefix=b/&list-type=2")).All("Key"));
        Assert.Equal(["c/1", "d"], (await rig.SendAsync("GET", "/bucket?start-after=b/2&list-type=2")).All("Key"));
        Assert.Equal("false", Assert.Single((await rig.SendAsync("GET", "/bucket?max-keys=0")).All("IsTruncated")));
        (await rig.SendAsync("GET", "/bucket?max-keys=blah")).Is(400, "InvalidArgument");
        (await rig.SendAsync("GET", "/bucket?max-keys=-1")).Is(400, "InvalidArgument");
        (await rig.SendAsync("GET", "/bucket?encoding-type=rot13")).Is(400, "InvalidArgument");
        (await rig.SendAsync("GET", "/bucket?list-type=2&continuation-token=nonsense")).Is(400, "InvalidArgument");
    });

    [Fact]
    public void Batch_delete_reports_each_key() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/a", "x")).Is(200);
        (await rig.SendAsync("PUT", "/bucket/b", "x")).Is(200);
        const string Body = "<Delete><Object><Key>a</Key></Object><Object><Key>absent</Key></Object><Object><Key>b</Key></Object></Delete>";
        (await rig.SendAsync("POST", "/bucket?delete", Body)).Is(400, "InvalidRequest");
        TestAnswer deleted = await rig.SendAsync("POST", "/bucket?delete", Body, ("Content-MD5", Md5(Body)));
        deleted.Is(200);
        Assert.Equal(["a", "absent", "b"], deleted.All("Key"));
        const string Conditional = "<Delete><Object><Key>absent</Key><ETag>*</ETag></Object></Delete>";
        Assert.Equal(["NoSuchKey"], (await rig.SendAsync("POST", "/bucket?delete", Conditional, ("Content-MD5", Md5(Conditional)))).All("Code"));
        Assert.Empty((await rig.SendAsync("GET", "/bucket")).All("Key"));
        TestAnswer denied = await rig.SendAsync(
            "POST", "/bucket?delete", System.Text.Encoding.UTF8.GetBytes(Body), GatewayRig.Bob, ("Content-MD5", Md5(Body)));
        denied.Is(200);
        Assert.Equal(["AccessDenied", "AccessDenied", "AccessDenied"], denied.All("Code"));
        string many = $"<Delete>{string.Concat(Enumerable.Repeat("<Object><Key>k</Key></Object>", 1001))}</Delete>";
        (await rig.SendAsync("POST", "/bucket?delete", many, ("Content-MD5", Md5(many)))).Is(400, "MalformedXML");
        const string Quiet = "<Delete><Quiet>true</Quiet><Object><Key>a</Key></Object></Delete>";
        Assert.Empty((await rig.SendAsync("POST", "/bucket?delete", Quiet, ("Content-MD5", Md5(Quiet)))).All("Deleted"));
    });

    [Fact]
    public void Versions_and_markers_follow_the_rules() => GatewayRig.Run(async rig =>
    {
        Assert.Empty((await rig.SendAsync("GET", "/bucket?versioning")).Xml.Elements());
        (await rig.SendAsync("PUT", "/bucket/key", "null")).Is(200);
        (await rig.SendAsync("PUT", "/bucket?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")).Is(200);
        string one = (await rig.SendAsync("PUT", "/bucket/key", "one"))["x-amz-version-id"]!;
        TestAnswer marker = await rig.SendAsync("DELETE", "/bucket/key");
        Assert.Equal("true", marker["x-amz-delete-marker"]);
        TestAnswer missing = await rig.SendAsync("GET", "/bucket/key");
        missing.Is(404, "NoSuchKey");
        Assert.Equal("true", missing["x-amz-delete-marker"]);
        Assert.Equal("one", (await rig.SendAsync("GET", $"/bucket/key?versionId={one}")).Text);
        Assert.Equal("null", (await rig.SendAsync("GET", "/bucket/key?versionId=null")).Text);
        TestAnswer onMarker = await rig.SendAsync("GET", $"/bucket/key?versionId={marker["x-amz-version-id"]}");
        onMarker.Is(405, "MethodNotAllowed");
        TestAnswer versions = await rig.SendAsync("GET", "/bucket?versions");
        Assert.Equal([marker["x-amz-version-id"]!, one, "null"], versions.All("VersionId"));
        Assert.Equal(["true", "false", "false"], versions.All("IsLatest"));
        (await rig.SendAsync("DELETE", $"/bucket/key?versionId={marker["x-amz-version-id"]}")).Is(204);
        Assert.Equal("one", (await rig.SendAsync("GET", "/bucket/key")).Text);
        (await rig.SendAsync("PUT", "/bucket?versioning", "<VersioningConfiguration><Status>Off</Status></VersioningConfiguration>")).Is(400, "MalformedXML");
    });

    [Fact]
    public void A_region_other_than_the_first_refuses_a_second_creation() => GatewayRig.Run(
        async rig => (await rig.SendAsync("PUT", "/bucket")).Is(409, "BucketAlreadyOwnedByYou"),
        new GatewayOptions { Region = "eu-west-1" });

    private static string Md5(string text) =>
        System.Convert.ToBase64String(System.Security.Cryptography.MD5.HashData(System.Text.Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Buckets_with_large_documents_are_listed_whole_and_by_pages() => GatewayRig.Run(async rig =>
    {
        string[] names = ["b-1", "b-2", "b-3", "b-4", "bucket"];
        foreach (string name in names[..4])
        {
            (await rig.SendAsync("PUT", $"/{name}")).Is(200);
            CommandResult kept = await rig.Metadata.ExecuteAsync(new SetBucketDocumentCommand(name, "website", new byte[400_000]) { NowUtc = rig.NowUtc });
            Assert.Equal(MetadataError.None, kept.Error);
        }

        TestAnswer all = await rig.SendAsync("GET", "/");
        Assert.Equal(names, all.All("Name"));
        Assert.Empty(all.All("ContinuationToken"));
        TestAnswer some = await rig.SendAsync("GET", "/?max-buckets=3");
        Assert.Equal(names[..3], some.All("Name"));
        string token = Uri.EscapeDataString(Assert.Single(some.All("ContinuationToken")));
        Assert.Equal(names[3..], (await rig.SendAsync("GET", $"/?max-buckets=3&continuation-token={token}")).All("Name"));
        QueryResult page = await rig.Metadata.QueryAsync(new ListBucketsQuery(null, "", "", 1000));
        Assert.Equal((2, true, "b-2"), (page.Buckets.Count, page.IsTruncated, page.NextMarker));
    });
}
