using System;
using System.Collections.Generic;
using System.Text;
using ObjectStore.Engine.Auth;
using ObjectStore.Sim.Checking;
using ObjectStore.Workloads.Live;
using Xunit;

namespace ObjectStore.Workloads.Proofs;

/// <summary>Goal: what the load client sends is what the server accepts. Method: its heads, parsed and given to the server's verifier.</summary>
public sealed class RequestSignerTests
{
    public static TheoryData<string, S3Operation> Operations => new()
    {
        { "put", new S3Operation { Verb = S3Verb.Put, Bucket = "load", Key = "a/b-c_d.e~f", Body = new byte[10] } },
        { "get of an odd key", new S3Operation { Verb = S3Verb.Get, Bucket = "load", Key = "a b+c/é" } },
        { "get of a range", new S3Operation { Verb = S3Verb.Get, Bucket = "load", Key = "k", Range = (8, 15) } },
        { "list", new S3Operation { Verb = S3Verb.List, Bucket = "load", Prefix = "p q/", Delimiter = "/", StartAfter = "p q/1" } },
        { "conditional put", new S3Operation { Verb = S3Verb.Put, Bucket = "load", Key = "k", IfNoneMatch = "*" } },
        { "part", new S3Operation { Verb = S3Verb.UploadPart, Bucket = "load", Key = "k", UploadId = "u+/=", PartNumber = 3, Body = new byte[1] } },
        { "delete of a version", new S3Operation { Verb = S3Verb.Delete, Bucket = "load", Key = "k", VersionId = "v" } },
    };

    [Theory]
    [MemberData(nameof(Operations))]
    public void The_server_accepts_the_signature(string name, S3Operation operation)
    {
        Assert.NotEmpty(name);
        var writer = new RequestWriter(new RequestSigner("127.0.0.1:9000", "ACCESS", "secret/secret", "us-east-1"));
        string head = Encoding.UTF8.GetString(writer.Write(operation, out _));
        Assert.Null(Verify(head).Failure);
        Assert.NotNull(Verify(head).Identity);
    }

    [Fact]
    public void A_head_changed_after_signing_is_refused()
    {
        var writer = new RequestWriter(new RequestSigner("127.0.0.1:9000", "ACCESS", "secret/secret", "us-east-1"));
        string head = Encoding.UTF8.GetString(writer.Write(new S3Operation { Verb = S3Verb.Get, Bucket = "load", Key = "key" }, out _));
        Assert.NotNull(Verify(head.Replace("/load/key", "/load/kez", StringComparison.Ordinal)).Failure);
    }

    private static AuthResult Verify(string head)
    {
        string[] lines = head.Split("\r\n");
        string[] request = lines[0].Split(' ');
        string[] target = request[1].Split('?', 2);
        var headers = new List<KeyValuePair<string, string>>();
        foreach (string line in lines[1..^2])
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            headers.Add(new(line[..colon], line[(colon + 1)..].Trim()));
        }

        var verifier = new SigV4Verifier(new OneIdentity(), new SigV4Options { Region = "us-east-1" });
        return verifier.Verify(new AuthRequest(request[0], target[0], target.Length > 1 ? target[1] : "", headers), DateTime.UtcNow);
    }

    private sealed class OneIdentity : IIdentityDirectory
    {
        private readonly Identity _identity = new("root", "ACCESS", "secret/secret", "id", "", IsRoot: true);

        public Identity? FindByAccessKey(string accessKey) => accessKey == _identity.AccessKey ? _identity : null;

        public Identity? FindByCanonicalId(string canonicalId) => null;

        public Identity? FindByEmail(string email) => null;
    }
}
