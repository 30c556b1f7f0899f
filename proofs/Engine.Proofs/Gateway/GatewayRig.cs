using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO;
using System.IO.Pipelines;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using System.Xml.Linq;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Proofs.Doubles;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Engine.Proofs.Gateway;

/// <summary>The gateway over the real metadata shard and disk store in a simulated world, and clients that sign their requests.</summary>
internal sealed class GatewayRig
{
    internal const string Host = "s3.test";

    internal static readonly Identity Root = new("root", "ROOTKEY", "root-secret-key", new string('0', 64), "", IsRoot: true);
    internal static readonly Identity Alice = new("alice", "ALICEKEY", "alice-secret-key", new string('a', 64), "alice@test", IsRoot: false);
    internal static readonly Identity Bob = new("bob", "BOBKEY", "bob-secret-key", new string('b', 64), "bob@test", IsRoot: false);
    internal static readonly Identity Nobody = new("", "", "", "", "", IsRoot: false);

    private static readonly DiskStoreOptions Small = new()
    {
        Rows = new OrderedStoreOptions { LogSegmentBytes = 1 << 20, MemtableBytes = 2 << 20 },
        Chunks = new ChunkStoreOptions { ChunkSizeBytes = 128 * 1024, ExtentSizeBytes = 2 << 20, ReserveBytes = 0, IdleBufferBytesMax = 4 << 20 },
    };

    private readonly SimWorld _world;

    private GatewayRig(SimWorld world) => _world = world;

    internal S3Gateway Gateway { get; private set; } = null!;

    internal IMetadataShard Metadata { get; private set; } = null!;

    /// <summary>What the gateway takes for its metadata.</summary>
    internal FailingMetadata Faults { get; private set; } = null!;

    internal DiskStore Disk { get; private set; } = null!;

    internal SimDisk SimDisk { get; private set; } = null!;

    internal SimWorld World => _world;

    /// <summary>Tells targets of events, if the options name some.</summary>
    internal EventDeliveries Deliveries { get; private set; } = null!;

    internal NodeEnvironment Environment { get; private set; } = null!;

    /// <summary>Whether requests are served.</summary>
    internal bool IsServing { get; set; } = true;

    internal DateTime NowUtc => _world.Clock.UtcNow;

    /// <summary>Runs a test body in a world of its own, with one bucket of Alice's, <c>bucket</c>.</summary>
    internal static void Run(Func<GatewayRig, Task> body, GatewayOptions? options = null, MetadataLimits? limits = null, ulong seed = 1)
    {
        var world = new SimWorld(new SeededChoices(seed));
        world.Run(async () =>
        {
            var rig = new GatewayRig(world);
            await rig.OpenAsync(options ?? new GatewayOptions { BaseDomains = [Host] }, limits ?? new MetadataLimits());
            Assert.Equal(200, (await rig.SendAsync("PUT", "/bucket")).Status);
            await body(rig);
        });
    }

    /// <summary>Waits until that time of its clock.</summary>
    internal async Task UntilAsync(DateTime utc) => await Environment.Clock.DelayAsync(utc - NowUtc);

    /// <summary>Sends a signed request (unsigned for <see cref="Nobody"/>) and reads the whole answer.</summary>
    internal async Task<TestAnswer> SendAsync(
        string method, string target, byte[]? body = null, Identity? who = null, params (string Name, string Value)[] headers)
    {
        S3Request request = Sign(method, target, body ?? [], who ?? Alice, headers);
        return await SendAsync(request);
    }

    internal Task<TestAnswer> SendAsync(string method, string target, string body, params (string Name, string Value)[] headers) =>
        SendAsync(method, target, Encoding.UTF8.GetBytes(body), null, headers);

    internal async Task<TestAnswer> SendAsync(S3Request request)
    {
        TimeSpan begun = Environment.Clock.Now;
        await using S3Response response = await Gateway.HandleAsync(request, CancellationToken.None);
        byte[] content = response.Body.ToArray();
        if (response.Stream is not null)
        {
            using var sink = new MemoryStream();
            PipeWriter writer = PipeWriter.Create(sink, new StreamPipeWriterOptions(leaveOpen: true));
            await response.Stream.WriteToAsync(writer, CancellationToken.None);
            await writer.CompleteAsync();
            content = sink.ToArray();
            Assert.Equal(content.Length, response.Stream.WrittenBytes);
        }

        response.NoteEnd(content.Length, Environment.Clock.Now - begun);
        return new TestAnswer(response.Status, response.Headers, content, response.Operation);
    }

    internal S3Request Sign(string method, string target, byte[] body, Identity who, params (string Name, string Value)[] headers)
    {
        int query = target.IndexOf('?', StringComparison.Ordinal);
        string path = query < 0 ? target : target[..query];
        string rawQuery = query < 0 ? "" : target[(query + 1)..];
        List<KeyValuePair<string, string>> all = [.. headers.Select(header => new KeyValuePair<string, string>(header.Name, header.Value))];
        if (!headers.Any(header => header.Name == "Host"))
        {
            all.Add(new("Host", Host));
        }

        IReadOnlyList<KeyValuePair<string, string>> sent = all;
        if (who != Nobody)
        {
            var signer = new SigV4Signer(who.AccessKey, who.SecretKey, "us-east-1");
            sent = signer.Sign(new AuthRequest(method, path, rawQuery, all), NowUtc, SigV4Signer.HashPayload(body)).Headers;
        }

        return new S3Request
        {
            Method = method,
            RawPath = path,
            RawQuery = rawQuery,
            Headers = sent,
            Body = PipeReader.Create(new ReadOnlySequence<byte>(body)),
            ContentLength = body.Length,
        };
    }

