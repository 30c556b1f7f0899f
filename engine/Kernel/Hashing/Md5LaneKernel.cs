using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ObjectStore.Engine.Kernel;

/// <summary>The MD5 compression function over eight streams at once, one in each 32-bit element of the vectors. Needs AVX2.</summary>
/// <remarks>
/// MD5 is one chain of dependent steps, so one stream leaves most of the processor idle; eight in lockstep cost as much as one. Unused lanes repeat the first stream's blocks
/// and their result is dropped. Source: RFC 1321, sections 3.3 and 3.4.
/// </remarks>
internal static class Md5LaneKernel
{
    /// <summary>Streams at once.</summary>
    internal const int LaneCount = 8;

    /// <summary>Whether this processor can.</summary>
    internal static bool IsSupported => Avx2.IsSupported;

    /// <summary>Takes the same number of blocks into each stream.</summary>
    /// <param name="jobs">1 to <see cref="LaneCount"/> streams; each has at least <paramref name="blockCount"/> blocks left.</param>
    /// <param name="blockCount">Blocks of 64 bytes.</param>
    internal static void Compress(ReadOnlySpan<Md5LaneJob> jobs, int blockCount)
    {
        ReadOnlySpan<byte> s0 = Next(jobs, 0, blockCount);
        ReadOnlySpan<byte> s1 = Next(jobs, 1, blockCount);
        ReadOnlySpan<byte> s2 = Next(jobs, 2, blockCount);
        ReadOnlySpan<byte> s3 = Next(jobs, 3, blockCount);
        ReadOnlySpan<byte> s4 = Next(jobs, 4, blockCount);
        ReadOnlySpan<byte> s5 = Next(jobs, 5, blockCount);
        ReadOnlySpan<byte> s6 = Next(jobs, 6, blockCount);
        ReadOnlySpan<byte> s7 = Next(jobs, 7, blockCount);
        Span<uint> state = stackalloc uint[4 * LaneCount];
        Gather(jobs, state);
        Span<Vector256<uint>> chain = MemoryMarshal.Cast<uint, Vector256<uint>>(state);
        Span<Vector256<uint>> w = stackalloc Vector256<uint>[16];
        for (int at = 0; at < blockCount * Md5State.BlockBytes; at += Md5State.BlockBytes)
        {
            for (int half = 0; half < 2; half++)
            {
                int from = at + (half * Vector256<byte>.Count);
                Transpose(
                    Load(s0, from), Load(s1, from), Load(s2, from), Load(s3, from), Load(s4, from), Load(s5, from), Load(s6, from), Load(s7, from), w[(half * 8)..]);
            }

            Rounds(w, chain);
        }

        Scatter(jobs, state);
    }

    private static ReadOnlySpan<byte> Next(ReadOnlySpan<Md5LaneJob> jobs, int lane, int blockCount) =>
        jobs[lane < jobs.Length ? lane : 0].Left.Span[..(blockCount * Md5State.BlockBytes)];

    private static void Gather(ReadOnlySpan<Md5LaneJob> jobs, Span<uint> state)
    {
        for (int lane = 0; lane < LaneCount; lane++)
        {
            ReadOnlySpan<uint> chain = jobs[lane < jobs.Length ? lane : 0].State.Chain;
            for (int word = 0; word < 4; word++)
            {
                state[(word * LaneCount) + lane] = chain[word];
            }
        }
    }

