using System.Collections.Generic;

namespace ObjectStore.Sim.Checking;

/// <summary>The order of keys in listings: by the bytes of their UTF-8 form, which is the order of code points.</summary>
public sealed class KeyOrder : IComparer<string>
{
    /// <summary>The one instance.</summary>
    public static readonly KeyOrder Instance = new();

    /// <inheritdoc/>
    public int Compare(string? x, string? y)
    {
        if (x is null || y is null)
        {
            return (x is null ? 0 : 1) - (y is null ? 0 : 1);
        }

        for (int index = 0; index < x.Length && index < y.Length; index++)
        {
            if (x[index] != y[index])
            {
                // Surrogates stand for code points above all others.
                bool left = char.IsSurrogate(x[index]);
                return left == char.IsSurrogate(y[index]) ? x[index].CompareTo(y[index]) : left ? 1 : -1;
            }
        }

        return x.Length.CompareTo(y.Length);
    }
}