    /// <summary>Uploads through a form as a browser does; signed by Alice when there is a policy.</summary>
    internal Task<TestAnswer> PostFormAsync(string? policy, string key, byte[] content, params (string Name, string Value)[] more)
    {
        var signer = new SigV4Signer(Alice.AccessKey, Alice.SecretKey, "us-east-1");
        List<KeyValuePair<string, string>> fields = [new("key", key), new("success_action_status", "201")];
        fields.AddRange(more.Select(static field => new KeyValuePair<string, string>(field.Name, field.Value)));
        fields.AddRange(policy is null ? [] : signer.SignPolicy(policy, NowUtc));
        var head = new StringBuilder();
        foreach ((string name, string value) in fields)
        {
            head.Append($"--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        }

        head.Append("--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"C:\\dir/name.bin\"\r\nContent-Type: a/b\r\n\r\n");
        byte[] body = [.. Encoding.UTF8.GetBytes(head.ToString()), .. content, .. "\r\n--edge--\r\n"u8];
        return SendAsync("POST", "/bucket", body, Nobody, ("Content-Type", "multipart/form-data; boundary=edge"));
    }

    internal static byte[] Bytes(int length, int seed = 1)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Flips a bit in every block of every extent.</summary>
    internal async Task DamageExtentsAsync()
    {
        foreach (string file in (await SimDisk.ListAsync()).Value)
        {
            if (!file.Contains("extent", StringComparison.Ordinal))
            {
                continue;
            }

            await using IDiskFile raw = (await SimDisk.OpenAsync(file, DiskOpen.Existing)).Value;
            for (long at = 0; at < 600_000; at += 4096)
            {
                byte[] block = new byte[4096];
                if ((await raw.ReadAsync(at, block)).Value == block.Length && !Array.TrueForAll(block, value => value == 0))
                {
                    block[77] ^= 0x20;
                    await raw.WriteAsync(at, block);
                }
            }
        }
    }

    private async Task OpenAsync(GatewayOptions options, MetadataLimits limits)
    {
        SimDisk = _world.CreateDisk();
        NodeEnvironment environment = _world.CreateEnvironment(SimDisk);
        Disk = await DiskStore.OpenAsync(environment, _world.TestLoop, Small);
        MetadataShard shard = await MetadataShard.OpenAsync(
            environment, _world.TestLoop, Disk.Rows, Disk.Chunks, new MetadataShardOptions { Limits = limits });
        Metadata = shard;
        Environment = environment;
        Deliveries = new EventDeliveries(environment, options.Events, options.Region);
        Deliveries.Attach(shard.Events);
        Faults = new FailingMetadata(shard);
        Gateway = new S3Gateway(
            Faults,
            new LocalContentStore(Disk.Chunks, _world.TestLoop),
            new Directory(),
            environment.Clock,
            environment.Entropy,
            environment.Trace,
            options,
            () => IsServing,
            _world.TestLoop);
    }

    private sealed class Directory : IIdentityDirectory
    {
        private static readonly Identity[] All = [Root, Alice, Bob];

        public Identity? FindByAccessKey(string accessKey) => Array.Find(All, identity => identity.AccessKey == accessKey);

        public Identity? FindByCanonicalId(string canonicalId) => Array.Find(All, identity => identity.CanonicalId == canonicalId);

        public Identity? FindByEmail(string email) => Array.Find(All, identity => identity.Email == email);
    }
}

/// <summary>An answer, read whole.</summary>
internal sealed record TestAnswer(int Status, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body, string Operation)
{
    internal string Text => Encoding.UTF8.GetString(Body);

    /// <summary>The document, namespaces stripped.</summary>
    internal XElement Xml => Strip(XDocument.Parse(Text).Root!);

    /// <summary>Code of an error document; empty when there is none.</summary>
    internal string Code => Body.Length == 0 ? "" : Xml.Element("Code")?.Value ?? "";

    internal string? this[string header] =>
        Headers.Where(candidate => candidate.Key.Equals(header, StringComparison.OrdinalIgnoreCase)).Select(candidate => candidate.Value).FirstOrDefault();

    /// <summary>Values of all elements of that name, in order.</summary>
    internal string[] All(string element) => [.. Xml.Descendants(element).Select(found => found.Value)];

    internal void Is(int status, string code = "")
    {
        Assert.True(Status == status && (code.Length == 0 || Code == code), $"wanted {status} {code}, got {Status}: {Text}");
        Assert.NotNull(this["x-amz-request-id"]);
        Assert.NotNull(this["x-amz-id-2"]);
    }

    private static XElement Strip(XElement element) =>
        new(element.Name.LocalName, element.Nodes().Select(node => node is XElement child ? Strip(child) : node));
}
