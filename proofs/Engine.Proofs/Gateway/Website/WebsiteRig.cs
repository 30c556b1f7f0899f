using System;
using System.Collections.Generic;
using System.IO.Pipelines;
using System.Threading.Tasks;
using ObjectStore.Engine.Gateway;
using Xunit;

namespace ObjectStore.Engine.Proofs.Gateway.Website;

/// <summary>A gateway with a domain of websites, the bucket <c>bucket</c> as one, and browsers.</summary>
internal static class WebsiteRig
{
    internal const string Domain = "web.test";

    internal const string Site = $"bucket.{Domain}";

    internal const string Index = "<IndexDocument><Suffix>index.html</Suffix></IndexDocument>";

    internal const string IndexAndError = $"{Index}<ErrorDocument><Key>error.html</Key></ErrorDocument>";

    internal static readonly GatewayOptions Options = new() { BaseDomains = [GatewayRig.Host], WebsiteDomains = [Domain] };

    /// <summary>Runs a test body over a website of that configuration.</summary>
    internal static void Run(string configuration, Func<GatewayRig, Task> body) => GatewayRig.Run(
        async rig =>
        {
            await rig.ConfigureAsync(configuration);
            await body(rig);
        },
        Options);

    internal static async Task ConfigureAsync(this GatewayRig rig, string configuration) =>
        (await rig.SendAsync("PUT", "/bucket?website", Document(configuration))).Is(200);

    internal static string Document(string configuration) => $"<WebsiteConfiguration>{configuration}</WebsiteConfiguration>";

    internal static string Rules(params string[] rules) => $"{IndexAndError}<RoutingRules><RoutingRule>{string.Join("</RoutingRule><RoutingRule>", rules)}</RoutingRule></RoutingRules>";

    /// <summary>Puts a page that everybody may read.</summary>
    internal static async Task PutPageAsync(this GatewayRig rig, string path, string text, params (string Name, string Value)[] headers) =>
        (await rig.SendAsync("PUT", $"/bucket/{path}", text, [("x-amz-acl", "public-read"), ("Content-Type", "text/html"), .. headers])).Is(200);

    /// <summary>Lets everybody list the bucket, who then may know what is not there.</summary>
    internal static async Task LetListAsync(this GatewayRig rig) =>
        (await rig.SendAsync("PUT", "/bucket?acl", "", ("x-amz-acl", "public-read"))).Is(200);

    /// <summary>Asks as a browser does.</summary>
    internal static Task<TestAnswer> VisitAsync(this GatewayRig rig, string target, params (string Name, string Value)[] headers) =>
        rig.VisitAsync("GET", Site, target, headers);

    internal static Task<TestAnswer> VisitAsync(this GatewayRig rig, string method, string host, string target, params (string Name, string Value)[] headers) =>
        rig.SendAsync(method, target, null, GatewayRig.Nobody, [("Host", host), .. headers]);

    /// <summary>Asks over TLS.</summary>
    internal static Task<TestAnswer> VisitSecurelyAsync(this GatewayRig rig, string path) => rig.SendAsync(new S3Request
    {
        Method = "GET",
        RawPath = path,
        RawQuery = "",
        Headers = [new KeyValuePair<string, string>("Host", Site)],
        Body = PipeReader.Create(System.IO.Stream.Null),
        IsSecure = true,
    });

    /// <summary>An error as a page of the store's own.</summary>
    internal static void IsPage(this TestAnswer answer, int status, string code)
    {
        answer.Is(status);
        Assert.Equal("text/html; charset=utf-8", answer["Content-Type"]);
        Assert.Contains($"<li>Code: {code}</li>", answer.Text, StringComparison.Ordinal);
        Assert.Contains($"<title>{status} ", answer.Text, StringComparison.Ordinal);
        Assert.Contains($"<li>RequestId: {answer["x-amz-request-id"]}</li>", answer.Text, StringComparison.Ordinal);
        Assert.Contains($"<li>HostId: {answer["x-amz-id-2"]}</li>", answer.Text, StringComparison.Ordinal);
        Assert.Equal(code, answer["x-amz-error-code"]);
    }

    internal static void IsRedirect(this TestAnswer answer, int status, string location)
    {
        answer.Is(status);
        Assert.Equal(location, answer["Location"]);
        Assert.Empty(answer.Body);
    }
}
