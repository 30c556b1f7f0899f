using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.IO.Pipelines;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Metrics;
using Xunit;

namespace ObjectStore.Host.Proofs;

public sealed class FrontEndTests
{
    [Theory]
    [InlineData("/b/a%2Fb%20c", "/b/a%2Fb%20c", "")]
    [InlineData("/b/../x//y/./z", "/b/../x//y/./z", "")]
    [InlineData("/b/%c3%A4?list-type=2&prefix=a%2Bb+c", "/b/%c3%A4", "list-type=2&prefix=a%2Bb+c")]
    [InlineData("/b?", "/b", "")]
    [InlineData("http://elsewhere/b/k?x=%3F", "/b/k", "x=%3F")]
    [InlineData("http://elsewhere", "/", "")]
    public async Task The_gateway_sees_path_and_query_exactly_as_sent(string target, string path, string query)
    {
        ScriptedGateway gateway = ScriptedGateway.Answering(200, "ok");
        await using FrontEndFixture server = await FrontEndFixture.StartAsync(gateway);
        string host = target.StartsWith('/') ? "localhost" : "elsewhere";
        string answer = await server.ExchangeAsync($"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        S3Request request = Assert.Single(gateway.Seen);
        Assert.Equal(path, request.RawPath);
        Assert.Equal(query, request.RawQuery);
    }

    [Fact]
    public async Task Repeated_headers_and_host_reach_the_gateway()
    {
        ScriptedGateway gateway = ScriptedGateway.Answering(200, "");
        await using FrontEndFixture server = await FrontEndFixture.StartAsync(gateway);
        await server.ExchangeAsync(FrontEndFixture.Get("/", "X-Amz-Meta-A: 1\r\nX-Amz-Meta-A: 2\r\n"));
        IReadOnlyList<KeyValuePair<string, string>> headers = gateway.Seen[0].Headers;
        string[] values = [.. headers.Where(h => h.Key.Equals("x-amz-meta-a", StringComparison.OrdinalIgnoreCase)).Select(h => h.Value)];
        Assert.Equal(["1", "2"], values);
        Assert.Equal("localhost", headers.Single(h => h.Key == "Host").Value);
    }

    [Fact]
    public async Task Head_answers_with_the_length_and_no_body()
    {
        var gateway = new ScriptedGateway((_, _) =>
        {
            var response = new S3Response { Status = 200 };
            response.SetHeader("Content-Length", "5368709120");
            return ValueTask.FromResult(response);
        });
        await using FrontEndFixture server = await FrontEndFixture.StartAsync(gateway);
        string answer = await server.ExchangeAsync("HEAD /b/k HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        Assert.Contains("Content-Length: 5368709120\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("Server: ObjectStore\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("Date: ", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(204)]
    [InlineData(304)]
    public async Task Statuses_without_a_body_carry_none(int status)
    {
        var gateway = new ScriptedGateway((_, _) =>
        {
            var response = new S3Response { Status = status };
            response.SetHeader("Content-Length", "0");
            response.SetHeader("ETag", "\"x\"");
            return ValueTask.FromResult(response);
        });
        await using FrontEndFixture server = await FrontEndFixture.StartAsync(gateway);
        string answer = await server.ExchangeAsync(FrontEndFixture.Get("/b/k"));
        Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} "), answer, StringComparison.Ordinal);
        Assert.Contains("ETag: \"x\"\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refused_before_the_body_is_read_the_client_is_never_asked_to_send_it()
    {
        ScriptedGateway gateway = ScriptedGateway.Answering(403, "<Error/>");
        await using FrontEndFixture server = await FrontEndFixture.StartAsync(gateway);
        string answer = await server.ExchangeAsync(
            "PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 403", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_is_read_is_asked_for_with_100_continue()
    {
        var gateway = new ScriptedGateway(async (request, cancellation) =>
        {
            ReadResult read = await request.Body.ReadAtLeastAsync(5, cancellation);
            string body = Encoding.ASCII.GetString(System.Buffers.BuffersExtensions.ToArray(read.Buffer));
            request.Body.AdvanceTo(read.Buffer.End);
            return new S3Response { Status = 200, Body = Encoding.ASCII.GetBytes(body) };
        });
        await using FrontEndFixture server = await FrontEndFixture.StartAsync(gateway);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.Address.Port);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync("PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"u8.ToArray());
        byte[] first = new byte[25];
        await stream.ReadExactlyAsync(first);
        Assert.StartsWith("HTTP/1.1 100 Continue", Encoding.ASCII.GetString(first), StringComparison.Ordinal);
        await stream.WriteAsync("hello"u8.ToArray());
        Assert.EndsWith("hello", await FrontEndFixture.ReadAllAsync(stream), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_that_fails_half_way_cuts_the_connection()
    {
        var gateway = new ScriptedGateway((_, _) =>
        {
            var response = new S3Response { Status = 200, Stream = new FailingStream() };
            response.SetHeader("Content-Length", "200000");
            return ValueTask.FromResult(response);
        });
        await using FrontEndFixture server = await FrontEndFixture.StartAsync(gateway);
        using var client = new HttpClient();
        using HttpResponseMessage response = await client.GetAsync(new Uri(server.Address, "/b/k"), HttpCompletionOption.ResponseHeadersRead);
        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsByteArrayAsync());
        await server.FrontEnd.StopAsync(CancellationToken.None);
        var text = new PrometheusText();
        server.Metrics.WriteTo(text);
        Assert.Contains("objectstore_sent_bytes_total 100000\n", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_of_a_body_that_was_announced_but_not_read_ends_the_connection()
    {
        var gateway = new ScriptedGateway((_, _) => ValueTask.FromResult(new S3Response { Status = 400 }));
        await using FrontEndFixture server = await FrontEndFixture.StartAsync(gateway);

        // No "Connection: close" of the client's: the exchange ends only because the server ends it.
        string answer = await server.ExchangeAsync("PUT /b/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close", answer, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_bug_in_the_gateway_answers_500_and_the_server_goes_on()
    {
        var gateway = new ScriptedGateway((request, _) => request.RawPath == "/bad"
            ? throw new InvalidOperationException("planted")
            : ValueTask.FromResult(new S3Response { Status = 200 }));
        await using FrontEndFixture server = await FrontEndFixture.StartAsync(gateway);
        Assert.StartsWith("HTTP/1.1 500", await server.ExchangeAsync(FrontEndFixture.Get("/bad")), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", await server.ExchangeAsync(FrontEndFixture.Get("/good")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_stops_sending_is_answered_408()
    {
        var gateway = new ScriptedGateway(async (request, cancellation) =>
        {
            await request.Body.ReadAtLeastAsync(1000, cancellation);
            return new S3Response { Status = 200 };
        });
        await using FrontEndFixture server = await FrontEndFixture.StartAsync(
            gateway, options => options with { ClientBytesPerSecondMin = 1_000_000, SlowClientGrace = TimeSpan.FromSeconds(1.1) });
        string answer = await server.ExchangeAsync("PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc");
        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopping_lets_a_request_in_flight_finish()
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var leave = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gateway = new ScriptedGateway(async (_, _) =>
        {
            entered.SetResult();
            await leave.Task;
            return new S3Response { Status = 200, Body = "done"u8.ToArray() };
        });
        await using FrontEndFixture server = await FrontEndFixture.StartAsync(gateway);
        Task<string> answer = server.ExchangeAsync(FrontEndFixture.Get("/b/k"));
        await entered.Task;
        Task stopping = server.FrontEnd.StopAsync(CancellationToken.None);
        Assert.False(stopping.IsCompleted);
        leave.SetResult();
        await stopping;
        Assert.EndsWith("done", await answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_certificate_http_2_is_spoken_and_the_request_is_secure()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using X509Certificate2 certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
        ScriptedGateway gateway = ScriptedGateway.Answering(200, "secret");
        await using FrontEndFixture server = await FrontEndFixture.StartAsync(gateway, options => options with { Certificates = [certificate] });
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, shown, _, _) => shown is not null },
        };
        using var client = new HttpClient(handler);
        using var get = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Address, "/b/a%2Fb?x=1"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using HttpResponseMessage response = await client.SendAsync(get);
        Assert.Equal("secret", await response.Content.ReadAsStringAsync());
        S3Request seen = Assert.Single(gateway.Seen);
        Assert.True(seen.IsSecure);
        Assert.Equal("HTTP/2", seen.Protocol);
        Assert.NotEqual(default, seen.TlsProtocol);
        Assert.NotNull(seen.CipherSuite);
        Assert.Equal("/b/a%2Fb", seen.RawPath);
        Assert.Equal(server.Address.Authority, Assert.Single(seen.Headers, h => h.Key == "Host").Value);
        Assert.DoesNotContain(seen.Headers, h => h.Key.StartsWith(':'));
    }

    private sealed class FailingStream : IResponseStream
    {
        public long WrittenBytes { get; private set; }

        public async ValueTask WriteToAsync(PipeWriter destination, CancellationToken cancellation)
        {
            await destination.WriteAsync(new byte[100_000], cancellation);
            WrittenBytes = 100_000;
            throw new IOException("the disk is gone");
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
