using System;
using System.Collections.Generic;
using ObjectStore.Engine.Kernel;
using Xunit;

namespace ObjectStore.Seam.Proofs;

/// <summary>What every source of randomness does, as the docstrings of <see cref="IEntropy"/> say.</summary>
public abstract class EntropyContract
{
    protected abstract SeamFixture CreateFixture();

    [Fact]
    public void Numbers_do_not_repeat_and_use_all_bits()
    {
        using SeamFixture fixture = CreateFixture();
        var seen = new HashSet<ulong>();
        ulong ones = 0;
        ulong zeros = 0;
        for (int round = 0; round < 1000; round++)
        {
            ulong number = fixture.Entropy.NextUInt64();
            Assert.True(seen.Add(number));
            ones |= number;
            zeros |= ~number;
        }

        Assert.Equal(ulong.MaxValue, ones);
        Assert.Equal(ulong.MaxValue, zeros);
    }

    [Fact]
    public void A_buffer_is_filled_whole_and_nothing_beyond_it()
    {
        using SeamFixture fixture = CreateFixture();
        for (int length = 0; length < 40; length++)
        {
            byte[] touched = new byte[length + 8];
            for (int round = 0; round < 64; round++)
            {
                byte[] buffer = new byte[length + 8];
                fixture.Entropy.Fill(buffer.AsSpan(4, length));
                for (int index = 0; index < buffer.Length; index++)
                {
                    touched[index] |= buffer[index];
                }
            }

            Assert.Equal(-1, touched.AsSpan(4, length).IndexOf((byte)0));
            Assert.Equal(-1, touched.AsSpan(0, 4).IndexOfAnyExcept((byte)0));
            Assert.Equal(-1, touched.AsSpan(length + 4).IndexOfAnyExcept((byte)0));
        }
    }
}
