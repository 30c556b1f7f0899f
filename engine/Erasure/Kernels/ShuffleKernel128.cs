using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace ObjectStore.Engine.Erasure;

/// <summary>Two 16-entry table look-ups a byte on 16-byte vectors: TBL on ARM, PSHUFB on x86.</summary>
/// <remarks>
/// Two columns and up to four outputs a step fill the 16 registers; a loaded table serves both columns. Source: Plank, Greenan, Miller, "Screaming Fast Galois
/// Field Arithmetic Using Intel SIMD Instructions", FAST'13.
/// </remarks>
internal sealed class ShuffleKernel128 : IShardKernel
{
    private const int VectorBytes = 16;
    private const int StepBytes = 2 * VectorBytes;
    private const int TableBytes = 32;

    public string Name => AdvSimd.Arm64.IsSupported ? "neon" : "ssse3";

    public unsafe void Run(CodingProgram program, byte** inputs, byte** outputs, int lengthBytes, ShardStores stores)
    {
        if (lengthBytes < StepBytes)
        {
            ScalarKernel.RunFrom(program, inputs, outputs, 0, lengthBytes);
            return;
        }

        // The last step makes some bytes of the one before it a second time: cheaper than any tail.
        nint whole = lengthBytes / StepBytes * StepBytes;
        Steps(program, inputs, outputs, 0, whole);
        if (whole < lengthBytes)
        {
            Steps(program, inputs, outputs, lengthBytes - StepBytes, lengthBytes);
        }
    }

    private static unsafe void Steps(CodingProgram program, byte** inputs, byte** outputs, nint from, nint until)
    {
        fixed (byte* tables = program.Nibbles)
        {
            for (int first = 0; first < program.Outputs; first += CodingProgram.Group)
            {
                byte* table = tables + (nint)first * program.Inputs * TableBytes;
                int rows = int.Min(CodingProgram.Group, program.Outputs - first);
                if (program.FirstRowIsOnes(first))
                {
                    Rows<Ones>(rows, table, inputs, program.Inputs, outputs + first, from, until);
                }
                else
                {
                    Rows<Factors>(rows, table, inputs, program.Inputs, outputs + first, from, until);
                }
            }
        }
    }

