using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO.Pipelines;
using System.Linq;
using System.Net.Security;
using System.Security.Cryptography;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Metadata;
using Xunit;
using static ObjectStore.Engine.Proofs.Gateway.AccessLogging.LogReader;

namespace ObjectStore.Engine.Proofs.Gateway.AccessLogging;

/// <summary>Goal: each request of a logged bucket makes a line that programs read as S3's, and no client can make one that looks like another's.</summary>
public sealed class AccessLogLineTests
{
    private const string Versioned = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";

    // Places of fields in a line.
    private const int Owner = 0, Bucket = 1, Time = 2, Address = 3, Requester = 4, RequestId = 5, Operation = 6, Key = 7, Target = 8, Status = 9, Error = 10, Sent = 11, Size = 12, Total = 13,
        TurnAround = 14, Referer = 15, Agent = 16, Version = 17, HostId = 18, Signature = 19, Cipher = 20, AuthType = 21, Host = 22, Tls = 23, AccessPoint = 24, Acl = 25;

    [Fact]
    public void A_put_and_a_get_tell_all_there_is_to_tell() => GatewayRig.Run(async rig =>
    {
        await EnableAsync(rig);
        await rig.UntilAsync(new DateTime(2026, 2, 3, 4, 5, 6, DateTimeKind.Utc));
        TestAnswer put = await rig.SendAsync(From(
            rig.Sign("PUT", "/bucket/a%20b%C3%A4%0A%22?x-user=joe", new byte[100], GatewayRig.Alice, ("User-Agent", "aws cli"), ("Referer", "http://page/")), "192.0.2.3"));
        TestAnswer get = await rig.SendAsync(From(
            rig.Sign("GET", "/bucket/a%20b%C3%A4%0A%22", [], GatewayRig.Alice, ("Range", "bytes=10-29")), "::ffff:192.0.2.4", "HTTP/2", TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256));
        List<string[]> lines = await TakeAsync(rig);
        string alice = GatewayRig.Alice.CanonicalId;
        Assert.Equal(
            [alice, "bucket", "[03/Feb/2026:04:05:06 +0000]", "192.0.2.3", alice, put["x-amz-request-id"]!, "REST.PUT.OBJECT", "a%20b%C3%A4%0A%22",
                "\"PUT /bucket/a%20b%C3%A4%0A%22?x-user=joe HTTP/1.1\"", "200", "-", "-", "100", lines[0][Total], lines[0][TurnAround], "\"http://page/\"", "\"aws cli\"", "-", put["x-amz-id-2"]!,
                "SigV4", "-", "AuthHeader", "s3.test", "-", "-", "-", "-"],
            lines[0]);
        Assert.Equal(
            ["192.0.2.4", get["x-amz-request-id"]!, "REST.GET.OBJECT", "\"GET /bucket/a%20b%C3%A4%0A%22 HTTP/2\"", "206", "20", "100", "\"-\"", "\"-\"", "ECDHE-RSA-AES128-GCM-SHA256", "TLSv1.2"],
            new[] { Address, RequestId, Operation, Target, Status, Sent, Size, Referer, Agent, Cipher, Tls }.Select(field => lines[1][field]));
        Assert.Equal(2, lines.Count);
    });

    [Fact]
    public void Times_are_those_of_the_request_and_of_the_store() => GatewayRig.Run(async rig =>
    {
        await EnableAsync(rig);
        await using (S3Response response = await rig.Gateway.HandleAsync(rig.Sign("GET", "/bucket", [], GatewayRig.Alice), CancellationToken.None))
        {
            // A client that takes its time.
            await rig.Environment.Clock.DelayAsync(TimeSpan.FromMilliseconds(1500));
            response.NoteEnd(7, TimeSpan.FromMilliseconds(1502));
            response.NoteEnd(8, TimeSpan.FromMilliseconds(9999));
        }

        string[] line = Assert.Single(await TakeAsync(rig));
        Assert.Equal(("1502", "7"), (line[Total], line[Sent]));
        Assert.InRange(int.Parse(line[TurnAround], CultureInfo.InvariantCulture), 0, 10);
    });

