using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ObjectStore.Engine.Erasure;

/// <summary>GF2P8AFFINEQB on 64-byte vectors: one affine product a byte, one ternary XOR for two products.</summary>
/// <remarks>Source for the instruction: Intel SDM volume 2, GF2P8AFFINEQB. The inner loops are in Gfni512Kernel.Bodies.cs.</remarks>
internal sealed partial class Gfni512Kernel : IShardKernel
{
    private const int VectorBytes = 64;
    private const int StepBytes = 4 * VectorBytes;

    /// <summary>Inputs and outputs of this size together leave no third-level cache for anything else.</summary>
    private const long StreamingBytes = 16L * 1024 * 1024;

    public string Name => "gfni-avx512";

    public unsafe void Run(CodingProgram program, byte** inputs, byte** outputs, int lengthBytes, ShardStores stores)
    {
        if (stores == ShardStores.Automatic)
        {
            stores = (long)lengthBytes * (program.Inputs + program.Outputs) >= StreamingBytes ? ShardStores.Streaming : ShardStores.Cached;
        }

        byte** ordered = stackalloc byte*[program.Inputs];
        program.Arrange(inputs, ordered);
        if (stores == ShardStores.Streaming && CommonHead(outputs, program.Outputs) is int head && lengthBytes - head >= StepBytes)
        {
            nint until = head + (lengthBytes - head) / StepBytes * StepBytes;
            Whole<PastCache>(program, ordered, outputs, head, until);
            Sse.StoreFence();
            Border(program, ordered, outputs, 0, head, lengthBytes);
            Border(program, ordered, outputs, until, lengthBytes, lengthBytes);
            return;
        }

        nint whole = lengthBytes / StepBytes * StepBytes;
        Whole<ThroughCache>(program, ordered, outputs, 0, whole);
        Border(program, ordered, outputs, whole, lengthBytes, lengthBytes);
    }

    /// <summary>Bytes to the first 64-byte boundary, if it is the same for all: only then do stores past the cache line up.</summary>
    private static unsafe int? CommonHead(byte** shards, int count)
    {
        nuint offset = count == 0 ? 0 : (nuint)shards[0] % VectorBytes;
        for (int shard = 1; shard < count; shard++)
        {
            if ((nuint)shards[shard] % VectorBytes != offset)
            {
                return null;
            }
        }

        return (int)((VectorBytes - offset) % VectorBytes);
    }

    private static unsafe void Whole<TTraffic>(CodingProgram program, byte** inputs, byte** outputs, nint from, nint until)
        where TTraffic : struct, ITraffic
    {
        fixed (ulong* matrices = program.Affine)
        {
            for (int first = 0; first < program.Outputs; first += CodingProgram.Group)
            {
                ulong* matrix = matrices + (nint)first * program.Inputs;
                int rows = int.Min(CodingProgram.Group, program.Outputs - first);
                if (program.FirstRowIsOnes(first))
                {
                    Rows<Ones, TTraffic>(rows, matrix, inputs, program.Inputs, outputs + first, from, until);
                }
                else
                {
                    Rows<Factors, TTraffic>(rows, matrix, inputs, program.Inputs, outputs + first, from, until);
                }
            }
        }
    }

    private static unsafe void Rows<TFirst, TTraffic>(int rows, ulong* matrices, byte** inputs, int count, byte** outputs, nint from, nint until)
        where TFirst : struct, IRow
        where TTraffic : struct, ITraffic
    {
        switch (rows)
        {
            case 1:
                One<TFirst, TTraffic>(matrices, inputs, count, outputs, from, until);
                break;
            case 2:
                Two<TFirst, TTraffic>(matrices, inputs, count, outputs, from, until);
                break;
            case 3:
                Three<TFirst, TTraffic>(matrices, inputs, count, outputs, from, until);
                break;
            default:
                Four<TFirst, TTraffic>(matrices, inputs, count, outputs, from, until);
                break;
        }
    }

    /// <summary>Fewer bytes than a step, at the beginning or the end: a whole step that makes some bytes of its neighbour a second time, where there is room.</summary>
    private static unsafe void Border(CodingProgram program, byte** inputs, byte** outputs, nint from, nint until, nint length)
    {
        if (from == until)
        {
            return;
        }

        if (length < StepBytes)
        {
            Edge(program, inputs, outputs, from, until);
            return;
        }

        nint start = from == 0 ? 0 : until - StepBytes;
        Whole<ThroughCache>(program, inputs, outputs, start, start + StepBytes);
    }

    /// <summary>Fewer bytes than a step: one masked column at a time, up to four outputs together.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Edge(CodingProgram program, byte** inputs, byte** outputs, nint from, nint until)
    {
        fixed (ulong* matrices = program.Affine)
        {
            for (nint at = from; at < until; at += VectorBytes)
            {
                int bytes = (int)nint.Min(VectorBytes, until - at);
                Vector512<byte> mask = Vector512.LessThan(Vector512<byte>.Indices, Vector512.Create((byte)bytes));
                for (int first = 0; first < program.Outputs; first += CodingProgram.Group)
                {
                    Edge(matrices + (nint)first * program.Inputs, inputs, program.Inputs, outputs + first, program.Outputs - first, at, mask);
                }
            }
        }
    }

    private static unsafe void Edge(ulong* matrix, byte** inputs, int count, byte** outputs, int rows, nint at, Vector512<byte> mask)
    {
        // Matrices of rows that do not exist are zero, so four sums can always be made.
        Vector512<byte> sum0 = default;
        Vector512<byte> sum1 = default;
        Vector512<byte> sum2 = default;
        Vector512<byte> sum3 = default;
        for (int input = 0; input < count; input++, matrix += CodingProgram.Group)
        {
            Vector512<byte> data = Avx512BW.MaskLoad(inputs[input] + at, mask, Vector512<byte>.Zero);
            sum0 ^= Product(data, Broadcast(matrix));
            sum1 ^= Product(data, Broadcast(matrix + 1));
            sum2 ^= Product(data, Broadcast(matrix + 2));
            sum3 ^= Product(data, Broadcast(matrix + 3));
        }

        Avx512BW.MaskStore(outputs[0] + at, mask, sum0);
        if (rows > 1)
        {
            Avx512BW.MaskStore(outputs[1] + at, mask, sum1);
        }

        if (rows > 2)
        {
            Avx512BW.MaskStore(outputs[2] + at, mask, sum2);
        }

        if (rows > 3)
        {
            Avx512BW.MaskStore(outputs[3] + at, mask, sum3);
        }
    }

    /// <summary>How a body reads and stores; a type argument, so that the loops hold no test.</summary>
    private interface ITraffic
    {
        /// <summary>How far ahead of the loads every input is fetched.</summary>
        static abstract nint AheadBytes { get; }

        static abstract unsafe void Store(Vector512<byte> value, byte* to);
    }

    /// <summary>For inputs in the cache: half a step ahead hides the second level; a whole step is slower there.</summary>
    private readonly struct ThroughCache : ITraffic
    {
        public static nint AheadBytes => StepBytes / 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static unsafe void Store(Vector512<byte> value, byte* to) => value.Store(to);
    }

    /// <summary>For inputs in memory: a step ahead helps where a prefetcher stops, at every page. Two steps, or the next page at once, are slower.</summary>
    private readonly struct PastCache : ITraffic
    {
        public static nint AheadBytes => StepBytes;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static unsafe void Store(Vector512<byte> value, byte* to) => value.StoreAlignedNonTemporal(to);
    }
}
