using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ObjectStore.Engine.Erasure;

namespace ObjectStore.Workloads.Benchmarks.Erasure;

/// <summary>The traffic of a coding run without its arithmetic: every input byte loaded once, the XOR of the inputs stored to every output.</summary>
/// <remarks>
/// What cache and memory allow, for a kernel to be held against. Not a code: all its outputs are the same. The shape is the fastest that was found for XOR on
/// Zen 5: a load instruction for each of eight inputs, 256 bytes of each at a time; through the cache reading ahead by half of that, past it not at all.
/// A kernel may still be a little ahead of it where its own shape suits the prefetchers better. Bytes beyond the last whole step are left out.
/// </remarks>
internal sealed class XorRoofline : IShardKernel
{
    private const int VectorBytes = 64;
    private const int StepBytes = 4 * VectorBytes;

    public string Name => "XOR only";

    internal static bool IsSupported => Avx512F.IsSupported;

    public unsafe void Run(CodingProgram program, byte** inputs, byte** outputs, int lengthBytes, ShardStores stores)
    {
        int whole = lengthBytes / StepBytes * StepBytes;
        if (stores == ShardStores.Streaming)
        {
            Steps<PastCache>(inputs, program.Inputs, outputs, program.Outputs, whole);
            Sse.StoreFence();
        }
        else
        {
            Steps<ThroughCache>(inputs, program.Inputs, outputs, program.Outputs, whole);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Steps<TTraffic>(byte** inputs, int count, byte** outputs, int outputCount, nint until)
        where TTraffic : struct, ITraffic
    {
        for (nint at = 0; at < until; at += StepBytes)
        {
            Columns sum = default;
            byte** input = inputs;
            int left = count;
            for (; left >= 8; left -= 8, input += 8)
            {
                sum = sum.Add<TTraffic>(input[0] + at, input[1] + at);
                sum = sum.Add<TTraffic>(input[2] + at, input[3] + at);
                sum = sum.Add<TTraffic>(input[4] + at, input[5] + at);
                sum = sum.Add<TTraffic>(input[6] + at, input[7] + at);
            }

            if ((left & 4) != 0)
            {
                sum = sum.Add<TTraffic>(input[0] + at, input[1] + at);
                sum = sum.Add<TTraffic>(input[2] + at, input[3] + at);
                input += 4;
            }

            if ((left & 2) != 0)
            {
                sum = sum.Add<TTraffic>(input[0] + at, input[1] + at);
                input += 2;
            }

            if ((left & 1) != 0)
            {
                sum = sum.Add<TTraffic>(input[0] + at);
            }

            for (int output = 0; output < outputCount; output++)
            {
                byte* to = outputs[output] + at;
                TTraffic.Store(sum.A, to);
                TTraffic.Store(sum.B, to + VectorBytes);
                TTraffic.Store(sum.C, to + 2 * VectorBytes);
                TTraffic.Store(sum.D, to + 3 * VectorBytes);
            }
        }
    }

    private interface ITraffic
    {
        static abstract unsafe void ReadAhead(byte* input);

        static abstract unsafe void Store(Vector512<byte> value, byte* to);
    }

    private readonly struct ThroughCache : ITraffic
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static unsafe void ReadAhead(byte* input)
        {
            byte* ahead = input + StepBytes / 2;
            Sse.Prefetch0(ahead);
            Sse.Prefetch0(ahead + VectorBytes);
            Sse.Prefetch0(ahead + 2 * VectorBytes);
            Sse.Prefetch0(ahead + 3 * VectorBytes);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static unsafe void Store(Vector512<byte> value, byte* to) => value.Store(to);
    }

    private readonly struct PastCache : ITraffic
    {
        public static unsafe void ReadAhead(byte* input)
        {
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static unsafe void Store(Vector512<byte> value, byte* to) => value.StoreAlignedNonTemporal(to);
    }

    /// <summary>Four neighbouring vectors.</summary>
    private readonly struct Columns(Vector512<byte> a, Vector512<byte> b, Vector512<byte> c, Vector512<byte> d)
    {
        public readonly Vector512<byte> A = a;
        public readonly Vector512<byte> B = b;
        public readonly Vector512<byte> C = c;
        public readonly Vector512<byte> D = d;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public unsafe Columns Add<TTraffic>(byte* x)
            where TTraffic : struct, ITraffic
        {
            TTraffic.ReadAhead(x);
            return new Columns(
                A ^ Vector512.Load(x),
                B ^ Vector512.Load(x + VectorBytes),
                C ^ Vector512.Load(x + 2 * VectorBytes),
                D ^ Vector512.Load(x + 3 * VectorBytes));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public unsafe Columns Add<TTraffic>(byte* x, byte* y)
            where TTraffic : struct, ITraffic
        {
            TTraffic.ReadAhead(x);
            TTraffic.ReadAhead(y);
            return new Columns(
                Xor(A, Vector512.Load(x), Vector512.Load(y)),
                Xor(B, Vector512.Load(x + VectorBytes), Vector512.Load(y + VectorBytes)),
                Xor(C, Vector512.Load(x + 2 * VectorBytes), Vector512.Load(y + 2 * VectorBytes)),
                Xor(D, Vector512.Load(x + 3 * VectorBytes), Vector512.Load(y + 3 * VectorBytes)));
        }

        private static Vector512<byte> Xor(Vector512<byte> a, Vector512<byte> b, Vector512<byte> c) => Avx512F.TernaryLogic(a, b, c, 0x96);
    }
}
