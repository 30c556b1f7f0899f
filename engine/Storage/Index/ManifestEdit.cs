using System.Collections.Generic;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>What the manifest says in sum: the live runs, and where the log begins to matter.</summary>
/// <param name="FlushedSequence">Every batch up to this one is in the runs.</param>
/// <param name="FirstSegment">Log segments before this one are not needed; this one exists.</param>
/// <param name="Runs">Live runs.</param>
internal sealed record ManifestState(ulong FlushedSequence, ulong FirstSegment, IReadOnlyList<RunInfo> Runs);

/// <summary>One atomic change of the manifest. Layout: DiskFormat.md, "Manifest record".</summary>
internal sealed class ManifestEdit
{
    private const byte AddRun = 1;
    private const byte RemoveRun = 2;
    private const byte Position = 3;

    internal List<RunInfo> Added { get; } = [];

    internal List<ulong> Removed { get; } = [];

    internal ulong? FlushedSequence { get; set; }

    internal ulong FirstSegment { get; set; }

    internal void Encode(ByteWriter writer)
    {
        foreach (ulong number in Removed)
        {
            writer.Byte(RemoveRun);
            writer.VarUInt(number);
        }

        foreach (RunInfo run in Added)
        {
            writer.Byte(AddRun);
            writer.VarUInt(run.Number);
            writer.VarUInt((ulong)run.Level);
            writer.VarUInt((ulong)run.LengthBytes);
            writer.VarUInt((ulong)run.Rows);
            writer.VarUInt((ulong)run.Deletes);
            writer.Bytes(run.Smallest);
            writer.Bytes(run.Largest);
        }

        if (FlushedSequence is { } flushed)
        {
            writer.Byte(Position);
            writer.VarUInt(flushed);
            writer.VarUInt(FirstSegment);
        }
    }

    /// <summary>Reads an edit; throws <see cref="MalformedDataException"/>.</summary>
    internal static ManifestEdit Decode(ByteReader reader)
    {
        var edit = new ManifestEdit();
        while (reader.Remaining > 0)
        {
            byte tag = reader.Byte();
            switch (tag)
            {
                case RemoveRun:
                    edit.Removed.Add(reader.VarUInt());
                    break;
                case AddRun:
                    edit.Added.Add(DecodeRun(ref reader));
                    break;
                case Position:
                    edit.FlushedSequence = reader.VarUInt();
                    edit.FirstSegment = reader.VarUInt();
                    break;
                default:
                    throw new MalformedDataException($"manifest tag {tag}");
            }
        }

        return edit;
    }

    /// <summary>The state after this edit; throws <see cref="MalformedDataException"/> when it does not fit.</summary>
    internal ManifestState ApplyTo(ManifestState state)
    {
        var runs = new SortedDictionary<ulong, RunInfo>();
        foreach (RunInfo run in state.Runs)
        {
            runs.Add(run.Number, run);
        }

        foreach (ulong number in Removed)
        {
            if (!runs.Remove(number))
            {
                throw new MalformedDataException($"run {number} is removed but was not there");
            }
        }

        foreach (RunInfo run in Added)
        {
            if (!runs.TryAdd(run.Number, run))
            {
                throw new MalformedDataException($"run {run.Number} is added twice");
            }
        }

        return FlushedSequence is { } flushed
            ? new ManifestState(flushed, FirstSegment, [.. runs.Values])
            : state with { Runs = [.. runs.Values] };
    }

    internal static ManifestEdit Snapshot(ManifestState state)
    {
        var edit = new ManifestEdit { FlushedSequence = state.FlushedSequence, FirstSegment = state.FirstSegment };
        edit.Added.AddRange(state.Runs);
        return edit;
    }

    private static RunInfo DecodeRun(ref ByteReader reader)
    {
        var run = new RunInfo
        {
            Number = reader.VarUInt(),
            Level = (int)reader.VarUInt(),
            LengthBytes = (long)reader.VarUInt(),
            Rows = (long)reader.VarUInt(),
            Deletes = (long)reader.VarUInt(),
            Smallest = reader.Bytes().ToArray(),
            Largest = reader.Bytes().ToArray(),
        };
        return run.Level is >= 0 and < RunSet.LevelCount ? run : throw new MalformedDataException($"level {run.Level}");
    }
}
