using System;
using System.Collections.Generic;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Metadata;

/// <summary>What a group has to do with a range.</summary>
public enum HoldingState : byte
{
    /// <summary>Its own: it decides commands and answers questions.</summary>
    Active = 1,

    /// <summary>Its own still, and on the way to another group: whoever asks waits.</summary>
    Frozen = 2,

    /// <summary>On the way here: rows are being taken in, nobody sees them.</summary>
    Incoming = 3,

    /// <summary>Not its own any more (or never became it): rows that are being removed.</summary>
    Leaving = 4,
}

/// <summary>A range and its state.</summary>
/// <param name="Range">The range.</param>
/// <param name="State">The state.</param>
public readonly record struct Holding(PositionRange Range, HoldingState State);

/// <summary>All ranges that a group has to do with, in order. Immutable.</summary>
/// <remarks>Invariant: no two overlap, and neighbours of the same state are one.</remarks>
public sealed class Holdings
{
    private const byte Version = 1;
    private readonly List<Holding> _list;

    private Holdings(List<Holding> list) => _list = list;

    /// <summary>Nothing.</summary>
    public static Holdings None { get; } = new([]);

    /// <summary>Everything, active.</summary>
    public static Holdings Everything { get; } = new([new Holding(PositionRange.All, HoldingState.Active)]);

    /// <summary>In order.</summary>
    public IReadOnlyList<Holding> List => _list;

    /// <summary>Nothing needs to be looked at: all is active here.</summary>
    public bool IsEverything => _list.Count == 1 && _list[0] == Everything._list[0];

    /// <summary>The range that a position lies in, or null.</summary>
    public Holding? Find(ReadOnlyMemory<byte> position)
    {
        foreach (Holding holding in _list)
        {
            if (holding.Range.Contains(position))
            {
                return holding;
            }
        }

        return null;
    }

    /// <summary>True when all of a range has one of the states.</summary>
    public bool Has(PositionRange range, HoldingState state)
    {
        foreach (Holding holding in _list)
        {
            if (holding.State == state && holding.Range.Contains(range))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True when nothing of a range is here.</summary>
    public bool IsFree(PositionRange range)
    {
        foreach (Holding holding in _list)
        {
            if (holding.Range.Overlaps(range))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The same, but for one range, which gets a state (null: is let go).</summary>
    public Holdings With(PositionRange range, HoldingState? state)
    {
        var list = new List<Holding>(_list.Count + 2);
        bool added = state is null;
        foreach (Holding holding in _list)
        {
            if (!holding.Range.Overlaps(range))
            {
                Insert(holding);
                continue;
            }

            var before = new PositionRange(holding.Range.From, range.From);
            if (Positions.Compare(before.From, before.To) < 0)
            {
                Insert(holding with { Range = before });
            }

            AddOnce();
            if (!range.To.IsEmpty && Positions.CompareEnds(range.To, holding.Range.To) < 0)
            {
                Insert(holding with { Range = new PositionRange(range.To, holding.Range.To) });
            }
        }

        AddOnce();
        return new Holdings(list);

        void Insert(Holding holding)
        {
            if (!added && Positions.Compare(range.From, holding.Range.From) <= 0)
            {
                AddOnce();
            }

            Append(list, holding);
        }

        void AddOnce()
        {
            if (!added)
            {
                added = true;
                Append(list, new Holding(range, state!.Value));
            }
        }
    }

    internal byte[] Encode()
    {
        var to = new ByteWriter();
        to.Byte(Version);
        to.VarUInt((ulong)_list.Count);
        foreach (Holding holding in _list)
        {
            holding.Range.Write(to);
            to.Byte((byte)holding.State);
        }

        return to.ToArray();
    }

    internal static Holdings Decode(ReadOnlySpan<byte> row)
    {
        var from = new ByteReader(row);
        if (from.Byte() != Version)
        {
            throw new MalformedDataException("holdings of an unknown form");
        }

        int count = from.Count();
        var list = new List<Holding>(count);
        for (int i = 0; i < count; i++)
        {
            PositionRange range = PositionRange.Read(ref from);
            list.Add(new Holding(range, FormV1.ReadEnum<HoldingState>(ref from)));
        }

        from.End();
        return new Holdings(list);
    }

    private static void Append(List<Holding> list, Holding holding)
    {
        if (list.Count > 0 && list[^1] is var last && last.State == holding.State && !last.Range.To.IsEmpty
            && last.Range.To.Span.SequenceEqual(holding.Range.From.Span))
        {
            list[^1] = new Holding(new PositionRange(last.Range.From, holding.Range.To), holding.State);
            return;
        }

        list.Add(holding);
    }
}
