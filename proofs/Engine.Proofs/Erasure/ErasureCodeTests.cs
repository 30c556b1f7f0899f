using System;
using System.Linq;
using System.Numerics;
using CsCheck;
using ObjectStore.Engine.Erasure;
using Xunit;

namespace ObjectStore.Engine.Proofs.Erasure;

public sealed class ErasureCodeTests
{
    public static TheoryData<string> Kernels => new(ShardKernels.Supported.Select(kernel => kernel.Name));

    [Fact]
    public void Every_loss_of_at_most_4_shards_of_10_plus_4_is_undone()
    {
        var code = new ErasureCode(10, 4);
        Memory<byte>[] stripe = Stripe(code, 64 + 13, seed: 1);
        int patterns = 0;
        for (int lost = 0; lost < 1 << 14; lost++)
        {
            if (BitOperations.PopCount((uint)lost) <= 4)
            {
                patterns++;
                AssertRebuilt(code, stripe, lost);
            }
        }

        Assert.Equal(1471, patterns);
    }

    [Fact]
    public void No_load_of_a_loop_over_pairs_sees_the_same_step_between_shards_twice_running()
    {
        for (int k = 1; k <= 64; k++)
        {
            bool[] present = [.. Enumerable.Range(0, k + 1).Select(shard => shard < k)];
            int[] order = new ErasureCode(k, 1).Plan(present, [k]).Program.Order.ToArray();
            Assert.Equal(Enumerable.Range(0, k), order.Order());
            for (int load = 0; load + 4 < k / 2 * 2; load++)
            {
                Assert.NotEqual(order[load + 2] - order[load], order[load + 4] - order[load + 2]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Every_kernel_gives_the_bytes_of_the_definition(string name)
    {
        IShardKernel kernel = ShardKernels.Supported.Single(candidate => candidate.Name == name);
        foreach ((int k, int m) in ((int, int)[])[(1, 1), (2, 1), (3, 2), (4, 2), (6, 3), (10, 4), (9, 6), (17, 3), (20, 8), (5, 7)])
        {
            foreach (int length in (int[])[1, 15, 16, 31, 63, 64, 65, 127, 128, 129, 255, 256, 257, 511, 512, 1000, 4096])
            {
                var code = new ErasureCode(k, m, kernel);
                Memory<byte>[] stripe = Stripe(code, length, seed: k * 1000 + m);
                byte[] matrix = CodingMatrix.CauchyParity(k, m);
                for (int parity = 0; parity < m; parity++)
                {
                    for (int at = 0; at < length; at++)
                    {
                        byte sum = 0;
                        for (int data = 0; data < k; data++)
                        {
                            sum ^= SlowMultiply(matrix[parity * k + data], stripe[data].Span[at]);
                        }

                        Assert.Equal(sum, stripe[k + parity].Span[at]);
                    }
                }
            }
        }
    }

    [Fact]
    public void Streaming_stores_give_the_same_bytes_as_plain_ones()
    {
        const int ShardBytes = 512 * 1024;
        byte[] data = Bytes(10 * ShardBytes, seed: 5);
        using var aligned = new AlignedStripe(4 * ShardBytes);
        new ErasureCode(10, 4).Encode(data, aligned.Span);
        var plain = new byte[4 * ShardBytes];
        new ErasureCode(10, 4, ShardKernels.Supported[^1]).Encode(data, plain);
        Assert.True(aligned.Span.SequenceEqual(plain));
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Any_alignment_and_way_of_storing_gives_the_same_bytes_and_touches_no_others(string name)
    {
        IShardKernel kernel = ShardKernels.Supported.Single(candidate => candidate.Name == name);
        foreach ((int k, int m) in ((int, int)[])[(4, 1), (5, 2), (6, 3), (10, 4), (3, 6)])
        {
            foreach (int length in (int[])[1, 63, 255, 256, 257, 319, 320, 640, 1000])
            {
                foreach (int offset in (int[])[0, 1, 26, 63])
                {
                    foreach (ShardStores stores in Enum.GetValues<ShardStores>())
                    {
                        AssertWithin(new ErasureCode(k, m, kernel), length, offset, stores);
                    }
                }
            }
        }
    }

    [Fact]
    public void The_first_parity_shard_is_the_xor_of_the_data()
    {
        var code = new ErasureCode(7, 3);
        Memory<byte>[] stripe = Stripe(code, 500, seed: 4);
        for (int at = 0; at < 500; at++)
        {
            Assert.Equal(stripe.Take(7).Aggregate(0, (sum, shard) => sum ^ shard.Span[at]), stripe[7].Span[at]);
        }
    }

    [Fact]
    public void Encoding_a_chunk_of_one_mebibyte_allocates_nothing()
    {
        const int ChunkBytes = 1024 * 1024;
        var code = new ErasureCode(10, 4);
        int shardBytes = code.ShardBytes(ChunkBytes);
        Assert.Equal(104_896, shardBytes);
        var data = new byte[10 * shardBytes];
        new Random(3).NextBytes(data.AsSpan(0, ChunkBytes));
        var parity = new byte[4 * shardBytes];
        code.Encode(data, parity);
        long before = GC.GetAllocatedBytesForCurrentThread();
        code.Encode(data, parity);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Any_code_undoes_any_loss_it_promises() =>
        (from k in Gen.Int[1, 40]
         from m in Gen.Int[1, 20]
         from length in Gen.Int[1, 300]
         from seed in Gen.Int[0, int.MaxValue]
         select (k, m, length, seed)).Sample(
            draw =>
            {
                var code = new ErasureCode(draw.k, draw.m);
                Memory<byte>[] stripe = Stripe(code, draw.length, draw.seed);
                int[] lost = [.. Shuffled(code.TotalShards, draw.seed).Take(draw.m)];
                AssertRebuilt(code, stripe, lost);
            },
            iter: 300);

    [Fact]
    public void The_largest_code_has_256_shards()
    {
        var code = new ErasureCode(200, 56);
        Memory<byte>[] stripe = Stripe(code, 100, seed: 9);
        AssertRebuilt(code, stripe, [.. Enumerable.Range(100, 56)]);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ErasureCode(200, 57));
    }

    [Fact]
    public void Too_few_shards_are_refused() =>
        Assert.Throws<ArgumentException>(() => new ErasureCode(4, 2).Plan([true, true, true, false, false, false], [3]));

    [Fact]
    public void The_field_has_inverses_and_its_bit_matrices_multiply()
    {
        for (int a = 1; a < 256; a++)
        {
            Assert.Equal(1, GaloisField.Multiply((byte)a, GaloisField.Invert((byte)a)));
            for (int b = 0; b < 256; b++)
            {
                Assert.Equal(SlowMultiply((byte)a, (byte)b), GaloisField.Multiply((byte)a, (byte)b));
            }
        }
    }

    private static void AssertWithin(ErasureCode code, int length, int offset, ShardStores stores)
    {
        byte[] data = Bytes(code.DataShards * length, seed: length);
        var expected = new byte[code.ParityShards * length];
        new ErasureCode(code.DataShards, code.ParityShards, ShardKernels.Supported[^1]).Encode(data, expected);
        using var memory = new AlignedStripe(offset + expected.Length + 64);
        memory.Span.Fill(0xa5);
        code.Encode(data, memory.Span.Slice(offset, expected.Length), stores);
        Assert.True(memory.Span.Slice(offset, expected.Length).SequenceEqual(expected), $"length {length}, offset {offset}, {stores}");
        Assert.False(memory.Span[..offset].ContainsAnyExcept((byte)0xa5));
        Assert.False(memory.Span[(offset + expected.Length)..].ContainsAnyExcept((byte)0xa5));
    }

    private static void AssertRebuilt(ErasureCode code, Memory<byte>[] stripe, int lostMask) =>
        AssertRebuilt(code, stripe, [.. Enumerable.Range(0, code.TotalShards).Where(shard => (lostMask >> shard & 1) != 0)]);

    private static void AssertRebuilt(ErasureCode code, Memory<byte>[] stripe, int[] lost)
    {
        var present = new bool[code.TotalShards];
        Array.Fill(present, true);
        foreach (int shard in lost)
        {
            present[shard] = false;
        }

        ReconstructionPlan plan = code.Plan(present, lost);
        Assert.DoesNotContain(plan.Sources, shard => lost.Contains(shard));
        ReadOnlyMemory<byte>[] sources = [.. plan.Sources.Select(shard => (ReadOnlyMemory<byte>)stripe[shard])];
        Memory<byte>[] rebuilt = [.. lost.Select(shard => (Memory<byte>)new byte[stripe[shard].Length])];
        code.Reconstruct(plan, sources, rebuilt);
        for (int i = 0; i < lost.Length; i++)
        {
            Assert.True(rebuilt[i].Span.SequenceEqual(stripe[lost[i]].Span), $"shard {lost[i]} of lost [{string.Join(',', lost)}]");
        }
    }

    private static Memory<byte>[] Stripe(ErasureCode code, int shardBytes, int seed)
    {
        Memory<byte>[] shards = [.. Enumerable.Range(0, code.TotalShards).Select(shard =>
            (Memory<byte>)(shard < code.DataShards ? Bytes(shardBytes, seed + shard) : new byte[shardBytes]))];
        ReadOnlyMemory<byte>[] data = [.. shards.Take(code.DataShards).Select(shard => (ReadOnlyMemory<byte>)shard)];
        code.Encode(data, shards.AsSpan(code.DataShards));
        return shards;
    }

    private static byte[] Bytes(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static int[] Shuffled(int count, int seed)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        new Random(seed).Shuffle(order);
        return order;
    }

    /// <summary>Long multiplication, bit by bit: independent of the tables.</summary>
    private static byte SlowMultiply(byte a, byte b)
    {
        int product = 0;
        int shifted = a;
        for (int bit = 0; bit < 8; bit++)
        {
            if ((b >> bit & 1) != 0)
            {
                product ^= shifted;
            }

            shifted <<= 1;
            if (shifted > 255)
            {
                shifted ^= GaloisField.Polynomial;
            }
        }

        return (byte)product;
    }

    private sealed unsafe class AlignedStripe(int length) : IDisposable
    {
        private readonly void* _memory = System.Runtime.InteropServices.NativeMemory.AlignedAlloc((nuint)length, 64);

        internal Span<byte> Span => new(_memory, length);

        public void Dispose() => System.Runtime.InteropServices.NativeMemory.AlignedFree(_memory);
    }
}
