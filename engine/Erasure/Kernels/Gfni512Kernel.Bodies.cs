using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ObjectStore.Engine.Erasure;

/// <summary>The inner loops: two inputs and four columns of 64 bytes a step, a body each for one to four outputs.</summary>
/// <remarks>
/// Four outputs of four columns fill 16 of the 32 registers, two inputs 8, their matrices 2: nothing is spilled. A loaded matrix serves every column. Two
/// products and the sum so far meet in one ternary XOR. A first row of ones
/// (<see cref="CodingProgram.FirstRowIsOnes"/>) needs no product at all.
/// </remarks>
internal sealed partial class Gfni512Kernel
{
    private const byte XorOfThree = 0x96;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void One<TFirst, TStore>(ulong* matrices, byte** inputs, int count, byte** outputs, nint from, nint until)
        where TFirst : struct, IRow
        where TStore : struct, IStore
    {
        for (nint at = from; at < until; at += StepBytes)
        {
            Columns sum0 = default;
            ulong* matrix = matrices;
            int input = 0;
            for (; input + 1 < count; input += 2, matrix += 2 * CodingProgram.Group)
            {
                Columns x = Columns.Load(inputs[input] + at);
                Columns y = Columns.Load(inputs[input + 1] + at);
                sum0 = TFirst.Add(sum0, x, y, matrix);
            }

            if (input < count)
            {
                Columns x = Columns.Load(inputs[input] + at);
                sum0 = TFirst.Add(sum0, x, matrix);
            }

            sum0.Store<TStore>(outputs[0] + at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Two<TFirst, TStore>(ulong* matrices, byte** inputs, int count, byte** outputs, nint from, nint until)
        where TFirst : struct, IRow
        where TStore : struct, IStore
    {
        for (nint at = from; at < until; at += StepBytes)
        {
            Columns sum0 = default;
            Columns sum1 = default;
            ulong* matrix = matrices;
            int input = 0;
            for (; input + 1 < count; input += 2, matrix += 2 * CodingProgram.Group)
            {
                Columns x = Columns.Load(inputs[input] + at);
                Columns y = Columns.Load(inputs[input + 1] + at);
                sum0 = TFirst.Add(sum0, x, y, matrix);
                sum1 = Factors.Add(sum1, x, y, matrix + 1);
            }

            if (input < count)
            {
                Columns x = Columns.Load(inputs[input] + at);
                sum0 = TFirst.Add(sum0, x, matrix);
                sum1 = Factors.Add(sum1, x, matrix + 1);
            }

            sum0.Store<TStore>(outputs[0] + at);
            sum1.Store<TStore>(outputs[1] + at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Three<TFirst, TStore>(ulong* matrices, byte** inputs, int count, byte** outputs, nint from, nint until)
        where TFirst : struct, IRow
        where TStore : struct, IStore
    {
        for (nint at = from; at < until; at += StepBytes)
        {
            Columns sum0 = default;
            Columns sum1 = default;
            Columns sum2 = default;
            ulong* matrix = matrices;
            int input = 0;
            for (; input + 1 < count; input += 2, matrix += 2 * CodingProgram.Group)
            {
                Columns x = Columns.Load(inputs[input] + at);
                Columns y = Columns.Load(inputs[input + 1] + at);
                sum0 = TFirst.Add(sum0, x, y, matrix);
                sum1 = Factors.Add(sum1, x, y, matrix + 1);
                sum2 = Factors.Add(sum2, x, y, matrix + 2);
            }

            if (input < count)
            {
                Columns x = Columns.Load(inputs[input] + at);
                sum0 = TFirst.Add(sum0, x, matrix);
                sum1 = Factors.Add(sum1, x, matrix + 1);
                sum2 = Factors.Add(sum2, x, matrix + 2);
            }

            sum0.Store<TStore>(outputs[0] + at);
            sum1.Store<TStore>(outputs[1] + at);
            sum2.Store<TStore>(outputs[2] + at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Four<TFirst, TStore>(ulong* matrices, byte** inputs, int count, byte** outputs, nint from, nint until)
        where TFirst : struct, IRow
        where TStore : struct, IStore
    {
        for (nint at = from; at < until; at += StepBytes)
        {
            Columns sum0 = default;
            Columns sum1 = default;
            Columns sum2 = default;
            Columns sum3 = default;
            ulong* matrix = matrices;
            int input = 0;
            for (; input + 1 < count; input += 2, matrix += 2 * CodingProgram.Group)
            {
                Columns x = Columns.Load(inputs[input] + at);
                Columns y = Columns.Load(inputs[input + 1] + at);
                sum0 = TFirst.Add(sum0, x, y, matrix);
                sum1 = Factors.Add(sum1, x, y, matrix + 1);
                sum2 = Factors.Add(sum2, x, y, matrix + 2);
                sum3 = Factors.Add(sum3, x, y, matrix + 3);
            }

            if (input < count)
            {
                Columns x = Columns.Load(inputs[input] + at);
                sum0 = TFirst.Add(sum0, x, matrix);
                sum1 = Factors.Add(sum1, x, matrix + 1);
                sum2 = Factors.Add(sum2, x, matrix + 2);
                sum3 = Factors.Add(sum3, x, matrix + 3);
            }

            sum0.Store<TStore>(outputs[0] + at);
            sum1.Store<TStore>(outputs[1] + at);
            sum2.Store<TStore>(outputs[2] + at);
            sum3.Store<TStore>(outputs[3] + at);
        }
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
        public static unsafe Columns Load(byte* from)
        {
            ReadAhead(from);
            return new Columns(
                Vector512.Load(from), Vector512.Load(from + VectorBytes), Vector512.Load(from + 2 * VectorBytes), Vector512.Load(from + 3 * VectorBytes));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public unsafe void Store<TStore>(byte* to)
            where TStore : struct, IStore
        {
            TStore.Store(A, to);
            TStore.Store(B, to + VectorBytes);
            TStore.Store(C, to + 2 * VectorBytes);
            TStore.Store(D, to + 3 * VectorBytes);
        }
    }
}