    [Theory]
    [InlineData("GET", "/bucket", "REST.GET.BUCKET", "-")]
    [InlineData("GET", "/bucket?list-type=2", "REST.GET.BUCKET", "-")]
    [InlineData("HEAD", "/bucket", "REST.HEAD.BUCKET", "-")]
    [InlineData("DELETE", "/bucket", "REST.DELETE.BUCKET", "-")]
    [InlineData("GET", "/bucket?versions", "REST.GET.BUCKETVERSIONS", "-")]
    [InlineData("GET", "/bucket?uploads", "REST.GET.UPLOADS", "-")]
    [InlineData("GET", "/bucket?location", "REST.GET.LOCATION", "-")]
    [InlineData("GET", "/bucket?logging", "REST.GET.LOGGING_STATUS", "-")]
    [InlineData("GET", "/bucket?versioning", "REST.GET.VERSIONING", "-")]
    [InlineData("GET", "/bucket?acl", "REST.GET.ACL", "-")]
    [InlineData("GET", "/bucket?policy", "REST.GET.BUCKETPOLICY", "NoSuchBucketPolicy")]
    [InlineData("GET", "/bucket?policyStatus", "REST.GET.POLICY_STATUS", "NoSuchBucketPolicy")]
    [InlineData("GET", "/bucket?object-lock", "REST.GET.OBJECT_LOCK_CONFIGURATION", "ObjectLockConfigurationNotFoundError")]
    [InlineData("PUT", "/bucket?lifecycle", "REST.PUT.LIFECYCLE", "MissingRequestBodyError")]
    [InlineData("HEAD", "/bucket/k", "REST.HEAD.OBJECT", "NoSuchKey")]
    [InlineData("DELETE", "/bucket/k", "REST.DELETE.OBJECT", "-")]
    [InlineData("GET", "/bucket/k?tagging", "REST.GET.OBJECT_TAGGING", "NoSuchKey")]
    [InlineData("GET", "/bucket/k?uploadId=x", "REST.GET.UPLOAD", "NoSuchUpload")]
    [InlineData("PUT", "/bucket/k?uploadId=x&partNumber=1", "REST.PUT.PART", "NoSuchUpload")]
    [InlineData("POST", "/bucket/k?uploads", "REST.POST.UPLOADS", "-")]
    public void Operations_have_the_names_that_S3_has_for_them(string method, string target, string operation, string error) => GatewayRig.Run(async rig =>
    {
        await EnableAsync(rig);
        TestAnswer answer = await rig.SendAsync(method, target);
        string[] line = Assert.Single(await TakeAsync(rig));
        Assert.Equal((operation, error, answer.Status.ToString(CultureInfo.InvariantCulture)), (line[Operation], line[Error], line[Status]));
        Assert.Equal(target.StartsWith("/bucket/k", StringComparison.Ordinal) ? "k" : "-", line[Key]);
    });

    [Fact]
    public void Who_is_refused_is_logged_too() => GatewayRig.Run(async rig =>
    {
        await EnableAsync(rig);
        (await rig.SendAsync("GET", "/bucket/k", null, GatewayRig.Nobody)).Is(403, "AccessDenied");
        (await rig.SendAsync("GET", "/bucket/k", null, GatewayRig.Bob)).Is(403, "AccessDenied");
        (await rig.SendAsync("GET", "/bucket/k", null, GatewayRig.Alice with { SecretKey = "wrong-secret" })).Is(403, "SignatureDoesNotMatch");
        (await rig.SendAsync("GET", "/bucket/k", "", ("x-amz-expected-bucket-owner", GatewayRig.Bob.CanonicalId))).Is(403, "AccessDenied");
        (await rig.SendAsync("GET", "/nowhere/k", null, GatewayRig.Alice with { SecretKey = "wrong-secret" })).Is(403, "SignatureDoesNotMatch");
        Assert.Equal(
            [
                ("-", "403", "AccessDenied", "-", "-"),
                (GatewayRig.Bob.CanonicalId, "403", "AccessDenied", "SigV4", "AuthHeader"),
                ("-", "403", "SignatureDoesNotMatch", "-", "-"),
                (GatewayRig.Alice.CanonicalId, "403", "AccessDenied", "SigV4", "AuthHeader"),
            ],
            (await TakeAsync(rig)).Select(static line => (line[Requester], line[Status], line[Error], line[Signature], line[AuthType])));
    });

    [Fact]
    public void A_wrong_signature_is_refused_as_such_whatever_can_be_known_of_the_bucket() => GatewayRig.Run(async rig =>
    {
        await EnableAsync(rig);
        rig.Faults.Failing = typeof(GetBucketQuery);
        (await rig.SendAsync("GET", "/bucket/k", null, GatewayRig.Alice with { SecretKey = "wrong-secret" })).Is(403, "SignatureDoesNotMatch");
        rig.Faults.Failing = null;
        Assert.Empty(await TakeAsync(rig));
    });

