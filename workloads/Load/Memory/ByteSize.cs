using System;
using System.Globalization;

namespace ObjectStore.Workloads.Load.Memory;

/// <summary>Sizes as people write them.</summary>
internal static class ByteSize
{
    /// <summary>Reads <c>300MiB</c>, <c>5GiB</c>, <c>64KiB</c> or plain bytes.</summary>
    /// <exception cref="FormatException">It is none of these.</exception>
    internal static long Parse(string text)
    {
        ReadOnlySpan<string> units = ["KiB", "MiB", "GiB", "TiB"];
        for (int unit = 0; unit < units.Length; unit++)
        {
            if (text.EndsWith(units[unit], StringComparison.OrdinalIgnoreCase))
            {
                return checked(long.Parse(text.AsSpan(0, text.Length - 3), CultureInfo.InvariantCulture) << (10 * (unit + 1)));
            }
        }

        return long.Parse(text, CultureInfo.InvariantCulture);
    }
}
