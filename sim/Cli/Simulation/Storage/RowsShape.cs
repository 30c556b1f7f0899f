using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>How large everything in an ordered store of a run is, drawn: so small that some dozens of batches go through every part of it.</summary>
internal sealed class RowsShape
{
    /// <summary>A key that takes more than half a small sector.</summary>
    internal const int LongKeyBytes = 300;

    /// <summary>What a batch takes besides one large value: four keys, four small values and bookkeeping.</summary>
    private const int OthersBytesMax = 4 * (LongKeyBytes + 50);

    private const int LogBlockBytes = 4096;
    private readonly int _keyCount;
    private readonly int _keyBytes;
    private readonly int _largeIn;
    private readonly int _smallBytesMax;

    private RowsShape(IChoices choices, IReadOnlyList<int> keySizes)
    {
        int levelZeroRuns = 1 + choices.Next(4, "shape.level-zero");
        Options = new OrderedStoreOptions
        {
            MemtableBytes = choices.OneOf("shape.memtable", 1500, 3000, 600, 12_000, 40_000),
            FlushBacklogMax = 1 + choices.Next(4, "shape.backlog"),
            LogSegmentBytes = choices.OneOf("shape.segment", 16, 32, 64) * 1024,
            LogSegmentsPerMemtable = 1 + choices.Next(6, "shape.segments-per-memtable"),
            LogSegmentsSpareMax = choices.Next(3, "shape.segments-spare"),
            GroupBytesMax = choices.OneOf("shape.group", 8, 4, 4, 32) * 1024,
            LogBacklogBytesMax = choices.OneOf("shape.log-backlog", 64, 16) * 1024,
            BlockBytes = choices.OneOf("shape.block", 200, 64, 1000),
            BlockCacheBytes = choices.OneOf("shape.block-cache", 2000, 100, 20_000),
            RunBytes = choices.OneOf("shape.run", 1500, 600, 6000),
            LevelZeroRunsMin = levelZeroRuns,
            LevelZeroRunsMax = levelZeroRuns + choices.OneOf("shape.level-zero-max", 4, 0, 12),
            LevelOneBytes = choices.OneOf("shape.level-one", 3000, 800, 12_000),
            LevelGrowth = 2 + choices.Next(3, "shape.growth"),
            FilterBitsPerKey = choices.OneOf("shape.filter", 10, 1),
            ManifestBytesMax = choices.OneOf("shape.manifest", 16, 4, 64) * 1024,
            LogSealDelay = TimeSpan.FromMilliseconds(choices.OneOf("shape.seal", 5, 1, 500)),
            FullRetryDelay = TimeSpan.FromMilliseconds(choices.OneOf("shape.full-retry", 2, 20)),
        };
        _keyCount = choices.OneOf("shape.keys", 12, 3, 40);
        _keyBytes = keySizes[choices.Next(keySizes.Count, "shape.key")];
        _smallBytesMax = choices.OneOf("shape.small", 100, 1200);
        _largeIn = choices.OneOf("shape.large", 8, 3, 1000);
    }

    /// <summary>Settings of the store.</summary>
    internal OrderedStoreOptions Options { get; }

    /// <summary>Batches of a block each that fill more than the log segments that are ready.</summary>
    internal int SegmentsFullOfBatches => 3 * Options.LogSegmentBytes / LogBlockBytes;

    /// <summary>Draws a shape.</summary>
    /// <param name="choices">Answers.</param>
    /// <param name="keySizes">How long keys may be.</param>
    internal static RowsShape Draw(IChoices choices, IReadOnlyList<int> keySizes) => new(choices, keySizes);

    /// <summary>One of the keys.</summary>
    internal byte[] DrawKey(IChoices choices)
    {
        int number = choices.Next(_keyCount, "key");
        byte[] key = new byte[_keyBytes + (number % 3)];
        key.AsSpan().Fill((byte)'k');
        key[0] = unchecked((byte)((number * 7) + 1));
        return key;
    }

    /// <summary>A few puts and deletes, small enough for any log.</summary>
    /// <param name="choices">Answers.</param>
    /// <param name="number">Told by every value, so that no two values are equal.</param>
    /// <param name="mostlyDeletes">Whether it is to free space.</param>
    internal WriteBatch DrawBatch(IChoices choices, long number, bool mostlyDeletes = false)
    {
        var batch = new WriteBatch();
        for (int operation = choices.Next(4, "operations"); operation >= 0; operation--)
        {
            byte[] key = DrawKey(choices);
            if (choices.Next(4, "delete") is var answer && (mostlyDeletes ? answer > 0 : answer == 3))
            {
                batch.Delete(key);
                continue;
            }

            long room = Options.BatchBytesMax - OthersBytesMax - batch.SizeBytes;
            int most = choices.Next(_largeIn, "large") == _largeIn - 1 ? 6000 : _smallBytesMax;
            batch.Put(key, NewValue((number * 8) + operation, (int)Math.Clamp(choices.Next(most, "size"), 0, Math.Max(0, room))));
        }

        return batch;
    }

    /// <summary>A value that tells its number, when it is long enough for that.</summary>
    internal static byte[] NewValue(long number, int lengthBytes)
    {
        byte[] value = new byte[Math.Max(sizeof(long), lengthBytes)];
        value.AsSpan().Fill(unchecked((byte)number));
        BinaryPrimitives.WriteInt64BigEndian(value, number);
        return value;
    }
}
