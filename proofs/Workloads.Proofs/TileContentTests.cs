using System;
using CsCheck;
using ObjectStore.Workloads.Contract;
using Xunit;

namespace ObjectStore.Workloads.Proofs;

/// <summary>Goal: a body proves where it belongs. Method: bodies as sent, and with every kind of wrong planted.</summary>
public sealed class TileContentTests
{
    private static readonly TileContent Content = new(200_000);

    [Fact]
    public void A_body_as_sent_is_recognised_from_any_aligned_offset() =>
        Gen.Select(Gen.String[Gen.Char.AlphaNumeric, 1, 40], Gen.ULong, Gen.Int[8, 200_000], Gen.Int[0, 25_000]).Sample((key, nonce, length, word) =>
        {
            int offset = Math.Min(word * 8, (length - 8) & -8);
            ReadOnlySpan<byte> piece = Content.Create(key, nonce, length).Span[offset..];
            Assert.True(Content.TryLocate(key, offset, piece, out int position));
            Assert.True(Content.Matches(position, offset, piece));
        });

    [Fact]
    public void One_flipped_bit_anywhere_is_found() =>
        Gen.Select(Gen.ULong, Gen.Int[8, 5000], Gen.Int).Sample((nonce, length, flip) =>
        {
            byte[] body = Content.Create("key", nonce, length).ToArray();
            int bit = (int)(unchecked((uint)flip) % (uint)(length * 8));
            body[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(Content.TryLocate("key", 0, body, out int position) && Content.Matches(position, 0, body));
        });

    [Fact]
    public void A_body_that_continues_with_another_of_the_same_key_is_found()
    {
        byte[] first = Content.Create("key", 1, 8192).ToArray();
        Content.Create("key", 2, 8192)[4096..].CopyTo(first.AsMemory(4096));
        Assert.True(Content.TryLocate("key", 0, first, out int position));
        Assert.False(Content.Matches(position, 0, first));
    }

    [Fact]
    public void A_body_shifted_by_whole_blocks_is_found()
    {
        ReadOnlySpan<byte> shifted = Content.Create("key", 1, 8192).Span[4096..];
        Assert.False(Content.TryLocate("key", 0, shifted, out int position) && Content.Matches(position, 0, shifted));
    }

    [Fact]
    public void The_body_of_another_key_passes_for_at_most_a_few_in_thousands()
    {
        int passed = 0;
        for (int other = 0; other < 5000; other++)
        {
            passed += Content.TryLocate("key", 0, Content.Create($"other-{other}", 0, 64).Span, out _) ? 1 : 0;
        }

        Assert.InRange(passed, 0, 8);
    }
}
