using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using CsCheck;
using ObjectStore.Engine.Metadata;
using Xunit;

namespace ObjectStore.Engine.Proofs.Metadata;

/// <summary>Goal: listings against brute force over keys chosen to be nasty: zero bytes, keys that are prefixes of keys, characters of two to four bytes, and
/// surrogate pairs (above U+FFFF by UTF-8 bytes, below U+E000 by UTF-16 units).</summary>
public class ListingTests
{
    private static readonly string[] Atoms = ["a", "b", "/", "//", "\0", "\u0001", "\u00e9", "\uffee", "\U0001F600", "ab", "a\0", "\u00ff"];

    private static readonly Gen<string> Text = Gen.Int[0, Atoms.Length - 1].Array[0, 4].Select(atoms => string.Concat(atoms.Select(a => Atoms[a])));

    private static readonly Gen<string> NonEmpty = Text.Where(text => text.Length > 0);

    [Fact]
    public void A_page_after_a_null_version_that_is_gone_skips_no_older_version()
    {
        var bench = new MachineBench().WithBucket(VersioningState.Enabled);
        VersionId older = bench.Put("key", "1").Object!.Version;
        bench.SetVersioning(VersioningState.Suspended);
        bench.Put("key", "2");
        bench.SetVersioning(VersioningState.Enabled);
        bench.Put("key", "3");
        QueryResult page = bench.ListVersions(max: 2);
        Assert.Equal(VersionId.Null, page.NextVersionMarker);
        bench.Delete("key", VersionId.Null);
        QueryResult next = bench.ListVersions(key: page.NextMarker, version: page.NextVersionMarker);
        Assert.Contains(next.Versions, version => version.Object.Version == older);
        Assert.Single(next.Versions, static version => version.IsLatest);
    }

    [Fact]
    public void Keys_come_in_order_of_their_bytes()
    {
        MachineBench bench = new MachineBench().WithBucket();
        string[] keys = ["a", "a/b", "a/b/c", "a\0", "a\0b", "\U0001F600", "\uffee", "z", "a/", new string('x', 1024), new string('\0', 1024)];
        foreach (string key in keys)
        {
            bench.Put(key);
        }

        Assert.Equal(keys.Order(Utf8Order.Instance), bench.List().Objects.Select(o => o.Key));
        Assert.All(keys, key => Assert.Equal(key, bench.Get(key).Object?.Key));
    }

    [Fact]
    public void Pages_of_a_delimited_listing_add_up_to_brute_force() =>
        Gen.Select(NonEmpty.HashSet[0, 25], Text, Text, Gen.Int[1, 4]).Sample(
            (keys, prefix, delimiter, page) =>
            {
                MachineBench bench = new MachineBench().WithBucket();
                foreach (string key in keys)
                {
                    bench.Put(key);
                }

                var seen = new List<string>();
                string marker = "";
                QueryResult listed;
                do
                {
                    listed = bench.List(prefix, delimiter, marker, page);
                    Assert.InRange(listed.Objects.Count + listed.CommonPrefixes.Count, 0, page);
                    seen.AddRange(listed.Objects.Select(o => o.Key).Concat(listed.CommonPrefixes).Order(Utf8Order.Instance));
                    Assert.True(!listed.IsTruncated || listed.NextMarker == seen[^1]);
                    marker = listed.NextMarker;
                }
                while (listed.IsTruncated);
                Assert.Equal(BruteForce(keys, prefix, delimiter), seen);
            },
            iter: 400,
            threads: 1);

    [Fact]
    public void A_listing_starts_above_any_marker() =>
        Gen.Select(NonEmpty.HashSet[0, 25], Text, Text, NonEmpty).Sample(
            (keys, prefix, delimiter, marker) =>
            {
                MachineBench bench = new MachineBench().WithBucket(VersioningState.Enabled);
                foreach (string key in keys)
                {
                    bench.Put(key, "1");
                    bench.Put(key, "2");
                }

                QueryResult listed = bench.List(prefix, delimiter, marker);
                IEnumerable<string> expected = BruteForce(keys, prefix, delimiter)
                    .Where(entry => Utf8Order.Instance.Compare(entry, marker) > 0)
                    .Where(entry => keys.Contains(entry) || !marker.StartsWith(entry, StringComparison.Ordinal));
                Assert.Equal(expected, listed.Objects.Select(o => o.Key).Concat(listed.CommonPrefixes).Order(Utf8Order.Instance));
            },
            iter: 300,
            threads: 1);

