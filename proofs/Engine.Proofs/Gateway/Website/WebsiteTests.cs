using System;
using System.Text;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Storage;
using Xunit;

namespace ObjectStore.Engine.Proofs.Gateway.Website;

/// <summary>Goal: browsers see a bucket as a website, as S3's user guide says, and nobody sees more than everybody may.</summary>
public sealed class WebsiteTests
{
    [Fact]
    public void Folders_show_their_index_document() => WebsiteRig.Run(WebsiteRig.Index, async rig =>
    {
        await rig.PutPageAsync("index.html", "home", ("Cache-Control", "max-age=60"));
        await rig.PutPageAsync("photos/index.html", "photos");
        await rig.PutPageAsync("a%20b%2Bc", "page");
        TestAnswer home = await rig.VisitAsync("/");
        home.Is(200);
        Assert.Equal(("home", "text/html", "max-age=60", "4"), (home.Text, home["Content-Type"], home["Cache-Control"], home["Content-Length"]));
        Assert.Equal("WebsiteGet", home.Operation);
        Assert.Equal("home", (await rig.VisitAsync("")).Text);
        Assert.Equal("home", (await rig.VisitAsync("/index.html")).Text);
        Assert.Equal("photos", (await rig.VisitAsync("/photos/")).Text);
        Assert.Equal("page", (await rig.VisitAsync("/a%20b+c")).Text);
        TestAnswer head = await rig.VisitAsync("HEAD", WebsiteRig.Site, "/photos/");
        head.Is(200);
        Assert.Equal(("6", "WebsiteHead"), (head["Content-Length"], head.Operation));
        Assert.Empty(head.Body);
    });

    [Theory]
    [InlineData("bucket.web.test")]
    [InlineData("bucket.web.test:9000")]
    [InlineData("bucket.web.test.")]
    [InlineData("bucket.web.test.:9000")]
    [InlineData("BUCKET.Web.TEST")]
    public void The_host_names_the_bucket(string host) => WebsiteRig.Run(WebsiteRig.Index, async rig =>
    {
        await rig.PutPageAsync("index.html", "home");
        Assert.Equal("home", (await rig.VisitAsync("GET", host, "/")).Text);
    });

    [Fact]
    public void A_bucket_with_dots_is_a_website_too() => WebsiteRig.Run(WebsiteRig.Index, async rig =>
    {
        (await rig.SendAsync("PUT", "/www.example.com")).Is(200);
        (await rig.SendAsync("PUT", "/www.example.com?website", WebsiteRig.Document(WebsiteRig.Index))).Is(200);
        (await rig.SendAsync("PUT", "/www.example.com/index.html", "dots", ("x-amz-acl", "public-read"))).Is(200);
        Assert.Equal("dots", (await rig.VisitAsync("GET", "www.example.com.web.test", "/")).Text);
    });

    [Theory]
    [InlineData("test", "web.s3.test")]
    [InlineData("web.s3.test", "test")]
    public void Of_domains_that_fit_the_longest_counts(string one, string other) => GatewayRig.Run(
        async rig =>
        {
            await rig.ConfigureAsync(WebsiteRig.Index);
            await rig.PutPageAsync("index.html", "home");
            Assert.Equal("home", (await rig.VisitAsync("GET", "bucket.web.s3.test", "/")).Text);
            Assert.Equal("home", (await rig.VisitAsync("GET", "bucket.test", "/")).Text);
            (await rig.VisitAsync("GET", "bucket.s3.test", "/")).Is(403, "AccessDenied");
            (await rig.SendAsync("GET", "/", "", ("Host", "s3.test"))).Is(200);
            (await rig.VisitAsync("GET", "bucket.sweb.s3.test", "/")).Is(404, "NoSuchBucket");
        },
        new GatewayOptions { BaseDomains = ["s3.test"], WebsiteDomains = [one, other] });

    [Fact]
    public void Without_a_domain_of_websites_there_is_none() => GatewayRig.Run(async rig =>
    {
        await rig.ConfigureAsync(WebsiteRig.Index);
        await rig.PutPageAsync("index.html", "home");
        (await rig.VisitAsync("/")).Is(403, "AccessDenied");
    });

