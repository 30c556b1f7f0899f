using System;
using System.Collections.Generic;

namespace ObjectStore.Engine.Gateway;

/// <summary>Lines of one bucket that lie, or will lie, in one object. On one loop.</summary>
/// <param name="source">Whose requests they tell of.</param>
/// <param name="firstAt">When the first came, on the monotonic clock.</param>
internal sealed class AccessLogBatch(LogSource source, TimeSpan firstAt)
{
    /// <summary>Whose requests they tell of.</summary>
    internal LogSource Source { get; } = source;

    /// <summary>When the first came, on the monotonic clock.</summary>
    internal TimeSpan FirstAt { get; } = firstAt;

    /// <summary>One or more lines each.</summary>
    internal List<LoggedLines> Pieces { get; } = [];

    /// <summary>Of all of them.</summary>
    internal long SizeBytes { get; private set; }

    /// <summary>Of all of them.</summary>
    internal int LineCount { get; private set; }

    /// <summary>Memory that they are counted with.</summary>
    internal long HeldBytes { get; private set; }

    /// <summary>Among those that more lines are added to.</summary>
    internal LinkedListNode<AccessLogBatch>? Place { get; set; }

    /// <summary>Deliveries that failed.</summary>
    internal int Attempts { get; set; }

    /// <summary>The object's key, from the first attempt on: what was tried again is one object, whatever came of the first attempt.</summary>
    internal string? Key { get; set; }

    internal void Add(LoggedLines lines)
    {
        Pieces.Add(lines);
        SizeBytes += lines.Text.Length;
        LineCount += lines.Count;
        HeldBytes += lines.HeldBytes;
    }

    /// <summary>The batch, or one for each day of its requests where the key of an object names that day.</summary>
    internal IEnumerable<AccessLogBatch> ByDay()
    {
        if (Source.Settings.KeyFormat != LogKeyFormat.PartitionedByEvent || Pieces.TrueForAll(piece => piece.AtUtc.Date == Pieces[0].AtUtc.Date))
        {
            return [this];
        }

        var days = new SortedDictionary<DateTime, AccessLogBatch>();
        foreach (LoggedLines piece in Pieces)
        {
            if (!days.TryGetValue(piece.AtUtc.Date, out AccessLogBatch? day))
            {
                day = new AccessLogBatch(Source, FirstAt);
                days.Add(piece.AtUtc.Date, day);
            }

            day.Add(piece);
        }

        return days.Values;
    }
}

/// <summary>What one request added to the log of a bucket.</summary>
/// <param name="Source">The bucket.</param>
/// <param name="AtUtc">When the request was taken up.</param>
/// <param name="Text">The lines, each with its end.</param>
/// <param name="Count">How many.</param>
internal sealed record LoggedLines(LogSource Source, DateTime AtUtc, ReadOnlyMemory<byte> Text, int Count)
{
    /// <summary>What the objects around the text take.</summary>
    private const int OverheadBytes = 256;

    /// <summary>Memory that they are counted with.</summary>
    internal int HeldBytes => Text.Length + OverheadBytes;
}
