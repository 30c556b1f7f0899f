using System;
using System.Buffers;

namespace ObjectStore.Engine.Erasure;

/// <summary>A systematic Reed–Solomon code: k data shards, m parity shards, any m of the k + m may be lost. Immutable; any thread.</summary>
public sealed class ErasureCode
{
    /// <summary>Most shards of a stripe, data and parity together: the size of the field.</summary>
    public const int ShardsMax = 256;

    private const int LineBytes = 64;

    private readonly byte[] _parityMatrix;
    private readonly CodingProgram _encoding;
    private readonly IShardKernel _kernel;

    /// <summary>A code with the best kernel of this machine.</summary>
    public ErasureCode(int dataShards, int parityShards)
        : this(dataShards, parityShards, ShardKernels.Best)
    {
    }

    /// <summary>A code with a given kernel (<see cref="ShardKernels.Supported"/>).</summary>
    public ErasureCode(int dataShards, int parityShards, IShardKernel kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        _parityMatrix = CodingMatrix.CauchyParity(dataShards, parityShards);
        (DataShards, ParityShards, _kernel) = (dataShards, parityShards, kernel);
        _encoding = new CodingProgram(_parityMatrix, dataShards, parityShards);
    }

    /// <summary>k.</summary>
    public int DataShards { get; }

    /// <summary>m.</summary>
    public int ParityShards { get; }

    /// <summary>k + m.</summary>
    public int TotalShards => DataShards + ParityShards;

    /// <summary>
    /// Bytes of each shard of a payload cut into k: a whole number of cache lines, so that in one aligned buffer every shard is aligned. The payload's bytes
    /// come first in <c>data[k][shardBytes]</c>; the caller zeroes the few behind them.
    /// </summary>
    public int ShardBytes(int payloadBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(payloadBytes);
        int least = (int)(((long)payloadBytes + DataShards - 1) / DataShards);
        return checked((least + LineBytes - 1) / LineBytes * LineBytes);
    }

    /// <summary>Computes the parity of a stripe whose shards lie one after the other. Allocates nothing.</summary>
    /// <param name="data"><c>data[k][shardBytes]</c>, any length and alignment.</param>
    /// <param name="parity"><c>parity[m][shardBytes]</c>, overwritten; must not overlap <paramref name="data"/>; 64-byte aligned shards are fastest.</param>
    /// <param name="stores">Whether the parity passes through the cache.</param>
    public unsafe void Encode(ReadOnlySpan<byte> data, Span<byte> parity, ShardStores stores = ShardStores.Automatic)
    {
        int shardBytes = data.Length / DataShards;
        ArgumentOutOfRangeException.ThrowIfNotEqual(shardBytes * DataShards, data.Length, nameof(data));
        ArgumentOutOfRangeException.ThrowIfNotEqual(parity.Length, shardBytes * ParityShards);
        byte** inputs = stackalloc byte*[DataShards];
        byte** outputs = stackalloc byte*[ParityShards];
        fixed (byte* from = data, to = parity)
        {
            for (int shard = 0; shard < DataShards; shard++)
            {
                inputs[shard] = from + (nint)shard * shardBytes;
            }

            for (int shard = 0; shard < ParityShards; shard++)
            {
                outputs[shard] = to + (nint)shard * shardBytes;
            }

            _kernel.Run(_encoding, inputs, outputs, shardBytes, stores);
        }
    }