    [Fact]
    public void A_client_that_takes_its_time_to_send_is_not_the_stores_time() => GatewayRig.Run(async rig =>
    {
        await EnableAsync(rig);
        byte[] body = GatewayRig.Bytes(100_000);
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0, readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, useSynchronizationContext: true));
        Task<TestAnswer> putting = rig.SendAsync(From(rig.Sign("PUT", "/bucket/k", body, GatewayRig.Alice), "192.0.2.3", body: pipe.Reader));
        await rig.Environment.Clock.DelayAsync(TimeSpan.FromSeconds(2));
        await pipe.Writer.WriteAsync(body);
        await pipe.Writer.CompleteAsync();
        (await putting).Is(200);
        string[] line = Assert.Single(await TakeAsync(rig));
        Assert.InRange(int.Parse(line[Total], CultureInfo.InvariantCulture), 2000, 2500);
        Assert.InRange(int.Parse(line[TurnAround], CultureInfo.InvariantCulture), 0, 500);
    });

    [Fact]
    public void Presigned_urls_say_so_and_what_an_acl_let_in_too() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/k", "12345", ("x-amz-acl", "public-read"))).Is(200);
        await EnableAsync(rig);
        S3Request plain = rig.Sign("GET", "/bucket/k", [], GatewayRig.Nobody);
        string query = new SigV4Signer(GatewayRig.Alice.AccessKey, GatewayRig.Alice.SecretKey, "us-east-1")
            .Presign(new AuthRequest(plain.Method, plain.RawPath, plain.RawQuery, plain.Headers), rig.NowUtc, 60);
        (await rig.SendAsync("GET", $"/bucket/k?{query}", null, GatewayRig.Nobody)).Is(200);
        (await rig.SendAsync("GET", "/bucket/k", null, GatewayRig.Nobody)).Is(200);
        List<string[]> lines = await TakeAsync(rig);
        Assert.Equal(("SigV4", "QueryString", "-"), (lines[0][Signature], lines[0][AuthType], lines[0][Acl]));
        Assert.Equal($"\"GET /bucket/k?{query} HTTP/1.1\"", lines[0][Target]);
        Assert.Equal(("-", "-", "-", "Yes"), (lines[1][Requester], lines[1][Signature], lines[1][AuthType], lines[1][Acl]));
    });

    [Fact]
    public void What_has_not_changed_is_no_error() => GatewayRig.Run(async rig =>
    {
        string etag = (await rig.SendAsync("PUT", "/bucket/k", "x"))["ETag"]!;
        await EnableAsync(rig);
        Assert.Equal(304, (await rig.SendAsync("GET", "/bucket/k", "", ("If-None-Match", etag))).Status);
        string[] line = Assert.Single(await TakeAsync(rig));
        Assert.Equal(("304", "-", "-", "1"), (line[Status], line[Error], line[Sent], line[Size]));
    });

    [Fact]
    public void Many_deletions_make_a_line_each() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket?versioning", Versioned)).Is(200);
        string version = (await rig.SendAsync("PUT", "/bucket/a", "x"))["x-amz-version-id"]!;
        await EnableAsync(rig);
        string document = $"<Delete><Object><Key>a</Key><VersionId>{version}</VersionId></Object><Object><Key>b b</Key></Object><Object><Key>c</Key><VersionId>nonsense</VersionId></Object></Delete>";
        string md5 = Convert.ToBase64String(MD5.HashData(Encoding.UTF8.GetBytes(document)));
        TestAnswer answer = await rig.SendAsync("POST", "/bucket?delete", document, ("Content-MD5", md5), ("User-Agent", "agent"));
        answer.Is(200);
        List<string[]> lines = await TakeAsync(rig);
        Assert.Equal(("REST.POST.MULTI_OBJECT_DELETE", "-", "\"agent\""), (lines[0][Operation], lines[0][Key], lines[0][Agent]));
        Assert.Equal(
            [
                ("BATCH.DELETE.OBJECT", "a", "-", "204", "-", version),
                ("BATCH.DELETE.OBJECT", "b%20b", "-", "204", "-", "-"),
                ("BATCH.DELETE.OBJECT", "c", "-", "404", "NoSuchVersion", "nonsense"),
            ],
            lines.Skip(1).Select(static line => (line[Operation], line[Key], line[Target], line[Status], line[Error], line[Version])));
        Assert.All(lines.Skip(1), line => Assert.Equal(
            (answer["x-amz-request-id"], GatewayRig.Alice.CanonicalId, "-", "-", "-", "-", "-"), (line[RequestId], line[Requester], line[Sent], line[Total], line[TurnAround], line[Referer], line[Agent])));
    });

    [Fact]
    public void A_copy_tells_the_bucket_that_is_read_and_the_one_that_is_written() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/other")).Is(200);
        (await rig.SendAsync("PUT", "/bucket/from", "12345")).Is(200);
        await EnableAsync(rig);
        (await rig.SendAsync("PUT", "/bucket/to", "", ("x-amz-copy-source", "/bucket/from"))).Is(200);
        (await rig.SendAsync("PUT", "/other/to", "", ("x-amz-copy-source", "/bucket/from"))).Is(200);
        (await rig.SendAsync("PUT", "/other/to", "", ("x-amz-copy-source", "/bucket/absent?versionId=null"))).Is(404, "NoSuchVersion");
        (await rig.SendAsync("PUT", "/other/to", Encoding.UTF8.GetBytes(""), GatewayRig.Root, ("x-amz-copy-source", "/bucket/from"), ("If-None-Match", "*"))).Is(412);
        string upload = (await rig.SendAsync("POST", "/other/parts?uploads", "")).All("UploadId").Single();
        (await rig.SendAsync("PUT", $"/other/parts?uploadId={upload}&partNumber=1", "", ("x-amz-copy-source", "/bucket/from"))).Is(200);
        List<string[]> lines = await TakeAsync(rig);
        Assert.All(lines.Skip(1), static line => Assert.Equal(("-", "-", "-"), (line[Target], line[Referer], line[Agent])));
        Assert.Equal(
            [
                ("REST.COPY.OBJECT", "to", "200", "5", "-"),
                ("REST.COPY.OBJECT_GET", "from", "200", "5", "-"),
                ("REST.COPY.OBJECT_GET", "from", "200", "5", "-"),
                ("REST.COPY.OBJECT_GET", "absent", "404", "-", "null"),
                ("REST.COPY.OBJECT_GET", "from", "200", "5", "-"),
                ("REST.COPY.PART_GET", "from", "200", "5", "-"),
            ],
            lines.Select(static line => (line[Operation], line[Key], line[Status], line[Size], line[Version])));
    });

    [Fact]
    public void A_form_is_told_by_its_signer_and_key() => GatewayRig.Run(async rig =>
    {
        const string Policy = """
            {"expiration":"2030-01-01T00:00:00.000Z","conditions":[{"bucket":"bucket"},["starts-with","$key",""],
            ["starts-with","$x-amz-credential",""],["starts-with","$x-amz-algorithm",""],["starts-with","$x-amz-date",""],{"success_action_status":"201"}]}
            """;
        await EnableAsync(rig);
        (await rig.PostFormAsync(Policy, "from a form", new byte[10])).Is(201);
        string[] line = Assert.Single(await TakeAsync(rig));
        Assert.Equal(
            ("REST.POST.OBJECT", "from%20a%20form", GatewayRig.Alice.CanonicalId, "SigV4", "201", "10"),
            (line[Operation], line[Key], line[Requester], line[Signature], line[Status], line[Size]));
    });

    [Fact]
    public void A_preflight_and_parts_are_told() => GatewayRig.Run(async rig =>
    {
        const string Rules = "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>";
        (await rig.SendAsync("PUT", "/bucket?cors", Rules)).Is(200);
        string upload = (await rig.SendAsync("POST", "/bucket/k?uploads", "")).All("UploadId").Single();
        await EnableAsync(rig);
        (await rig.SendAsync("OPTIONS", "/bucket/k", null, GatewayRig.Nobody, ("Origin", "https://a"), ("Access-Control-Request-Method", "GET"))).Is(200);
        string etag = (await rig.SendAsync("PUT", $"/bucket/k?uploadId={upload}&partNumber=1", "abc"))["ETag"]!;
        (await rig.SendAsync("POST", $"/bucket/k?uploadId={upload}", $"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>")).Is(200);
        Assert.Equal(
            [("REST.OPTIONS.PREFLIGHT", "-"), ("REST.PUT.PART", "3"), ("REST.POST.UPLOAD", "3")],
            (await TakeAsync(rig)).Select(static line => (line[Operation], line[Size])));
    });

    [Fact]
    public void A_client_that_goes_away_while_it_sends_leaves_a_line_without_a_status() => GatewayRig.Run(async rig =>
    {
        await EnableAsync(rig);
        using var gone = new CancellationTokenSource();
        gone.Cancel();
        S3Request request = From(rig.Sign("PUT", "/bucket/k", new byte[100], GatewayRig.Alice), "192.0.2.3", body: new Pipe().Reader);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await rig.Gateway.HandleAsync(request, gone.Token));
        string[] line = Assert.Single(await TakeAsync(rig));
        Assert.Equal(("REST.PUT.OBJECT", "k", "-", "-"), (line[Operation], line[Key], line[Status], line[TurnAround]));
    });

    [Theory]
    [InlineData("a\" 200 - \"\nforged line", "\"a%22 200 - %22%0Aforged line\"")]
    [InlineData("tail\\", "\"tail%5C\"")]
    [InlineData("\r\0\u007f\u0085\u2028ä", "\"%0D%00%7F%C2%85%E2%80%A8%C3%A4\"")]
    [InlineData("", "\"-\"")]
    public void A_client_cannot_break_a_line(string agent, string shown) => GatewayRig.Run(async rig =>
    {
        await EnableAsync(rig);
        (await rig.SendAsync("GET", "/bucket", null, GatewayRig.Nobody, ("User-Agent", agent), ("Referer", agent))).Is(403);
        S3Request request = rig.Sign("GET", "/bucket/k?versionId=\" x", [], GatewayRig.Nobody, ("Host", "s3.test x\"y"));
        (await rig.SendAsync(request)).Is(400);
        List<string[]> lines = await TakeAsync(rig);
        Assert.Equal(2, lines.Count);
        Assert.Equal((shown, shown), (lines[0][Agent], lines[0][Referer]));
        Assert.Equal(("\"GET /bucket/k?versionId=%22 x HTTP/1.1\"", "%22%20x", "s3.test%20x%22y"), (lines[1][Target], lines[1][Version], lines[1][Host]));
    });

    [Fact]
    public void What_let_a_copy_read_is_told_where_it_was_read_only() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/theirs", [], GatewayRig.Bob)).Is(200);
        (await rig.SendAsync("PUT", "/theirs/from", Encoding.UTF8.GetBytes("x"), GatewayRig.Bob, ("x-amz-acl", "public-read"))).Is(200);
        await EnableAsync(rig);
        (await rig.SendAsync("PUT", "/bucket/to", "", ("x-amz-copy-source", "/theirs/from"))).Is(200);
        (await rig.SendAsync("PUT", "/bucket/from", "x", ("x-amz-acl", "public-read"))).Is(200);
        (await rig.SendAsync("PUT", "/theirs/to", [], GatewayRig.Bob, ("x-amz-copy-source", "/bucket/from"))).Is(200);
        Assert.Equal(
            [("REST.COPY.OBJECT", "-"), ("REST.PUT.OBJECT", "-"), ("REST.COPY.OBJECT_GET", "Yes")],
            (await TakeAsync(rig)).Select(static line => (line[Operation], line[Acl])));
    });

    [Fact]
    public void A_copy_whose_source_could_not_be_opened_was_refused() => GatewayRig.Run(async rig =>
    {
        string key = Convert.ToBase64String(new byte[32]);
        string md5 = Convert.ToBase64String(MD5.HashData(new byte[32]));
        const string Prefix = "x-amz-server-side-encryption-customer-";
        (await rig.SendAsync("PUT", "/bucket/from", "x", (Prefix + "algorithm", "AES256"), (Prefix + "key", key), (Prefix + "key-MD5", md5))).Is(200);
        await EnableAsync(rig);
        (await rig.SendAsync("PUT", "/bucket/to", "", ("x-amz-copy-source", "/bucket/from"))).Is(400, "InvalidRequest");
        Assert.Equal(
            [("REST.COPY.OBJECT", "400", "InvalidRequest"), ("REST.COPY.OBJECT_GET", "400", "InvalidRequest")],
            (await TakeAsync(rig)).Select(static line => (line[Operation], line[Status], line[Error])));
    });

    [Theory]
    [InlineData("a=1&X-Amz-Server-Side-Encryption-Customer-Key=secret&b=2", "a=1&X-Amz-Server-Side-Encryption-Customer-Key=-&b=2")]
    [InlineData("x-amz-copy-source-server-side-encryption-customer-%6Bey=secret", "x-amz-copy-source-server-side-encryption-customer-%6Bey=-")]
    [InlineData("http://h/?x-amz-server-side-encryption-customer-key=secret", "http://h/?x-amz-server-side-encryption-customer-key=-")]
    [InlineData("x-amz-server-side-encryption-customer-key-MD5=told&uploads", "x-amz-server-side-encryption-customer-key-MD5=told&uploads")]
    [InlineData("uploads", "uploads")]
    public void Keys_of_customers_are_not_told(string query, string shown) => Assert.Equal(shown, LoggedRequest.WithoutKeys(query));

    [Fact]
    public void Visits_of_websites_are_told_by_what_was_read() => GatewayRig.Run(
        async rig =>
        {
            (await rig.SendAsync("PUT", "/bucket?website", "<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument><ErrorDocument><Key>error.html</Key></ErrorDocument></WebsiteConfiguration>")).Is(200);
            (await rig.SendAsync("PUT", "/bucket/index.html", "12345", ("x-amz-acl", "public-read"))).Is(200);
            (await rig.SendAsync("PUT", "/bucket/error.html", "1234567", ("x-amz-acl", "public-read"))).Is(200);
            await EnableAsync(rig);
            (await rig.SendAsync("GET", "/", null, GatewayRig.Nobody, ("Host", "bucket.web.test"))).Is(200);
            (await rig.SendAsync("HEAD", "/absent", null, GatewayRig.Nobody, ("Host", "bucket.web.test"))).Is(403);
            Assert.Equal(
                [
                    ("WEBSITE.GET.OBJECT", "index.html", "\"GET / HTTP/1.1\"", "200", "-", "5", "5", "Yes"),
                    ("WEBSITE.HEAD.OBJECT", "absent", "\"HEAD /absent HTTP/1.1\"", "403", "AccessDenied", "-", "-", "-"),
                ],
                (await TakeAsync(rig)).Select(static line => (line[Operation], line[Key], line[Target], line[Status], line[Error], line[Sent], line[Size], line[Acl])));
        },
        new GatewayOptions { BaseDomains = [GatewayRig.Host], WebsiteDomains = ["web.test"] });

    [Fact]
    public void What_is_too_long_is_cut() => GatewayRig.Run(async rig =>
    {
        await EnableAsync(rig);
        string text = new('ä', 2_000);
        (await rig.SendAsync("GET", "/bucket", null, GatewayRig.Nobody, ("User-Agent", text), ("Referer", text))).Is(403);
        string[] line = Assert.Single(await TakeAsync(rig));
        Assert.InRange(line[Agent].Length, 8 * 1024, (8 * 1024) + 16);
        Assert.InRange(line[Referer].Length, 8 * 1024, (8 * 1024) + 16);

        string document = $"<Delete><Object><Key>{new string('k', 100_000)}</Key></Object></Delete>";
        (await rig.SendAsync("POST", "/bucket?delete", document, ("Content-MD5", Convert.ToBase64String(MD5.HashData(Encoding.UTF8.GetBytes(document)))))).Is(200);
        line = (await TakeAsync(rig))[^1];
        Assert.Equal(("BATCH.DELETE.OBJECT", 1024, "KeyTooLongError"), (line[Operation], line[Key].Length, line[Error]));
        (await rig.SendAsync("GET", $"/bucket/{Uri.EscapeDataString(text)}")).Is(400, "KeyTooLongError");
    });

    [Theory]
    [InlineData("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256")]
    [InlineData("TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384", "ECDHE-ECDSA-AES256-SHA384")]
    [InlineData("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305")]
    [InlineData("TLS_RSA_WITH_AES_128_GCM_SHA256", "AES128-GCM-SHA256")]
    [InlineData("TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256")]
    public void Ciphers_have_the_names_of_OpenSSL(string name, string shown) => Assert.Equal(shown, LoggedRequest.CipherName(name));

    [Fact]
    public void A_bucket_that_is_not_logged_makes_no_line() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/k", "x")).Is(200);
        await EnableAsync(rig);
        (await rig.SendAsync("PUT", "/other")).Is(200);
        (await rig.SendAsync("GET", "/other")).Is(200);
        (await rig.SendAsync("GET", "/")).Is(200);
        (await rig.SendAsync("PUT", "/bucket?logging", "<BucketLoggingStatus/>")).Is(200);
        (await rig.SendAsync("GET", "/bucket/k")).Is(200);
        Assert.Equal("REST.PUT.LOGGING_STATUS", Assert.Single(await TakeAsync(rig))[Operation]);
    });
}
