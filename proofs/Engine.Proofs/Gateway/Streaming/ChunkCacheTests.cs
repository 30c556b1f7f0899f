using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using CsCheck;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;
using Xunit;

namespace ObjectStore.Engine.Proofs.Gateway.Streaming;

/// <summary>The cache of chunks against a model of lists that says, for any history, what is in it; and what it must refuse.</summary>
public sealed class ChunkCacheTests
{
    private const int Page = CachePages.PageBytes;
    private const int PagesMax = 20;

    private static readonly int[] Lengths = [1, 100, Page - 1, Page, Page + 1, 3 * Page, (5 * Page) + 7, 8 * Page, PagesMax * Page, (PagesMax * Page) + 1];

    private static readonly Gen<(int Kind, int A, int B)[]> Histories =
        Gen.Select(Gen.Int[0, 99], Gen.Int[0, 23], Gen.Int[0, 1 << 20]).Array[1, 200];

    [Fact]
    public void Every_history_agrees_with_the_model() =>
        Histories.Sample(
            static steps =>
            {
                var history = new History();
                foreach ((int kind, int a, int b) in steps)
                {
                    history.Apply(kind, a, b);
                    history.Check();
                }

                history.End();
            },
            iter: 2_000,
            print: static steps => string.Join(' ', steps));

    [Fact]
    public void A_chunk_comes_in_when_it_is_read_whole_for_the_second_time()
    {
        var cache = new ChunkCache(PagesMax * Page);
        cache.Offer(Id(7), Content(7));
        Assert.Null(cache.TryRead(Whole(7)));
        Assert.Equal(0, cache.MeasureUsage().HeldBytes);
        cache.Offer(Id(7), Content(7));
        using CacheRead? read = cache.TryRead(Whole(7));
        Assert.NotNull(read);
    }

    [Fact]
    public void A_chunk_that_was_just_written_comes_in_at_its_first_read()
    {
        var cache = new ChunkCache(PagesMax * Page);
        cache.NoteWritten(Id(7), Content(7).Length);
        Assert.Null(cache.TryRead(Whole(7)));
        Assert.Equal(0, cache.MeasureUsage().HeldBytes);
        cache.Offer(Id(7), Content(7));
        using CacheRead? read = cache.TryRead(Whole(7));
        Assert.NotNull(read);
    }

    [Fact]
    public void One_pass_over_more_than_it_holds_costs_no_memory_and_drives_nothing_out()
    {
        var cache = new ChunkCache(PagesMax * Page);
        Admit(cache, 3);
        for (int id = 100; id < 1_000; id++)
        {
            cache.Offer(Id(id), Content(id));
        }

        Assert.Equal(1, cache.MeasureUsage().ChunkCount);
        cache.TryRead(Whole(3))!.Dispose();
    }

    [Fact]
    public void What_is_being_read_is_not_evicted_and_when_all_is_nothing_comes_in()
    {
        var cache = new ChunkCache(8 * Page);
        Admit(cache, 7);
        CacheRead read = cache.TryRead(Whole(7))!;
        Admit(cache, 5);
        Assert.Null(cache.TryRead(Whole(5)));
        byte[] copied = new byte[Length(7)];
        Assert.Equal(copied.Length, read.CopyTo(copied));
        Assert.Equal(Content(7), copied);
        read.Dispose();

        Admit(cache, 5);
        Assert.Null(cache.TryRead(Whole(7)));
        cache.TryRead(Whole(5))!.Dispose();
        Assert.Equal(8 * Page, cache.MeasureUsage().HeldBytes);
    }

    [Fact]
    public void A_small_chunk_takes_its_pages_and_no_more()
    {
        var cache = new ChunkCache(4 * Page);
        for (int id = 0; id < 4; id++)
        {
            cache.Offer(Id(id), new byte[Page]);
            cache.Offer(Id(id), new byte[Page]);
        }

        Assert.Equal(4, cache.MeasureUsage().ChunkCount);
    }