    [Fact]
    public void A_folder_asked_for_without_its_slash_is_pointed_to() => WebsiteRig.Run(WebsiteRig.Index, async rig =>
    {
        await rig.PutPageAsync("photos/index.html", "photos");
        await rig.PutPageAsync("both/index.html", "folder");
        await rig.PutPageAsync("both", "file");
        await rig.PutPageAsync("%C3%A4%20%23/index.html", "odd");
        await rig.PutPageAsync("%2Fevil.test/index.html", "slash");
        await rig.PutPageAsync("odd//index.html", "folder without a name");
        (await rig.VisitAsync("/photos")).IsRedirect(302, "/photos/");
        (await rig.VisitAsync("HEAD", WebsiteRig.Site, "/photos")).IsRedirect(302, "/photos/");
        (await rig.VisitAsync("/photos?x=1&y=%0a")).IsRedirect(302, "/photos/?x=1&y=%0a");
        Assert.Equal("file", (await rig.VisitAsync("/both")).Text);
        (await rig.VisitAsync("/%C3%A4%20%23")).IsRedirect(302, "/%C3%A4%20%23/");
        (await rig.VisitAsync("//evil.test")).IsRedirect(302, "/%2Fevil.test/");
        Assert.Equal("slash", (await rig.VisitAsync("/%2Fevil.test/")).Text);
        (await rig.VisitAsync("/odd/")).IsPage(403, "AccessDenied");
        (await rig.VisitAsync("/other")).IsPage(403, "AccessDenied");
        (await rig.VisitAsync("/photos/2026")).IsPage(403, "AccessDenied");
    });

