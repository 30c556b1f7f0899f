using Xunit;

namespace ObjectStore.Engine.Proofs.Gateway.Website;

/// <summary>Goal: websites send visitors where the owner of the bucket says, and nowhere else.</summary>
public sealed class WebsiteRedirectTests
{
    [Theory]
    [InlineData("<HostName>other.test</HostName>", "http://other.test")]
    [InlineData("<HostName>other.test:81</HostName><Protocol>https</Protocol>", "https://other.test:81")]
    [InlineData("<HostName>other.test/blog</HostName><Protocol>http</Protocol>", "http://other.test/blog")]
    public void All_requests_can_be_sent_elsewhere(string target, string host) => WebsiteRig.Run($"<RedirectAllRequestsTo>{target}</RedirectAllRequestsTo>", async rig =>
    {
        await rig.PutPageAsync("page", "x");
        (await rig.VisitAsync("/")).IsRedirect(301, $"{host}/");
        (await rig.VisitAsync("/page?a=b")).IsRedirect(301, $"{host}/page?a=b");
        (await rig.VisitAsync("HEAD", WebsiteRig.Site, "/private%20%23")).IsRedirect(301, $"{host}/private%20%23");
    });

    [Fact]
    public void A_redirect_keeps_the_protocol_of_the_request() => WebsiteRig.Run("<RedirectAllRequestsTo><HostName>other.test</HostName></RedirectAllRequestsTo>", async rig =>
    {
        (await rig.VisitSecurelyAsync("/a")).IsRedirect(301, "https://other.test/a");
        (await rig.VisitAsync("/a")).IsRedirect(301, "http://other.test/a");
    });

    [Theory]
    [InlineData("<KeyPrefixEquals>docs/</KeyPrefixEquals>", "<ReplaceKeyPrefixWith>documents/</ReplaceKeyPrefixWith>", 301, "http://bucket.web.test:9000/documents/a/b?q=1")]
    [InlineData("<KeyPrefixEquals>docs/</KeyPrefixEquals>", "<ReplaceKeyPrefixWith/>", 301, "http://bucket.web.test:9000/a/b?q=1")]
    [InlineData("<KeyPrefixEquals>docs/</KeyPrefixEquals>", "<ReplaceKeyWith>gone.html</ReplaceKeyWith>", 301, "http://bucket.web.test:9000/gone.html?q=1")]
    [InlineData("<KeyPrefixEquals>docs/</KeyPrefixEquals>", "<ReplaceKeyWith>find?x=2</ReplaceKeyWith>", 301, "http://bucket.web.test:9000/find?x=2&q=1")]
    [InlineData("<KeyPrefixEquals>docs/</KeyPrefixEquals>", "<ReplaceKeyPrefixWith>#!/</ReplaceKeyPrefixWith>", 301, "http://bucket.web.test:9000/#!/a/b?q=1")]
    [InlineData("<KeyPrefixEquals>docs/</KeyPrefixEquals>", "<HostName>other.test</HostName>", 301, "http://other.test/docs/a/b?q=1")]
    [InlineData("<KeyPrefixEquals>docs/</KeyPrefixEquals>", "<Protocol>https</Protocol><HttpRedirectCode>308</HttpRedirectCode>", 308, "https://bucket.web.test:9000/docs/a/b?q=1")]
    [InlineData("<KeyPrefixEquals>docs/</KeyPrefixEquals>", "<HttpRedirectCode>302</HttpRedirectCode>", 302, "http://bucket.web.test:9000/docs/a/b?q=1")]
    [InlineData("<KeyPrefixEquals></KeyPrefixEquals>", "<ReplaceKeyPrefixWith>x/</ReplaceKeyPrefixWith>", 301, "http://bucket.web.test:9000/x/docs/a/b?q=1")]
    [InlineData("<HttpErrorCodeReturnedEquals>404</HttpErrorCodeReturnedEquals>", "<HostName>h</HostName><ReplaceKeyPrefixWith>report-404/</ReplaceKeyPrefixWith>", 301, "http://h/report-404/docs/a/b?q=1")]
    [InlineData("<KeyPrefixEquals>docs/</KeyPrefixEquals><HttpErrorCodeReturnedEquals>404</HttpErrorCodeReturnedEquals>", "<ReplaceKeyPrefixWith>d/</ReplaceKeyPrefixWith>", 301, "http://bucket.web.test:9000/d/a/b?q=1")]
    public void Rules_make_the_location(string condition, string redirect, int status, string location) =>
        WebsiteRig.Run(WebsiteRig.Rules($"<Condition>{condition}</Condition><Redirect>{redirect}</Redirect>"), async rig =>
        {
            await rig.LetListAsync();
            (await rig.VisitAsync("GET", "Bucket.WEB.test:9000", "/docs/a/b?q=1")).IsRedirect(status, location);
        });

