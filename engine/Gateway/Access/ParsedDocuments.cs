using System;
using System.Threading;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Gateway;

/// <summary>Remembers what documents of buckets mean, by their content, so that they are not parsed again for each request. Any thread.</summary>
/// <remarks>
/// A table of <see cref="SlotCount"/> places, one for each value of the content's hash; a newcomer takes the place of the one before. What it holds on to is
/// bounded by that count times the size of a document. It is never out of date, since an entry is found by the whole content.
/// </remarks>
/// <param name="parse">Makes the meaning; what it returns is shared and must not change.</param>
internal sealed class ParsedDocuments<T>(Func<ReadOnlyMemory<byte>, T> parse)
    where T : class
{
    private const int SlotCount = 256;

    private readonly Entry?[] _slots = new Entry?[SlotCount];

    /// <summary>The meaning of a document.</summary>
    /// <exception cref="S3Exception">It does not parse.</exception>
    internal T Get(ReadOnlyMemory<byte> document)
    {
        ref Entry? slot = ref _slots[(int)(Crc32C.Compute(document.Span) % SlotCount)];
        Entry? found = Volatile.Read(ref slot);
        if (found is null || !found.Content.AsSpan().SequenceEqual(document.Span))
        {
            found = new Entry(document.ToArray(), parse(document));
            Volatile.Write(ref slot, found);
        }

        return found.Meaning;
    }

    private sealed record Entry(byte[] Content, T Meaning);
}
