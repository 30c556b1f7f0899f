using System;
using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Threading;
using Microsoft.AspNetCore.Connections;

namespace ObjectStore.Engine.Host;

/// <summary>Memory of connections in blocks of 64 KiB. The default of 4 KiB costs a system call per 4 KiB received: a PUT of 1 MiB takes 2.5 times the CPU.</summary>
internal sealed class BlockPoolFactory : IMemoryPoolFactory<byte>
{
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new BlockPool();
}

/// <summary>Pinned blocks, kept for reuse up to <see cref="RetainedMax"/>; what comes back beyond that is left to the collector.</summary>
internal sealed class BlockPool : MemoryPool<byte>
{
    internal const int BlockBytes = 64 * 1024;

    /// <summary>32 MiB for each of the transport's queues.</summary>
    internal const int RetainedMax = 512;

    private readonly ConcurrentStack<Block> _free = new();
    private int _retained;

    public override int MaxBufferSize => BlockBytes;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockBytes);
        if (_free.TryPop(out Block? block))
        {
            Interlocked.Decrement(ref _retained);
            block.Rented = true;
            return block;
        }

        return new Block(this);
    }

    protected override void Dispose(bool disposing) => _free.Clear();

    private void Return(Block block)
    {
        if (Interlocked.Increment(ref _retained) <= RetainedMax)
        {
            _free.Push(block);
        }
        else
        {
            Interlocked.Decrement(ref _retained);
        }
    }

    private sealed class Block(BlockPool pool) : IMemoryOwner<byte>
    {
        private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true);

        internal bool Rented { get; set; } = true;

        public Memory<byte> Memory => MemoryMarshal.CreateFromPinnedArray(_bytes, 0, BlockBytes);

        public void Dispose()
        {
            if (Rented)
            {
                Rented = false;
                pool.Return(this);
            }
        }
    }
}
