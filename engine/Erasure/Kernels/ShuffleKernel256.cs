using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ObjectStore.Engine.Erasure;

/// <summary>Two 16-entry table look-ups a byte (VPSHUFB) on 32-byte vectors.</summary>
/// <remarks>Source: Plank, Greenan, Miller, "Screaming Fast Galois Field Arithmetic Using Intel SIMD Instructions", FAST'13.</remarks>
internal sealed class ShuffleKernel256 : IShardKernel
{
    private const int StepBytes = 32;

    public string Name => "avx2";

    public unsafe void Run(CodingProgram program, byte** inputs, byte** outputs, int lengthBytes)
    {
        nint whole = lengthBytes / StepBytes * StepBytes;
        fixed (byte* tables = program.Nibbles)
        {
            for (int first = 0; first < program.Outputs; first += CodingProgram.Group)
            {
                byte* table = tables + (nint)first * program.Inputs * 32;
                if (program.Outputs - first >= CodingProgram.Group)
                {
                    Four(table, inputs, program.Inputs, outputs + first, whole);
                    continue;
                }

                for (int output = first; output < program.Outputs; output++)
                {
                    One(table + (output - first) * 32, inputs, program.Inputs, outputs[output], whole);
                }
            }
        }

        ScalarKernel.RunFrom(program, inputs, outputs, whole, lengthBytes);
    }

    private static unsafe Vector256<byte> Table(byte* table)
    {
        Vector128<byte> half = Vector128.Load(table);
        return Vector256.Create(half, half);
    }

    private static Vector256<byte> Lookup(Vector256<byte> table, Vector256<byte> index) => Avx2.Shuffle(table, index);

    private static unsafe Vector256<byte> Product(Vector256<byte> low, Vector256<byte> high, byte* table) =>
        Lookup(Table(table), low) ^ Lookup(Table(table + 16), high);

    private static unsafe void One(byte* tables, byte** inputs, int count, byte* output, nint length)
    {
        Vector256<byte> mask = Vector256.Create((byte)0x0f);
        for (nint at = 0; at < length; at += StepBytes)
        {
            Vector256<byte> sum = default;
            byte* table = tables;
            for (int input = 0; input < count; input++, table += CodingProgram.Group * 32)
            {
                Vector256<byte> data = Vector256.Load(inputs[input] + at);
                sum ^= Product(data & mask, Vector256.ShiftRightLogical(data, 4) & mask, table);
            }

            sum.Store(output + at);
        }
    }

    private static unsafe void Four(byte* tables, byte** inputs, int count, byte** outputs, nint length)
    {
        Vector256<byte> mask = Vector256.Create((byte)0x0f);
        for (nint at = 0; at < length; at += StepBytes)
        {
            Vector256<byte> a = default;
            Vector256<byte> b = default;
            Vector256<byte> c = default;
            Vector256<byte> d = default;
            byte* table = tables;
            for (int input = 0; input < count; input++, table += CodingProgram.Group * 32)
            {
                Vector256<byte> data = Vector256.Load(inputs[input] + at);
                Vector256<byte> low = data & mask;
                Vector256<byte> high = Vector256.ShiftRightLogical(data, 4) & mask;
                a ^= Product(low, high, table);
                b ^= Product(low, high, table + 32);
                c ^= Product(low, high, table + 64);
                d ^= Product(low, high, table + 96);
            }

            a.Store(outputs[0] + at);
            b.Store(outputs[1] + at);
            c.Store(outputs[2] + at);
            d.Store(outputs[3] + at);
        }
    }
}
