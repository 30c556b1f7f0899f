using System;
using System.Buffers.Binary;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Storage;

/// <summary>The first row of a verified block whose key is not below a given one: found without putting any key together.</summary>
/// <remarks>
/// Keys share prefixes with the one before. Of the row before it is known how many first bytes it has in common with the key, and that it is below: a row that shares more with it is below too, one that shares
/// less is above, and only a row that shares just as much is looked at.
/// </remarks>
internal readonly struct BlockSearch
{
    /// <summary>There is such a row.</summary>
    internal bool IsFound { get; private init; }

    /// <summary>Its key is the given one.</summary>
    internal bool IsExact { get; private init; }

    internal bool IsDelete { get; private init; }

    /// <summary>How many rows of the block come before it.</summary>
    internal int Ordinal { get; private init; }

    /// <summary>Where in the block its value begins.</summary>
    internal int ValueStart { get; private init; }

    internal int ValueLength { get; private init; }

    /// <param name="block">Verified, its trailer included.</param>
    /// <param name="key">What is looked for.</param>
    internal static BlockSearch Find(ReadOnlySpan<byte> block, ReadOnlySpan<byte> key)
    {
        int end = block.Length - BlockBuilder.TrailerBytes - sizeof(uint);
        int restartCount = (int)BinaryPrimitives.ReadUInt32LittleEndian(block[end..]);
        if (restartCount == 0)
        {
            return default;
        }

        ReadOnlySpan<byte> rows = block[..(end - (sizeof(uint) * restartCount))];
        ReadOnlySpan<byte> restarts = block[rows.Length..end];
        int restart = LastBelow(rows, restarts, key);
        return Walk(rows, (int)BinaryPrimitives.ReadUInt32LittleEndian(restarts[(sizeof(uint) * restart)..]), restart * BlockBuilder.RestartInterval, key);
    }

    private static BlockSearch Walk(ReadOnlySpan<byte> rows, int start, int ordinal, ReadOnlySpan<byte> key)
    {
        var reader = new ByteReader(rows[start..]);
        int common = 0;
        for (; reader.Remaining > 0; ordinal++)
        {
            int shared = (int)reader.VarUInt();
            int restLength = (int)reader.VarUInt();
            ulong valueAndKind = reader.VarUInt();
            ReadOnlySpan<byte> rest = reader.Raw(restLength);
            int valueStart = rows.Length - reader.Remaining;
            int valueLength = (int)(valueAndKind >> 1);
            reader.Raw(valueLength);
            if (ordinal % BlockBuilder.RestartInterval == 0)
            {
                // A key that is whole shares nothing, whatever came before it.
                common = 0;
            }

            if (shared > common)
            {
                continue;
            }

            bool isExact = false;
            if (shared == common)
            {
                ReadOnlySpan<byte> keyRest = key[shared..];
                int more = rest.CommonPrefixLength(keyRest);
                isExact = more == rest.Length && more == keyRest.Length;
                bool isBelow = more < keyRest.Length && (more == rest.Length || rest[more] < keyRest[more]);
                if (isBelow)
                {
                    common += more;
                    continue;
                }
            }

            return new BlockSearch
            {
                IsFound = true,
                IsExact = isExact,
                IsDelete = (valueAndKind & 1) != 0,
                Ordinal = ordinal,
                ValueStart = valueStart,
                ValueLength = valueLength,
            };
        }

        return default;
    }

    /// <summary>The last restart whose key is below the given one; the first when none is.</summary>
    /// <param name="rows">The rows of a block.</param>
    /// <param name="restarts">Where in them its restarts are.</param>
    /// <param name="key">What is looked for.</param>
    internal static int LastBelow(ReadOnlySpan<byte> rows, ReadOnlySpan<byte> restarts, ReadOnlySpan<byte> key)
    {
        int low = 0;
        int high = (restarts.Length / sizeof(uint)) - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            var reader = new ByteReader(rows[(int)BinaryPrimitives.ReadUInt32LittleEndian(restarts[(sizeof(uint) * middle)..])..]);
            reader.VarUInt();
            int length = (int)reader.VarUInt();
            reader.VarUInt();
            if (reader.Raw(length).SequenceCompareTo(key) < 0)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }
}
