using System;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Metadata;

/// <summary>Object row with its body: form 1, then the bytes. A row without them is of form 1 still.</summary>
internal static class ObjectWithBodyForm
{
    internal const byte Version = 2;

    internal static void Write(ByteWriter to, ObjectRow row)
    {
        Invariant.Check(row.Data.Inline?.LengthBytes == row.Body.Length, "the body in a row is the object's");
        ObjectFormV1.Write(to, row);
        to.Raw(row.Body.Span);
    }

    /// <param name="bytes">The row, whose end becomes the body as it is.</param>
    /// <param name="from">Reads it, from behind its version on.</param>
    /// <param name="key">Key of the object.</param>
    /// <param name="sequence">Place among the versions of its key.</param>
    internal static ObjectRow Read(ReadOnlyMemory<byte> bytes, ref ByteReader from, string key, ulong sequence)
    {
        ObjectRow row = ObjectFormV1.Read(ref from, key, sequence);
        int bodyBytes = from.Remaining;
        return bodyBytes > 0 && row.Data.Inline?.LengthBytes == bodyBytes
            ? row with { Body = bytes[^bodyBytes..] }
            : throw new MalformedDataException($"object row with a body of {bodyBytes} bytes");
    }
}
