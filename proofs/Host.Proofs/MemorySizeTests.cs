using System;
using ObjectStore.Engine.Host;
using Xunit;

namespace ObjectStore.Host.Proofs;

public sealed class MemorySizeTests
{
    [Theory]
    [InlineData("0", 0L)]
    [InlineData("65536", 65_536L)]
    [InlineData("3KiB", 3_072L)]
    [InlineData("512MiB", 512L << 20)]
    [InlineData("2gib", 2L << 30)]
    [InlineData("8388607TiB", 8_388_607L << 40)]
    public void Sizes_are_bytes_or_binary_units(string text, long bytes) => Assert.Equal(bytes, MemorySize.Parse("--cache", text));

    [Theory]
    [InlineData("")]
    [InlineData("MiB")]
    [InlineData("-1")]
    [InlineData("1.5GiB")]
    [InlineData("1 GiB")]
    [InlineData("1GB")]
    [InlineData("8388608TiB")]
    [InlineData("99999999999999999999")]
    public void Anything_else_is_refused_with_the_name_of_the_option(string text)
    {
        CommandFailedException refusal = Assert.Throws<CommandFailedException>(() => MemorySize.Parse("--cache", text));
        Assert.Equal(ExitCode.Usage, refusal.Code);
        Assert.Contains("--cache", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4L << 30, 512L << 20)]
    [InlineData(64L << 30, 1L << 30)]
    public void Unasked_the_cache_takes_an_eighth_up_to_a_gibibyte(long available, long cache) => Assert.Equal(cache, MemorySize.DefaultCacheBytes(available));
}
