using System;

namespace ObjectStore.Engine.Consensus;

/// <summary>One voter or learner: the random number of one metadata store. A wiped disk comes back with another, so it can never vote twice. Zero is nobody.</summary>
public readonly record struct PeerId(ulong Value) : IComparable<PeerId>
{
    /// <summary>Nobody.</summary>
    public static readonly PeerId None;

    /// <summary>True for a real peer.</summary>
    public bool IsSome => Value != 0;

    /// <summary>The peer that a metadata store is, from the random name that it was given when it was formatted.</summary>
    public static PeerId OfStore(UInt128 storeId)
    {
        ulong folded = unchecked((ulong)storeId ^ (ulong)(storeId >> 64));
        return new PeerId(folded == 0 ? 1 : folded);
    }

    /// <inheritdoc/>
    public int CompareTo(PeerId other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("x");

    /// <summary>By number.</summary>
    public static bool operator <(PeerId left, PeerId right) => left.Value < right.Value;

    /// <summary>By number.</summary>
    public static bool operator >(PeerId left, PeerId right) => left.Value > right.Value;

    /// <summary>By number.</summary>
    public static bool operator <=(PeerId left, PeerId right) => left.Value <= right.Value;

    /// <summary>By number.</summary>
    public static bool operator >=(PeerId left, PeerId right) => left.Value >= right.Value;
}

/// <summary>One Raft group. Zero is none.</summary>
public readonly record struct GroupId(ulong Value) : IComparable<GroupId>
{
    /// <inheritdoc/>
    public int CompareTo(GroupId other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString();

    /// <summary>By number.</summary>
    public static bool operator <(GroupId left, GroupId right) => left.Value < right.Value;

    /// <summary>By number.</summary>
    public static bool operator >(GroupId left, GroupId right) => left.Value > right.Value;

    /// <summary>By number.</summary>
    public static bool operator <=(GroupId left, GroupId right) => left.Value <= right.Value;

    /// <summary>By number.</summary>
    public static bool operator >=(GroupId left, GroupId right) => left.Value >= right.Value;
}

/// <summary>A leader's period: at most one leader in each. Only grows. Zero is before the first election.</summary>
public readonly record struct Term(ulong Value) : IComparable<Term>
{
    /// <summary>The one after.</summary>
    public Term Next => new(Value + 1);

    /// <inheritdoc/>
    public int CompareTo(Term other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString();

    /// <summary>By number.</summary>
    public static bool operator <(Term left, Term right) => left.Value < right.Value;

    /// <summary>By number.</summary>
    public static bool operator >(Term left, Term right) => left.Value > right.Value;

    /// <summary>By number.</summary>
    public static bool operator <=(Term left, Term right) => left.Value <= right.Value;

    /// <summary>By number.</summary>
    public static bool operator >=(Term left, Term right) => left.Value >= right.Value;
}

/// <summary>A place in a group's log. The first entry has 1; zero is before it.</summary>
public readonly record struct LogIndex(ulong Value) : IComparable<LogIndex>
{
    /// <summary>The one after.</summary>
    public LogIndex Next => new(Value + 1);

    /// <summary>The one before; of zero, zero.</summary>
    public LogIndex Previous => new(Value == 0 ? 0 : Value - 1);

    /// <inheritdoc/>
    public int CompareTo(LogIndex other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString();

    /// <summary>The smaller one.</summary>
    public static LogIndex Min(LogIndex left, LogIndex right) => left < right ? left : right;

    /// <summary>The larger one.</summary>
    public static LogIndex Max(LogIndex left, LogIndex right) => left > right ? left : right;

    /// <summary>By number.</summary>
    public static bool operator <(LogIndex left, LogIndex right) => left.Value < right.Value;

    /// <summary>By number.</summary>
    public static bool operator >(LogIndex left, LogIndex right) => left.Value > right.Value;

    /// <summary>By number.</summary>
    public static bool operator <=(LogIndex left, LogIndex right) => left.Value <= right.Value;

    /// <summary>By number.</summary>
    public static bool operator >=(LogIndex left, LogIndex right) => left.Value >= right.Value;
}
