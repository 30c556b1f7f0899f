using System;
using System.Globalization;
using System.Threading;

namespace ObjectStore.Workloads.Library;

/// <summary>A bucket whose keys are numbered without gaps, so that any object of it can be drawn and nothing about it need be kept. Thread-safe.</summary>
/// <param name="sizes">Sizes of the objects.</param>
public sealed class NumberedObjects(SizeRange sizes)
{
    private const string Prefix = "key-";
    private const int Digits = 10;

    private int _count;

    /// <summary>Objects so far; while puts are under way, also those that are just being sent.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Sizes of the objects.</summary>
    public SizeRange Sizes { get; } = sizes;

    /// <summary>The key of an object.</summary>
    public static string KeyOf(int number) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{number:D10}");

    /// <summary>Whether this is the key of that object; nothing is allocated.</summary>
    public static bool IsKeyOf(ReadOnlySpan<char> key, int number) =>
        key.Length == Prefix.Length + Digits
        && key.StartsWith(Prefix, StringComparison.Ordinal)
        && int.TryParse(key[Prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int read)
        && read == number;

    /// <summary>The next object to put.</summary>
    /// <param name="end">There are to be this many at most.</param>
    /// <param name="number">Its number.</param>
    /// <returns>False when there are that many.</returns>
    public bool TryTakeNext(int end, out int number)
    {
        do
        {
            number = Count;
            if (number >= end)
            {
                return false;
            }
        }
        while (Interlocked.CompareExchange(ref _count, number + 1, number) != number);
        return true;
    }
}
