using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Host;

/// <summary>Reads frames off a connection.</summary>
internal static class FrameReader
{
    /// <summary>Who greets; null when the connection ends or does not begin with a greeting.</summary>
    internal static async Task<NodeId?> ReadGreetingAsync(Stream stream, CancellationToken cancellation)
    {
        byte[]? payload = await ReadAsync(stream, new byte[WireFormat.HeaderBytes], WireFormat.GreetingBytesMax, cancellation);
        return payload is null ? null : WireFormat.ReadGreeting(payload);
    }

    /// <summary>The payload of the next frame; null at the end.</summary>
    /// <param name="stream">The connection.</param>
    /// <param name="header">Room for a header.</param>
    /// <param name="lengthMax">Longest payload that is taken.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="InvalidDataException">A frame is damaged or too long: the place of the next one is in doubt, so the connection ends with it.</exception>
    internal static async ValueTask<byte[]?> ReadAsync(Stream stream, byte[] header, int lengthMax, CancellationToken cancellation)
    {
        if (await stream.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, cancellation) < header.Length)
        {
            return null;
        }

        int length = WireFormat.Length(header, lengthMax);
        byte[] payload = length >= 0 ? GC.AllocateUninitializedArray<byte>(length) : throw new InvalidDataException("frame length out of bounds");
        await stream.ReadExactlyAsync(payload, cancellation);
        return WireFormat.IsIntact(header, payload) ? payload : throw new InvalidDataException("frame checksum does not match");
    }
}
