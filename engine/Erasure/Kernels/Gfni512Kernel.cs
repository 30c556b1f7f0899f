using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ObjectStore.Engine.Erasure;

/// <summary>GF2P8AFFINEQB on 64-byte vectors: one affine product a byte, two inputs and two columns a step, one ternary XOR for two products.</summary>
/// <remarks>
/// Separate bodies for one to four outputs keep every accumulator in a register. Large stripes are written past the cache and read 512 bytes ahead: they would
/// only push each other out. Source for the instruction: Intel SDM volume 2, GF2P8AFFINEQB.
/// </remarks>
internal sealed class Gfni512Kernel : IShardKernel
{
    private const int StepBytes = 128;

    /// <summary>Shards of this size or more do not fit the second-level cache together.</summary>
    private const int StreamingBytes = 256 * 1024;

    private const byte XorOfThree = 0x96;

    public string Name => "gfni-avx512";

    public unsafe void Run(CodingProgram program, byte** inputs, byte** outputs, int lengthBytes)
    {
        nint whole = lengthBytes / StepBytes * StepBytes;
        bool streaming = lengthBytes >= StreamingBytes && Aligned(outputs, program.Outputs);
        fixed (ulong* matrices = program.Affine)
        {
            for (int first = 0; first < program.Outputs; first += CodingProgram.Group)
            {
                ulong* matrix = matrices + (nint)first * program.Inputs;
                switch (program.Outputs - first)
                {
                    case 1:
                        One(matrix, inputs, program.Inputs, outputs + first, whole, streaming);
                        break;
                    case 2:
                        Two(matrix, inputs, program.Inputs, outputs + first, whole, streaming);
                        break;
                    case 3:
                        Three(matrix, inputs, program.Inputs, outputs + first, whole, streaming);
                        break;
                    default:
                        Four(matrix, inputs, program.Inputs, outputs + first, whole, streaming);
                        break;
                }
            }
        }

        if (streaming)
        {
            Sse.StoreFence();
        }

        ScalarKernel.RunFrom(program, inputs, outputs, whole, lengthBytes);
    }

    private static unsafe bool Aligned(byte** shards, int count)
    {
        for (int shard = 0; shard < count; shard++)
        {
            if (((nuint)shards[shard] & 63) != 0)
            {
                return false;
            }
        }

        return true;
    }

    private static unsafe void Store(Vector512<byte> value, byte* to, bool streaming)
    {
        if (streaming)
        {
            value.StoreAlignedNonTemporal(to);
        }
        else
        {
            value.Store(to);
        }
    }

    private static unsafe Vector512<byte> Broadcast(ulong* matrix) => Vector512.Create(*matrix).AsByte();

    private static Vector512<byte> Product(Vector512<byte> data, Vector512<byte> matrix) => Gfni.V512.GaloisFieldAffineTransform(data, matrix, 0);

    private static Vector512<byte> Xor(Vector512<byte> a, Vector512<byte> b, Vector512<byte> c) => Avx512F.TernaryLogic(a, b, c, XorOfThree);

    private static unsafe void One(ulong* matrices, byte** inputs, int count, byte** outputs, nint length, bool streaming)
    {
        for (nint at = 0; at < length; at += StepBytes)
        {
            Vector512<byte> a0 = default;
            Vector512<byte> b0 = default;
            ulong* matrix = matrices;
            int input = 0;
            for (; input + 1 < count; input += 2, matrix += 2 * CodingProgram.Group)
            {
                byte* x = inputs[input] + at;
                byte* y = inputs[input + 1] + at;
                if (streaming)
                {
                    Sse.Prefetch0(x + 512);
                    Sse.Prefetch0(x + 576);
                    Sse.Prefetch0(y + 512);
                    Sse.Prefetch0(y + 576);
                }

                Vector512<byte> x0 = Vector512.Load(x);
                Vector512<byte> x1 = Vector512.Load(x + 64);
                Vector512<byte> y0 = Vector512.Load(y);
                Vector512<byte> y1 = Vector512.Load(y + 64);
                Vector512<byte> m0 = Broadcast(matrix + 0);
                Vector512<byte> n0 = Broadcast(matrix + CodingProgram.Group + 0);
                a0 = Xor(a0, Product(x0, m0), Product(y0, n0));
                b0 = Xor(b0, Product(x1, m0), Product(y1, n0));
            }

            if (input < count)
            {
                Vector512<byte> x0 = Vector512.Load(inputs[input] + at);
                Vector512<byte> x1 = Vector512.Load(inputs[input] + at + 64);
                a0 ^= Product(x0, Broadcast(matrix + 0));
                b0 ^= Product(x1, Broadcast(matrix + 0));
            }

            Store(a0, outputs[0] + at, streaming);
            Store(b0, outputs[0] + at + 64, streaming);
        }
    }

