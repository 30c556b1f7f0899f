using System;

namespace ObjectStore.Engine.Placement;

/// <summary>One formatting of one data disk, numbered by the cluster map and never used again. Zero is none.</summary>
public readonly record struct DiskId(uint Value) : IComparable<DiskId>
{
    /// <summary>No disk.</summary>
    public static readonly DiskId None;

    /// <summary>True for a real disk.</summary>
    public bool IsSome => Value != 0;

    /// <inheritdoc/>
    public int CompareTo(DiskId other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString();

    /// <summary>By number.</summary>
    public static bool operator <(DiskId left, DiskId right) => left.Value < right.Value;

    /// <summary>By number.</summary>
    public static bool operator >(DiskId left, DiskId right) => left.Value > right.Value;

    /// <summary>By number.</summary>
    public static bool operator <=(DiskId left, DiskId right) => left.Value <= right.Value;

    /// <summary>By number.</summary>
    public static bool operator >=(DiskId left, DiskId right) => left.Value >= right.Value;
}
