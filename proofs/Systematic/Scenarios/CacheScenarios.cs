using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Systematic.Scenarios;

/// <summary>The cache of chunks with room for two of three, read and filled by several threads.</summary>
public static class CacheScenarios
{
    private const int Chunks = 3;
    private const int LengthBytes = 8;

    /// <summary>Whoever reads sees the bytes of its chunk, half before and half after others filled the cache; nothing stays held and the bound is kept.</summary>
    public static Task A_chunk_stays_while_it_is_read() => ReadAsync(giveBackEarly: false);

    /// <summary>The same with readers that keep the chunk's pages in mind and give it back before they copy the second half: pages that were filled anew are read.</summary>
    public static Task Broken_reader_that_does_not_hold_its_chunk() => ReadAsync(giveBackEarly: true);

    private static async Task ReadAsync(bool giveBackEarly)
    {
        var cache = new ChunkCache(2 * CachePages.PageBytes);
        Offer(cache, 0);
        Offer(cache, 0);
        var readers = new Task[Chunks];
        for (int reader = 0; reader < Chunks; reader++)
        {
            int first = reader;
            readers[reader] = Task.Run(() =>
            {
                for (int turn = 0; turn < Chunks; turn++)
                {
                    Read(cache, (first + turn) % Chunks, giveBackEarly);
                }
            });
        }

        await Task.WhenAll(readers);
        ChunkCacheUsage usage = cache.MeasureUsage();
        if (usage.OpenReads != 0 || usage.ChunkCount > 2 || usage.HeldBytes > 2 * CachePages.PageBytes)
        {
            throw new InvalidOperationException(usage.ToString());
        }

        // No page is lost: two chunks fit still.
        for (int other = Chunks; other < Chunks + 2; other++)
        {
            for (int turn = 0; turn < 2; turn++)
            {
                Offer(cache, other);
            }
        }

        if (cache.MeasureUsage().ChunkCount != 2)
        {
            throw new InvalidOperationException("pages lost");
        }
    }

    private static void Read(ChunkCache cache, int number, bool giveBackEarly)
    {
        CacheRead? read = cache.TryRead(new ContentPiece(Id(number), LengthBytes, 0, LengthBytes));
        if (read is null)
        {
            Offer(cache, number);
            Offer(cache, number);
            return;
        }

        Span<byte> copied = stackalloc byte[LengthBytes];
        read.CopyTo(copied[..(LengthBytes / 2)]);
        if (giveBackEarly)
        {
            read.Dispose();
        }

        // A call that takes the lock: others may come between the halves.
        cache.MeasureUsage();
        if (giveBackEarly)
        {
            cache.Copy(read.Chunk, LengthBytes / 2, copied[(LengthBytes / 2)..]);
        }
        else
        {
            read.CopyTo(copied[(LengthBytes / 2)..]);
            read.Dispose();
        }

        if (copied.ContainsAnyExcept(Mark(number)))
        {
            throw new InvalidOperationException("bytes of another chunk");
        }
    }

    private static void Offer(ChunkCache cache, int number)
    {
        Span<byte> content = stackalloc byte[LengthBytes];
        content.Fill(Mark(number));
        cache.Offer(Id(number), content);
    }

    private static ChunkId Id(int number) => new(new BlobId(1, (ulong)number), 0);

    private static byte Mark(int number) => (byte)(number + 1);
}