    /// <summary>Computes the parity of shards that lie in buffers of their own, all of one length. Allocates nothing.</summary>
    public void Encode(ReadOnlySpan<ReadOnlyMemory<byte>> data, ReadOnlySpan<Memory<byte>> parity, ShardStores stores = ShardStores.Automatic)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(data.Length, DataShards);
        ArgumentOutOfRangeException.ThrowIfNotEqual(parity.Length, ParityShards);
        Run(_encoding, data, parity, stores);
    }

    /// <summary>The way to make the shards in <paramref name="wanted"/> out of the first k shards present.</summary>
    /// <param name="present"><c>present[k + m]</c>, at least k of them true.</param>
    /// <param name="wanted">Numbers of shards to make, data or parity.</param>
    public ReconstructionPlan Plan(ReadOnlySpan<bool> present, ReadOnlySpan<int> wanted)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(present.Length, TotalShards);
        var sources = new int[DataShards];
        int found = 0;
        for (int shard = 0; shard < TotalShards && found < DataShards; shard++)
        {
            if (present[shard])
            {
                sources[found++] = shard;
            }
        }

        if (found < DataShards)
        {
            throw new ArgumentException($"{found} shards present, {DataShards} needed", nameof(present));
        }

        var rows = new byte[DataShards * DataShards];
        for (int row = 0; row < DataShards; row++)
        {
            CopyRow(sources[row], rows.AsSpan(row * DataShards, DataShards));
        }

        byte[] inverse = CodingMatrix.Invert(rows, DataShards);
        var matrix = new byte[wanted.Length * DataShards];
        Span<byte> code = stackalloc byte[DataShards];
        for (int output = 0; output < wanted.Length; output++)
        {
            CopyRow(wanted[output], code);
            for (int column = 0; column < DataShards; column++)
            {
                byte sum = 0;
                for (int inner = 0; inner < DataShards; inner++)
                {
                    sum ^= GaloisField.Multiply(code[inner], inverse[inner * DataShards + column]);
                }

                matrix[output * DataShards + column] = sum;
            }
        }

        return new ReconstructionPlan(sources, wanted.ToArray(), new CodingProgram(matrix, DataShards, wanted.Length));
    }

    /// <summary>Carries out a plan.</summary>
    /// <param name="plan">From <see cref="Plan"/>.</param>
    /// <param name="sources">The shards <see cref="ReconstructionPlan.Sources"/>, in that order.</param>
    /// <param name="wanted">Where <see cref="ReconstructionPlan.Wanted"/> go, in that order.</param>
    /// <param name="stores">Whether the shards made pass through the cache.</param>
    public void Reconstruct(
        ReconstructionPlan plan, ReadOnlySpan<ReadOnlyMemory<byte>> sources, ReadOnlySpan<Memory<byte>> wanted, ShardStores stores = ShardStores.Automatic)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentOutOfRangeException.ThrowIfNotEqual(sources.Length, DataShards);
        ArgumentOutOfRangeException.ThrowIfNotEqual(wanted.Length, plan.Wanted.Count);
        Run(plan.Program, sources, wanted, stores);
    }

    private void CopyRow(int shard, Span<byte> row)
    {
        if (shard < DataShards)
        {
            row.Clear();
            row[shard] = 1;
        }
        else
        {
            _parityMatrix.AsSpan((shard - DataShards) * DataShards, DataShards).CopyTo(row);
        }
    }

    private unsafe void Run(CodingProgram program, ReadOnlySpan<ReadOnlyMemory<byte>> from, ReadOnlySpan<Memory<byte>> to, ShardStores stores)
    {
        if (to.Length == 0)
        {
            return;
        }

        int shardBytes = to[0].Length;
        byte** inputs = stackalloc byte*[from.Length];
        byte** outputs = stackalloc byte*[to.Length];
        MemoryHandle[] pins = ArrayPool<MemoryHandle>.Shared.Rent(from.Length + to.Length);
        int pinned = 0;
        try
        {
            for (int shard = 0; shard < from.Length; shard++)
            {
                ArgumentOutOfRangeException.ThrowIfNotEqual(from[shard].Length, shardBytes);
                pins[pinned] = from[shard].Pin();
                inputs[shard] = (byte*)pins[pinned++].Pointer;
            }

            for (int shard = 0; shard < to.Length; shard++)
            {
                ArgumentOutOfRangeException.ThrowIfNotEqual(to[shard].Length, shardBytes);
                pins[pinned] = to[shard].Pin();
                outputs[shard] = (byte*)pins[pinned++].Pointer;
            }

            _kernel.Run(program, inputs, outputs, shardBytes, stores);
        }
        finally
        {
            for (int pin = 0; pin < pinned; pin++)
            {
                pins[pin].Dispose();
            }

            ArrayPool<MemoryHandle>.Shared.Return(pins, clearArray: true);
        }
    }
}
