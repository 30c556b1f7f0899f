using System;
using System.Security.Cryptography;
using System.Threading;

namespace ObjectStore.Engine.Auth;

/// <summary>Hash objects kept for the next request, since to make one costs more than to hash a request with it. Any thread: each slot is emptied and filled by an exchange.</summary>
/// <remarks>A hash object that was given back has no state but its key, so which one a request gets changes nothing.</remarks>
internal sealed class HashSlots(Func<IncrementalHash> make)
{
    /// <summary>As many as threads may hash at once without making more.</summary>
    private const int SlotCount = 8;

    private readonly IncrementalHash?[] _slots = new IncrementalHash?[SlotCount];

    /// <summary>Digest of <paramref name="data"/>.</summary>
    /// <param name="data">All of it.</param>
    /// <param name="digest">As long as the digest.</param>
    public void Compute(ReadOnlySpan<byte> data, Span<byte> digest)
    {
        IncrementalHash hash = Take();
        hash.AppendData(data);
        hash.GetHashAndReset(digest);
        GiveBack(hash);
    }

    private IncrementalHash Take()
    {
        for (int slot = 0; slot < SlotCount; slot++)
        {
            if (Volatile.Read(ref _slots[slot]) is not null && Interlocked.Exchange(ref _slots[slot], null) is { } kept)
            {
                return kept;
            }
        }

        return make();
    }

    private void GiveBack(IncrementalHash hash)
    {
        for (int slot = 0; slot < SlotCount; slot++)
        {
            if (Volatile.Read(ref _slots[slot]) is null && Interlocked.CompareExchange(ref _slots[slot], hash, null) is null)
            {
                return;
            }
        }

        hash.Dispose();
    }
}
