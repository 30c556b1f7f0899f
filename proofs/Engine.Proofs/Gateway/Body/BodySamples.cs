using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO.Pipelines;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Proofs;

/// <summary>Makes requests with bodies, signed the way clients sign them, and reads them in pieces.</summary>
internal static class BodySamples
{
    public static readonly DateTime Now = AuthSamples.DocumentedUtc;

    /// <summary>Bytes that differ from place to place.</summary>
    public static byte[] Content(int sizeBytes) => [.. Enumerable.Range(0, sizeBytes).Select(i => unchecked((byte)((i * 31) ^ (i >> 8))))];

    public static string Crc32CBase64(byte[] content)
    {
        byte[] digest = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(digest, Crc32C.Compute(content));
        return Convert.ToBase64String(digest);
    }

    /// <summary>Frames and signs content; the trailer is CRC32C when the mode has one.</summary>
    public static (byte[] Wire, IReadOnlyList<KeyValuePair<string, string>> Headers) Frame(
        byte[] content, PayloadMode mode, int chunkSizeBytes, string? trailerValue = null)
    {
        bool trailing = mode != PayloadMode.StreamingSigned;
        string hash = mode switch
        {
            PayloadMode.StreamingSigned => "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            PayloadMode.StreamingSignedTrailer => "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
            _ => "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        };
        List<KeyValuePair<string, string>> headers =
        [
            new("Host", "h"), new("Content-Encoding", "aws-chunked"), new("x-amz-decoded-content-length", $"{content.Length}"),
        ];
        if (trailing)
        {
            headers.Add(new("x-amz-trailer", "x-amz-checksum-crc32c"));
        }

        SignedRequest signed = AuthSamples.Signer.Sign(new AuthRequest("PUT", "/b/k", "", headers), Now, hash);
        ArrayBufferWriter<byte> wire = new();
        foreach (byte[] chunk in content.Chunk(chunkSizeBytes).Append([]))
        {
            WriteChunk(wire, chunk, mode == PayloadMode.StreamingUnsignedTrailer ? null : signed.Chunks);
        }

        if (trailing)
        {
            WriteTrailer(wire, trailerValue ?? Crc32CBase64(content), mode == PayloadMode.StreamingSignedTrailer ? signed.Chunks : null);
        }

        wire.Write("\r\n"u8);
        return (wire.WrittenSpan.ToArray(), signed.Headers);
    }

    /// <summary>Runs the whole way: verify the request's signature, read the body in the pieces given, complete.</summary>
    public static async Task<(BodyError Error, BodyDigests? Digests, byte[] Content, BodyFailure? Failure)> ReceiveAsync(
        byte[] wire,
        IReadOnlyList<KeyValuePair<string, string>> headers,
        long? contentLength,
        int segmentBytes = 4096,
        int readBytes = 4096,
        BodyOptions? options = null)
    {
        AuthResult auth = AuthSamples.Verifier().Verify(new AuthRequest("PUT", "/b/k", "", headers), Now);
        if (auth.Error != AuthError.None)
        {
            throw new InvalidOperationException(auth.Failure!.Message);
        }

        S3Request request = new()
        {
            Method = "PUT",
            RawPath = "/b/k",
            RawQuery = "",
            Headers = headers,
            ContentLength = contentLength,
            Body = PipeReader.Create(Segments(wire, segmentBytes)),
        };
        Outcome<BodyReader, BodyError> opened = BodyReader.Open(request, auth, options ?? new BodyOptions(), out BodyFailure? refused);
        if (!opened.Ok)
        {
            return (opened.Error, null, [], refused);
        }

        using BodyReader reader = opened.Value;
        ArrayBufferWriter<byte> content = new();
        while (true)
        {
            Outcome<int, BodyError> read = await reader.ReadAsync(content.GetMemory(readBytes)[..readBytes], CancellationToken.None);
            if (!read.Ok)
            {
                return (read.Error, null, [], reader.Failure);
            }

            if (read.Value == 0)
            {
                break;
            }

            content.Advance(read.Value);
        }

        Outcome<BodyDigests, BodyError> completed = await reader.CompleteAsync(CancellationToken.None);
        return (completed.Error, completed.Ok ? completed.Value : null, content.WrittenSpan.ToArray(), reader.Failure);
    }

    /// <summary>The same for property tests: nothing here waits, as all bytes are there from the start.</summary>
    public static (BodyError Error, BodyDigests? Digests, byte[] Content, BodyFailure? Failure) Receive(
        byte[] wire, IReadOnlyList<KeyValuePair<string, string>> headers, long? contentLength, int segmentBytes = 4096, int readBytes = 4096) =>
        ReceiveAsync(wire, headers, contentLength, segmentBytes, readBytes).GetAwaiter().GetResult();

    public static KeyValuePair<string, string>[] Plain(params (string Name, string Value)[] headers) =>
        AuthSamples.Headers([("Host", "h"), .. headers]);

    private static void WriteChunk(ArrayBufferWriter<byte> wire, byte[] chunk, ChunkSignatureChain? chain)
    {
        string signature = "";
        if (chain is not null)
        {
            byte[] digits = new byte[ChunkSignatureChain.SignatureLength];
            chain.SignChunk(SHA256.HashData(chunk), digits);
            signature = ";chunk-signature=" + Encoding.ASCII.GetString(digits);
        }

        wire.Write(Encoding.ASCII.GetBytes($"{chunk.Length:x}{signature}\r\n"));
        if (chunk.Length > 0)
        {
            wire.Write(chunk);
            wire.Write("\r\n"u8);
        }
    }

    private static void WriteTrailer(ArrayBufferWriter<byte> wire, string value, ChunkSignatureChain? chain)
    {
        wire.Write(Encoding.ASCII.GetBytes($"x-amz-checksum-crc32c:{value}\r\n"));
        if (chain is not null)
        {
            byte[] digits = new byte[ChunkSignatureChain.SignatureLength];
            chain.SignTrailer(SHA256.HashData(Encoding.ASCII.GetBytes($"x-amz-checksum-crc32c:{value}\n")), digits);
            wire.Write(Encoding.ASCII.GetBytes($"x-amz-trailer-signature:{Encoding.ASCII.GetString(digits)}\r\n"));
        }
    }

    private static ReadOnlySequence<byte> Segments(byte[] wire, int segmentBytes)
    {
        Segment first = new(ReadOnlyMemory<byte>.Empty, 0);
        Segment last = first;
        for (int at = 0; at < wire.Length; at += segmentBytes)
        {
            last = last.Append(wire.AsMemory(at, Math.Min(segmentBytes, wire.Length - at)));
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long runningIndex) => (Memory, RunningIndex) = (memory, runningIndex);

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            Segment next = new(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
