using System;
using System.Linq;
using System.Text;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Metadata;
using Xunit;

namespace ObjectStore.Engine.Proofs.Gateway.Website;

/// <summary>Goal: a website configuration that contradicts itself is refused as S3 does, and one that is taken means what it says.</summary>
public sealed class WebsiteConfigurationTests
{
    [Theory]
    [InlineData("", "InvalidArgument")]
    [InlineData("<ErrorDocument><Key>e</Key></ErrorDocument>", "InvalidArgument")]
    [InlineData("<IndexDocument/>", "InvalidArgument")]
    [InlineData("<IndexDocument><Suffix></Suffix></IndexDocument>", "InvalidArgument")]
    [InlineData("<IndexDocument><Suffix>a/b</Suffix></IndexDocument>", "InvalidArgument")]
    [InlineData("<IndexDocument><Suffix>a</Suffix><Suffix>b</Suffix></IndexDocument>", "MalformedXML")]
    [InlineData("<IndexDocument><Suffix><b>a</b></Suffix></IndexDocument>", "MalformedXML")]
    [InlineData("<IndexDocument><Suffix>a</Suffix><Other/></IndexDocument>", "MalformedXML")]
    [InlineData(WebsiteRig.Index + WebsiteRig.Index, "MalformedXML")]
    [InlineData(WebsiteRig.Index + "<Other/>", "MalformedXML")]
    [InlineData(WebsiteRig.Index + "<ErrorDocument/>", "InvalidArgument")]
    [InlineData(WebsiteRig.Index + "<ErrorDocument><Key></Key></ErrorDocument>", "InvalidArgument")]
    [InlineData(WebsiteRig.Index + "<ErrorDocument><Key>a</Key><Other/></ErrorDocument>", "MalformedXML")]
    [InlineData(WebsiteRig.Index + "<RoutingRules/>", "MalformedXML")]
    [InlineData(WebsiteRig.Index + "<RoutingRules><Other/></RoutingRules>", "MalformedXML")]
    [InlineData("<RedirectAllRequestsTo/>", "MalformedXML")]
    [InlineData("<RedirectAllRequestsTo><Protocol>http</Protocol></RedirectAllRequestsTo>", "MalformedXML")]
    [InlineData("<RedirectAllRequestsTo><HostName>h</HostName><Other/></RedirectAllRequestsTo>", "MalformedXML")]
    [InlineData("<RedirectAllRequestsTo><HostName>h</HostName></RedirectAllRequestsTo>" + WebsiteRig.Index, "MalformedXML")]
    [InlineData("<RedirectAllRequestsTo><HostName>h</HostName><Protocol>ftp</Protocol></RedirectAllRequestsTo>", "InvalidRequest")]
    [InlineData("<RedirectAllRequestsTo><HostName></HostName></RedirectAllRequestsTo>", "InvalidRequest")]
    [InlineData("<RedirectAllRequestsTo><HostName>a b</HostName></RedirectAllRequestsTo>", "InvalidRequest")]
    [InlineData("<RedirectAllRequestsTo><HostName>a&#10;b</HostName></RedirectAllRequestsTo>", "InvalidRequest")]
    [InlineData("<RedirectAllRequestsTo><HostName>user@host</HostName></RedirectAllRequestsTo>", "InvalidRequest")]
    [InlineData("<RedirectAllRequestsTo><HostName>/host</HostName></RedirectAllRequestsTo>", "InvalidRequest")]
    public void What_contradicts_itself_is_refused(string configuration, string code) => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket?website", WebsiteRig.Document(configuration))).Is(400, code);
        (await rig.SendAsync("GET", "/bucket?website")).Is(404, "NoSuchWebsiteConfiguration");
    });

    [Theory]
    [InlineData("", "MalformedXML")]
    [InlineData("<Redirect/>", "MalformedXML")]
    [InlineData("<Condition><KeyPrefixEquals>a</KeyPrefixEquals></Condition>", "MalformedXML")]
    [InlineData("<Redirect><HostName>h</HostName></Redirect><Other/>", "MalformedXML")]
    [InlineData("<Redirect><HostName>h</HostName><Other/></Redirect>", "MalformedXML")]
    [InlineData("<Redirect><HostName>h</HostName><HostName>i</HostName></Redirect>", "MalformedXML")]
    [InlineData("<Condition/><Redirect><HostName>h</HostName></Redirect>", "InvalidRequest")]
    [InlineData("<Condition><Other>a</Other></Condition><Redirect><HostName>h</HostName></Redirect>", "MalformedXML")]
    [InlineData("<Redirect><Protocol>HTTP</Protocol></Redirect>", "InvalidRequest")]
    [InlineData("<Redirect><Protocol></Protocol></Redirect>", "InvalidRequest")]
    [InlineData("<Redirect><HostName>h?x</HostName></Redirect>", "InvalidRequest")]
    [InlineData("<Redirect><ReplaceKeyWith>a</ReplaceKeyWith><ReplaceKeyPrefixWith>b</ReplaceKeyPrefixWith></Redirect>", "InvalidRequest")]
    [InlineData("<Redirect><HttpRedirectCode>x</HttpRedirectCode></Redirect>", "MalformedXML")]
    [InlineData("<Redirect><HttpRedirectCode>200</HttpRedirectCode></Redirect>", "InvalidRequest")]
    [InlineData("<Redirect><HttpRedirectCode>300</HttpRedirectCode></Redirect>", "InvalidRequest")]
    [InlineData("<Redirect><HttpRedirectCode>306</HttpRedirectCode></Redirect>", "InvalidRequest")]
    [InlineData("<Redirect><HttpRedirectCode>309</HttpRedirectCode></Redirect>", "InvalidRequest")]
    [InlineData("<Condition><HttpErrorCodeReturnedEquals>x</HttpErrorCodeReturnedEquals></Condition><Redirect><HostName>h</HostName></Redirect>", "MalformedXML")]
    [InlineData("<Condition><HttpErrorCodeReturnedEquals>399</HttpErrorCodeReturnedEquals></Condition><Redirect><HostName>h</HostName></Redirect>", "InvalidRequest")]
    [InlineData("<Condition><HttpErrorCodeReturnedEquals>600</HttpErrorCodeReturnedEquals></Condition><Redirect><HostName>h</HostName></Redirect>", "InvalidRequest")]
    public void A_rule_that_says_nothing_or_too_much_is_refused(string rule, string code) => GatewayRig.Run(async rig =>
        (await rig.SendAsync("PUT", "/bucket?website", WebsiteRig.Document(WebsiteRig.Rules(rule)))).Is(400, code));

    [Theory]
    [InlineData(50, 200)]
    [InlineData(51, 400)]
    public void There_are_fifty_rules_at_most(int count, int status) => GatewayRig.Run(async rig =>
    {
        string[] rules = [.. Enumerable.Range(0, count).Select(static i => $"<Condition><KeyPrefixEquals>{i}/</KeyPrefixEquals></Condition><Redirect><ReplaceKeyWith>x</ReplaceKeyWith></Redirect>")];
        TestAnswer answer = await rig.SendAsync("PUT", "/bucket?website", WebsiteRig.Document(WebsiteRig.Rules(rules)));
        answer.Is(status, status == 200 ? "" : "InvalidRequest");
        Assert.Equal(status == 400, answer.Text.Contains("51 routing rules provided", StringComparison.Ordinal));
    });

    [Theory]
    [InlineData("<IndexDocument><Suffix>{0}</Suffix></IndexDocument>")]
    [InlineData(WebsiteRig.Index + "<ErrorDocument><Key>{0}</Key></ErrorDocument>")]
    [InlineData(WebsiteRig.Index + "<RoutingRules><RoutingRule><Redirect><ReplaceKeyWith>{0}</ReplaceKeyWith></Redirect></RoutingRule></RoutingRules>")]
    public void Keys_are_as_long_as_keys_may_be(string configuration) => GatewayRig.Run(async rig =>
    {
        foreach ((int length, int status) in new[] { (1024, 200), (1025, 400) })
        {
            string document = WebsiteRig.Document(configuration.Replace("{0}", new string('x', length), StringComparison.Ordinal));
            (await rig.SendAsync("PUT", "/bucket?website", document)).Is(status, status == 200 ? "" : "InvalidRequest");
        }
    });

    [Theory]
    [InlineData(255, 200)]
    [InlineData(256, 400)]
    public void Host_names_have_an_end(int length, int status) => GatewayRig.Run(async rig =>
    {
        string document = WebsiteRig.Document($"<RedirectAllRequestsTo><HostName>{new string('h', length)}</HostName></RedirectAllRequestsTo>");
        (await rig.SendAsync("PUT", "/bucket?website", document)).Is(status);
    });

    [Fact]
    public void A_document_beyond_128_KiB_is_refused() => GatewayRig.Run(async rig =>
    {
        string document = WebsiteRig.Document(WebsiteRig.Index);
        (await rig.SendAsync("PUT", "/bucket?website", document + new string(' ', (128 * 1024) - document.Length))).Is(200);
        (await rig.SendAsync("PUT", "/bucket?website", document + new string(' ', (128 * 1024) + 1 - document.Length))).Is(400, "MaxMessageLengthExceeded");
    });

    [Fact]
    public void What_is_taken_means_what_it_says()
    {
        WebsiteConfiguration website = Parse(WebsiteRig.Rules(
            "<Condition><KeyPrefixEquals> docs/</KeyPrefixEquals><HttpErrorCodeReturnedEquals>404</HttpErrorCodeReturnedEquals></Condition>"
            + "<Redirect><Protocol>https</Protocol><HostName> h:81 </HostName><ReplaceKeyPrefixWith/><HttpRedirectCode>307</HttpRedirectCode></Redirect>",
            "<Redirect><ReplaceKeyWith>all</ReplaceKeyWith></Redirect>"));
        Assert.Equal(("index.html", "error.html", false), (website.IndexSuffix, website.ErrorKey, website.IsRefused));
        Assert.Equal(
            [
                new RoutingRule(" docs/", 404, new WebsiteRedirect { Protocol = "https", HostName = "h:81", ReplaceKeyPrefixWith = "", Status = 307 }),
                new RoutingRule("", null, new WebsiteRedirect { ReplaceKeyWith = "all", Status = 301 }),
            ],
            website.Rules);
        Assert.Null(website.RedirectAll);
        Assert.Equal(
            new WebsiteRedirect { HostName = "h", Protocol = "http" },
            Parse("<RedirectAllRequestsTo><HostName>h</HostName><Protocol>http</Protocol></RedirectAllRequestsTo>").RedirectAll);
    }

    [Fact]
    public void A_document_of_an_earlier_program_that_would_be_refused_makes_no_website() => GatewayRig.Run(
        async rig =>
        {
            byte[] document = Encoding.UTF8.GetBytes(WebsiteRig.Document("<IndexDocument><Suffix>a/b</Suffix></IndexDocument>"));
            await rig.Metadata.ExecuteAsync(new SetBucketDocumentCommand("bucket", "website", document) { NowUtc = rig.NowUtc });
            (await rig.VisitAsync("/")).IsPage(404, "NoSuchWebsiteConfiguration");
        },
        WebsiteRig.Options);

    private static WebsiteConfiguration Parse(string configuration) => WebsiteConfiguration.Parse(Encoding.UTF8.GetBytes(WebsiteRig.Document(configuration)));
}
