using System;
using System.Globalization;
using ObjectStore.Workloads.Contract;

namespace ObjectStore.Workloads.Library;

/// <summary>Sizes of objects: fixed, or log-uniform between two bounds. The size of an object follows from its key, so that a reader knows it.</summary>
/// <param name="FromBytes">Smallest.</param>
/// <param name="ToBytes">Largest.</param>
public readonly record struct SizeRange(int FromBytes, int ToBytes)
{
    private static readonly (string Unit, int Factor)[] Units =
        [("KiB", 1024), ("MiB", 1024 * 1024), ("GiB", 1024 * 1024 * 1024), ("KB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("B", 1)];

    /// <summary>The size of the object of a key.</summary>
    public int Of(string key)
    {
        if (FromBytes >= ToBytes)
        {
            return FromBytes;
        }

        double share = TileContent.HashOf(key) / (double)uint.MaxValue;
        double low = Math.Log(Math.Max(1, FromBytes));
        return Math.Min(ToBytes, (int)Math.Exp(low + (share * (Math.Log(ToBytes) - low))));
    }

    /// <summary>Reads <c>4KiB</c>, <c>1MiB</c>, <c>1000</c>, or two of them with <c>..</c> between.</summary>
    /// <exception cref="FormatException">It is none of these.</exception>
    /// <exception cref="OverflowException">Above 2 GiB.</exception>
    public static SizeRange Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] ends = text.Split("..");
        return new SizeRange(ParseSize(ends[0]), ParseSize(ends[^1]));
    }

    /// <inheritdoc/>
    public override string ToString() => FromBytes == ToBytes ? Show(FromBytes) : $"{Show(FromBytes)}..{Show(ToBytes)}";

    private static string Show(int bytes) => bytes switch
    {
        >= 1 << 20 when bytes % (1 << 20) == 0 => $"{bytes >> 20}MiB",
        >= 1 << 10 when bytes % (1 << 10) == 0 => $"{bytes >> 10}KiB",
        _ => bytes.ToString(CultureInfo.InvariantCulture),
    };

    private static int ParseSize(string text)
    {
        foreach ((string unit, int factor) in Units)
        {
            if (text.EndsWith(unit, StringComparison.OrdinalIgnoreCase))
            {
                return checked(int.Parse(text[..^unit.Length], NumberStyles.None, CultureInfo.InvariantCulture) * factor);
            }
        }

        return int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
    }
}
