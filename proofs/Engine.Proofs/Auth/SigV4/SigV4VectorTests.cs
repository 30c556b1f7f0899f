using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ObjectStore.Engine.Auth;
using Xunit;

namespace ObjectStore.Engine.Proofs;

/// <summary>Signatures that others computed: the worked examples of the Amazon S3 API reference, and botocore's.</summary>
public sealed class SigV4VectorTests
{
    private const string VirtualHost = "examplebucket.s3.amazonaws.com";

    private static readonly int[] ChunkSizes = [65_536, 1024, 0];

    private static readonly string[] ChunkSignatures =
    [
        "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
        "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
        "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
    ];

    private static readonly string[] ChunkSignaturesWithTrailer =
    [
        "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
        "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
        "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
    ];

    public static TheoryData<string, string, string, string, string> DocumentedRequests => new()
    {
        { "GET", "/test.txt", "", "range=bytes=0-9", "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41" },
        {
            "PUT", "/test$file.text", "", "date=Fri, 24 May 2013 00:00:00 GMT|x-amz-storage-class=REDUCED_REDUNDANCY",
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
        },
        { "GET", "/", "lifecycle", "", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543" },
        { "GET", "/", "max-keys=2&prefix=J", "", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7" },
    };

    [Theory]
    [MemberData(nameof(DocumentedRequests))]
    public void Documented_header_signatures_are_made_and_accepted(string method, string path, string query, string extra, string signature)
    {
        List<KeyValuePair<string, string>> headers = [new("Host", VirtualHost)];
        foreach (string header in extra.Split('|', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = header.Split('=', 2);
            headers.Add(new(parts[0], parts[1]));
        }

        string hash = method == "PUT" ? SigV4Signer.HashPayload("Welcome to Amazon S3."u8) : AuthSamples.EmptySha256;
        SignedRequest signed = AuthSamples.Signer.Sign(new AuthRequest(method, path, query, headers), AuthSamples.DocumentedUtc, hash);
        Assert.Equal(signature, signed.Signature);

        AuthResult result = AuthSamples.Verifier().Verify(new AuthRequest(method, path, query, signed.Headers), AuthSamples.DocumentedUtc);
        Assert.Equal(AuthError.None, result.Error);
        Assert.Same(AuthSamples.Documented, result.Identity);
        Assert.Equal((PayloadMode.SignedHash, hash), (result.Payload, result.PayloadSha256));
    }

    [Fact]
    public void Documented_presigned_url_is_made_and_accepted_until_it_expires()
    {
        AuthRequest request = AuthSamples.Request("GET", "/test.txt", "", ("Host", VirtualHost));
        string query = AuthSamples.Signer.Presign(request, AuthSamples.DocumentedUtc, 86_400);
        Assert.EndsWith("X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404", query, StringComparison.Ordinal);

        AuthRequest signed = request with { RawQuery = query };
        AuthResult result = AuthSamples.Verifier().Verify(signed, AuthSamples.DocumentedUtc.AddSeconds(86_400));
        Assert.Equal((AuthError.None, AuthMethod.Presigned, PayloadMode.Unsigned), (result.Error, result.Method, result.Payload));
        result = AuthSamples.Verifier().Verify(signed, AuthSamples.DocumentedUtc.AddSeconds(86_401));
        Assert.Equal((AuthError.AccessDenied, "Request has expired"), (result.Error, result.Failure!.Message));
    }

    [Fact]
    public void Documented_chunk_signatures_are_made()
    {
        SignedRequest signed = SignChunkedExample("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", null);
        Assert.Equal("4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9", signed.Signature);
        Assert.Equal(
            ChunkSignatures,
            ChunkSizes.Select(size => SignChunk(signed.Chunks, size)));
    }

    [Fact]
    public void Documented_chunk_signatures_with_a_trailer_are_made()
    {
        SignedRequest signed = SignChunkedExample("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", "x-amz-checksum-crc32c");
        Assert.Equal("106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e", signed.Signature);
        Assert.Equal(
            ChunkSignaturesWithTrailer,
            ChunkSizes.Select(size => SignChunk(signed.Chunks, size)));
        byte[] signature = new byte[ChunkSignatureChain.SignatureLength];
        signed.Chunks.SignTrailer(SHA256.HashData("x-amz-checksum-crc32c:sOO8/Q==\n"u8), signature);
        Assert.Equal("d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435", Encoding.ASCII.GetString(signature));
    }

    [Fact]
    public void Requests_signed_by_botocore_are_accepted()
    {
        using Stream stream = typeof(SigV4VectorTests).Assembly.GetManifestResourceStream("Botocore.vectors.json")!;
        using JsonDocument vectors = JsonDocument.Parse(stream);
        JsonElement root = vectors.RootElement;
        Identity identity = new("botocore", root.GetProperty("accessKey").GetString()!, root.GetProperty("secretKey").GetString()!, "", "", false);
        SigV4Verifier verifier = new(new AuthSamples(identity), new SigV4Options { Region = root.GetProperty("region").GetString()! });
        Assert.True(SigV4Time.TryParse(root.GetProperty("time").GetString(), out DateTime utcNow));
        int count = 0;
        foreach (JsonElement vector in root.GetProperty("requests").EnumerateArray())
        {
            AuthRequest request = new(
                vector.GetProperty("method").GetString()!,
                vector.GetProperty("path").GetString()!,
                vector.GetProperty("query").GetString()!,
                [.. vector.GetProperty("headers").EnumerateArray().Select(header => new KeyValuePair<string, string>(header[0].GetString()!, header[1].GetString()!))]);
            AuthResult result = verifier.Verify(request, utcNow);
            Assert.True(result.Error == AuthError.None, $"vector {count} {request.Method} {request.RawPath}?{request.RawQuery}: {result.Failure?.Message}");
            Assert.Equal(AuthError.SignatureDoesNotMatch, verifier.Verify(request with { RawPath = request.RawPath + "x" }, utcNow).Error);
            count++;
        }

        Assert.Equal(40, count);
    }

    private static SignedRequest SignChunkedExample(string payloadHash, string? trailer)
    {
        List<KeyValuePair<string, string>> headers =
        [
            new("Host", "s3.amazonaws.com"),
            new("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            new("Content-Encoding", "aws-chunked"),
            new("x-amz-decoded-content-length", "66560"),
        ];
        headers.Add(trailer is null ? new("Content-Length", "66824") : new("x-amz-trailer", trailer));
        return AuthSamples.Signer.Sign(new AuthRequest("PUT", "/examplebucket/chunkObject.txt", "", headers), AuthSamples.DocumentedUtc, payloadHash);
    }

    private static string SignChunk(ChunkSignatureChain chain, int sizeBytes)
    {
        byte[] chunk = new byte[sizeBytes];
        Array.Fill(chunk, (byte)'a');
        byte[] signature = new byte[ChunkSignatureChain.SignatureLength];
        chain.SignChunk(SHA256.HashData(chunk), signature);
        return Encoding.ASCII.GetString(signature);
    }
}