    private static unsafe void Two(ulong* matrices, byte** inputs, int count, byte** outputs, nint length, bool streaming)
    {
        for (nint at = 0; at < length; at += StepBytes)
        {
            Vector512<byte> a0 = default;
            Vector512<byte> b0 = default;
            Vector512<byte> a1 = default;
            Vector512<byte> b1 = default;
            ulong* matrix = matrices;
            int input = 0;
            for (; input + 1 < count; input += 2, matrix += 2 * CodingProgram.Group)
            {
                byte* x = inputs[input] + at;
                byte* y = inputs[input + 1] + at;
                if (streaming)
                {
                    Sse.Prefetch0(x + 512);
                    Sse.Prefetch0(x + 576);
                    Sse.Prefetch0(y + 512);
                    Sse.Prefetch0(y + 576);
                }

                Vector512<byte> x0 = Vector512.Load(x);
                Vector512<byte> x1 = Vector512.Load(x + 64);
                Vector512<byte> y0 = Vector512.Load(y);
                Vector512<byte> y1 = Vector512.Load(y + 64);
                Vector512<byte> m0 = Broadcast(matrix + 0);
                Vector512<byte> n0 = Broadcast(matrix + CodingProgram.Group + 0);
                a0 = Xor(a0, Product(x0, m0), Product(y0, n0));
                b0 = Xor(b0, Product(x1, m0), Product(y1, n0));
                Vector512<byte> m1 = Broadcast(matrix + 1);
                Vector512<byte> n1 = Broadcast(matrix + CodingProgram.Group + 1);
                a1 = Xor(a1, Product(x0, m1), Product(y0, n1));
                b1 = Xor(b1, Product(x1, m1), Product(y1, n1));
            }

            if (input < count)
            {
                Vector512<byte> x0 = Vector512.Load(inputs[input] + at);
                Vector512<byte> x1 = Vector512.Load(inputs[input] + at + 64);
                a0 ^= Product(x0, Broadcast(matrix + 0));
                b0 ^= Product(x1, Broadcast(matrix + 0));
                a1 ^= Product(x0, Broadcast(matrix + 1));
                b1 ^= Product(x1, Broadcast(matrix + 1));
            }

            Store(a0, outputs[0] + at, streaming);
            Store(b0, outputs[0] + at + 64, streaming);
            Store(a1, outputs[1] + at, streaming);
            Store(b1, outputs[1] + at + 64, streaming);
        }
    }

    private static unsafe void Three(ulong* matrices, byte** inputs, int count, byte** outputs, nint length, bool streaming)
    {
        for (nint at = 0; at < length; at += StepBytes)
        {
            Vector512<byte> a0 = default;
            Vector512<byte> b0 = default;
            Vector512<byte> a1 = default;
            Vector512<byte> b1 = default;
            Vector512<byte> a2 = default;
            Vector512<byte> b2 = default;
            ulong* matrix = matrices;
            int input = 0;
            for (; input + 1 < count; input += 2, matrix += 2 * CodingProgram.Group)
            {
                byte* x = inputs[input] + at;
                byte* y = inputs[input + 1] + at;
                if (streaming)
                {
                    Sse.Prefetch0(x + 512);
                    Sse.Prefetch0(x + 576);
                    Sse.Prefetch0(y + 512);
                    Sse.Prefetch0(y + 576);
                }

                Vector512<byte> x0 = Vector512.Load(x);
                Vector512<byte> x1 = Vector512.Load(x + 64);
                Vector512<byte> y0 = Vector512.Load(y);
                Vector512<byte> y1 = Vector512.Load(y + 64);
                Vector512<byte> m0 = Broadcast(matrix + 0);
                Vector512<byte> n0 = Broadcast(matrix + CodingProgram.Group + 0);
                a0 = Xor(a0, Product(x0, m0), Product(y0, n0));
                b0 = Xor(b0, Product(x1, m0), Product(y1, n0));
                Vector512<byte> m1 = Broadcast(matrix + 1);
                Vector512<byte> n1 = Broadcast(matrix + CodingProgram.Group + 1);
                a1 = Xor(a1, Product(x0, m1), Product(y0, n1));
                b1 = Xor(b1, Product(x1, m1), Product(y1, n1));
                Vector512<byte> m2 = Broadcast(matrix + 2);
                Vector512<byte> n2 = Broadcast(matrix + CodingProgram.Group + 2);
                a2 = Xor(a2, Product(x0, m2), Product(y0, n2));
                b2 = Xor(b2, Product(x1, m2), Product(y1, n2));
            }

            if (input < count)
            {
                Vector512<byte> x0 = Vector512.Load(inputs[input] + at);
                Vector512<byte> x1 = Vector512.Load(inputs[input] + at + 64);
                a0 ^= Product(x0, Broadcast(matrix + 0));
                b0 ^= Product(x1, Broadcast(matrix + 0));
                a1 ^= Product(x0, Broadcast(matrix + 1));
                b1 ^= Product(x1, Broadcast(matrix + 1));
                a2 ^= Product(x0, Broadcast(matrix + 2));
                b2 ^= Product(x1, Broadcast(matrix + 2));
            }

            Store(a0, outputs[0] + at, streaming);
            Store(b0, outputs[0] + at + 64, streaming);
            Store(a1, outputs[1] + at, streaming);
            Store(b1, outputs[1] + at + 64, streaming);
            Store(a2, outputs[2] + at, streaming);
            Store(b2, outputs[2] + at + 64, streaming);
        }
    }