    [Fact]
    public void Pages_of_a_version_listing_add_up() =>
        Gen.Select(Gen.Select(NonEmpty, Gen.Int[0, 3]).Array[0, 30], Text, Text, Gen.Int[1, 4]).Sample(
            (steps, prefix, delimiter, page) =>
            {
                MachineBench bench = new MachineBench().WithBucket(VersioningState.Enabled);
                var versions = new List<(string Key, VersionId Version)>();
                foreach ((string key, int kind) in steps)
                {
                    versions.Add((key, kind == 0 ? bench.Delete(key).Version!.Value : bench.Put(key).Object!.Version));
                }

                var expected = new List<string>();
                foreach (string entry in BruteForce(versions.Select(v => v.Key).ToHashSet(), prefix, delimiter))
                {
                    VersionId[] own = versions.Where(v => v.Key == entry).Select(v => v.Version).OrderByDescending(v => v.Value).ToArray();
                    bool rolled = delimiter.Length > 0 && entry.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal) >= 0;
                    expected.AddRange(rolled ? [entry] : own.Select((v, i) => $"{entry}@{v.Value}{(i == 0 ? "!" : "")}"));
                }

                var seen = new List<string>();
                string keyMarker = "";
                VersionId? versionMarker = null;
                QueryResult listed;
                do
                {
                    listed = bench.ListVersions(prefix, delimiter, keyMarker, versionMarker, page);
                    seen.AddRange(listed.Versions
                        .Select(v => (v.Object.Key, Shown: $"{v.Object.Key}@{v.Object.Version.Value}{(v.IsLatest ? "!" : "")}"))
                        .Concat(listed.CommonPrefixes.Select(p => (Key: p, Shown: p)))
                        .OrderBy(e => e.Key, Utf8Order.Instance)
                        .Select(e => e.Shown));
                    (keyMarker, versionMarker) = (listed.NextMarker, listed.NextVersionMarker);
                }
                while (listed.IsTruncated);
                Assert.Equal(expected, seen);
            },
            iter: 300,
            threads: 1);

    [Fact]
    public void No_entries_are_asked_for_and_nothing_is_truncated()
    {
        MachineBench bench = new MachineBench().WithBucket();
        bench.Put("k");
        QueryResult listed = bench.List(max: 0);
        Assert.Equal((0, false), (listed.Objects.Count, listed.IsTruncated));
    }

    [Fact]
    public void A_deleted_version_marker_does_not_lose_its_place()
    {
        MachineBench bench = new MachineBench().WithBucket(VersioningState.Enabled);
        VersionId old = bench.Put("k", "1").Object!.Version;
        VersionId newest = bench.Put("k", "2").Object!.Version;
        bench.Delete("k", newest);
        VersionEntry entry = Assert.Single(bench.ListVersions(key: "k", version: newest).Versions);
        Assert.Equal((old, true), (entry.Object.Version, entry.IsLatest));
    }

    private static List<string> BruteForce(IEnumerable<string> keys, string prefix, string delimiter) => keys
        .Where(key => key.StartsWith(prefix, StringComparison.Ordinal))
        .Select(key => RollsUp(key, prefix, delimiter))
        .Distinct()
        .Order(Utf8Order.Instance)
        .ToList();

    private static string RollsUp(string key, string prefix, string delimiter)
    {
        int at = delimiter.Length == 0 ? -1 : key.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal);
        return at < 0 ? key : key[..(at + delimiter.Length)];
    }

    internal sealed class Utf8Order : IComparer<string>
    {
        internal static readonly Utf8Order Instance = new();

        public int Compare(string? x, string? y) => Encoding.UTF8.GetBytes(x!).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y!));
    }
}
