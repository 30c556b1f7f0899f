using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using System.Xml.Linq;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Host;
using ObjectStore.Engine.Metrics;
using Xunit;

namespace ObjectStore.Host.Proofs;

/// <summary>Goal: a server that is stopped has told in the logs of its buckets what it sent over the wire.</summary>
public sealed class AccessLogTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"objectstore-access-log-{Guid.NewGuid():N}");

    private readonly Identity _root = new("root", "ROOTKEY", "root-secret-key", new string('0', 64), "", IsRoot: true);

    public void Dispose() => Directory.Delete(_path, recursive: true);

    [Fact]
    public async Task What_was_sent_is_delivered_at_a_stop_and_there_after_a_start()
    {
        using X509Certificate2 certificate = MakeCertificate();
        await ServeAsync(certificate, async send =>
        {
            await send(HttpMethod.Put, "/source", null);
            await send(HttpMethod.Put, "/logs", null);
            await send(HttpMethod.Put, "/logs?policy", """
                {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"logging.s3.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::logs/*"}]}
                """);
            await send(HttpMethod.Put, "/source?logging", "<BucketLoggingStatus><LoggingEnabled><TargetBucket>logs</TargetBucket><TargetPrefix/></LoggingEnabled></BucketLoggingStatus>");
            await send(HttpMethod.Put, "/source/k", new string('x', 200_000));
            Assert.Equal(200_000, (await send(HttpMethod.Get, "/source/k", null)).Length);
            Assert.Empty(await send(HttpMethod.Head, "/source/k", null));
        });

        string text = "";
        await ServeAsync(certificate, async send =>
        {
            string key = XDocument.Parse(await send(HttpMethod.Get, "/logs", null)).Descendants().Single(static element => element.Name.LocalName == "Key").Value;
            text = await send(HttpMethod.Get, $"/logs/{key}", null);
        });
        string[][] lines = [.. text.TrimEnd('\n').Split('\n').Select(static line => line.Split(' '))];
        Assert.Equal(["REST.PUT.OBJECT", "REST.GET.OBJECT", "REST.HEAD.OBJECT"], lines.Select(static line => line[7]));

        // The target is three of the pieces between blanks: status, error, bytes sent and size follow it.
        Assert.Equal(["200 - - 200000", "200 - 200000 200000", "200 - - 200000"], lines.Select(static line => string.Join(' ', line[12..16])));
        Assert.All(lines, line =>
        {
            Assert.Equal(("127.0.0.1", "HTTP/2\""), (line[4], line[11]));
            Assert.StartsWith("TLSv1.", line[^4], StringComparison.Ordinal);
            Assert.Matches("^[A-Z0-9_-]{10,}$", line[^7]);
            Assert.InRange(int.Parse(line[17], System.Globalization.CultureInfo.InvariantCulture), 0, int.Parse(line[16], System.Globalization.CultureInfo.InvariantCulture));
        });
    }

    private static X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }

    /// <summary>Starts a server in the folder, lets requests be sent to it, and stops it.</summary>
    private async Task ServeAsync(X509Certificate2 certificate, Func<Func<HttpMethod, string, string?, Task<string>>, Task> body)
    {
        using DataFolder folder = DataFolder.TryAcquire(_path)!;
        using var trace = new JsonTrace(Stream.Null);
        await using RunningNode node = await RunningNode.StartAsync(folder, _root, new GatewayOptions(), trace);
        await using FrontEndFixture server = await FrontEndFixture.StartAsync(node.Gateway, options => options with { Certificates = [certificate] });
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, shown, _, _) => shown is not null },
        };
        using var client = new HttpClient(handler);
        await body((method, target, content) => SendAsync(client, server.Address, method, target, content));
        var text = new PrometheusText();
        await node.WriteMetricsAsync(text);
        Assert.Contains("objectstore_access_log_dropped_lines_total{reason=\"refused\"} 0", text.ToString(), StringComparison.Ordinal);

        // Requests are over when their answers were sent, which the client sees a little earlier.
        client.Dispose();
        await server.FrontEnd.StopAsync(CancellationToken.None);
    }

    private async Task<string> SendAsync(HttpClient client, Uri address, HttpMethod method, string target, string? content)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(content ?? "");
        int query = target.IndexOf('?', StringComparison.Ordinal);
        var signed = new AuthRequest(method.Method, query < 0 ? target : target[..query], query < 0 ? "" : target[(query + 1)..], [new("Host", address.Authority)]);
        using var request = new HttpRequestMessage(method, new Uri(address, target)) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        foreach ((string name, string value) in new SigV4Signer(_root.AccessKey, _root.SecretKey, "us-east-1").Sign(signed, DateTime.UtcNow, SigV4Signer.HashPayload(bytes)).Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        request.Content = content is null ? null : new ByteArrayContent(bytes);
        using HttpResponseMessage response = await client.SendAsync(request);
        string answer = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, answer);
        return answer;
    }
}
