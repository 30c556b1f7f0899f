using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace ObjectStore.Engine.Erasure;

/// <summary>Two 16-entry table look-ups a byte on 16-byte vectors: TBL on ARM, PSHUFB on x86.</summary>
/// <remarks>Source: Plank, Greenan, Miller, "Screaming Fast Galois Field Arithmetic Using Intel SIMD Instructions", FAST'13.</remarks>
internal sealed class ShuffleKernel128 : IShardKernel
{
    private const int StepBytes = 16;

    public string Name => AdvSimd.Arm64.IsSupported ? "neon" : "ssse3";

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

    private static unsafe Vector128<byte> Table(byte* table)
    {
        return Vector128.Load(table);
    }

    private static Vector128<byte> Lookup(Vector128<byte> table, Vector128<byte> index) =>
        AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.VectorTableLookup(table, index) : Ssse3.Shuffle(table, index);

    private static unsafe Vector128<byte> Product(Vector128<byte> low, Vector128<byte> high, byte* table) =>
        Lookup(Table(table), low) ^ Lookup(Table(table + 16), high);

    private static unsafe void One(byte* tables, byte** inputs, int count, byte* output, nint length)
    {
        Vector128<byte> mask = Vector128.Create((byte)0x0f);
        for (nint at = 0; at < length; at += StepBytes)
        {
            Vector128<byte> sum = default;
            byte* table = tables;
            for (int input = 0; input < count; input++, table += CodingProgram.Group * 32)
            {
                Vector128<byte> data = Vector128.Load(inputs[input] + at);
                sum ^= Product(data & mask, Vector128.ShiftRightLogical(data, 4) & mask, table);
            }

            sum.Store(output + at);
        }
    }

    private static unsafe void Four(byte* tables, byte** inputs, int count, byte** outputs, nint length)
    {
        Vector128<byte> mask = Vector128.Create((byte)0x0f);
        for (nint at = 0; at < length; at += StepBytes)
        {
            Vector128<byte> a = default;
            Vector128<byte> b = default;
            Vector128<byte> c = default;
            Vector128<byte> d = default;
            byte* table = tables;
            for (int input = 0; input < count; input++, table += CodingProgram.Group * 32)
            {
                Vector128<byte> data = Vector128.Load(inputs[input] + at);
                Vector128<byte> low = data & mask;
                Vector128<byte> high = Vector128.ShiftRightLogical(data, 4) & mask;
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
