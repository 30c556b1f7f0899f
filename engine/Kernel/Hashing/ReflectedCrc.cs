using System;
using System.Buffers.Binary;

namespace ObjectStore.Engine.Kernel;

/// <summary>A cyclic redundancy check of up to 64 bits, least significant bit first, register started and ended with all ones.</summary>
/// <remarks>
/// Every constant is derived from the polynomial. Long input is folded with carry-less multiplication
/// (Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ", Intel 2009), the rest goes through tables, eight bytes a step
/// (Kounavis and Berry, "A Systematic Approach to Building High Performance Software-Based CRC Generators", ISCC'05).
/// A polynomial here is a number whose highest used bit (<c>width - 1</c>) is the coefficient of x^0.
/// </remarks>
internal sealed class ReflectedCrc
{
    private readonly ulong _polynomial;
    private readonly ulong _one;
    private readonly ulong[] _table = new ulong[8 * 256];
    private readonly ulong[] _squares = new ulong[64];
    private readonly CarrylessFolding _folding;

    internal ReflectedCrc(int widthBits, ulong polynomial)
    {
        _polynomial = polynomial;
        _one = 1UL << (widthBits - 1);
        Mask = ulong.MaxValue >> (64 - widthBits);
        FillTable();
        ulong square = TimesX(_one);
        for (int i = 0; i < _squares.Length; i++)
        {
            _squares[i] = square;
            square = Multiply(square, square);
        }

        _folding = new CarrylessFolding(bits => PowerOfX((ulong)bits) << (64 - widthBits));
    }

    /// <summary>All bits of the register.</summary>
    internal ulong Mask { get; }

    /// <summary>Folds as much of <paramref name="data"/> as pays and leaves the rest.</summary>
    /// <returns>True when <paramref name="residue"/> (16 bytes) with a zero register stands for register and folded data together.</returns>
    internal bool TryFold(ref ReadOnlySpan<byte> data, ulong register, scoped Span<byte> residue) =>
        _folding.TryFold(ref data, register, residue);

    /// <summary>The register after <paramref name="data"/>, by the fastest way there is.</summary>
    internal ulong Update(ulong register, ReadOnlySpan<byte> data)
    {
        Span<byte> residue = stackalloc byte[CarrylessFolding.ResidueSizeBytes];
        if (_folding.TryFold(ref data, register, residue))
        {
            register = UpdateByTable(0, residue);
        }

        return UpdateByTable(register, data);
    }

    /// <summary>The register after <paramref name="data"/>, on any machine.</summary>
    internal ulong UpdateByTable(ulong register, ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<ulong> table = _table;
        unchecked
        {
            while (data.Length >= 8)
            {
                ulong word = register ^ BinaryPrimitives.ReadUInt64LittleEndian(data);
                register = table[(7 * 256) + (byte)word]
                    ^ table[(6 * 256) + (byte)(word >> 8)]
                    ^ table[(5 * 256) + (byte)(word >> 16)]
                    ^ table[(4 * 256) + (byte)(word >> 24)]
                    ^ table[(3 * 256) + (byte)(word >> 32)]
                    ^ table[(2 * 256) + (byte)(word >> 40)]
                    ^ table[256 + (byte)(word >> 48)]
                    ^ table[(byte)(word >> 56)];
                data = data[8..];
            }

            foreach (byte value in data)
            {
                register = table[(byte)(register ^ value)] ^ (register >> 8);
            }
        }

        return register;
    }

    /// <summary>The checksum of two pieces put together, from theirs: moves the first past the length of the second.</summary>
    internal ulong Combine(ulong first, ulong second, long secondLengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(secondLengthBytes);
        ulong bytes = (ulong)secondLengthBytes;
        ulong moved = first;

        // x^(8n): the bits of n choose among x^8, x^16, x^32, ...
        for (int i = 3; bytes != 0; i++, bytes >>= 1)
        {
            if ((bytes & 1) != 0)
            {
                moved = Multiply(moved, _squares[i]);
            }
        }

        return moved ^ second;
    }

    private ulong TimesX(ulong value) => (value & 1) != 0 ? (value >> 1) ^ _polynomial : value >> 1;

    private ulong Multiply(ulong left, ulong right)
    {
        ulong product = 0;
        for (ulong bit = _one; bit != 0; bit >>= 1)
        {
            if ((left & bit) != 0)
            {
                product ^= right;
            }

            right = TimesX(right);
        }

        return product;
    }

    private ulong PowerOfX(ulong exponent)
    {
        ulong power = _one;
        for (int i = 0; exponent != 0; i++, exponent >>= 1)
        {
            if ((exponent & 1) != 0)
            {
                power = Multiply(power, _squares[i]);
            }
        }

        return power;
    }

    private void FillTable()
    {
        for (int value = 0; value < 256; value++)
        {
            ulong register = (ulong)value;
            for (int bit = 0; bit < 8; bit++)
            {
                register = TimesX(register);
            }

            _table[value] = register;
        }

        for (int i = 256; i < _table.Length; i++)
        {
            ulong before = _table[i - 256];
            _table[i] = (before >> 8) ^ _table[before & 0xff];
        }
    }
}
