using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Metadata;
using Xunit;

namespace ObjectStore.Engine.Proofs.Gateway.Lifecycle;

/// <summary>Goal: however a listing is cut into pages, each version's place among those of its key is found.</summary>
public sealed class VersionWalkTests
{
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private static readonly Gen<(int[] VersionsOfKeys, int[] PageSizes)> Listings = Gen.Select(Gen.Int[1, 4].Array[0, 6], Gen.Int[1, 5].Array[1, 4]);

    [Fact]
    public void Places_are_found_across_pages() => Listings.Sample(
        (versionsOfKeys, pageSizes) =>
        {
            List<VersionEntry> listing = [.. versionsOfKeys.SelectMany((count, key) => Enumerable.Range(0, count).Select(age => Entry(key, count - age, isLatest: age == 0)))];
            IEnumerable<string> wanted = versionsOfKeys.SelectMany((count, key) => Enumerable.Range(0, count).Select(age => Show(
                Entry(key, count - age, isLatest: false).Object,
                new VersionPlace(age == 0 ? null : Under(count - age + 1), Math.Max(0, age - 1), count == 1))));

            var walk = new VersionWalk();
            var found = new List<string>();
            int at = 0;
            for (int page = 0; at < listing.Count || page == 0; page++)
            {
                VersionEntry[] entries = [.. listing.Skip(at).Take(pageSizes[page % pageSizes.Length])];
                at += entries.Length;
                found.AddRange(walk.Take(entries, isLast: at == listing.Count).Select(static version => Show(version.Record, version.Place)));
            }

            Assert.Equal(wanted, found);
        },
        iter: 2_000,
        threads: 1);

    [Fact]
    public void A_listing_that_begins_a_key_anew_starts_again()
    {
        var walk = new VersionWalk();
        walk.Take([Entry(1, 3, isLatest: true), Entry(1, 2, isLatest: false)], isLast: false);
        IReadOnlyList<(ObjectRecord Record, VersionPlace Place)> found = walk.Take([Entry(1, 3, isLatest: true), Entry(1, 1, isLatest: false)], isLast: true);
        Assert.Equal([Show(Entry(1, 2, false).Object, new VersionPlace(Under(3), 0, false)), Show(Entry(1, 3, false).Object, default), Show(Entry(1, 1, false).Object, new VersionPlace(Under(3), 0, false))],
            found.Select(static version => Show(version.Record, version.Place)));
    }

    [Fact]
    public void A_version_whose_successor_was_not_seen_is_left_to_another_walk() =>
        Assert.Empty(new VersionWalk().Take([Entry(1, 1, isLatest: false)], isLast: true));

    private static VersionEntry Entry(int key, int version, bool isLatest) =>
        new(new ObjectRecord { Key = $"key-{key}", Version = new VersionId((ulong)version), ModifiedUtc = ModifiedUtc(version), OwnerId = "owner" }, isLatest);

    private static LifecycleSuccessor Under(int version) => new(new VersionId((ulong)version), ModifiedUtc(version));

    private static DateTime ModifiedUtc(int version) => Start.AddHours(version);

    private static string Show(ObjectRecord record, VersionPlace place) => $"{record.Key} {record.Version.Value} {place}";
}