    [Fact]
    public void A_rule_of_a_prefix_comes_before_the_object_and_one_of_an_error_after() => WebsiteRig.Run(
        WebsiteRig.Rules(
            "<Condition><KeyPrefixEquals>docs/</KeyPrefixEquals><HttpErrorCodeReturnedEquals>404</HttpErrorCodeReturnedEquals></Condition><Redirect><ReplaceKeyWith>missing-doc</ReplaceKeyWith></Redirect>",
            "<Condition><HttpErrorCodeReturnedEquals>404</HttpErrorCodeReturnedEquals></Condition><Redirect><ReplaceKeyWith>missing</ReplaceKeyWith></Redirect>",
            "<Condition><HttpErrorCodeReturnedEquals>403</HttpErrorCodeReturnedEquals></Condition><Redirect><ReplaceKeyWith>denied</ReplaceKeyWith></Redirect>",
            "<Condition><KeyPrefixEquals>moved/</KeyPrefixEquals></Condition><Redirect><ReplaceKeyWith>first</ReplaceKeyWith></Redirect>",
            "<Condition><KeyPrefixEquals>moved/a</KeyPrefixEquals></Condition><Redirect><ReplaceKeyWith>second</ReplaceKeyWith></Redirect>"),
        async rig =>
        {
            await rig.LetListAsync();
            await rig.PutPageAsync("error.html", "sorry");
            await rig.PutPageAsync("docs/page", "page");
            await rig.PutPageAsync("moved/a", "never seen");
            await rig.PutPageAsync("folder/index.html", "folder");
            (await rig.SendAsync("PUT", "/bucket/private", "x")).Is(200);
            Assert.Equal("page", (await rig.VisitAsync("/docs/page")).Text);
            (await rig.VisitAsync("/docs/other")).IsRedirect(301, "http://bucket.web.test/missing-doc");
            (await rig.VisitAsync("/other")).IsRedirect(301, "http://bucket.web.test/missing");
            (await rig.VisitAsync("/private")).IsRedirect(301, "http://bucket.web.test/denied");
            (await rig.VisitAsync("/moved/a")).IsRedirect(301, "http://bucket.web.test/first");
            (await rig.VisitAsync("/Moved/a")).IsRedirect(301, "http://bucket.web.test/missing");
            (await rig.VisitAsync("/folder")).IsRedirect(302, "/folder/");
            TestAnswer precondition = await rig.VisitAsync("/docs/page", ("If-Match", "\"other\""));
            precondition.Is(412);
            Assert.Equal("sorry", precondition.Text);
        });

    [Fact]
    public void A_rule_without_a_condition_is_for_all() => WebsiteRig.Run(WebsiteRig.Rules("<Redirect><HostName>other.test</HostName></Redirect>"), async rig =>
    {
        await rig.PutPageAsync("index.html", "home");
        (await rig.VisitAsync("/")).IsRedirect(301, "http://other.test/");
    });

