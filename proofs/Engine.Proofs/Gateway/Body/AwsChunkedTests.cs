using System;
using System.Collections.Generic;
using System.IO.Pipelines;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using CsCheck;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using Xunit;

namespace ObjectStore.Engine.Proofs;

/// <summary><c>aws-chunked</c> bodies: read alike however they arrive, and refused at any change.</summary>
public sealed class AwsChunkedTests
{
    private static readonly PayloadMode[] Modes =
        [PayloadMode.StreamingSigned, PayloadMode.StreamingSignedTrailer, PayloadMode.StreamingUnsignedTrailer];

    [Fact]
    public async Task The_documented_example_with_its_66560_bytes_is_read()
    {
        byte[] content = new byte[66_560];
        Array.Fill(content, (byte)'a');
        (byte[] wire, IReadOnlyList<KeyValuePair<string, string>> headers) = BodySamples.Frame(content, PayloadMode.StreamingSigned, 65_536);
        Assert.Equal(66_824, wire.Length);
        (BodyError error, BodyDigests? digests, byte[] read, _) = await BodySamples.ReceiveAsync(wire, headers, wire.Length);
        Assert.Equal(BodyError.None, error);
        Assert.Equal(content, read);
        Assert.Equal(ChecksumAlgorithm.Crc64Nvme, digests!.Checksum!.Algorithm);
        Assert.False(digests.ChecksumGiven);
    }

    [Fact]
    public void However_the_bytes_arrive_the_content_is_the_same() =>
        Gen.Select(Gen.Int[0, 40_000], Gen.Int[8192, 20_000], Gen.Int[1, 9000], Gen.Int[1, 30_000], Gen.Int[0, 2].Select(i => Modes[i])).Sample(
            (sizeBytes, chunkBytes, segmentBytes, readBytes, mode) =>
            {
                byte[] content = BodySamples.Content(sizeBytes);
                (byte[] wire, IReadOnlyList<KeyValuePair<string, string>> headers) = BodySamples.Frame(content, mode, chunkBytes);
                (BodyError error, BodyDigests? digests, byte[] read, BodyFailure? failure) =
                    BodySamples.Receive(wire, headers, wire.Length, segmentBytes, readBytes);
                Assert.True(error == BodyError.None, failure?.Message);
                Assert.Equal(content, read);
                Assert.Equal(sizeBytes, digests!.LengthBytes);
                Assert.Equal(mode != PayloadMode.StreamingSigned, digests.ChecksumGiven);
            },
            iter: 150);

    [Fact]
    public async Task Bytes_that_trickle_through_a_pipe_are_read()
    {
        byte[] content = BodySamples.Content(9000);
        (byte[] wire, IReadOnlyList<KeyValuePair<string, string>> headers) = BodySamples.Frame(content, PayloadMode.StreamingSignedTrailer, 8192);
        Pipe pipe = new();
        AuthResult auth = AuthSamples.Verifier().Verify(new AuthRequest("PUT", "/b/k", "", headers), BodySamples.Now);
        S3Request request = new() { Method = "PUT", RawPath = "/b/k", RawQuery = "", Headers = headers, Body = pipe.Reader };
        using BodyReader reader = BodyReader.Open(request, auth, new BodyOptions(), out _).Value;
        byte[] read = new byte[content.Length];
        ValueTask<Outcome<int, BodyError>> reading = reader.ReadAsync(read, CancellationToken.None);
        foreach (byte value in wire)
        {
            await pipe.Writer.WriteAsync(new[] { value });
        }

        Assert.Equal(content.Length, (await reading).Value);
        Assert.Equal(content, read);
        await pipe.Writer.CompleteAsync();
        Assert.Equal(BodySamples.Crc32CBase64(content), ChecksumNames.Format((await reader.CompleteAsync(CancellationToken.None)).Value.Checksum!));
    }

