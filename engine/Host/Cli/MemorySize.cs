using System;
using System.Globalization;

namespace ObjectStore.Engine.Host;

/// <summary>Amounts of memory as people write them, and how much of it the cache takes unasked.</summary>
internal static class MemorySize
{
    /// <summary>Most that the cache takes without being told a size.</summary>
    internal const long DefaultCacheBytesMax = 1L << 30;

    private static readonly string[] Units = ["KiB", "MiB", "GiB", "TiB"];

    /// <summary>Reads <c>512MiB</c>, <c>1GiB</c> or plain bytes.</summary>
    /// <param name="option">The option that it was given to, for the complaint.</param>
    /// <param name="text">What was given.</param>
    /// <exception cref="CommandFailedException">It is none of these, or does not fit.</exception>
    internal static long Parse(string option, string text)
    {
        string number = text;
        int shift = 0;
        for (int unit = 0; unit < Units.Length; unit++)
        {
            if (text.EndsWith(Units[unit], StringComparison.OrdinalIgnoreCase))
            {
                (number, shift) = (text[..^Units[unit].Length], 10 * (unit + 1));
            }
        }

        return long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value <= long.MaxValue >> shift
            ? value << shift
            : throw new CommandFailedException(ExitCode.Usage, $"{option} '{text}' is not a size, such as 512MiB, 1GiB or 0");
    }

    /// <summary>What the cache takes unasked: an eighth of the memory that the process may use, which a container's limit bounds.</summary>
    internal static long DefaultCacheBytes(long availableBytes) => long.Min(availableBytes / 8, DefaultCacheBytesMax);
}
