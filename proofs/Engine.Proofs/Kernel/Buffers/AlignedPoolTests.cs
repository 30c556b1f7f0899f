using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using Xunit;

namespace ObjectStore.Engine.Proofs.Kernel.Buffers;

public sealed class AlignedPoolTests
{
    [Fact]
    public unsafe void Memory_is_aligned_and_of_the_class_size()
    {
        var pool = new AlignedPool(1 << 20, 4096, 65536);
        foreach ((int asked, int got) in new[] { (1, 4096), (4096, 4096), (4097, 65536), (65536, 65536), (65537, 69632) })
        {
            using AlignedMemory memory = pool.Rent(asked);
            Assert.Equal(got, memory.Memory.Length);
            Assert.True(AlignedMemory.IsAligned(memory.Memory));
            using System.Buffers.MemoryHandle pin = memory.Memory.Pin();
            Assert.Equal(0u, (nuint)pin.Pointer % 4096);
        }
    }

    [Fact]
    public void Only_whole_sectors_of_native_memory_count_as_aligned()
    {
        using AlignedMemory memory = AlignedMemory.Allocate(16384);
        Assert.True(AlignedMemory.IsAligned(memory.Memory[4096..12288]));
        Assert.False(AlignedMemory.IsAligned(memory.Memory[1..4097]));
        Assert.False(AlignedMemory.IsAligned(memory.Memory[..100]));
        Assert.False(AlignedMemory.IsAligned(new byte[4096]));
    }

    [Fact]
    public void What_comes_back_is_handed_out_again_up_to_the_bound()
    {
        var pool = new AlignedPool(8192, 4096);
        AlignedMemory a = pool.Rent(1), b = pool.Rent(1), c = pool.Rent(1);
        Assert.Equal(12288, pool.RentedBytes);
        a.Dispose();
        b.Dispose();
        c.Dispose();
        Assert.Equal(0, pool.RentedBytes);
        Assert.Equal(8192, pool.IdleBytes);
        Assert.Same(b, pool.Rent(1));
        Assert.Same(a, pool.Rent(1));
        Assert.NotSame(c, pool.Rent(1));
    }

    [Fact]
    public void Giving_back_twice_and_using_after_giving_back_are_caught()
    {
        var pool = new AlignedPool(8192, 4096);
        AlignedMemory memory = pool.Rent(1);
        memory.Dispose();
        Assert.Throws<InvariantViolationException>(memory.Dispose);
        Assert.Throws<InvariantViolationException>(() => memory.GetSpan().Length);

        AlignedMemory unpooled = AlignedMemory.Allocate(1);
        unpooled.Dispose();
        Assert.Throws<InvariantViolationException>(unpooled.Dispose);
    }

    [Fact]
    public void Renting_when_warm_allocates_nothing()
    {
        var pool = new AlignedPool(1 << 20, 4096);
        pool.Rent(1).Dispose();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            pool.Rent(1).Dispose();
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public async Task No_buffer_is_out_twice_when_many_threads_rent()
    {
        var pool = new AlignedPool(1 << 20, 4096);
        var workers = new Task[4];
        for (int w = 0; w < workers.Length; w++)
        {
            byte tag = (byte)(w + 1);
            workers[w] = Task.Run(() =>
            {
                for (int i = 0; i < 5000; i++)
                {
                    using AlignedMemory memory = pool.Rent(4096);
                    memory.GetSpan()[..64].Fill(tag);
                    Assert.Equal(-1, memory.GetSpan()[..64].IndexOfAnyExcept(tag));
                }
            });
        }

        await Task.WhenAll(workers);
        Assert.Equal(0, pool.RentedBytes);
    }
}
