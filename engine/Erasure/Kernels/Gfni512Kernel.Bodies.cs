using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ObjectStore.Engine.Erasure;

/// <summary>The inner loops: pairs of inputs and four columns of 64 bytes a step, a body each for one to four outputs.</summary>
/// <remarks>
/// Four outputs of four columns fill 16 of the 32 registers, two inputs 8, their matrices 2: nothing is spilled. A loaded matrix serves every column. Two
/// products and the sum so far meet in one ternary XOR. A first row of ones (<see cref="CodingProgram.FirstRowIsOnes"/>) needs no product at all.
/// <para>
/// Prefetchers know a stream by the instruction that loads it. Eight inputs in a row therefore have loads of their own, and the rest come in an order
/// (<see cref="CodingProgram.Order"/>) that has no even step to be misled by. With more pairs in a row the JIT stops inlining them, and the sums go to the stack.
/// </para>
/// </remarks>
internal sealed partial class Gfni512Kernel
{
    private const byte XorOfThree = 0x96;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void One<TFirst, TTraffic>(ulong* matrices, byte** inputs, int count, byte** outputs, nint from, nint until)
        where TFirst : struct, IRow
        where TTraffic : struct, ITraffic
    {
        for (nint at = from; at < until; at += StepBytes)
        {
            Columns sum0 = default;
            ulong* matrix = matrices;
            byte** input = inputs;
            int left = count;
            for (; left >= 8; left -= 8, input += 8, matrix += 8 * CodingProgram.Group)
            {
                Pair<TFirst, TTraffic>(input, at, matrix, ref sum0);
                Pair<TFirst, TTraffic>(input + 2, at, matrix + 2 * CodingProgram.Group, ref sum0);
                Pair<TFirst, TTraffic>(input + 4, at, matrix + 4 * CodingProgram.Group, ref sum0);
                Pair<TFirst, TTraffic>(input + 6, at, matrix + 6 * CodingProgram.Group, ref sum0);
            }

            for (; left >= 2; left -= 2, input += 2, matrix += 2 * CodingProgram.Group)
            {
                Pair<TFirst, TTraffic>(input, at, matrix, ref sum0);
            }

            if (left == 1)
            {
                Columns x = Columns.Load<TTraffic>(*input + at);
                sum0 = TFirst.Add(sum0, x, matrix);
            }

            sum0.Store<TTraffic>(outputs[0] + at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Pair<TFirst, TTraffic>(byte** input, nint at, ulong* matrix, ref Columns sum0)
        where TFirst : struct, IRow
        where TTraffic : struct, ITraffic
    {
        Columns x = Columns.Load<TTraffic>(input[0] + at);
        Columns y = Columns.Load<TTraffic>(input[1] + at);
        sum0 = TFirst.Add(sum0, x, y, matrix);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Two<TFirst, TTraffic>(ulong* matrices, byte** inputs, int count, byte** outputs, nint from, nint until)
        where TFirst : struct, IRow
        where TTraffic : struct, ITraffic
    {
        for (nint at = from; at < until; at += StepBytes)
        {
            Columns sum0 = default;
            Columns sum1 = default;
            ulong* matrix = matrices;
            byte** input = inputs;
            int left = count;
            for (; left >= 8; left -= 8, input += 8, matrix += 8 * CodingProgram.Group)
            {
                Pair<TFirst, TTraffic>(input, at, matrix, ref sum0, ref sum1);
                Pair<TFirst, TTraffic>(input + 2, at, matrix + 2 * CodingProgram.Group, ref sum0, ref sum1);
                Pair<TFirst, TTraffic>(input + 4, at, matrix + 4 * CodingProgram.Group, ref sum0, ref sum1);
                Pair<TFirst, TTraffic>(input + 6, at, matrix + 6 * CodingProgram.Group, ref sum0, ref sum1);
            }

            for (; left >= 2; left -= 2, input += 2, matrix += 2 * CodingProgram.Group)
            {
                Pair<TFirst, TTraffic>(input, at, matrix, ref sum0, ref sum1);
            }

            if (left == 1)
            {
                Columns x = Columns.Load<TTraffic>(*input + at);
                sum0 = TFirst.Add(sum0, x, matrix);
                sum1 = Factors.Add(sum1, x, matrix + 1);
            }

            sum0.Store<TTraffic>(outputs[0] + at);
            sum1.Store<TTraffic>(outputs[1] + at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Pair<TFirst, TTraffic>(byte** input, nint at, ulong* matrix, ref Columns sum0, ref Columns sum1)
        where TFirst : struct, IRow
        where TTraffic : struct, ITraffic
    {
        Columns x = Columns.Load<TTraffic>(input[0] + at);
        Columns y = Columns.Load<TTraffic>(input[1] + at);
        sum0 = TFirst.Add(sum0, x, y, matrix);
        sum1 = Factors.Add(sum1, x, y, matrix + 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Three<TFirst, TTraffic>(ulong* matrices, byte** inputs, int count, byte** outputs, nint from, nint until)
        where TFirst : struct, IRow
        where TTraffic : struct, ITraffic
    {
        for (nint at = from; at < until; at += StepBytes)
        {
            Columns sum0 = default;
            Columns sum1 = default;
            Columns sum2 = default;
            ulong* matrix = matrices;
            byte** input = inputs;
            int left = count;
            for (; left >= 8; left -= 8, input += 8, matrix += 8 * CodingProgram.Group)
            {
                Pair<TFirst, TTraffic>(input, at, matrix, ref sum0, ref sum1, ref sum2);
                Pair<TFirst, TTraffic>(input + 2, at, matrix + 2 * CodingProgram.Group, ref sum0, ref sum1, ref sum2);
                Pair<TFirst, TTraffic>(input + 4, at, matrix + 4 * CodingProgram.Group, ref sum0, ref sum1, ref sum2);
                Pair<TFirst, TTraffic>(input + 6, at, matrix + 6 * CodingProgram.Group, ref sum0, ref sum1, ref sum2);
            }

            for (; left >= 2; left -= 2, input += 2, matrix += 2 * CodingProgram.Group)
            {
                Pair<TFirst, TTraffic>(input, at, matrix, ref sum0, ref sum1, ref sum2);
            }

            if (left == 1)
            {
                Columns x = Columns.Load<TTraffic>(*input + at);
                sum0 = TFirst.Add(sum0, x, matrix);
                sum1 = Factors.Add(sum1, x, matrix + 1);
                sum2 = Factors.Add(sum2, x, matrix + 2);
            }

            sum0.Store<TTraffic>(outputs[0] + at);
            sum1.Store<TTraffic>(outputs[1] + at);
            sum2.Store<TTraffic>(outputs[2] + at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Pair<TFirst, TTraffic>(byte** input, nint at, ulong* matrix, ref Columns sum0, ref Columns sum1, ref Columns sum2)
        where TFirst : struct, IRow
        where TTraffic : struct, ITraffic
    {
        Columns x = Columns.Load<TTraffic>(input[0] + at);
        Columns y = Columns.Load<TTraffic>(input[1] + at);
        sum0 = TFirst.Add(sum0, x, y, matrix);
        sum1 = Factors.Add(sum1, x, y, matrix + 1);
        sum2 = Factors.Add(sum2, x, y, matrix + 2);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Four<TFirst, TTraffic>(ulong* matrices, byte** inputs, int count, byte** outputs, nint from, nint until)
        where TFirst : struct, IRow
        where TTraffic : struct, ITraffic
    {
        for (nint at = from; at < until; at += StepBytes)
        {
            Columns sum0 = default;
            Columns sum1 = default;
            Columns sum2 = default;
            Columns sum3 = default;
            ulong* matrix = matrices;
            byte** input = inputs;
            int left = count;
            for (; left >= 8; left -= 8, input += 8, matrix += 8 * CodingProgram.Group)
            {
                Pair<TFirst, TTraffic>(input, at, matrix, ref sum0, ref sum1, ref sum2, ref sum3);
                Pair<TFirst, TTraffic>(input + 2, at, matrix + 2 * CodingProgram.Group, ref sum0, ref sum1, ref sum2, ref sum3);
                Pair<TFirst, TTraffic>(input + 4, at, matrix + 4 * CodingProgram.Group, ref sum0, ref sum1, ref sum2, ref sum3);
                Pair<TFirst, TTraffic>(input + 6, at, matrix + 6 * CodingProgram.Group, ref sum0, ref sum1, ref sum2, ref sum3);
            }

            for (; left >= 2; left -= 2, input += 2, matrix += 2 * CodingProgram.Group)
            {
                Pair<TFirst, TTraffic>(input, at, matrix, ref sum0, ref sum1, ref sum2, ref sum3);
            }

            if (left == 1)
            {
                Columns x = Columns.Load<TTraffic>(*input + at);
                sum0 = TFirst.Add(sum0, x, matrix);
                sum1 = Factors.Add(sum1, x, matrix + 1);
                sum2 = Factors.Add(sum2, x, matrix + 2);
                sum3 = Factors.Add(sum3, x, matrix + 3);
            }

            sum0.Store<TTraffic>(outputs[0] + at);
            sum1.Store<TTraffic>(outputs[1] + at);
            sum2.Store<TTraffic>(outputs[2] + at);
            sum3.Store<TTraffic>(outputs[3] + at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Pair<TFirst, TTraffic>(byte** input, nint at, ulong* matrix, ref Columns sum0, ref Columns sum1, ref Columns sum2, ref Columns sum3)
        where TFirst : struct, IRow
        where TTraffic : struct, ITraffic
    {
        Columns x = Columns.Load<TTraffic>(input[0] + at);
        Columns y = Columns.Load<TTraffic>(input[1] + at);
        sum0 = TFirst.Add(sum0, x, y, matrix);
        sum1 = Factors.Add(sum1, x, y, matrix + 1);
        sum2 = Factors.Add(sum2, x, y, matrix + 2);
        sum3 = Factors.Add(sum3, x, y, matrix + 3);
    }

    private static unsafe Vector512<byte> Broadcast(ulong* matrix) => Vector512.Create(*matrix).AsByte();

    private static Vector512<byte> Product(Vector512<byte> data, Vector512<byte> matrix) => Gfni.V512.GaloisFieldAffineTransform(data, matrix, 0);

    private static Vector512<byte> Xor(Vector512<byte> a, Vector512<byte> b, Vector512<byte> c) => Avx512F.TernaryLogic(a, b, c, XorOfThree);

    /// <summary>What one row of the matrix does to inputs; a type argument, so that the loops hold no test.</summary>
    private interface IRow
    {
        static abstract unsafe Columns Add(Columns sum, Columns x, ulong* matrix);

        static abstract unsafe Columns Add(Columns sum, Columns x, Columns y, ulong* matrix);
    }

    /// <summary>Any row.</summary>
    private readonly struct Factors : IRow
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static unsafe Columns Add(Columns sum, Columns x, ulong* matrix)
        {
            Vector512<byte> m = Broadcast(matrix);
            return new Columns(sum.A ^ Product(x.A, m), sum.B ^ Product(x.B, m), sum.C ^ Product(x.C, m), sum.D ^ Product(x.D, m));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static unsafe Columns Add(Columns sum, Columns x, Columns y, ulong* matrix)
        {
            Vector512<byte> m = Broadcast(matrix);
            Vector512<byte> n = Broadcast(matrix + CodingProgram.Group);
            return new Columns(
                Xor(sum.A, Product(x.A, m), Product(y.A, n)),
                Xor(sum.B, Product(x.B, m), Product(y.B, n)),
                Xor(sum.C, Product(x.C, m), Product(y.C, n)),
                Xor(sum.D, Product(x.D, m), Product(y.D, n)));
        }
    }

    /// <summary>A row of ones.</summary>
    private readonly struct Ones : IRow
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static unsafe Columns Add(Columns sum, Columns x, ulong* matrix) => new(sum.A ^ x.A, sum.B ^ x.B, sum.C ^ x.C, sum.D ^ x.D);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static unsafe Columns Add(Columns sum, Columns x, Columns y, ulong* matrix) =>
            new(Xor(sum.A, x.A, y.A), Xor(sum.B, x.B, y.B), Xor(sum.C, x.C, y.C), Xor(sum.D, x.D, y.D));
    }

    /// <summary>Four neighbouring vectors of one shard; the JIT keeps each in a register.</summary>
    private readonly struct Columns(Vector512<byte> a, Vector512<byte> b, Vector512<byte> c, Vector512<byte> d)
    {
        public readonly Vector512<byte> A = a;
        public readonly Vector512<byte> B = b;
        public readonly Vector512<byte> C = c;
        public readonly Vector512<byte> D = d;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static unsafe Columns Load<TTraffic>(byte* from)
            where TTraffic : struct, ITraffic
        {
            byte* ahead = from + TTraffic.AheadBytes;
            Sse.Prefetch0(ahead);
            Sse.Prefetch0(ahead + VectorBytes);
            Sse.Prefetch0(ahead + 2 * VectorBytes);
            Sse.Prefetch0(ahead + 3 * VectorBytes);
            return new Columns(
                Vector512.Load(from), Vector512.Load(from + VectorBytes), Vector512.Load(from + 2 * VectorBytes), Vector512.Load(from + 3 * VectorBytes));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public unsafe void Store<TTraffic>(byte* to)
            where TTraffic : struct, ITraffic
        {
            TTraffic.Store(A, to);
            TTraffic.Store(B, to + VectorBytes);
            TTraffic.Store(C, to + 2 * VectorBytes);
            TTraffic.Store(D, to + 3 * VectorBytes);
        }
    }
}
