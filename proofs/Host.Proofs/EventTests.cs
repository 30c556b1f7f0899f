using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO;
using System.IO.Pipelines;
using System.Linq;
using System.Net.Http;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Host;
using ObjectStore.Engine.Metrics;
using Xunit;

namespace ObjectStore.Host.Proofs;

/// <summary>Goal: what buckets tell comes to a web address, with its token, after a restart too.</summary>
public sealed class EventTests : IDisposable
{
    private const string Configuration =
        "<NotificationConfiguration><QueueConfiguration><Queue>arn:aws:sqs:us-east-1:1:hook</Queue><Event>s3:ObjectCreated:*</Event></QueueConfiguration></NotificationConfiguration>";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"objectstore-events-{Guid.NewGuid():N}");

    private readonly Identity _root = new("root", "ROOTKEY", "root-secret-key", new string('0', 64), "", IsRoot: true);

    public EventTests() => Directory.CreateDirectory(_path);

    public void Dispose() => Directory.Delete(_path, recursive: true);

    [Fact]
    public async Task Events_come_to_the_address_and_those_that_waited_come_after_a_restart()
    {
        int status = 200;
        var bodies = Channel.CreateUnbounded<(string Body, string Token, string Type)>();
        var hook = new ScriptedGateway(async (request, cancellation) =>
        {
            string body = await ReadAsync(request.Body);
            string Header(string name) => request.Headers.FirstOrDefault(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
            await bodies.Writer.WriteAsync((body, Header("Authorization"), Header("Content-Type")), cancellation);
            return new S3Response { Status = Volatile.Read(ref status), Operation = "Hook" };
        });
        await using FrontEndFixture receiver = await FrontEndFixture.StartAsync(hook);
        using var target = new HttpEventTarget(new EventTargetOption("hook", new Uri(receiver.Address, "/events"), "secret"));
        await ServeAsync(target, async (node, client, server) =>
        {
            await SendAsync(client, server, HttpMethod.Put, "/bucket", null);
            await SendAsync(client, server, HttpMethod.Put, "/bucket?notification", Configuration);
            (string test, string token, string type) = await NextAsync(bodies);
            Assert.Contains("s3:TestEvent", test, StringComparison.Ordinal);
            Assert.Equal(("Bearer secret", "application/json"), (token, type));
            await SendAsync(client, server, HttpMethod.Put, "/bucket/first", "x");
            JsonElement record = Record((await NextAsync(bodies)).Body);
            Assert.Equal("first", KeyOf(record));
            Assert.Equal("127.0.0.1", record.GetProperty("requestParameters").GetProperty("sourceIPAddress").GetString());

            Volatile.Write(ref status, 503);
            await SendAsync(client, server, HttpMethod.Put, "/bucket/second", "x");
            Assert.Equal("second", KeyOf(Record((await NextAsync(bodies)).Body)));
            var text = new PrometheusText();
            await node.WriteMetricsAsync(text);
            Assert.Contains("objectstore_event_delivered_total{target=\"hook\"} 1", text.ToString(), StringComparison.Ordinal);
            Assert.Contains("objectstore_event_unknown_targets_total 0", text.ToString(), StringComparison.Ordinal);
        });
        Volatile.Write(ref status, 204);
        await ServeAsync(target, async (_, _, _) => Assert.Equal("second", KeyOf(Record((await NextAsync(bodies)).Body))));
    }

    [Fact]
    public async Task Answers_other_than_success_and_addresses_without_a_server_are_failures()
    {
        await using (FrontEndFixture receiver = await FrontEndFixture.StartAsync(ScriptedGateway.Answering(302, "")))
        {
            using var target = new HttpEventTarget(new EventTargetOption("hook", receiver.Address, null));
            Assert.Equal("answered 302", await target.SendAsync("{}"u8.ToArray(), CancellationToken.None));
        }

        using var free = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        free.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        using var nobody = new HttpEventTarget(new EventTargetOption("hook", new Uri($"http://{free.LocalEndPoint}/"), null));
        Assert.NotNull(await nobody.SendAsync("{}"u8.ToArray(), CancellationToken.None));

        // Whatever goes wrong is a failure to deliver, and nothing that its caller has to know of.
        using var odd = new HttpEventTarget(new EventTargetOption("hook", new Uri("ftp://127.0.0.1/"), null));
        Assert.NotNull(await odd.SendAsync("{}"u8.ToArray(), CancellationToken.None));
        using var given = new CancellationTokenSource();
        given.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => nobody.SendAsync("{}"u8.ToArray(), given.Token));
    }

    private static async Task<(string Body, string Token, string Type)> NextAsync(Channel<(string Body, string Token, string Type)> bodies)
    {
        using var patience = new CancellationTokenSource(Patience);
        return await bodies.Reader.ReadAsync(patience.Token);
    }

    private static JsonElement Record(string body) => JsonDocument.Parse(body).RootElement.GetProperty("Records")[0];

    private static string KeyOf(JsonElement record) => record.GetProperty("s3").GetProperty("object").GetProperty("key").GetString()!;

    private static async Task<string> ReadAsync(PipeReader body)
    {
        while (true)
        {
            ReadResult read = await body.ReadAsync();
            if (read.IsCompleted)
            {
                return Encoding.UTF8.GetString(read.Buffer.ToArray());
            }

            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>Starts a server in the folder, lets requests be sent to it, and stops it.</summary>
    private async Task ServeAsync(HttpEventTarget target, Func<RunningNode, HttpClient, Uri, Task> body)
    {
        using DataFolder folder = DataFolder.TryAcquire(_path)!;
        using var trace = new JsonTrace(Stream.Null);
        var options = new GatewayOptions { Events = new EventOptions { Targets = [target] } };
        await using RunningNode node = await RunningNode.StartAsync(folder, _root, options, trace);
        await using FrontEndFixture server = await FrontEndFixture.StartAsync(node.Gateway);
        using var client = new HttpClient();
        await body(node, client, server.Address);
        client.Dispose();
        await server.FrontEnd.StopAsync(CancellationToken.None);
    }

    private async Task SendAsync(HttpClient client, Uri address, HttpMethod method, string target, string? content)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(content ?? "");
        int query = target.IndexOf('?', StringComparison.Ordinal);
        var signed = new AuthRequest(method.Method, query < 0 ? target : target[..query], query < 0 ? "" : target[(query + 1)..], [new KeyValuePair<string, string>("Host", address.Authority)]);
        using var request = new HttpRequestMessage(method, new Uri(address, target)) { Content = new ByteArrayContent(bytes) };
        foreach ((string name, string value) in new SigV4Signer(_root.AccessKey, _root.SecretKey, "us-east-1").Sign(signed, DateTime.UtcNow, SigV4Signer.HashPayload(bytes)).Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using HttpResponseMessage response = await client.SendAsync(request);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }
}
