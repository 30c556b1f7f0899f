using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using CsCheck;
using ObjectStore.Engine.Storage;
using Xunit;

namespace ObjectStore.Engine.Proofs.Storage.Index;

/// <summary>
/// Goal: a memtable finds every version of every key and walks them in order, whether keys grow, which takes the finger, or not, and whatever its filter has room for. Method: a list of all
/// versions as the oracle, on random batches over a few tables, in memtables with filters far too small and large enough.
/// </summary>
public sealed class MemtableTests
{
    private static readonly Gen<Row> Rows = Gen.Select(Gen.Int[1, 4], Gen.Int[0, 9], Gen.Int[0, 40], Gen.Int[0, 5], static (table, way, number, value) => new Row(table, way, number, value));

    [Fact]
    public void Every_version_is_found_and_walked_in_order() =>
        Gen.Select(Rows.List[1, 6].List[1, 60], Gen.Int[1, 100_000]).Sample(
            (batches, sizeBytes) =>
            {
                var table = new Memtable(0, sizeBytes);
                var model = new SortedDictionary<string, List<(ulong Sequence, string? Value)>>(StringComparer.Ordinal);
                int grown = 0;
                for (int index = 0; index < batches.Count; index++)
                {
                    ulong sequence = (ulong)index + 1;
                    var batch = new WriteBatch();
                    foreach (Row row in batches[index])
                    {
                        Apply(row, ref grown, sequence, batch, model);
                    }

                    table.Add(sequence, batch);
                }

                ulong last = (ulong)batches.Count;
                foreach (ulong sequence in (ulong[])[last, last / 2, 1])
                {
                    Compare(table, model, sequence);
                }
            },
            iter: 2000);

    [Fact]
    public void A_key_that_is_not_there_is_not_found()
    {
        var table = new Memtable(0, sizeBytesMax: 1);
        var batch = new WriteBatch();
        batch.Put(Bytes("1-a"), Bytes("value"));
        table.Add(1, batch);
        Assert.False(Find(table, "1-b", 1).IsFound);
        Assert.False(Find(table, "2-a", 1).IsFound);
        Assert.False(Find(table, "1-a", 0).IsFound);
        Assert.True(Find(table, "1-a", 1).IsFound);
    }

    [Fact]
    public void A_filter_refuses_nearly_all_keys_that_it_does_not_have()
    {
        byte[] filter = KeyFilter.Empty(sizeBytes: 20_000);
        for (int key = 0; key < 10_000; key++)
        {
            KeyFilter.Add(filter, KeyFilter.Hash(BitConverter.GetBytes(key)));
        }

        Assert.All(Enumerable.Range(0, 10_000), key => Assert.True(KeyFilter.MayContain(filter, KeyFilter.Hash(BitConverter.GetBytes(key)))));
        Assert.InRange(Enumerable.Range(10_000, 10_000).Count(key => KeyFilter.MayContain(filter, KeyFilter.Hash(BitConverter.GetBytes(key)))), 0, 200);
    }

    /// <summary>
    /// Six of ten keys grow, as blob ids do; the others fall anywhere, on old ones too, and behind some of them zeros. Keys of a table have 1, 24 or 31 bytes in common, as nodes carry the first 24; those of the
    /// fourth grow in five streams side by side.
    /// A value of 0 deletes.
    /// </summary>
    private static void Apply(Row row, ref int grown, ulong sequence, WriteBatch batch, SortedDictionary<string, List<(ulong Sequence, string? Value)>> model)
    {
        string common = row.Table + new string('p', row.Table switch { 1 => 0, 2 => 23, _ => 30 });
        common = row.Table == 4 ? $"4{new string('p', 8)}{(char)('a' + (row.Number % 5))}{new string('p', 14)}" : common;
        string key = row.Way < 6 ? $"{common}{++grown:D6}" : common + $"{row.Number:D6}"[(row.Way - 6)..] + new string('\0', row.Way - 6);
        string? value = row.Value == 0 ? null : $"{sequence}/{batch.Operations.Count}";
        if (value is null)
        {
            batch.Delete(Bytes(key));
        }
        else
        {
            batch.Put(Bytes(key), Bytes(value));
        }

        if (!model.TryGetValue(key, out List<(ulong Sequence, string? Value)>? versions))
        {
            model[key] = versions = [];
        }

        // When a key comes twice in a batch, the later one wins.
        versions.RemoveAll(version => version.Sequence == sequence);
        versions.Add((sequence, value));
    }

    private static void Compare(Memtable table, SortedDictionary<string, List<(ulong Sequence, string? Value)>> model, ulong sequence)
    {
        List<(string Key, string? Value)> expected = [];
        foreach ((string key, List<(ulong Sequence, string? Value)> versions) in model)
        {
            (ulong Sequence, string? Value) newest = versions.LastOrDefault(version => version.Sequence <= sequence);
            Assert.Equal((newest.Sequence > 0, newest.Value), Find(table, key, sequence));
            if (newest.Sequence > 0)
            {
                expected.Add((key, newest.Value));
            }
        }

        List<(string Key, string? Value)> walked = [];
        Cursor cursor = table.OpenCursor(sequence);
        for (Complete(cursor.SeekAsync(Bytes("0"))); cursor.IsValid; Complete(cursor.NextAsync()))
        {
            walked.Add((Text(cursor.Key.Span), cursor.IsDelete ? null : Text(cursor.Value.Span)));
        }

        Assert.Equal(expected, walked);
        foreach ((string key, _) in expected)
        {
            Complete(cursor.SeekAsync(Bytes(key)));
            Assert.Equal(key, Text(cursor.Key.Span));
        }
    }

    private static (bool IsFound, string? Value) Find(Memtable table, string key, ulong sequence) =>
        table.TryGet(Bytes(key), KeyFilter.Hash(Bytes(key)), sequence, out ReadOnlyMemory<byte> value, out bool isDelete) ? (true, isDelete ? null : Text(value.Span)) : (false, null);

    private static void Complete(ValueTask move) => Assert.True(move.IsCompletedSuccessfully);

    private static byte[] Bytes(string text) => System.Text.Encoding.ASCII.GetBytes(text);

    private static string Text(ReadOnlySpan<byte> bytes) => System.Text.Encoding.ASCII.GetString(bytes);

    private sealed record Row(int Table, int Way, int Number, int Value);
}
