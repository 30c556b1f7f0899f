using System;
using System.Net;
using System.Net.Http;
using System.Threading.Tasks;
using Xunit;

namespace ObjectStore.Host.Proofs;

public sealed class OperationsPagesTests
{
    [Theory]
    [InlineData("/health/live", "live\n")]
    [InlineData("/health/ready", "ready\n")]
    [InlineData("/metrics", "# HELP")]
    public async Task Unsigned_reads_of_the_pages_are_answered_beside_the_api(string path, string text)
    {
        ScriptedGateway gateway = ScriptedGateway.Answering(200, "bucket");
        await using FrontEndFixture server = await FrontEndFixture.StartAsync(gateway);
        Assert.Contains(text, await server.ExchangeAsync(FrontEndFixture.Get(path)), StringComparison.Ordinal);
        Assert.Empty(gateway.Seen);
    }

    [Theory]
    [InlineData("/metrics", "Authorization: AWS4-HMAC-SHA256 x\r\n")]
    [InlineData("/metrics?X-Amz-Signature=1", "")]
    [InlineData("/metrics/", "")]
    [InlineData("/health", "")]
    public async Task Anything_else_goes_to_the_bucket_of_that_name(string path, string headers)
    {
        ScriptedGateway gateway = ScriptedGateway.Answering(200, "bucket");
        await using FrontEndFixture server = await FrontEndFixture.StartAsync(gateway);
        Assert.EndsWith("bucket", await server.ExchangeAsync(FrontEndFixture.Get(path, headers)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_virtual_hosted_bucket_keeps_its_keys()
    {
        ScriptedGateway gateway = ScriptedGateway.Answering(200, "bucket");
        await using FrontEndFixture server = await FrontEndFixture.StartAsync(gateway, options => options with { Domain = "s3.test" });
        string answer = await server.ExchangeAsync("GET /metrics HTTP/1.1\r\nHost: photos.s3.test:9000\r\nConnection: close\r\n\r\n");
        Assert.EndsWith("bucket", answer, StringComparison.Ordinal);
        answer = await server.ExchangeAsync("GET /metrics HTTP/1.1\r\nHost: s3.test:9000\r\nConnection: close\r\n\r\n");
        Assert.Contains("# HELP", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_website_keeps_its_pages()
    {
        ScriptedGateway gateway = ScriptedGateway.Answering(200, "page");
        await using FrontEndFixture server = await FrontEndFixture.StartAsync(gateway, options => options with { Domain = "s3.test", WebsiteDomains = ["web.test", "other.test"] });
        foreach (string host in new[] { "photos.web.test:9000", "photos.OTHER.test", "photos.s3.test" })
        {
            string answer = await server.ExchangeAsync($"GET /metrics HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
            Assert.EndsWith("page", answer, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Not_ready_says_503()
    {
        await using FrontEndFixture server = await FrontEndFixture.StartAsync(ScriptedGateway.Answering(200, ""));
        server.Pages.Ready = false;
        Assert.StartsWith("HTTP/1.1 503", await server.ExchangeAsync(FrontEndFixture.Get("/health/ready")), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", await server.ExchangeAsync(FrontEndFixture.Get("/health/live")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_are_counted_by_operation_and_status()
    {
        await using FrontEndFixture server = await FrontEndFixture.StartAsync(ScriptedGateway.Answering(418, "tea"));
        await server.ExchangeAsync(FrontEndFixture.Get("/b/k"));
        string page = await server.ExchangeAsync(FrontEndFixture.Get("/metrics"));
        Assert.Contains("objectstore_requests_total{operation=\"Test\",status=\"418\"} 1\n", page, StringComparison.Ordinal);
        Assert.Contains("objectstore_request_seconds_count{operation=\"Test\"} 1\n", page, StringComparison.Ordinal);
        Assert.Contains("objectstore_sent_bytes_total 3\n", page, StringComparison.Ordinal);
        Assert.Contains("objectstore_requests_in_flight 0\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_of_their_own_takes_the_pages_off_the_api()
    {
        ScriptedGateway gateway = ScriptedGateway.Answering(200, "bucket");
        int port = FreePort();
        await using FrontEndFixture server = await FrontEndFixture.StartAsync(
            gateway, options => options with { OperationsListen = [new IPEndPoint(IPAddress.Loopback, port)] });
        Assert.EndsWith("bucket", await server.ExchangeAsync(FrontEndFixture.Get("/metrics")), StringComparison.Ordinal);
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        Assert.Equal("ready\n", await client.GetStringAsync(new Uri("/health/ready", UriKind.Relative)));
        using HttpResponseMessage missing = await client.GetAsync(new Uri("/b/k", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