    [Fact]
    public void Nobody_is_pointed_to_a_folder_that_they_may_not_see() => WebsiteRig.Run(WebsiteRig.Index, async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/secret/index.html", "x")).Is(200);
        (await rig.SendAsync("PUT", "/bucket/denied", "x")).Is(200);
        await rig.PutPageAsync("denied/index.html", "open");
        (await rig.VisitAsync("/secret")).IsPage(403, "AccessDenied");

        // Whether it is there is not told.
        TestAnswer denied = await rig.VisitAsync("/denied");
        Assert.Equal((302, "/denied/"), (denied.Status, denied["Location"]));
    });

    [Fact]
    public void What_is_missing_is_told_to_those_who_may_list() => WebsiteRig.Run(WebsiteRig.Index, async rig =>
    {
        (await rig.VisitAsync("/")).IsPage(403, "AccessDenied");
        (await rig.VisitAsync("/missing")).IsPage(403, "AccessDenied");
        await rig.LetListAsync();
        TestAnswer missing = await rig.VisitAsync("/missing");
        missing.IsPage(404, "NoSuchKey");
        Assert.Contains("<li>Key: missing</li>", missing.Text, StringComparison.Ordinal);
        Assert.Contains("<h1>404 Not Found</h1>", missing.Text, StringComparison.Ordinal);
        TestAnswer root = await rig.VisitAsync("/");
        root.IsPage(404, "NoSuchKey");
        Assert.Contains("<li>Key: index.html</li>", root.Text, StringComparison.Ordinal);
        TestAnswer head = await rig.VisitAsync("HEAD", WebsiteRig.Site, "/missing");
        head.Is(404);
        Assert.Empty(head.Body);
        Assert.Equal("NoSuchKey", head["x-amz-error-code"]);
    });

    [Fact]
    public void What_a_client_wrote_is_text_on_pages_and_stays_out_of_headers() => WebsiteRig.Run(WebsiteRig.Index, async rig =>
    {
        await rig.LetListAsync();
        TestAnswer answer = await rig.VisitAsync("/%3Cscript%3E%22&'%0D%0ASet-Cookie:x");
        answer.IsPage(404, "NoSuchKey");
        Assert.DoesNotContain("<script>", answer.Text, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;&quot;&amp;", answer.Text, StringComparison.Ordinal);
        Assert.All(answer.Headers, static header => Assert.DoesNotContain("Set-Cookie", header.Value, StringComparison.Ordinal));
        (await rig.VisitAsync("GET", "<b>.web.test", "/")).IsPage(404, "NoSuchBucket");
        Assert.Contains("&lt;b&gt;", (await rig.VisitAsync("GET", "<b>.web.test", "/")).Text, StringComparison.Ordinal);
    });

    [Theory]
    [InlineData("PUT")]
    [InlineData("POST")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    public void Other_methods_are_refused(string method) => WebsiteRig.Run(WebsiteRig.Index, async rig =>
    {
        await rig.PutPageAsync("page", "x");
        TestAnswer answer = await rig.SendAsync(method, "/page", [], GatewayRig.Alice, ("Host", WebsiteRig.Site));
        answer.IsPage(405, "MethodNotAllowed");
        Assert.Equal("GET, HEAD", answer["Allow"]);
        Assert.Equal("x", (await rig.VisitAsync("/page")).Text);
    });

    [Fact]
    public void A_signature_opens_nothing_and_a_bad_one_closes_nothing() => WebsiteRig.Run(WebsiteRig.Index, async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/private", "x")).Is(200);
        await rig.PutPageAsync("public", "y");
        (await rig.SendAsync("GET", "/private", null, GatewayRig.Alice, ("Host", WebsiteRig.Site))).IsPage(403, "AccessDenied");
        (await rig.SendAsync("GET", "/private", null, GatewayRig.Root, ("Host", WebsiteRig.Site))).IsPage(403, "AccessDenied");
        TestAnswer answer = await rig.SendAsync("GET", "/public", null, GatewayRig.Alice with { SecretKey = "wrong-secret" }, ("Host", WebsiteRig.Site));
        answer.Is(200);
        Assert.Equal("y", answer.Text);
    });

    [Fact]
    public void Queries_decide_nothing() => WebsiteRig.Run(WebsiteRig.Index, async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")).Is(200);
        await rig.PutPageAsync("page", "old");
        string old = (await rig.SendAsync("GET", "/bucket/page"))["x-amz-version-id"]!;
        await rig.PutPageAsync("page", "new");
        foreach (string query in new[] { $"versionId={old}", "acl", "uploads", "partNumber=9", "response-content-type=a%2Fb", "X-Amz-Signature=x", "%zz" })
        {
            TestAnswer answer = await rig.VisitAsync($"/page?{query}");
            answer.Is(200);
            Assert.Equal(("new", "text/html"), (answer.Text, answer["Content-Type"]));
        }

        await rig.PutPageAsync("index.html", "home");
        Assert.Equal("home", (await rig.VisitAsync("/?list-type=2")).Text);
    });

    [Fact]
    public void Policies_decide_as_they_do_for_anonymous_reads() => WebsiteRig.Run(WebsiteRig.Index, async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/open/page", "x")).Is(200);
        await rig.PutPageAsync("closed/page", "y");
        (await rig.SendAsync("PUT", "/bucket?policy", """
            {"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/open/*","Condition":{"StringLike":{"aws:Referer":"http://friends.test/*"}}},
            {"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/closed/*"}]}
            """)).Is(204);
        (await rig.VisitAsync("/open/page", ("Referer", "http://friends.test/a"))).Is(200);
        (await rig.VisitAsync("/open/page")).IsPage(403, "AccessDenied");
        (await rig.VisitAsync("/closed/page")).IsPage(403, "AccessDenied");
    });

    [Fact]
    public void The_public_access_block_counts() => WebsiteRig.Run(WebsiteRig.IndexAndError, async rig =>
    {
        await rig.PutPageAsync("index.html", "home");
        await rig.PutPageAsync("error.html", "sorry");
        (await rig.SendAsync("PUT", "/bucket/by-policy", "x")).Is(200);
        (await rig.SendAsync("PUT", "/bucket?policy", """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/by-policy"}]}
            """)).Is(204);
        (await rig.VisitAsync("/")).Is(200);
        (await rig.VisitAsync("/by-policy")).Is(200);
        (await rig.SendAsync("PUT", "/bucket?publicAccessBlock", """
            <PublicAccessBlockConfiguration><IgnorePublicAcls>true</IgnorePublicAcls><RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>
            """)).Is(200);
        (await rig.VisitAsync("/")).IsPage(403, "AccessDenied");
        (await rig.VisitAsync("/by-policy")).IsPage(403, "AccessDenied");
    });

    [Fact]
    public void Error_documents_stand_for_errors_of_the_client() => WebsiteRig.Run(WebsiteRig.IndexAndError, async rig =>
    {
        await rig.PutPageAsync("error.html", "sorry");
        await rig.PutPageAsync("page", "0123456789");
        (await rig.SendAsync("PUT", "/bucket/private", "x")).Is(200);
        IsSorry(await rig.VisitAsync("/private"), 403, "AccessDenied");
        IsSorry(await rig.VisitAsync("/missing"), 403, "AccessDenied");
        IsSorry(await rig.VisitAsync("/page", ("Range", "bytes=10-")), 416, "InvalidRange");
        await rig.LetListAsync();
        IsSorry(await rig.VisitAsync("/missing", ("Range", "bytes=0-1"), ("If-None-Match", "*"), ("If-Modified-Since", "Fri, 01 Jan 2100 00:00:00 GMT")), 404, "NoSuchKey");
        TestAnswer head = await rig.VisitAsync("HEAD", WebsiteRig.Site, "/missing");
        head.Is(404);
        Assert.Equal(("5", "text/html"), (head["Content-Length"], head["Content-Type"]));
        (await rig.VisitAsync("GET", "other.web.test", "/")).IsPage(404, "NoSuchBucket");

        static void IsSorry(TestAnswer answer, int status, string code)
        {
            answer.Is(status);
            Assert.Equal(("sorry", "text/html", code), (answer.Text, answer["Content-Type"], answer["x-amz-error-code"]));
        }
    });

    [Fact]
    public void An_error_document_that_cannot_be_shown_is_told_of() => WebsiteRig.Run(WebsiteRig.IndexAndError, async rig =>
    {
        const string Trouble = "<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>\n<ul>\n<li>Code: {0}</li>";
        await rig.LetListAsync();
        TestAnswer missing = await rig.VisitAsync("/missing");
        missing.IsPage(404, "NoSuchKey");
        Assert.Contains(Trouble.Replace("{0}", "NoSuchKey", StringComparison.Ordinal), missing.Text, StringComparison.Ordinal);
        Assert.Contains("<li>Key: error.html</li>", missing.Text, StringComparison.Ordinal);
        (await rig.SendAsync("PUT", "/bucket/error.html", "secret")).Is(200);
        TestAnswer denied = await rig.VisitAsync("/missing");
        denied.IsPage(404, "NoSuchKey");
        Assert.Contains(Trouble.Replace("{0}", "AccessDenied", StringComparison.Ordinal), denied.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", denied.Text, StringComparison.Ordinal);
    });

    [Fact]
    public void Faults_of_the_store_are_pages_without_the_error_document() => WebsiteRig.Run(WebsiteRig.IndexAndError, async rig =>
    {
        await rig.PutPageAsync("error.html", "sorry");
        (await rig.SendAsync("PUT", "/bucket/page", GatewayRig.Bytes(200_000), null, ("x-amz-acl", "public-read"))).Is(200);
        await rig.DamageExtentsAsync();
        (await rig.VisitAsync("/page")).IsPage(500, "InternalError");
        await rig.ConfigureAsync(WebsiteRig.Rules("<Condition><HttpErrorCodeReturnedEquals>500</HttpErrorCodeReturnedEquals></Condition><Redirect><HostName>spare.test</HostName></Redirect>"));
        (await rig.VisitAsync("/page")).IsRedirect(301, "http://spare.test/page");
    });

    [Fact]
    public void Pages_are_read_in_part_and_on_conditions() => WebsiteRig.Run(WebsiteRig.Index, async rig =>
    {
        await rig.PutPageAsync("index.html", "0123456789");
        TestAnswer whole = await rig.VisitAsync("/");
        string etag = whole["ETag"]!;
        TestAnswer part = await rig.VisitAsync("/", ("Range", "bytes=2-4"));
        part.Is(206);
        Assert.Equal(("234", "bytes 2-4/10"), (part.Text, part["Content-Range"]));
        TestAnswer unchanged = await rig.VisitAsync("/", ("If-None-Match", etag));
        unchanged.Is(304);
        Assert.Equal(etag, unchanged["ETag"]);
        Assert.Empty(unchanged.Body);
        (await rig.VisitAsync("/", ("If-Modified-Since", whole["Last-Modified"]!))).Is(304);
        (await rig.VisitAsync("/", ("If-Match", "\"other\""))).IsPage(412, "PreconditionFailed");
        TestAnswer beyond = await rig.VisitAsync("/", ("Range", "bytes=10-"));
        beyond.IsPage(416, "InvalidRange");
        Assert.Equal("bytes */10", beyond["Content-Range"]);
    });

    [Fact]
    public void What_is_no_website_is_not_found() => WebsiteRig.Run(WebsiteRig.Index, async rig =>
    {
        await rig.PutPageAsync("index.html", "home");
        (await rig.SendAsync("DELETE", "/bucket?website")).Is(204);
        TestAnswer none = await rig.VisitAsync("/");
        none.IsPage(404, "NoSuchWebsiteConfiguration");
        Assert.Contains("<li>BucketName: bucket</li>", none.Text, StringComparison.Ordinal);
        (await rig.VisitAsync("GET", "absent.web.test", "/")).IsPage(404, "NoSuchBucket");
        (await rig.VisitAsync("GET", "x.web.test", "/")).IsPage(404, "NoSuchBucket");
        (await rig.VisitAsync("GET", $"{new string('x', 70_000)}.web.test", "/")).IsPage(404, "NoSuchBucket");
        (await rig.VisitAsync("GET", "web.test", "/")).IsPage(404, "NoSuchBucket");
        (await rig.VisitAsync("GET", "web.test:9000", "/bucket/index.html")).IsPage(404, "NoSuchBucket");
    });

    [Theory]
    [InlineData("/%zz", "InvalidURI")]
    [InlineData("/%ff", "InvalidURI")]
    public void A_path_that_is_none_is_refused(string target, string code) => WebsiteRig.Run(WebsiteRig.Index, async rig =>
        (await rig.VisitAsync(target)).IsPage(400, code));

    [Fact]
    public void A_key_is_too_long_with_the_index_document_too() => WebsiteRig.Run(WebsiteRig.Index, async rig =>
    {
        (await rig.VisitAsync($"/{new string('x', 1025)}")).IsPage(400, "KeyTooLongError");
        (await rig.VisitAsync($"/{new string('x', 1015)}/")).IsPage(400, "KeyTooLongError");
        (await rig.VisitAsync($"/{new string('x', 1013)}/")).IsPage(403, "AccessDenied");
        (await rig.VisitAsync($"/{new string('x', 1014)}")).IsPage(403, "AccessDenied");
    });

    [Fact]
    public void Pages_of_other_origins_are_told_what_the_rules_allow() => WebsiteRig.Run(WebsiteRig.Index, async rig =>
    {
        await rig.PutPageAsync("font", "x");
        (await rig.SendAsync("PUT", "/bucket?cors", "<CORSConfiguration><CORSRule><AllowedOrigin>http://a.test</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>")).Is(200);
        Assert.Equal("http://a.test", (await rig.VisitAsync("/font", ("Origin", "http://a.test")))["Access-Control-Allow-Origin"]);
        Assert.Null((await rig.VisitAsync("/font", ("Origin", "http://b.test")))["Access-Control-Allow-Origin"]);
    });

    [Fact]
    public void Where_the_requester_pays_visitors_see_nothing() => WebsiteRig.Run(WebsiteRig.Index, async rig =>
    {
        await rig.PutPageAsync("index.html", "home");
        (await rig.SendAsync("PUT", "/bucket?requestPayment", "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>")).Is(200);
        (await rig.VisitAsync("/")).IsPage(403, "AccessDenied");
        (await rig.SendAsync("PUT", "/bucket?requestPayment", "<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>")).Is(200);
        (await rig.VisitAsync("/")).Is(200);
    });

    [Fact]
    public void A_node_that_does_not_serve_says_so() => WebsiteRig.Run(WebsiteRig.Index, async rig =>
    {
        var idle = new S3Gateway(
            rig.Metadata, new LocalContentStore(rig.Disk.Chunks, rig.World.TestLoop), new NoIdentities(), rig.Environment.Clock, rig.Environment.Entropy, rig.Environment.Trace, WebsiteRig.Options, static () => false);
        await using S3Response response = await idle.HandleAsync(rig.Sign("GET", "/", [], GatewayRig.Nobody, ("Host", WebsiteRig.Site)), default);
        Assert.Equal(503, response.Status);
        Assert.Contains("<li>Code: SlowDown</li>", Encoding.UTF8.GetString(response.Body.Span), StringComparison.Ordinal);
    });

    private sealed class NoIdentities : IIdentityDirectory
    {
        public Identity? FindByAccessKey(string accessKey) => null;

        public Identity? FindByCanonicalId(string canonicalId) => null;

        public Identity? FindByEmail(string email) => null;
    }
}
