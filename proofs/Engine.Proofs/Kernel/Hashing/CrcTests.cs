using System;
using System.Globalization;
using System.Text;
using CsCheck;
using ObjectStore.Engine.Kernel;
using Xunit;

namespace ObjectStore.Engine.Proofs.Kernel.Hashing;

public sealed class CrcTests
{
    public static readonly TheoryData<string> Names = ["CRC32", "CRC32C", "CRC64NVME"];

    [Theory]
    [InlineData("CRC32", "", "0")]
    [InlineData("CRC32", "123456789", "CBF43926")]
    [InlineData("CRC32C", "", "0")]
    [InlineData("CRC32C", "123456789", "E3069283")]
    [InlineData("CRC64NVME", "", "0")]
    [InlineData("CRC64NVME", "123456789", "AE8B14860A799888")]
    public void Published_check_values_hold(string name, string text, string expected)
    {
        Assert.Equal(ulong.Parse(expected, NumberStyles.HexNumber), Crc.Of(name).Compute(Encoding.ASCII.GetBytes(text), 0));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_length_up_to_2000_equals_the_bitwise_definition(string name)
    {
        Crc crc = Crc.Of(name);
        byte[] data = Pattern(2000 + 8);
        for (int start = 0; start < 2; start++)
        {
            ulong bitwise = 0;
            for (int length = 0; length <= 2000; length++)
            {
                Assert.Equal(bitwise, crc.Compute(data.AsSpan(start * 7, length), 0));
                bitwise = crc.Bitwise(data.AsSpan((start * 7) + length, 1), bitwise);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_table_path_equals_the_bitwise_definition(string name)
    {
        Crc crc = Crc.Of(name);
        var tables = new ReflectedCrc(crc.WidthBits, crc.Polynomial);
        byte[] data = Pattern(300);
        for (int length = 0; length <= 300; length++)
        {
            Assert.Equal(crc.Bitwise(data.AsSpan(0, length), 0), tables.UpdateByTable(tables.Mask, data.AsSpan(0, length)) ^ tables.Mask);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Going_on_from_a_checksum_and_combining_two_equal_the_whole(string name)
    {
        Crc crc = Crc.Of(name);
        Gen.Select(Gen.Byte.Array[0, 3000], Gen.Int[0, 3000], Gen.Int[0, 3000]).Sample(
            (data, a, b) =>
            {
                int first = Math.Min(Math.Min(a, b), data.Length), second = Math.Min(Math.Max(a, b), data.Length);
                ulong whole = crc.Compute(data, 0);
                ulong continued = crc.Compute(data.AsSpan(second), crc.Compute(data.AsSpan(first..second), crc.Compute(data.AsSpan(..first), 0)));
                ulong combined = crc.Combine(crc.Compute(data.AsSpan(..first), 0), crc.Compute(data.AsSpan(first), 0), data.Length - first);
                return whole == crc.Bitwise(data, 0) && whole == continued && whole == combined;
            },
            iter: 400);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Combining_works_for_the_largest_object(string name)
    {
        // 5 TiB of zeros by doubling: combine(z, z, n) is the checksum of 2n zeros; then cross-checked by splitting another way.
        Crc crc = Crc.Of(name);
        const long Mebibyte = 1 << 20;
        ulong one = crc.Compute(new byte[Mebibyte], 0);
        ulong doubled = one;
        long length = Mebibyte;
        while (length < 4L << 40)
        {
            doubled = crc.Combine(doubled, doubled, length);
            length *= 2;
        }

        ulong left = crc.Combine(one, doubled, length), right = crc.Combine(doubled, one, Mebibyte);
        Assert.Equal(left, right);
        Assert.NotEqual(doubled, left);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Any_flipped_bit_changes_the_checksum(string name)
    {
        Crc crc = Crc.Of(name);
        byte[] data = Pattern(600);
        ulong good = crc.Compute(data, 0);
        for (int bit = 0; bit < data.Length * 8; bit++)
        {
            data[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(good, crc.Compute(data, 0));
            data[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Theory]
    [InlineData("", 0UL, 0xEF46DB3751D8E999)]
    [InlineData("a", 0UL, 0xD24EC4F1A98C6E5B)]
    [InlineData("abc", 0UL, 0x44BC2CF5AD770999)]
    public void Stable_hash_is_the_published_function(string text, ulong seed, ulong expected)
    {
        Assert.Equal(expected, StableHash.Compute(Encoding.ASCII.GetBytes(text), seed));
    }

    [Fact]
    public void Stable_hash_of_a_number_is_that_of_its_bytes()
    {
        Gen.Select(Gen.ULong, Gen.ULong).Sample(
            (value, seed) => StableHash.Compute(value, seed) == StableHash.Compute(BitConverter.GetBytes(value), seed));
    }

    [Fact]
    public void Stable_hash_depends_on_every_byte_and_length()
    {
        byte[] data = Pattern(200);
        var seen = new System.Collections.Generic.HashSet<ulong>();
        for (int length = 0; length <= data.Length; length++)
        {
            Assert.True(seen.Add(StableHash.Compute(data.AsSpan(0, length))));
            for (int i = 0; i < length; i++)
            {
                data[i] ^= 1;
                Assert.True(seen.Add(StableHash.Compute(data.AsSpan(0, length))));
                data[i] ^= 1;
            }
        }
    }

    private static byte[] Pattern(int length)
    {
        byte[] data = new byte[length];
        new Random(20251).NextBytes(data);
        return data;
    }
}
