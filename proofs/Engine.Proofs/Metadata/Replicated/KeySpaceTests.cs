using System;
using System.Collections.Generic;
using CsCheck;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Proofs.Doubles;
using ObjectStore.Engine.Storage;
using Xunit;

namespace ObjectStore.Engine.Proofs.Metadata;

/// <summary>Goal: a key space in a shared store reads and scans as a store of its own.</summary>
public class KeySpaceTests
{
    private static readonly byte[] Bytes = [0, 1, 0x7f, 0xff];

    private static readonly Gen<byte[]> Key = Gen.Int[0, 3].Select(i => Bytes[i]).Array[1, 3];

    [Fact]
    public void A_space_among_others_reads_as_a_store_of_its_own() =>
        Gen.Select(Gen.Select(Key, Gen.Int[0, 2], Gen.Bool).Array[0, 40], Key, Key, Key).Sample(
            (operations, from, to, skip) =>
            {
                KeySpace[] spaces = [new(1, 1), new(1, 2), new(2, 1)];
                MemoryOrderedStore[] alone = [new(), new(), new()];
                var shared = new MemoryOrderedStore();
                foreach ((byte[] key, int which, bool put) in operations)
                {
                    var batch = new WriteBatch();
                    if (put)
                    {
                        batch.Put(key, new[] { (byte)which });
                    }
                    else
                    {
                        batch.Delete(key);
                    }

                    alone[which].Apply(batch);
                    var whole = new WriteBatch();
                    spaces[which].Add(whole, batch);
                    shared.Apply(whole);
                }

                for (int i = 0; i < spaces.Length; i++)
                {
                    using IReadView expected = alone[i].ReadLatest();
                    using IReadView actual = spaces[i].View(shared.ReadLatest());
                    Assert.Equal(MachineBench.Wait(expected.GetAsync(from)) is null, MachineBench.Wait(actual.GetAsync(from)) is null);
                    foreach ((byte[] start, byte[] end) in new (byte[], byte[])[] { ([], []), (from, []), ([], to), (from, to) })
                    {
                        Assert.Equal(Scan(expected, start, end, skip), Scan(actual, start, end, skip));
                    }
                }
            },
            iter: 2_000,
            threads: 1);

    private static List<string> Scan(IReadView view, byte[] from, byte[] to, byte[] skip)
    {
        var rows = new List<string>();
        using IScan scan = view.Scan(from, to);
        while (MachineBench.Wait(scan.NextAsync()))
        {
            rows.Add($"{Convert.ToHexString(scan.Key.Span)}={Convert.ToHexString(scan.Value.Span)}");
            if (rows.Count == 1)
            {
                scan.SkipTo(skip);
            }
        }

        return rows;
    }
}