    [Theory]
    [InlineData(PayloadMode.StreamingSigned)]
    [InlineData(PayloadMode.StreamingSignedTrailer)]
    public void Any_byte_flipped_in_a_signed_body_is_refused(PayloadMode mode)
    {
        (byte[] wire, IReadOnlyList<KeyValuePair<string, string>> headers) = BodySamples.Frame(BodySamples.Content(9000), mode, 8192);
        int[] places = [.. Enumerable.Range(0, 110), .. Enumerable.Range(110, wire.Length - 110 - 400).Where(i => i % 97 == 0), .. Enumerable.Range(wire.Length - 400, 400)];
        foreach (int place in places)
        {
            byte[] changed = [.. wire];
            changed[place] ^= 1;
            (BodyError error, _, byte[] read, _) = BodySamples.Receive(changed, headers, wire.Length);

            // Only the case of the letters in a size or in the name of a trailing header carries no meaning, and bit 0 is not case.
            Assert.True(error != BodyError.None, $"byte {place} of {wire.Length} ('{(char)wire[place]}') changed, {read.Length} bytes read");
        }
    }

    [Fact]
    public void A_body_cut_short_or_made_longer_is_refused()
    {
        foreach (PayloadMode mode in Modes)
        {
            (byte[] wire, IReadOnlyList<KeyValuePair<string, string>> headers) = BodySamples.Frame(BodySamples.Content(8200), mode, 8192);

            // The last CRLF alone may be missing: some clients leave it out.
            for (int length = 0; length < wire.Length - 2; length += length < 300 || length > wire.Length - 300 ? 1 : 61)
            {
                BodyError error = BodySamples.Receive(wire[..length], headers, length).Error;
                Assert.True(error is BodyError.IncompleteBody or BodyError.MalformedTrailerError, $"{mode} cut to {length} of {wire.Length}: {error}");
            }

            Assert.Equal(BodyError.IncompleteBody, BodySamples.Receive([.. wire, (byte)'x'], headers, wire.Length + 1).Error);
        }
    }