    private static unsafe void Rows<TFirst>(int rows, byte* tables, byte** inputs, int count, byte** outputs, nint from, nint until)
        where TFirst : struct, IRow
    {
        switch (rows)
        {
            case 1:
                One<TFirst>(tables, inputs, count, outputs, from, until);
                break;
            case 2:
                Two<TFirst>(tables, inputs, count, outputs, from, until);
                break;
            case 3:
                Three<TFirst>(tables, inputs, count, outputs, from, until);
                break;
            default:
                Four<TFirst>(tables, inputs, count, outputs, from, until);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void One<TFirst>(byte* tables, byte** inputs, int count, byte** outputs, nint from, nint until)
        where TFirst : struct, IRow
    {
        for (nint at = from; at < until; at += StepBytes)
        {
            Columns sum0 = default;
            byte* table = tables;
            for (int input = 0; input < count; input++, table += CodingProgram.Group * TableBytes)
            {
                var x = new Nibbles(inputs[input] + at);
                sum0 = TFirst.Add(sum0, x, table);
            }

            sum0.Store(outputs[0] + at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Two<TFirst>(byte* tables, byte** inputs, int count, byte** outputs, nint from, nint until)
        where TFirst : struct, IRow
    {
        for (nint at = from; at < until; at += StepBytes)
        {
            Columns sum0 = default;
            Columns sum1 = default;
            byte* table = tables;
            for (int input = 0; input < count; input++, table += CodingProgram.Group * TableBytes)
            {
                var x = new Nibbles(inputs[input] + at);
                sum0 = TFirst.Add(sum0, x, table);
                sum1 = Factors.Add(sum1, x, table + TableBytes);
            }

            sum0.Store(outputs[0] + at);
            sum1.Store(outputs[1] + at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Three<TFirst>(byte* tables, byte** inputs, int count, byte** outputs, nint from, nint until)
        where TFirst : struct, IRow
    {
        for (nint at = from; at < until; at += StepBytes)
        {
            Columns sum0 = default;
            Columns sum1 = default;
            Columns sum2 = default;
            byte* table = tables;
            for (int input = 0; input < count; input++, table += CodingProgram.Group * TableBytes)
            {
                var x = new Nibbles(inputs[input] + at);
                sum0 = TFirst.Add(sum0, x, table);
                sum1 = Factors.Add(sum1, x, table + TableBytes);
                sum2 = Factors.Add(sum2, x, table + 2 * TableBytes);
            }

            sum0.Store(outputs[0] + at);
            sum1.Store(outputs[1] + at);
            sum2.Store(outputs[2] + at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Four<TFirst>(byte* tables, byte** inputs, int count, byte** outputs, nint from, nint until)
        where TFirst : struct, IRow
    {
        for (nint at = from; at < until; at += StepBytes)
        {
            Columns sum0 = default;
            Columns sum1 = default;
            Columns sum2 = default;
            Columns sum3 = default;
            byte* table = tables;
            for (int input = 0; input < count; input++, table += CodingProgram.Group * TableBytes)
            {
                var x = new Nibbles(inputs[input] + at);
                sum0 = TFirst.Add(sum0, x, table);
                sum1 = Factors.Add(sum1, x, table + TableBytes);
                sum2 = Factors.Add(sum2, x, table + 2 * TableBytes);
                sum3 = Factors.Add(sum3, x, table + 3 * TableBytes);
            }

            sum0.Store(outputs[0] + at);
            sum1.Store(outputs[1] + at);
            sum2.Store(outputs[2] + at);
            sum3.Store(outputs[3] + at);
        }
    }

    private static unsafe Vector128<byte> Table(byte* table) => Vector128.Load(table);

    private static Vector128<byte> Lookup(Vector128<byte> table, Vector128<byte> index) =>
        AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.VectorTableLookup(table, index) : Ssse3.Shuffle(table, index);

    /// <summary>What one row of the matrix does to an input; a type argument, so that the loops hold no test.</summary>
    private interface IRow
    {
        static abstract unsafe Columns Add(Columns sum, Nibbles x, byte* table);
    }

    /// <summary>Any row.</summary>
    private readonly struct Factors : IRow
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static unsafe Columns Add(Columns sum, Nibbles x, byte* table)
        {
            Vector128<byte> low = Table(table);
            Vector128<byte> high = Table(table + 16);
            return new Columns(sum.A ^ Lookup(low, x.LowA) ^ Lookup(high, x.HighA), sum.B ^ Lookup(low, x.LowB) ^ Lookup(high, x.HighB));
        }
    }

    /// <summary>A row of ones.</summary>
    private readonly struct Ones : IRow
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static unsafe Columns Add(Columns sum, Nibbles x, byte* table) => new(sum.A ^ x.A, sum.B ^ x.B);
    }

    /// <summary>Two neighbouring vectors of an output.</summary>
    private readonly struct Columns(Vector128<byte> a, Vector128<byte> b)
    {
        public readonly Vector128<byte> A = a;
        public readonly Vector128<byte> B = b;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public unsafe void Store(byte* to)
        {
            A.Store(to);
            B.Store(to + VectorBytes);
        }
    }

    /// <summary>Two neighbouring vectors of an input, whole and by half bytes.</summary>
    private readonly struct Nibbles
    {
        public readonly Vector128<byte> A;
        public readonly Vector128<byte> B;
        public readonly Vector128<byte> LowA;
        public readonly Vector128<byte> LowB;
        public readonly Vector128<byte> HighA;
        public readonly Vector128<byte> HighB;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public unsafe Nibbles(byte* from)
        {
            Vector128<byte> mask = Vector128.Create((byte)0x0f);
            A = Vector128.Load(from);
            B = Vector128.Load(from + VectorBytes);
            LowA = A & mask;
            LowB = B & mask;
            HighA = Vector128.ShiftRightLogical(A, 4) & mask;
            HighB = Vector128.ShiftRightLogical(B, 4) & mask;
        }
    }
}
