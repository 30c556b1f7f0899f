using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ArmAes = System.Runtime.Intrinsics.Arm.Aes;

namespace ObjectStore.Engine.Kernel;

/// <summary>Shrinks data to 16 bytes that leave the same remainder modulo a polynomial, with carry-less multiplication.</summary>
/// <remarks>
/// Bits are reflected, so the 64-bit product of two numbers stands for their product times x; that one power is taken out of the constants.
/// A block of 16 bytes that lies <c>d</c> bits ahead of another is multiplied by x^(d+64) (first half) and x^d (second half) and added to it.
/// </remarks>
internal readonly struct CarrylessFolding
{
    /// <summary>What is left of the folded data.</summary>
    internal const int ResidueSizeBytes = 16;

    private const int NarrowStrideBytes = 64;
    private const int WideStrideBytes = 256;

    private readonly Vector128<ulong> _by1;
    private readonly Vector128<ulong> _by2;
    private readonly Vector128<ulong> _by3;
    private readonly Vector128<ulong> _by4;
    private readonly Vector128<ulong> _by8;
    private readonly Vector128<ulong> _by12;
    private readonly Vector128<ulong> _by16;

    /// <param name="powerOfX">x to the given power modulo the polynomial; the highest of 64 bits is the coefficient of x^0.</param>
    internal CarrylessFolding(Func<int, ulong> powerOfX)
    {
        Vector128<ulong> Distance(int blocks) =>
            Vector128.Create(powerOfX((blocks * 128) + 63), powerOfX((blocks * 128) - 1));

        _by1 = Distance(1);
        _by2 = Distance(2);
        _by3 = Distance(3);
        _by4 = Distance(4);
        _by8 = Distance(8);
        _by12 = Distance(12);
        _by16 = Distance(16);
    }

    private static bool IsSupported => BitConverter.IsLittleEndian && (Pclmulqdq.IsSupported || ArmAes.IsSupported);

    /// <summary>Folds whole 16-byte blocks off the front of <paramref name="data"/>, when there are enough to pay and the machine can.</summary>
    /// <param name="data">Left with fewer than 16 bytes on success.</param>
    /// <param name="register">Checksum register so far.</param>
    /// <param name="residue"><see cref="ResidueSizeBytes"/> bytes that stand for register and data, to be run through a zero register.</param>
    internal bool TryFold(ref ReadOnlySpan<byte> data, ulong register, scoped Span<byte> residue)
    {
        if (!IsSupported || data.Length < NarrowStrideBytes)
        {
            return false;
        }

        Vector128<ulong> folded = Pclmulqdq.V512.IsSupported && data.Length >= WideStrideBytes
            ? FoldWide(ref data, register)
            : FoldNarrow(ref data, register);
        while (data.Length >= 16)
        {
            folded = Fold(folded, _by1) ^ Load(data);
            data = data[16..];
        }

        folded.AsByte().CopyTo(residue);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Fold(Vector128<ulong> block, Vector128<ulong> distance)
    {
        if (Pclmulqdq.IsSupported)
        {
            return (Pclmulqdq.CarrylessMultiply(block, distance, 0x00)
                ^ Pclmulqdq.CarrylessMultiply(block, distance, 0x11));
        }

        return ArmAes.PolynomialMultiplyWideningLower(block.GetLower(), distance.GetLower())
            ^ ArmAes.PolynomialMultiplyWideningUpper(block, distance);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Fold(Vector512<ulong> block, Vector512<ulong> distance) =>
        Pclmulqdq.V512.CarrylessMultiply(block, distance, 0x00) ^ Pclmulqdq.V512.CarrylessMultiply(block, distance, 0x11);

    private static Vector128<ulong> Load(ReadOnlySpan<byte> data, int offset = 0) =>
        Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(data), (nuint)offset).AsUInt64();

    private static Vector512<ulong> LoadWide(ReadOnlySpan<byte> data, int offset = 0) =>
        Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(data), (nuint)offset).AsUInt64();

    private Vector128<ulong> FoldNarrow(ref ReadOnlySpan<byte> data, ulong register)
    {
        ReadOnlySpan<byte> rest = data;
        Vector128<ulong> block0 = Load(rest) ^ Vector128.CreateScalar(register);
        Vector128<ulong> block1 = Load(rest, 16);
        Vector128<ulong> block2 = Load(rest, 32);
        Vector128<ulong> block3 = Load(rest, 48);
        rest = rest[NarrowStrideBytes..];
        Vector128<ulong> stride = _by4;
        while (rest.Length >= NarrowStrideBytes)
        {
            block0 = Fold(block0, stride) ^ Load(rest);
            block1 = Fold(block1, stride) ^ Load(rest, 16);
            block2 = Fold(block2, stride) ^ Load(rest, 32);
            block3 = Fold(block3, stride) ^ Load(rest, 48);
            rest = rest[NarrowStrideBytes..];
        }

        data = rest;
        return Merge(block0, block1, block2, block3);
    }

    private Vector128<ulong> FoldWide(ref ReadOnlySpan<byte> data, ulong register)
    {
        ReadOnlySpan<byte> rest = data;
        Vector512<ulong> block0 = LoadWide(rest) ^ Vector512.CreateScalar(register);
        Vector512<ulong> block1 = LoadWide(rest, 64);
        Vector512<ulong> block2 = LoadWide(rest, 128);
        Vector512<ulong> block3 = LoadWide(rest, 192);
        rest = rest[WideStrideBytes..];
        Vector512<ulong> stride = Widen(_by16);
        while (rest.Length >= WideStrideBytes)
        {
            block0 = Fold(block0, stride) ^ LoadWide(rest);
            block1 = Fold(block1, stride) ^ LoadWide(rest, 64);
            block2 = Fold(block2, stride) ^ LoadWide(rest, 128);
            block3 = Fold(block3, stride) ^ LoadWide(rest, 192);
            rest = rest[WideStrideBytes..];
        }

        Vector512<ulong> one = Widen(_by4);
        Vector512<ulong> merged = Fold(block0, Widen(_by12)) ^ Fold(block1, Widen(_by8)) ^ Fold(block2, one) ^ block3;
        while (rest.Length >= 64)
        {
            merged = Fold(merged, one) ^ LoadWide(rest);
            rest = rest[64..];
        }

        data = rest;
        return Merge(
            merged.GetLower().GetLower(), merged.GetLower().GetUpper(), merged.GetUpper().GetLower(), merged.GetUpper().GetUpper());
    }

    private Vector128<ulong> Merge(Vector128<ulong> block0, Vector128<ulong> block1, Vector128<ulong> block2, Vector128<ulong> block3) =>
        Fold(block0, _by3) ^ Fold(block1, _by2) ^ Fold(block2, _by1) ^ block3;

    private static Vector512<ulong> Widen(Vector128<ulong> constant)
    {
        Vector256<ulong> half = Vector256.Create(constant, constant);
        return Vector512.Create(half, half);
    }
}
