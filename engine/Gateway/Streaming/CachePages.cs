using System;
using System.Collections.Generic;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Gateway;

/// <summary>Native memory of a cache in pages of one size. Its bound is the bound of the cache: whatever holds pages, there are no more of them.</summary>
/// <remarks>
/// Pages of one size because any freed page then serves any chunk: nothing is given back to the allocator and faulted in again when sizes change, and
/// memory does not fragment. What is lost is half a page a chunk on average. Memory is taken a slab at a time, as it is first needed, and kept.
/// Not thread-safe but for <see cref="Page"/>; freed when the collector finds it (<see cref="AlignedMemory"/>).
/// </remarks>
internal sealed class CachePages
{
    /// <summary>Size of a page.</summary>
    internal const int PageBytes = 16 * 1024;

    private const int SlabPages = 64;

    private readonly AlignedMemory?[] _slabs;
    private readonly Stack<int> _free = new();
    private int _allocated;

    internal CachePages(long limitBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limitBytes, PageBytes);
        PageCountMax = (int)long.Min(limitBytes / PageBytes, int.MaxValue - SlabPages);
        _slabs = new AlignedMemory?[((PageCountMax - 1) / SlabPages) + 1];
    }

    /// <summary>Pages that there may be.</summary>
    internal int PageCountMax { get; }

    /// <summary>Bytes of native memory held, whether used or free.</summary>
    internal long HeldBytes => _allocated * (long)PageBytes;

    /// <summary>Pages that can be taken now.</summary>
    internal int AvailablePages => _free.Count + (PageCountMax - _allocated);

    /// <summary>Pages that so many bytes take.</summary>
    internal static int PagesFor(int lengthBytes) => ((lengthBytes - 1) / PageBytes) + 1;

    /// <summary>Takes pages, not more than <see cref="AvailablePages"/>. Their content is undefined.</summary>
    internal int[] Take(int count)
    {
        Invariant.Check(count <= AvailablePages, "more pages taken than there are");
        while (_free.Count < count)
        {
            AddSlab();
        }

        int[] pages = new int[count];
        for (int i = 0; i < count; i++)
        {
            pages[i] = _free.Pop();
        }

        return pages;
    }

    /// <summary>Gives pages back that nobody reads or writes any more.</summary>
    internal void GiveBack(int[] pages)
    {
        // Backwards, so that the next one takes them in the order in which they lie.
        for (int i = pages.Length - 1; i >= 0; i--)
        {
            _free.Push(pages[i]);
        }

        Invariant.Check(_free.Count <= _allocated, "pages given back twice");
    }

    /// <summary>The bytes of a taken page. Any thread that learned of the page behind the cache's lock.</summary>
    internal Span<byte> Page(int page) => _slabs[page / SlabPages]!.GetSpan().Slice(page % SlabPages * PageBytes, PageBytes);

    private void AddSlab()
    {
        int count = int.Min(SlabPages, PageCountMax - _allocated);
        _slabs[_allocated / SlabPages] = AlignedMemory.Allocate(count * PageBytes);
        for (int i = count - 1; i >= 0; i--)
        {
            _free.Push(_allocated + i);
        }

        _allocated += count;
    }
}
