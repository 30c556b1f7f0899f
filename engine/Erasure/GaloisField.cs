using System;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Erasure;

/// <summary>GF(2^8) with the polynomial x^8 + x^4 + x^3 + x^2 + 1 (0x11D) and generator 2.</summary>
/// <remarks>Addition is XOR. Source: Plank, "A Tutorial on Reed-Solomon Coding for Fault-Tolerance in RAID-like Systems", 1997, with its 2003 correction.</remarks>
public static class GaloisField
{
    /// <summary>The reduction polynomial.</summary>
    public const int Polynomial = 0x11D;

    private static readonly byte[] Exponents = MakeExponents();
    private static readonly byte[] Logarithms = MakeLogarithms();
    private static readonly byte[] Products = MakeProducts();

    /// <summary>The product.</summary>
    public static byte Multiply(byte a, byte b) => Products[a * 256 + b];

    /// <summary>The inverse; asking for that of zero is a bug.</summary>
    public static byte Invert(byte a)
    {
        Invariant.Check(a != 0, "zero has no inverse");
        return Exponents[255 - Logarithms[a]];
    }

    /// <summary>All products of <paramref name="a"/>: entry b is a × b.</summary>
    public static ReadOnlySpan<byte> Row(byte a) => Products.AsSpan(a * 256, 256);

    /// <summary>Multiplication by <paramref name="a"/> as an 8×8 bit matrix in the layout of the x86 instruction GF2P8AFFINEQB: byte 7−i holds the row that makes bit i.</summary>
    public static ulong AffineMatrix(byte a)
    {
        ulong matrix = 0;
        for (int bit = 0; bit < 8; bit++)
        {
            byte row = 0;
            for (int input = 0; input < 8; input++)
            {
                row |= (byte)(((Multiply(a, (byte)(1 << input)) >> bit) & 1) << input);
            }

            matrix |= (ulong)row << (8 * (7 - bit));
        }

        return matrix;
    }

    private static byte[] MakeExponents()
    {
        var table = new byte[512];
        int value = 1;
        for (int power = 0; power < 255; power++)
        {
            table[power] = table[power + 255] = (byte)value;
            value <<= 1;
            if (value >= 256)
            {
                value ^= Polynomial;
            }
        }

        return table;
    }

    private static byte[] MakeLogarithms()
    {
        var table = new byte[256];
        for (int power = 0; power < 255; power++)
        {
            table[Exponents[power]] = (byte)power;
        }

        return table;
    }

    private static byte[] MakeProducts()
    {
        var table = new byte[256 * 256];
        for (int a = 1; a < 256; a++)
        {
            for (int b = 1; b < 256; b++)
            {
                table[a * 256 + b] = Exponents[Logarithms[a] + Logarithms[b]];
            }
        }

        return table;
    }
}