    private static unsafe void Four(ulong* matrices, byte** inputs, int count, byte** outputs, nint length, bool streaming)
    {
        for (nint at = 0; at < length; at += StepBytes)
        {
            Vector512<byte> a0 = default;
            Vector512<byte> b0 = default;
            Vector512<byte> a1 = default;
            Vector512<byte> b1 = default;
            Vector512<byte> a2 = default;
            Vector512<byte> b2 = default;
            Vector512<byte> a3 = default;
            Vector512<byte> b3 = default;
            ulong* matrix = matrices;
            int input = 0;
            for (; input + 1 < count; input += 2, matrix += 2 * CodingProgram.Group)
            {
                byte* x = inputs[input] + at;
                byte* y = inputs[input + 1] + at;
                if (streaming)
                {
                    Sse.Prefetch0(x + 512);
                    Sse.Prefetch0(x + 576);
                    Sse.Prefetch0(y + 512);
                    Sse.Prefetch0(y + 576);
                }

                Vector512<byte> x0 = Vector512.Load(x);
                Vector512<byte> x1 = Vector512.Load(x + 64);
                Vector512<byte> y0 = Vector512.Load(y);
                Vector512<byte> y1 = Vector512.Load(y + 64);
                Vector512<byte> m0 = Broadcast(matrix + 0);
                Vector512<byte> n0 = Broadcast(matrix + CodingProgram.Group + 0);
                a0 = Xor(a0, Product(x0, m0), Product(y0, n0));
                b0 = Xor(b0, Product(x1, m0), Product(y1, n0));
                Vector512<byte> m1 = Broadcast(matrix + 1);
                Vector512<byte> n1 = Broadcast(matrix + CodingProgram.Group + 1);
                a1 = Xor(a1, Product(x0, m1), Product(y0, n1));
                b1 = Xor(b1, Product(x1, m1), Product(y1, n1));
                Vector512<byte> m2 = Broadcast(matrix + 2);
                Vector512<byte> n2 = Broadcast(matrix + CodingProgram.Group + 2);
                a2 = Xor(a2, Product(x0, m2), Product(y0, n2));
                b2 = Xor(b2, Product(x1, m2), Product(y1, n2));
                Vector512<byte> m3 = Broadcast(matrix + 3);
                Vector512<byte> n3 = Broadcast(matrix + CodingProgram.Group + 3);
                a3 = Xor(a3, Product(x0, m3), Product(y0, n3));
                b3 = Xor(b3, Product(x1, m3), Product(y1, n3));
            }

            if (input < count)
            {
                Vector512<byte> x0 = Vector512.Load(inputs[input] + at);
                Vector512<byte> x1 = Vector512.Load(inputs[input] + at + 64);
                a0 ^= Product(x0, Broadcast(matrix + 0));
                b0 ^= Product(x1, Broadcast(matrix + 0));
                a1 ^= Product(x0, Broadcast(matrix + 1));
                b1 ^= Product(x1, Broadcast(matrix + 1));
                a2 ^= Product(x0, Broadcast(matrix + 2));
                b2 ^= Product(x1, Broadcast(matrix + 2));
                a3 ^= Product(x0, Broadcast(matrix + 3));
                b3 ^= Product(x1, Broadcast(matrix + 3));
            }

            Store(a0, outputs[0] + at, streaming);
            Store(b0, outputs[0] + at + 64, streaming);
            Store(a1, outputs[1] + at, streaming);
            Store(b1, outputs[1] + at + 64, streaming);
            Store(a2, outputs[2] + at, streaming);
            Store(b2, outputs[2] + at + 64, streaming);
            Store(a3, outputs[3] + at, streaming);
            Store(b3, outputs[3] + at + 64, streaming);
        }
    }
}
