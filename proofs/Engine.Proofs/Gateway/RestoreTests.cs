using System;
using System.Globalization;
using System.Text;
using System.Threading.Tasks;
using Xunit;

namespace ObjectStore.Engine.Proofs.Gateway;

/// <summary>Objects of archive classes are read only while they are restored, as Amazon S3 has it.</summary>
public sealed class RestoreTests
{
    private static readonly (string Name, string Value) Archived = ("x-amz-storage-class", "GLACIER");
    private static readonly string[] Listings = ["/bucket", "/bucket?list-type=2"];

    [Theory]
    [InlineData("GLACIER")]
    [InlineData("DEEP_ARCHIVE")]
    public void What_is_archived_shows_itself_and_not_its_bytes(string storageClass) => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/key", "bytes", ("x-amz-storage-class", storageClass))).Is(200);
        TestAnswer refused = await rig.SendAsync("GET", "/bucket/key");
        refused.Is(403, "InvalidObjectState");
        Assert.Equal([storageClass], refused.All("StorageClass"));
        (await rig.SendAsync("GET", "/bucket/key", "", ("Range", "bytes=0-1"))).Is(403, "InvalidObjectState");
        (await rig.SendAsync("PUT", "/bucket/copy", "", ("x-amz-copy-source", "bucket/key"))).Is(403, "InvalidObjectState");
        string upload = (await rig.SendAsync("POST", "/bucket/parts?uploads")).All("UploadId")[0];
        (await rig.SendAsync("PUT", $"/bucket/parts?partNumber=1&uploadId={upload}", "", ("x-amz-copy-source", "bucket/key"))).Is(403, "InvalidObjectState");
        TestAnswer head = await rig.SendAsync("HEAD", "/bucket/key");
        head.Is(200);
        Assert.Equal(storageClass, head["x-amz-storage-class"]);
        Assert.Null(head["x-amz-restore"]);
        (await rig.SendAsync("GET", "/bucket/key?attributes", "", ("x-amz-object-attributes", "ObjectSize"))).Is(200);
        (await rig.SendAsync("PUT", "/bucket/key?tagging", "<Tagging><TagSet/></Tagging>")).Is(200);
        (await rig.SendAsync("DELETE", "/bucket/key")).Is(204);
    });

    [Theory]
    [InlineData("GLACIER_IR")]
    [InlineData("STANDARD_IA")]
    [InlineData("INTELLIGENT_TIERING")]
    public void Other_classes_are_read_as_ever_and_not_restored(string storageClass) => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/key", "bytes", ("x-amz-storage-class", storageClass))).Is(200);
        (await rig.SendAsync("GET", "/bucket/key")).Is(200);
        (await RestoreAsync(rig, "/bucket/key?restore", 1)).Is(403, "InvalidObjectState");
        (await rig.SendAsync("POST", "/bucket/key?restore")).Is(403, "InvalidObjectState");
    });

    [Fact]
    public void What_was_restored_is_read_until_the_midnight_after_its_days() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/key", "bytes", Archived)).Is(200);
        (await RestoreAsync(rig, "/bucket/key?restore", 2)).Is(202);
        DateTime until = rig.NowUtc.Date.AddDays(3);
        string shown = $"ongoing-request=\"false\", expiry-date=\"{until.ToString("R", CultureInfo.InvariantCulture)}\"";
        TestAnswer got = await rig.SendAsync("GET", "/bucket/key");
        got.Is(200);
        Assert.Equal("bytes", got.Text);
        Assert.Equal(shown, got["x-amz-restore"]);
        Assert.Equal("GLACIER", got["x-amz-storage-class"]);
        Assert.Equal(shown, (await rig.SendAsync("HEAD", "/bucket/key"))["x-amz-restore"]);

        (await rig.SendAsync("PUT", "/bucket/key?tagging", "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>")).Is(200);
        Assert.Equal(shown, (await rig.SendAsync("HEAD", "/bucket/key"))["x-amz-restore"]);

        await rig.UntilAsync(until.AddSeconds(-1));
        (await rig.SendAsync("GET", "/bucket/key")).Is(200);
        await rig.UntilAsync(until);
        (await rig.SendAsync("GET", "/bucket/key")).Is(403, "InvalidObjectState");
        Assert.Null((await rig.SendAsync("HEAD", "/bucket/key"))["x-amz-restore"]);
        (await RestoreAsync(rig, "/bucket/key?restore", 1)).Is(202);
        (await rig.SendAsync("GET", "/bucket/key")).Is(200);
    });

    [Fact]
    public void Restoring_again_sets_the_time_anew() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/key", "bytes", Archived)).Is(200);
        (await RestoreAsync(rig, "/bucket/key?restore", 5)).Is(202);
        (await RestoreAsync(rig, "/bucket/key?restore", 1)).Is(200);
        await rig.UntilAsync(rig.NowUtc.Date.AddDays(2));
        (await rig.SendAsync("GET", "/bucket/key")).Is(403, "InvalidObjectState");
    });

    [Fact]
    public void A_copy_of_what_was_restored_is_an_object_of_its_own() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/key", "bytes", Archived)).Is(200);
        (await RestoreAsync(rig, "/bucket/key?restore", 1)).Is(202);
        (await rig.SendAsync("PUT", "/bucket/cold", "", ("x-amz-copy-source", "bucket/key"), Archived)).Is(200);
        (await rig.SendAsync("GET", "/bucket/cold")).Is(403, "InvalidObjectState");
        (await rig.SendAsync("PUT", "/bucket/key", "", ("x-amz-copy-source", "bucket/key"), ("x-amz-storage-class", "STANDARD"))).Is(200);
        TestAnswer warm = await rig.SendAsync("GET", "/bucket/key");
        warm.Is(200);
        Assert.Null(warm["x-amz-storage-class"]);
        Assert.Null(warm["x-amz-restore"]);
    });

    [Fact]
    public void A_version_is_restored_by_itself() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")).Is(200);
        string first = (await rig.SendAsync("PUT", "/bucket/key", "one", Archived))["x-amz-version-id"]!;
        string second = (await rig.SendAsync("PUT", "/bucket/key", "two", Archived))["x-amz-version-id"]!;
        (await RestoreAsync(rig, $"/bucket/key?restore&versionId={first}", 1)).Is(202);
        Assert.Equal("one", (await rig.SendAsync("GET", $"/bucket/key?versionId={first}")).Text);
        (await rig.SendAsync("GET", "/bucket/key")).Is(403, "InvalidObjectState");
        TestAnswer versions = await rig.SendAsync("GET", "/bucket?versions", "", ("x-amz-optional-object-attributes", "RestoreStatus"));
        Assert.Equal([second, first], versions.All("VersionId"));
        Assert.Equal(["false"], versions.All("IsRestoreInProgress"));
        (await rig.SendAsync("DELETE", "/bucket/key")).Is(204);
        (await RestoreAsync(rig, "/bucket/key?restore", 1)).Is(404, "NoSuchKey");
        (await RestoreAsync(rig, "/bucket/none?restore", 1)).Is(404, "NoSuchKey");
    });

    [Fact]
    public void What_was_restored_stays_so_whatever_else_changes_and_is_archived_again_by_an_overwrite() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/locked", "", ("x-amz-bucket-object-lock-enabled", "true"))).Is(200);
        string version = (await rig.SendAsync("PUT", "/locked/key", "bytes", Archived))["x-amz-version-id"]!;
        (await RestoreAsync(rig, "/locked/key?restore", 3)).Is(202);
        (await rig.SendAsync("PUT", "/locked/key?legal-hold", "<LegalHold><Status>ON</Status></LegalHold>")).Is(200);
        (await rig.SendAsync("PUT", "/locked/key?acl", "", ("x-amz-acl", "public-read"))).Is(200);
        (await rig.SendAsync("GET", "/locked/key", null, GatewayRig.Nobody)).Is(200);
        (await rig.SendAsync("PUT", "/locked/key", "other", Archived)).Is(200);
        (await rig.SendAsync("GET", "/locked/key")).Is(403, "InvalidObjectState");
        (await rig.SendAsync("GET", $"/locked/key?versionId={version}")).Is(200);
    });

    [Fact]
    public void A_multipart_object_is_archived_and_restored_as_a_whole() => GatewayRig.Run(async rig =>
    {
        string upload = (await rig.SendAsync("POST", "/bucket/key?uploads", "", Archived)).All("UploadId")[0];
        string etag = (await rig.SendAsync("PUT", $"/bucket/key?partNumber=1&uploadId={upload}", "part"))["ETag"]!;
        (await rig.SendAsync("POST", $"/bucket/key?uploadId={upload}", $"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>")).Is(200);
        (await rig.SendAsync("GET", "/bucket/key?partNumber=1")).Is(403, "InvalidObjectState");
        (await RestoreAsync(rig, "/bucket/key?restore", 1)).Is(202);
        Assert.Equal("part", (await rig.SendAsync("GET", "/bucket/key?partNumber=1")).Text);
    });

    [Fact]
    public void Listings_tell_what_was_restored_when_they_are_asked() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/cold", "bytes", Archived)).Is(200);
        (await rig.SendAsync("PUT", "/bucket/restored", "bytes", Archived)).Is(200);
        (await rig.SendAsync("PUT", "/bucket/standard", "bytes")).Is(200);
        (await RestoreAsync(rig, "/bucket/restored?restore", 1)).Is(202);
        string until = rig.NowUtc.Date.AddDays(2).ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        foreach (string target in Listings)
        {
            TestAnswer asked = await rig.SendAsync("GET", target, "", ("x-amz-optional-object-attributes", "RestoreStatus"));
            Assert.Equal(["cold", "restored", "standard"], asked.All("Key"));
            Assert.Equal([until], asked.All("RestoreExpiryDate"));
            Assert.Empty((await rig.SendAsync("GET", target)).All("RestoreExpiryDate"));
        }
    });

    [Theory]
    [InlineData("GLACIER", "", 400, "MissingRequestBodyError")]
    [InlineData("GLACIER", "<RestoreRequest/>", 400, "MalformedXML")]
    [InlineData("GLACIER", "<Restore><Days>1</Days></Restore>", 400, "MalformedXML")]
    [InlineData("GLACIER", "<RestoreRequest><Days>many</Days></RestoreRequest>", 400, "MalformedXML")]
    [InlineData("GLACIER", "<RestoreRequest><Days>0</Days></RestoreRequest>", 400, "InvalidArgument")]
    [InlineData("GLACIER", "<RestoreRequest><Days>-1</Days></RestoreRequest>", 400, "InvalidArgument")]
    [InlineData("GLACIER", "<RestoreRequest><Days>1</Days><Tier>Fast</Tier></RestoreRequest>", 400, "MalformedXML")]
    [InlineData("GLACIER", "<RestoreRequest><Days>1</Days><GlacierJobParameters/></RestoreRequest>", 400, "MalformedXML")]
    [InlineData("GLACIER", "<RestoreRequest><Days>1</Days><GlacierJobParameters><Tier>Expedited</Tier></GlacierJobParameters></RestoreRequest>", 202, "")]
    [InlineData("GLACIER", "<RestoreRequest><Days>2147483647</Days><Tier>Bulk</Tier></RestoreRequest>", 202, "")]
    [InlineData("DEEP_ARCHIVE", "<RestoreRequest><Days>1</Days><GlacierJobParameters><Tier>Expedited</Tier></GlacierJobParameters></RestoreRequest>", 400, "InvalidArgument")]
    [InlineData("GLACIER", "<RestoreRequest><Type>SELECT</Type></RestoreRequest>", 501, "NotImplemented")]
    public void What_is_asked_is_checked(string storageClass, string body, int status, string code) => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/key", "bytes", ("x-amz-storage-class", storageClass))).Is(200);
        (await rig.SendAsync("POST", "/bucket/key?restore", body)).Is(status, code);
        (await rig.SendAsync("GET", "/bucket/key")).Is(status == 202 ? 200 : 403);
    });

    [Fact]
    public void Who_may_read_may_not_restore() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/key", "bytes", Archived, ("x-amz-acl", "public-read"))).Is(200);
        byte[] body = Encoding.UTF8.GetBytes("<RestoreRequest><Days>1</Days></RestoreRequest>");
        (await rig.SendAsync("POST", "/bucket/key?restore", body, GatewayRig.Bob)).Is(403, "AccessDenied");
        (await rig.SendAsync("PUT", "/bucket?policy", """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:RestoreObject","Resource":"arn:aws:s3:::bucket/*"}]}
            """)).Is(204);
        (await rig.SendAsync("POST", "/bucket/key?restore", body, GatewayRig.Bob)).Is(202);
        (await rig.SendAsync("GET", "/bucket/key", null, GatewayRig.Nobody)).Is(200);
    });

    private static Task<TestAnswer> RestoreAsync(GatewayRig rig, string target, int days) =>
        rig.SendAsync("POST", target, $"<RestoreRequest><Days>{days}</Days></RestoreRequest>");
}
