using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Pipelines;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using Xunit;

namespace ObjectStore.Engine.Proofs;

/// <summary>Plain bodies: lengths, digests and the headers that state them.</summary>
public sealed class BodyReaderTests
{
    /// <summary>Check values of "123456789", as the catalogues of CRCs, the hash standards and the reference implementation of xxHash give them.</summary>
    private static readonly byte[] Nine = "123456789"u8.ToArray();

    [Theory]
    [InlineData(ChecksumAlgorithm.Crc32, "cbf43926")]
    [InlineData(ChecksumAlgorithm.Crc32C, "e3069283")]
    [InlineData(ChecksumAlgorithm.Crc64Nvme, "ae8b14860a799888")]
    [InlineData(ChecksumAlgorithm.Sha1, "f7c3bc1d808e04732adf679965ccc34ca7ae3441")]
    [InlineData(ChecksumAlgorithm.Sha256, "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225")]
    [InlineData(ChecksumAlgorithm.Sha512, "d9e6762dd1c8eaf6d61b3c6192fc408d4d6d5f1176d0c29169bc24e71c3f274ad27fcd5811b313d681f7e55ec02d73d499c95455b6b5bb503acf574fba8ffe85")]
    [InlineData(ChecksumAlgorithm.Md5, "25f9e794323b453885f5181f1b624d0b")]
    [InlineData(ChecksumAlgorithm.XxHash64, "8cb841db40e6ae83")]
    [InlineData(ChecksumAlgorithm.XxHash3, "72dcb18b67a17dff")]
    [InlineData(ChecksumAlgorithm.XxHash128, "33119477ede5dcd5e9716427681d5860")]
    public async Task Each_checksum_is_verified_and_returned(ChecksumAlgorithm algorithm, string hex)
    {
        string value = Convert.ToBase64String(Convert.FromHexString(hex));
        string header = ChecksumNames.Header(algorithm);
        (BodyError error, BodyDigests? digests, byte[] content, _) = await BodySamples.ReceiveAsync(
            Nine, BodySamples.Plain((header, value), ("x-amz-sdk-checksum-algorithm", ChecksumNames.Name(algorithm))), 9, 2, 4);
        Assert.Equal(BodyError.None, error);
        Assert.Equal(Nine, content);
        Assert.Equal((value, true), (ChecksumNames.Format(digests!.Checksum!), digests.ChecksumGiven));
        Assert.Equal("25f9e794323b453885f5181f1b624d0b", digests.Md5Hex);

        (error, _, _, BodyFailure? failure) = await BodySamples.ReceiveAsync("123456780"u8.ToArray(), BodySamples.Plain((header, value)), 9);
        Assert.Equal((BodyError.BadDigest, $"The {ChecksumNames.Name(algorithm)} you specified did not match the calculated checksum."), (error, failure!.Message));
    }

    [Theory]
    [InlineData("x-amz-checksum-crc32=AAAA", "Value for x-amz-checksum-crc32 header is invalid.")]
    [InlineData("x-amz-checksum-crc32=!!!!!!==", "Value for x-amz-checksum-crc32 header is invalid.")]
    [InlineData("x-amz-checksum-crc32=y/Q5Jg==|x-amz-checksum-sha1=98O8HYCOBHMq32eZZczDTKeuNEE=", "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")]
    [InlineData("x-amz-checksum-crc31=AAAA", "The algorithm type you specified in x-amz-checksum- header is invalid.")]
    [InlineData("x-amz-sdk-checksum-algorithm=CRC31", "Value for x-amz-sdk-checksum-algorithm header is invalid.")]
    [InlineData("x-amz-sdk-checksum-algorithm=SHA1|x-amz-checksum-crc32=y/Q5Jg==", "Value for x-amz-sdk-checksum-algorithm header is invalid.")]
    [InlineData("x-amz-sdk-checksum-algorithm=CRC32", "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.")]
    [InlineData("x-amz-trailer=x-amz-checksum-crc32", "The value specified in the x-amz-trailer header is not supported")]
    public async Task Checksum_headers_that_make_no_sense_are_refused(string headers, string message)
    {
        (string, string)[] pairs = Array.ConvertAll(headers.Split('|'), header => (header.Split('=', 2)[0], header.Split('=', 2)[1]));
        (BodyError error, _, _, BodyFailure? failure) = await BodySamples.ReceiveAsync(Nine, BodySamples.Plain(pairs), 9);
        Assert.Equal((BodyError.InvalidRequest, message), (error, failure!.Message));
    }

    [Fact]
    public async Task A_checksum_of_the_whole_object_is_left_alone_when_told()
    {
        BodyOptions options = new() { ChecksumHeaders = false, DefaultChecksum = ChecksumAlgorithm.None };
        (BodyError error, BodyDigests? digests, _, _) = await BodySamples.ReceiveAsync(
            Nine, BodySamples.Plain(("x-amz-checksum-crc32", "AAAAAA==-3"), ("x-amz-checksum-type", "COMPOSITE")), 9, options: options);
        Assert.Equal(BodyError.None, error);
        Assert.Null(digests!.Checksum);
    }