    [Fact]
    public async Task Signatures_of_another_request_do_not_fit()
    {
        (byte[] wire, _) = BodySamples.Frame(BodySamples.Content(100), PayloadMode.StreamingSigned, 8192);
        (_, IReadOnlyList<KeyValuePair<string, string>> headers) = BodySamples.Frame(BodySamples.Content(100), PayloadMode.StreamingSigned, 8192);
        KeyValuePair<string, string>[] unsigned = [.. headers.Where(header => header.Key is not ("x-amz-date" or "x-amz-content-sha256" or "Authorization"))];
        SignedRequest later = AuthSamples.Signer.Sign(new AuthRequest("PUT", "/b/k", "", unsigned), BodySamples.Now.AddSeconds(1), "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
        Assert.Equal(BodyError.None, (await BodySamples.ReceiveAsync(wire, headers, wire.Length)).Error);
        Assert.Equal(BodyError.SignatureDoesNotMatch, (await BodySamples.ReceiveAsync(wire, later.Headers, wire.Length)).Error);
    }

    [Fact]
    public async Task Only_the_last_chunk_may_be_small()
    {
        foreach (PayloadMode mode in Modes)
        {
            (byte[] wire, IReadOnlyList<KeyValuePair<string, string>> headers) = BodySamples.Frame(BodySamples.Content(8191 + 5), mode, 8191);
            (BodyError error, _, _, BodyFailure? failure) = await BodySamples.ReceiveAsync(wire, headers, wire.Length);
            Assert.Equal(BodyError.InvalidChunkSizeError, error);
            Assert.Contains(new KeyValuePair<string, string>("BadChunkSize", "8191"), failure!.Fields);
        }
    }

    [Theory]
    [InlineData("AAAAAA==", BodyError.BadDigest)]
    [InlineData("AAAA", BodyError.InvalidRequest)]
    [InlineData("", BodyError.InvalidRequest)]
    public async Task A_trailing_checksum_that_is_wrong_is_refused(string value, BodyError error)
    {
        foreach (PayloadMode mode in Modes.Skip(1))
        {
            (byte[] wire, IReadOnlyList<KeyValuePair<string, string>> headers) = BodySamples.Frame(BodySamples.Content(50), mode, 8192, value);
            Assert.Equal(error, (await BodySamples.ReceiveAsync(wire, headers, wire.Length)).Error);
        }
    }

    [Theory]
    [InlineData("3\r\nabc\r\n0\r\nx-amz-checksum-crc32c:NksDRw==\r\n\r\n", BodyError.BadDigest)]
    [InlineData("3\r\nabc\r\n0\r\nx-amz-checksum-crc32c:Nks/twAA\r\n\r\n", BodyError.InvalidRequest)]
    [InlineData("3\r\nabc\r\n0\r\n\r\n", BodyError.MalformedTrailerError)]
    [InlineData("3\r\nabc\r\n0\r\nx-amz-checksum-crc32:NksDRw==\r\n\r\n", BodyError.MalformedTrailerError)]
    [InlineData("3\r\nabc\r\n0\r\nnonsense\r\n\r\n", BodyError.MalformedTrailerError)]
    [InlineData("4\r\nabcd\r\n0\r\n\r\n", BodyError.IncompleteBody)]
    [InlineData("2\r\nab\r\n0\r\n\r\n", BodyError.MalformedTrailerError)]
    [InlineData("fffffffffffffffff\r\n", BodyError.IncompleteBody)]
    [InlineData("-1\r\n", BodyError.IncompleteBody)]
    [InlineData("\r\n", BodyError.IncompleteBody)]
    [InlineData("3\nabc\n0\n\n", BodyError.IncompleteBody)]
    [InlineData("3\r\nabcd\r\n0\r\n\r\n", BodyError.IncompleteBody)]
    public async Task Framing_that_is_not_right_is_refused(string body, BodyError error)
    {
        (_, IReadOnlyList<KeyValuePair<string, string>> headers) = BodySamples.Frame(new byte[3], PayloadMode.StreamingUnsignedTrailer, 8192);
        Assert.Equal(error, (await BodySamples.ReceiveAsync(Encoding.ASCII.GetBytes(body), headers, body.Length)).Error);
    }

    [Fact]
    public async Task No_trailer_is_needed_when_none_is_announced()
    {
        SignedRequest signed = AuthSamples.Signer.Sign(
            AuthSamples.Request("PUT", "/b/k", "", ("Host", "h"), ("x-amz-decoded-content-length", "3")), BodySamples.Now, "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
        (BodyError error, _, byte[] content, _) = await BodySamples.ReceiveAsync("3\r\nabc\r\n0\r\n\r\n"u8.ToArray(), signed.Headers, null);
        Assert.Equal((BodyError.None, "abc"), (error, Encoding.ASCII.GetString(content)));
    }

    [Fact]
    public async Task The_decoded_length_is_required_and_bounded()
    {
        Assert.Equal(BodyError.MissingContentLength, await ReceiveAsync(null));
        Assert.Equal(BodyError.InvalidArgument, await ReceiveAsync("-3"));
        Assert.Equal(BodyError.EntityTooLarge, await ReceiveAsync("5368709121"));

        static async Task<BodyError> ReceiveAsync(string? length)
        {
            (string, string)[] headers = length is null ? [("Host", "h")] : [("Host", "h"), ("x-amz-decoded-content-length", length)];
            SignedRequest signed = AuthSamples.Signer.Sign(AuthSamples.Request("PUT", "/b/k", "", headers), BodySamples.Now, "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
            return (await BodySamples.ReceiveAsync([], signed.Headers, 10)).Error;
        }
    }

    [Fact]
    public void Arbitrary_bytes_are_refused_never_thrown_at()
    {
        Gen<string> noise = Gen.String[Gen.Char["0123af;:\r\n\r\nchunk-signature=x"], 0, 60];
        Gen.Select(noise, Gen.Int[0, 2].Select(i => Modes[i]), Gen.Int[1, 7], Gen.Int[0, 40]).Sample(
            (text, mode, segmentBytes, sizeBytes) =>
            {
                (byte[] wire, IReadOnlyList<KeyValuePair<string, string>> headers) = BodySamples.Frame(BodySamples.Content(sizeBytes), mode, 8192);
                byte[] body = [.. wire.AsSpan(0, Math.Min(wire.Length, sizeBytes)), .. Encoding.ASCII.GetBytes(text)];
                Assert.NotEqual(BodyError.None, BodySamples.Receive(body, headers, body.Length, segmentBytes).Error);
            },
            iter: 2000);
    }
}
