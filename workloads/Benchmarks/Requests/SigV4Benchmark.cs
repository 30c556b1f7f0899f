using System;
using System.Collections.Generic;
using BenchmarkDotNet.Attributes;
using ObjectStore.Engine.Auth;

namespace ObjectStore.Workloads.Benchmarks.Requests;

/// <summary>Checking the signature of one request, with the headers that SDKs send; the signing key is known from an earlier request.</summary>
[MemoryDiagnoser]
public class SigV4Benchmark : IIdentityDirectory
{
    private static readonly DateTime Now = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    private readonly Identity _identity = new("root", "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", new string('d', 64), "", false);
    private SigV4Verifier _verifier = null!;
    private AuthRequest _request;

    /// <summary>What is asked.</summary>
    [Params("PUT", "GET", "LIST")]
    public string Operation { get; set; } = "PUT";

    [GlobalSetup]
    public void Setup()
    {
        _verifier = new SigV4Verifier(this, new SigV4Options());
        List<KeyValuePair<string, string>> headers =
        [
            new("Host", "127.0.0.1:9000"),
            new("User-Agent", "aws-sdk-dotnet-coreclr/4.0 ua/2.1 os/linux lang/.NET_Core#10.0 md/ARCH#X64"),
            new("amz-sdk-invocation-id", "1f1ae7f2-5a35-4ac6-b9a9-0c7f7a2b0d10"),
            new("amz-sdk-request", "attempt=1; max=5"),
        ];
        if (Operation == "PUT")
        {
            headers.Add(new("Content-Type", "application/octet-stream"));
            headers.Add(new("x-amz-checksum-crc64nvme", "AAAAAAAAAAA="));
        }

        string query = Operation == "LIST" ? "list-type=2&max-keys=1000&prefix=pool%2F" : "";
        var request = new AuthRequest(Operation == "LIST" ? "GET" : Operation, Operation == "LIST" ? "/bucket" : "/bucket/folder/object-00000017", query, headers);
        SignedRequest signed = new SigV4Signer(_identity.AccessKey, _identity.SecretKey, "us-east-1").Sign(request, Now, SigV4Signer.UnsignedPayload);
        _request = request with { Headers = signed.Headers };
        if (Verify() != AuthError.None)
        {
            throw new InvalidOperationException("the request is refused");
        }
    }

    /// <summary>The server's check.</summary>
    [Benchmark]
    public AuthError Verify() => _verifier.Verify(_request, Now).Error;

    /// <inheritdoc/>
    public Identity? FindByAccessKey(string accessKey) => accessKey == _identity.AccessKey ? _identity : null;

    /// <inheritdoc/>
    public Identity? FindByCanonicalId(string canonicalId) => null;

    /// <inheritdoc/>
    public Identity? FindByEmail(string email) => null;
}
