using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using ObjectStore.Engine.Storage;
using Xunit;

namespace ObjectStore.Engine.Proofs.Storage.Index;

/// <summary>Goal: a search in a block finds the first row that is not below the key, whatever keys share. Method: against the sorted rows, and against the iterator that puts each key together.</summary>
public sealed class BlockSearchTests
{
    private const uint Seed = 7;

    // Few letters and short keys: prefixes, equal ends and neighbours come up all the time.
    private static readonly Gen<byte[]> Keys = Gen.Byte[0, 2].Array[1, 6];

    private static readonly Gen<(byte[] Key, byte[] Value, bool IsDelete)[]> Rows =
        Gen.Select(Keys, Gen.Byte.Array[0, 200], Gen.Bool).Array[0, 120].Select(Sorted);

    [Fact]
    public void It_finds_the_first_row_that_is_not_below_the_key() => Gen.Select(Rows, Keys).Sample((rows, key) => Check(rows, key));

    [Fact]
    public void Every_row_is_found_at_its_place() => Rows.Sample(rows =>
    {
        byte[] block = Build(rows);
        for (int ordinal = 0; ordinal < rows.Length; ordinal++)
        {
            BlockSearch found = BlockSearch.Find(block, rows[ordinal].Key);
            Assert.True(found.IsFound && found.IsExact);
            Assert.Equal(ordinal, found.Ordinal);
        }
    });

    [Fact]
    public void The_number_of_a_row_is_the_same_by_search_and_by_walk() => Rows.Sample(rows =>
    {
        var iterator = default(BlockIterator);
        iterator.Open(Build(rows));
        for (int ordinal = 0; iterator.Next(); ordinal++)
        {
            Assert.Equal(ordinal, iterator.Ordinal);
        }

        foreach ((byte[] key, _, _) in rows)
        {
            iterator.Seek(key);
            Assert.Equal(BlockSearch.Find(Build(rows), key).Ordinal, iterator.Ordinal);
        }
    });

    private static void Check((byte[] Key, byte[] Value, bool IsDelete)[] rows, byte[] key)
    {
        byte[] block = Build(rows);
        BlockSearch found = BlockSearch.Find(block, key);
        int expected = Array.FindIndex(rows, row => row.Key.AsSpan().SequenceCompareTo(key) >= 0);
        Assert.Equal(expected >= 0, found.IsFound);
        if (found.IsFound)
        {
            Assert.Equal(expected, found.Ordinal);
            Assert.Equal(rows[expected].Key.AsSpan().SequenceEqual(key), found.IsExact);
            Assert.Equal(rows[expected].IsDelete, found.IsDelete);
            Assert.Equal(rows[expected].Value, block.AsSpan(found.ValueStart, found.ValueLength).ToArray());
        }
    }

    private static (byte[] Key, byte[] Value, bool IsDelete)[] Sorted((byte[] Key, byte[] Value, bool IsDelete)[] drawn)
    {
        var byKey = new SortedDictionary<byte[], (byte[] Key, byte[] Value, bool IsDelete)>(Comparer<byte[]>.Create(static (left, right) => left.AsSpan().SequenceCompareTo(right)));
        foreach ((byte[] Key, byte[] Value, bool IsDelete) row in drawn)
        {
            byKey[row.Key] = row;
        }

        return [.. byKey.Values];
    }

    private static byte[] Build((byte[] Key, byte[] Value, bool IsDelete)[] rows)
    {
        var builder = new BlockBuilder();
        foreach ((byte[] key, byte[] value, bool isDelete) in rows)
        {
            builder.Add(key, value, isDelete);
        }

        return builder.Finish(Seed, 0).ToArray();
    }
}