    [Fact]
    public void Reading_after_giving_back_and_giving_back_twice_are_caught()
    {
        var cache = new ChunkCache(PagesMax * Page);
        Admit(cache, 2);
        CacheRead read = cache.TryRead(Whole(2))!;
        read.Dispose();
        Assert.Throws<InvariantViolationException>(() => read.CopyTo(new byte[1]));
        Assert.Throws<InvariantViolationException>(read.Dispose);
        Assert.Equal(0, cache.MeasureUsage().OpenReads);
    }

    [Fact]
    public void A_chunk_of_another_length_than_is_stated_is_left_to_the_store()
    {
        var cache = new ChunkCache(PagesMax * Page);
        Admit(cache, 2);
        Assert.Null(cache.TryRead(Whole(2) with { ChunkLengthBytes = Length(2) + 1 }));
    }

    /// <summary>Threads that read and offer more than fits, for real: wrong bytes, a lost reader or a bound that breaks would show. Every interleaving of less: proofs/Systematic.</summary>
    [Fact]
    public void Threads_never_see_bytes_of_another_chunk()
    {
        var cache = new ChunkCache(PagesMax * Page);
        Exception? failure = null;
        var threads = new Thread[4];
        for (int number = 0; number < threads.Length; number++)
        {
            var random = new Random(number);
            threads[number] = new Thread(() =>
            {
                try
                {
                    byte[] copied = new byte[8 * Page];
                    for (int turn = 0; turn < 5_000; turn++)
                    {
                        // Lengths of up to eight pages, seven chunks of each.
                        int id = (10 * random.Next(7)) + random.Next(8);
                        using CacheRead? read = cache.TryRead(Whole(id));
                        if (read is null)
                        {
                            cache.Offer(Id(id), Content(id));
                            continue;
                        }

                        int half = read.CopyTo(copied.AsSpan(0, Length(id) / 2));
                        read.CopyTo(copied.AsSpan(half));
                        Assert.True(copied.AsSpan(0, Length(id)).SequenceEqual(Content(id)), $"bytes of chunk {id}");
                        Assert.True(cache.MeasureUsage().HeldBytes <= PagesMax * Page);
                    }
                }
                catch (Exception caught)
                {
                    failure = caught;
                }
            });
            threads[number].Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        Assert.Null(failure);
        ChunkCacheUsage usage = cache.MeasureUsage();
        Assert.True(usage is { OpenReads: 0, Hits: > 0 } && usage.ChunkCount > 0, usage.ToString());
    }

    private static ChunkId Id(int id) => new(new BlobId(1, (ulong)(id / 3)), (uint)(id % 3));

    private static int Length(int id) => Lengths[id % Lengths.Length];

    private static ContentPiece Whole(int id) => new(Id(id), Length(id), 0, Length(id));

    private static byte[] Content(int id) => Contents.GetOrAdd(id, static id => GatewayRig.Bytes(Length(id), id));

    private static readonly System.Collections.Concurrent.ConcurrentDictionary<int, byte[]> Contents = new();

    private static void Admit(ChunkCache cache, int id)
    {
        cache.Offer(Id(id), Content(id));
        cache.Offer(Id(id), Content(id));
    }

    /// <summary>A cache beside its model.</summary>
    private sealed class History
    {
        private readonly ChunkCache _cache = new(PagesMax * Page);
        private readonly List<Held> _clock = [];
        private readonly List<(int Id, int Pages, bool Taken)> _ghosts = [];
        private readonly List<(CacheRead Read, Held Chunk, int At)> _open = [];
        private readonly Dictionary<int, int> _offers = [];
        private (long Hits, long Misses) _counts;

        internal void Apply(int kind, int id, int more)
        {
            switch (kind)
            {
                case < 70:
                    // As a request does it: a piece is read, and shown when it came from the store and was whole.
                    int offset = kind < 50 ? 0 : more % Length(id);
                    ReadPiece(id, offset, kind < 50 ? Length(id) : 1 + ((more / 7) % (Length(id) - offset)), keepOpen: more % 3 == 0);
                    break;
                case < 85:
                    Use(more);
                    break;
                default:
                    Close(more);
                    break;
            }
        }

        internal void Check()
        {
            ChunkCacheUsage usage = _cache.MeasureUsage();
            Assert.True(usage.HeldBytes <= PagesMax * Page, $"{usage.HeldBytes} bytes held");
            Assert.True(_clock.Sum(static chunk => chunk.Pages) <= PagesMax);
            Assert.Equal((_clock.Count, _open.Count, _counts.Hits, _counts.Misses), (usage.ChunkCount, usage.OpenReads, usage.Hits, usage.Misses));
        }

        /// <summary>Everything is given back, everything that is in can be read, and everything can be driven out.</summary>
        internal void End()
        {
            while (_open.Count > 0)
            {
                Use(0);
                Close(0);
            }

            foreach (Held chunk in _clock.ToArray())
            {
                ReadPiece(chunk.Id, 0, Length(chunk.Id), keepOpen: false);
            }

            Assert.Equal(0, _cache.MeasureUsage().OpenReads);
            Admit(_cache, 1_008);
            _cache.TryRead(Whole(1_008))!.Dispose();
            Assert.Equal(1, _cache.MeasureUsage().ChunkCount);
        }

        private void ReadPiece(int id, int offset, int length, bool keepOpen)
        {
            CacheRead? read = _cache.TryRead(new ContentPiece(Id(id), Length(id), offset, length));
            Held? held = _clock.Find(chunk => chunk.Id == id);
            Assert.Equal(held is not null, read is not null);
            if (held is null)
            {
                _counts.Misses++;
                if (length == Length(id))
                {
                    Offer(id);
                }

                return;
            }

            Assert.True(_offers[id] >= 2, $"chunk {id} came in after {_offers[id]} whole reads");
            _counts.Hits++;
            held.Uses = int.Min(held.Uses + 1, 3);
            held.Readers++;
            _open.Add((read!, held, offset));
            if (!keepOpen)
            {
                Use(_open.Count - 1);
                Close(_open.Count - 1);
            }
        }

        // Copies half of what is left, or all of a little.
        private void Use(int which)
        {
            if (_open.Count == 0)
            {
                return;
            }

            int index = which % _open.Count;
            (CacheRead read, Held chunk, int at) = _open[index];
            byte[] copied = new byte[read.RestBytes > 10 ? read.RestBytes / 2 : read.RestBytes + 5];
            int count = read.CopyTo(copied);
            Assert.Equal(Content(chunk.Id).AsSpan(at, count), copied.AsSpan(0, count));
            _open[index] = (read, chunk, at + count);
        }

        private void Close(int which)
        {
            if (_open.Count == 0)
            {
                return;
            }

            int index = which % _open.Count;
            _open[index].Read.Dispose();
            _open[index].Chunk.Readers--;
            _open.RemoveAt(index);
        }

        private void Offer(int id)
        {
            _cache.Offer(Id(id), Content(id));
            _offers[id] = _offers.GetValueOrDefault(id) + 1;
            int pages = (Length(id) + Page - 1) / Page;
            if (pages > PagesMax)
            {
                return;
            }

            int ghost = _ghosts.FindIndex(name => name.Id == id && !name.Taken);
            if (ghost >= 0)
            {
                _ghosts[ghost] = _ghosts[ghost] with { Taken = true };
                if (MakeRoom(pages))
                {
                    _clock.Add(new Held(id, pages));
                    return;
                }
            }

            _ghosts.Add((id, pages, false));
            while (_ghosts.Sum(static name => name.Pages) > PagesMax)
            {
                _ghosts.RemoveAt(0);
            }
        }

        private bool MakeRoom(int pages)
        {
            for (int step = 0; step < ChunkCache.StepsMax && _clock.Count > 0 && _clock.Sum(static chunk => chunk.Pages) + pages > PagesMax; step++)
            {
                Held first = _clock[0];
                _clock.RemoveAt(0);
                if (first.Uses == 0 && first.Readers == 0)
                {
                    continue;
                }

                first.Uses = int.Max(0, first.Uses - 1);
                _clock.Add(first);
            }

            return _clock.Sum(static chunk => chunk.Pages) + pages <= PagesMax;
        }

        private sealed class Held(int id, int pages)
        {
            internal int Id => id;

            internal int Pages => pages;

            internal int Uses { get; set; }

            internal int Readers { get; set; }
        }
    }
}