    private static void Scatter(ReadOnlySpan<Md5LaneJob> jobs, ReadOnlySpan<uint> state)
    {
        for (int lane = 0; lane < jobs.Length; lane++)
        {
            Span<uint> chain = jobs[lane].State.Chain;
            for (int word = 0; word < 4; word++)
            {
                chain[word] = state[(word * LaneCount) + lane];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Load(ReadOnlySpan<byte> stream, int at) => Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(stream), (nuint)at).AsUInt32();

    /// <summary>Eight rows of eight words become eight columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(
        Vector256<uint> r0, Vector256<uint> r1, Vector256<uint> r2, Vector256<uint> r3, Vector256<uint> r4, Vector256<uint> r5, Vector256<uint> r6, Vector256<uint> r7, Span<Vector256<uint>> w)
    {
        Vector256<ulong> t0 = Avx2.UnpackLow(r0, r1).AsUInt64();
        Vector256<ulong> t1 = Avx2.UnpackHigh(r0, r1).AsUInt64();
        Vector256<ulong> t2 = Avx2.UnpackLow(r2, r3).AsUInt64();
        Vector256<ulong> t3 = Avx2.UnpackHigh(r2, r3).AsUInt64();
        Vector256<ulong> t4 = Avx2.UnpackLow(r4, r5).AsUInt64();
        Vector256<ulong> t5 = Avx2.UnpackHigh(r4, r5).AsUInt64();
        Vector256<ulong> t6 = Avx2.UnpackLow(r6, r7).AsUInt64();
        Vector256<ulong> t7 = Avx2.UnpackHigh(r6, r7).AsUInt64();
        Join(Avx2.UnpackLow(t0, t2), Avx2.UnpackLow(t4, t6), out w[0], out w[4]);
        Join(Avx2.UnpackHigh(t0, t2), Avx2.UnpackHigh(t4, t6), out w[1], out w[5]);
        Join(Avx2.UnpackLow(t1, t3), Avx2.UnpackLow(t5, t7), out w[2], out w[6]);
        Join(Avx2.UnpackHigh(t1, t3), Avx2.UnpackHigh(t5, t7), out w[3], out w[7]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Join(Vector256<ulong> upper, Vector256<ulong> lower, out Vector256<uint> low, out Vector256<uint> high)
    {
        low = Avx2.Permute2x128(upper, lower, 0x20).AsUInt32();
        high = Avx2.Permute2x128(upper, lower, 0x31).AsUInt32();
    }

    private static void Rounds(ReadOnlySpan<Vector256<uint>> w, Span<Vector256<uint>> chain)
    {
        (Vector256<uint> a, Vector256<uint> b, Vector256<uint> c, Vector256<uint> d) = (chain[0], chain[1], chain[2], chain[3]);
        FirstRound(w, chain);
        SecondRound(w, chain);
        ThirdRound(w, chain);
        FourthRound(w, chain);
        unchecked
        {
            chain[0] += a;
            chain[1] += b;
            chain[2] += c;
            chain[3] += d;
        }
    }

    private static void FirstRound(ReadOnlySpan<Vector256<uint>> w, Span<Vector256<uint>> chain)
    {
        _ = w[15];
        (Vector256<uint> a, Vector256<uint> b, Vector256<uint> c, Vector256<uint> d) = (chain[0], chain[1], chain[2], chain[3]);
        a = First(a, b, c, d, w[0], 0xD76AA478, 7);
        d = First(d, a, b, c, w[1], 0xE8C7B756, 12);
        c = First(c, d, a, b, w[2], 0x242070DB, 17);
        b = First(b, c, d, a, w[3], 0xC1BDCEEE, 22);
        a = First(a, b, c, d, w[4], 0xF57C0FAF, 7);
        d = First(d, a, b, c, w[5], 0x4787C62A, 12);
        c = First(c, d, a, b, w[6], 0xA8304613, 17);
        b = First(b, c, d, a, w[7], 0xFD469501, 22);
        a = First(a, b, c, d, w[8], 0x698098D8, 7);
        d = First(d, a, b, c, w[9], 0x8B44F7AF, 12);
        c = First(c, d, a, b, w[10], 0xFFFF5BB1, 17);
        b = First(b, c, d, a, w[11], 0x895CD7BE, 22);
        a = First(a, b, c, d, w[12], 0x6B901122, 7);
        d = First(d, a, b, c, w[13], 0xFD987193, 12);
        c = First(c, d, a, b, w[14], 0xA679438E, 17);
        b = First(b, c, d, a, w[15], 0x49B40821, 22);
        (chain[0], chain[1], chain[2], chain[3]) = (a, b, c, d);
    }

    private static void SecondRound(ReadOnlySpan<Vector256<uint>> w, Span<Vector256<uint>> chain)
    {
        _ = w[15];
        (Vector256<uint> a, Vector256<uint> b, Vector256<uint> c, Vector256<uint> d) = (chain[0], chain[1], chain[2], chain[3]);
        a = Second(a, b, c, d, w[1], 0xF61E2562, 5);
        d = Second(d, a, b, c, w[6], 0xC040B340, 9);
        c = Second(c, d, a, b, w[11], 0x265E5A51, 14);
        b = Second(b, c, d, a, w[0], 0xE9B6C7AA, 20);
        a = Second(a, b, c, d, w[5], 0xD62F105D, 5);
        d = Second(d, a, b, c, w[10], 0x02441453, 9);
        c = Second(c, d, a, b, w[15], 0xD8A1E681, 14);
        b = Second(b, c, d, a, w[4], 0xE7D3FBC8, 20);
        a = Second(a, b, c, d, w[9], 0x21E1CDE6, 5);
        d = Second(d, a, b, c, w[14], 0xC33707D6, 9);
        c = Second(c, d, a, b, w[3], 0xF4D50D87, 14);
        b = Second(b, c, d, a, w[8], 0x455A14ED, 20);
        a = Second(a, b, c, d, w[13], 0xA9E3E905, 5);
        d = Second(d, a, b, c, w[2], 0xFCEFA3F8, 9);
        c = Second(c, d, a, b, w[7], 0x676F02D9, 14);
        b = Second(b, c, d, a, w[12], 0x8D2A4C8A, 20);
        (chain[0], chain[1], chain[2], chain[3]) = (a, b, c, d);
    }

    private static void ThirdRound(ReadOnlySpan<Vector256<uint>> w, Span<Vector256<uint>> chain)
    {
        _ = w[15];
        (Vector256<uint> a, Vector256<uint> b, Vector256<uint> c, Vector256<uint> d) = (chain[0], chain[1], chain[2], chain[3]);
        a = Third(a, b, c, d, w[5], 0xFFFA3942, 4);
        d = Third(d, a, b, c, w[8], 0x8771F681, 11);
        c = Third(c, d, a, b, w[11], 0x6D9D6122, 16);
        b = Third(b, c, d, a, w[14], 0xFDE5380C, 23);
        a = Third(a, b, c, d, w[1], 0xA4BEEA44, 4);
        d = Third(d, a, b, c, w[4], 0x4BDECFA9, 11);
        c = Third(c, d, a, b, w[7], 0xF6BB4B60, 16);
        b = Third(b, c, d, a, w[10], 0xBEBFBC70, 23);
        a = Third(a, b, c, d, w[13], 0x289B7EC6, 4);
        d = Third(d, a, b, c, w[0], 0xEAA127FA, 11);
        c = Third(c, d, a, b, w[3], 0xD4EF3085, 16);
        b = Third(b, c, d, a, w[6], 0x04881D05, 23);
        a = Third(a, b, c, d, w[9], 0xD9D4D039, 4);
        d = Third(d, a, b, c, w[12], 0xE6DB99E5, 11);
        c = Third(c, d, a, b, w[15], 0x1FA27CF8, 16);
        b = Third(b, c, d, a, w[2], 0xC4AC5665, 23);
        (chain[0], chain[1], chain[2], chain[3]) = (a, b, c, d);
    }

    private static void FourthRound(ReadOnlySpan<Vector256<uint>> w, Span<Vector256<uint>> chain)
    {
        _ = w[15];
        (Vector256<uint> a, Vector256<uint> b, Vector256<uint> c, Vector256<uint> d) = (chain[0], chain[1], chain[2], chain[3]);
        a = Fourth(a, b, c, d, w[0], 0xF4292244, 6);
        d = Fourth(d, a, b, c, w[7], 0x432AFF97, 10);
        c = Fourth(c, d, a, b, w[14], 0xAB9423A7, 15);
        b = Fourth(b, c, d, a, w[5], 0xFC93A039, 21);
        a = Fourth(a, b, c, d, w[12], 0x655B59C3, 6);
        d = Fourth(d, a, b, c, w[3], 0x8F0CCC92, 10);
        c = Fourth(c, d, a, b, w[10], 0xFFEFF47D, 15);
        b = Fourth(b, c, d, a, w[1], 0x85845DD1, 21);
        a = Fourth(a, b, c, d, w[8], 0x6FA87E4F, 6);
        d = Fourth(d, a, b, c, w[15], 0xFE2CE6E0, 10);
        c = Fourth(c, d, a, b, w[6], 0xA3014314, 15);
        b = Fourth(b, c, d, a, w[13], 0x4E0811A1, 21);
        a = Fourth(a, b, c, d, w[4], 0xF7537E82, 6);
        d = Fourth(d, a, b, c, w[11], 0xBD3AF235, 10);
        c = Fourth(c, d, a, b, w[2], 0x2AD7D2BB, 15);
        b = Fourth(b, c, d, a, w[9], 0xEB86D391, 21);
        (chain[0], chain[1], chain[2], chain[3]) = (a, b, c, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> First(
        Vector256<uint> a, Vector256<uint> b, Vector256<uint> c, Vector256<uint> d, Vector256<uint> word, uint constant, [ConstantExpected] byte turn) =>
        b + Rotate(a + word + Vector256.Create(constant) + Choose(b, c, d), turn);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Second(
        Vector256<uint> a, Vector256<uint> b, Vector256<uint> c, Vector256<uint> d, Vector256<uint> word, uint constant, [ConstantExpected] byte turn) =>
        b + Rotate(a + word + Vector256.Create(constant) + Choose(d, b, c), turn);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Third(
        Vector256<uint> a, Vector256<uint> b, Vector256<uint> c, Vector256<uint> d, Vector256<uint> word, uint constant, [ConstantExpected] byte turn) =>
        b + Rotate(a + word + Vector256.Create(constant) + (Avx512F.VL.IsSupported ? Avx512F.VL.TernaryLogic(b, c, d, 0x96) : b ^ c ^ d), turn);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Fourth(
        Vector256<uint> a, Vector256<uint> b, Vector256<uint> c, Vector256<uint> d, Vector256<uint> word, uint constant, [ConstantExpected] byte turn) =>
        b + Rotate(a + word + Vector256.Create(constant) + (Avx512F.VL.IsSupported ? Avx512F.VL.TernaryLogic(b, c, d, 0x39) : c ^ (b | ~d)), turn);

    /// <summary>Bits of <paramref name="yes"/> where the mask has ones, of <paramref name="no"/> elsewhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Choose(Vector256<uint> mask, Vector256<uint> yes, Vector256<uint> no) =>
        Avx512F.VL.IsSupported ? Avx512F.VL.TernaryLogic(mask, yes, no, 0xCA) : no ^ (mask & (yes ^ no));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Rotate(Vector256<uint> value, [ConstantExpected] byte turn) =>
        Avx512F.VL.IsSupported ? Avx512F.VL.RotateLeft(value, turn) : (value << turn) | (value >>> (32 - turn));
}
