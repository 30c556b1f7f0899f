using System;
using System.Globalization;
using System.Security.Cryptography;

namespace ObjectStore.Sim.Checking;

/// <summary>What a body is, without its bytes: enough for a model to say what a read must give, also for bodies put together from others.</summary>
/// <param name="SizeBytes">Length.</param>
/// <param name="Fingerprint">Polynomial hash modulo 2^61-1, which can be put together from the hashes of the pieces (Karp and Rabin, 1987).</param>
/// <param name="Md5">Lower-case hex MD5, the ETag of a body put in one piece; empty for bodies put together from others.</param>
public readonly record struct ContentDigest(long SizeBytes, ulong Fingerprint, string Md5)
{
    private const ulong Prime = (1UL << 61) - 1;
    private const ulong Base = 0x1B5A_3C71_94E2_6D05UL % Prime;

    /// <summary>The empty body.</summary>
    public static readonly ContentDigest Empty = Of([]);

    /// <summary>The digest of a body.</summary>
    public static ContentDigest Of(ReadOnlySpan<byte> body)
    {
        Span<byte> md5 = stackalloc byte[MD5.HashSizeInBytes];
        MD5.HashData(body, md5);
        return new ContentDigest(body.Length, FingerprintOf(body), Convert.ToHexStringLower(md5));
    }

    /// <summary>The hash alone.</summary>
    public static ulong FingerprintOf(ReadOnlySpan<byte> body)
    {
        ulong hash = 0;
        foreach (byte value in body)
        {
            hash = Reduce(Multiply(hash, Base) + value + 1);
        }

        return hash;
    }

    /// <summary>The body that is this one followed by another.</summary>
    public ContentDigest Then(ContentDigest next) =>
        new(SizeBytes + next.SizeBytes, Reduce(Multiply(Fingerprint, Power(next.SizeBytes)) + next.Fingerprint), "");

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{SizeBytes}B:{Fingerprint:x}");

    private static ulong Power(long exponent)
    {
        ulong result = 1;
        ulong factor = Base;
        for (long rest = exponent; rest > 0; rest >>= 1)
        {
            if ((rest & 1) != 0)
            {
                result = Multiply(result, factor);
            }

            factor = Multiply(factor, factor);
        }

        return result;
    }

    private static ulong Multiply(ulong left, ulong right)
    {
        ulong high = Math.BigMul(left, right, out ulong low);
        return Reduce((low & Prime) + ((low >> 61) | (high << 3)));
    }

    private static ulong Reduce(ulong value)
    {
        ulong folded = (value & Prime) + (value >> 61);
        return folded >= Prime ? folded - Prime : folded;
    }
}