    [Theory]
    [InlineData("JfnnlDI7RThV9Rgfcl0LJQ==", BodyError.BadDigest)]
    [InlineData("JfnnlDI7RTiF9RgfG2JNCw==", BodyError.None)]
    [InlineData("JfnnlDI7RTiF9RgfG2JNCw", BodyError.InvalidDigest)]
    [InlineData("", BodyError.InvalidDigest)]
    [InlineData("YWJj", BodyError.InvalidDigest)]
    public async Task Content_md5_is_verified(string value, BodyError error) => Assert.Equal(
        error, (await BodySamples.ReceiveAsync(Nine, BodySamples.Plain(("Content-MD5", value)), 9, options: new BodyOptions { Md5 = false })).Error);

    [Fact]
    public async Task A_signed_payload_hash_is_verified()
    {
        AuthRequest plain = AuthSamples.Request("PUT", "/b/k", "", ("Host", "h"));
        SignedRequest signed = AuthSamples.Signer.Sign(plain, BodySamples.Now, SigV4Signer.HashPayload(Nine));
        Assert.Equal(BodyError.None, (await BodySamples.ReceiveAsync(Nine, signed.Headers, 9)).Error);
        Assert.Equal(BodyError.XAmzContentSHA256Mismatch, (await BodySamples.ReceiveAsync("12345678x"u8.ToArray(), signed.Headers, 9)).Error);
    }

    [Fact]
    public async Task Lengths_are_held_to()
    {
        BodyOptions small = new() { SizeBytesMax = 8 };
        BodyOptions any = new() { SizeBytesMax = 8, LengthRequired = false };
        IReadOnlyList<KeyValuePair<string, string>> headers = BodySamples.Plain();
        Assert.Equal(BodyError.None, (await BodySamples.ReceiveAsync([], headers, 0)).Error);
        Assert.Equal(BodyError.IncompleteBody, (await BodySamples.ReceiveAsync(Nine, headers, 10)).Error);
        Assert.Equal(BodyError.MissingContentLength, (await BodySamples.ReceiveAsync(Nine, headers, null)).Error);
        Assert.Equal(BodyError.EntityTooLarge, (await BodySamples.ReceiveAsync(Nine, headers, 9, options: small)).Error);
        Assert.Equal(BodyError.EntityTooLarge, (await BodySamples.ReceiveAsync(Nine, headers, null, 2, 2, any)).Error);
        Assert.Equal(BodyError.None, (await BodySamples.ReceiveAsync(Nine[..8], headers, null, 2, 3, any)).Error);
    }

    [Fact]
    public async Task Completing_early_is_refused()
    {
        S3Request request = new() { Method = "PUT", RawPath = "/", RawQuery = "", Headers = [], ContentLength = 9, Body = PipeReader.Create(new(Nine)) };
        using BodyReader reader = BodyReader.Open(request, AuthResult.Anonymous, new BodyOptions(), out _).Value;
        Assert.Equal(5, (await reader.ReadAsync(new byte[5], CancellationToken.None)).Value);
        Assert.Equal(BodyError.IncompleteBody, (await reader.CompleteAsync(CancellationToken.None)).Error);
    }

    [Fact]
    public async Task A_client_that_goes_away_is_a_timeout()
    {
        Pipe pipe = new();
        await pipe.Writer.CompleteAsync(new IOException("gone"));
        S3Request request = new() { Method = "PUT", RawPath = "/", RawQuery = "", Headers = [], ContentLength = 9, Body = pipe.Reader };
        using BodyReader reader = BodyReader.Open(request, AuthResult.Anonymous, new BodyOptions(), out _).Value;
        Outcome<int, BodyError> read = await reader.ReadAsync(new byte[5], CancellationToken.None);
        Assert.Equal((BodyError.RequestTimeout, BodyError.RequestTimeout), (read.Error, reader.Failure!.Error));
    }

    [Theory]
    [InlineData("aws-chunked", "")]
    [InlineData("AWS-Chunked, gzip", "gzip")]
    [InlineData("gzip,aws-chunked,br", "gzip,br")]
    [InlineData("gzip, br", "gzip, br")]
    public void Framing_is_no_content_encoding(string value, string kept) => Assert.Equal(kept, ContentEncoding.WithoutAwsChunked(value));

    [Fact]
    public void Composite_checksums_say_how_many_parts() =>
        Assert.Equal("AQIDBA==-7", ChecksumNames.Format(new ObjectChecksum(ChecksumAlgorithm.Crc32, ChecksumType.Composite, new byte[] { 1, 2, 3, 4 }, 7)));

    [Fact]
    public void Hex_is_lower_case() => Assert.Equal("00ff1a", DigestText.Hex([0, 255, 26]));

    [Fact]
    public void Base64_of_another_length_is_no_digest() =>
        Assert.All(["AQIDBA", "AQIDBA=", "AQIDBAU=", "AQID BA=", "\u00e4QIDBA=="], text => Assert.False(DigestText.TryParseBase64(text, 4, out _), Encoding.UTF8.GetByteCount(text).ToString()));
}
