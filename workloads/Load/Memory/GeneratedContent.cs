using System;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;

namespace ObjectStore.Workloads.Load.Memory;

/// <summary>A request body made while it is sent: no more than one small buffer of it is ever in memory.</summary>
/// <param name="seed">Of the whole object's content.</param>
/// <param name="offset">Where in the object this body starts, a multiple of 8.</param>
/// <param name="lengthBytes">Its length.</param>
internal sealed class GeneratedContent(ulong seed, long offset, long lengthBytes) : HttpContent
{
    private const int BufferBytes = 128 * 1024;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[BufferBytes];
        for (long at = 0; at < lengthBytes; at += BufferBytes)
        {
            Memory<byte> piece = buffer.AsMemory(0, (int)Math.Min(BufferBytes, lengthBytes - at));
            Content.Fill(seed, offset + at, piece.Span);
            await stream.WriteAsync(piece, cancellationToken);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = lengthBytes;
        return true;
    }
}