    [Fact]
    public void A_redirect_of_status_304_has_no_length() => WebsiteRig.Run(
        WebsiteRig.Rules("<Redirect><HttpRedirectCode>304</HttpRedirectCode></Redirect>"),
        async rig =>
        {
            TestAnswer answer = await rig.VisitAsync("/a");
            answer.IsRedirect(304, "http://bucket.web.test/a");
            Assert.Null(answer["Content-Length"]);
        });

    [Theory]
    [InlineData("/page2.html", "/page2.html")]
    [InlineData("/a?b=c#d", "/a?b=c#d")]
    [InlineData("/a%20b", "/a%20b")]
    [InlineData("http://other.test", "http://other.test")]
    [InlineData("https://other.test/a b\"<ä", "https://other.test/a%20b%22%3C%C3%A4")]
    [InlineData("//other.test/x", "/%2Fother.test/x")]
    [InlineData("/\\other.test", "/%5Cother.test")]
    [InlineData("/\t/other.test", "/%09/other.test")]
    public void An_object_can_send_its_visitors_elsewhere(string stored, string location) => WebsiteRig.Run(WebsiteRig.Index, async rig =>
    {
        await rig.PutPageAsync("page1.html", "", ("x-amz-website-redirect-location", stored));
        (await rig.VisitAsync("/page1.html")).IsRedirect(301, location);
        (await rig.VisitAsync("HEAD", WebsiteRig.Site, "/page1.html")).IsRedirect(301, location);
        (await rig.VisitAsync("/page1.html", ("Range", "bytes=0-"), ("If-None-Match", "*"))).IsRedirect(301, location);
        Assert.Null((await rig.VisitAsync("/page1.html"))["ETag"]);
        (await rig.SendAsync("GET", "/bucket/page1.html")).Is(200);
    });

    [Fact]
    public void An_object_sends_only_those_elsewhere_who_may_read_it() => WebsiteRig.Run(WebsiteRig.IndexAndError, async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/private", "x", ("x-amz-website-redirect-location", "/secret"))).Is(200);
        TestAnswer refused = await rig.VisitAsync("/private");
        refused.IsPage(403, "AccessDenied");
        Assert.Null(refused["Location"]);
        await rig.PutPageAsync("index.html", "", ("x-amz-website-redirect-location", "/home"));
        (await rig.VisitAsync("/")).IsRedirect(301, "/home");
        await rig.PutPageAsync("error.html", "", ("x-amz-website-redirect-location", "/sorry"));
        (await rig.VisitAsync("/private")).IsRedirect(301, "/sorry");
    });

    [Fact]
    public void No_text_ends_the_header_or_changes_the_host() => WebsiteRig.Run(
        WebsiteRig.Rules(
            "<Condition><KeyPrefixEquals>a</KeyPrefixEquals></Condition><Redirect><ReplaceKeyWith>x&#13;&#10;Set-Cookie: y</ReplaceKeyWith></Redirect>",
            "<Redirect><ReplaceKeyPrefixWith/></Redirect>"),
        async rig =>
        {
            (await rig.VisitAsync("/a")).IsRedirect(301, "http://bucket.web.test/x%0D%0ASet-Cookie:%20y");
            (await rig.VisitAsync("/%0D%0ASet-Cookie:x%3F%23%25?q=\r\n#\"ä")).IsRedirect(301, "http://bucket.web.test/%0D%0ASet-Cookie:x%3F%23%25?q=%0D%0A%23%22%C3%A4");
            (await rig.VisitAsync("//evil.test/%5Cx")).IsRedirect(301, "http://bucket.web.test//evil.test/%5Cx");
            (await rig.VisitAsync("GET", "bucket.web.test:80@evil.test", "/b")).IsRedirect(301, "http://bucket.web.test/b");
            (await rig.VisitAsync("GET", "bucket.web.test:x", "/b")).IsRedirect(301, "http://bucket.web.test/b");
            (await rig.VisitAsync("GET", "evil.test/bucket.web.test", "/b")).IsPage(404, "NoSuchBucket");
        });
}
