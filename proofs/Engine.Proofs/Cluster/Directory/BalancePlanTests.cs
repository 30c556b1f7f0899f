using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Metadata;
using Xunit;

namespace ObjectStore.Engine.Proofs.Cluster;

/// <summary>Goal: whatever lies in the ranges and however they are asked, moves come to an end, and then nothing is over its maximum that could be relieved, nor apart that should be together.</summary>
public class BalancePlanTests
{
    private static readonly BalanceOptions Options = new() { RowsMax = 40, BytesMax = 100_000, RequestsPerSecondMax = 60, GroupsMax = 12 };

    private static readonly Gen<Key[]> Keys =
        Gen.Select(Gen.Int[0, 999], Gen.Int[1, 6], Gen.Int[0, 9], (at, rows, requests) => new Key($"{at:D4}", rows, requests)).Array[0, 120]
            .Select(keys => keys.DistinctBy(key => key.Name).OrderBy(key => key.Name, StringComparer.Ordinal).ToArray());

    [Fact]
    public void Moves_come_to_an_end_and_leave_nothing_to_relieve() =>
        Keys.Sample(keys =>
        {
            RangeDirectory rest = Settle(RangeDirectory.First, keys);
            SortedDictionary<GroupId, IReadOnlyList<RangeLoad>> loads = LoadsOf(rest, keys);
            foreach ((GroupId group, IReadOnlyList<RangeLoad> ranges) in loads)
            {
                bool isCut = ranges.Count > 1 || ranges.Any(range => !range.Middle.IsEmpty);
                Assert.True(ranges.Sum(range => range.Rows) <= Options.RowsMax || !isCut || rest.AllGroups().Count == Options.GroupsMax, $"group {group} holds too much");
            }
        });

    [Fact]
    public void Ranges_whose_keys_are_gone_come_together_again() =>
        Keys.Sample(keys =>
        {
            RangeDirectory rest = Settle(Settle(RangeDirectory.First, keys), []);
            Assert.Single(rest.Ranges);
        });

    [Fact]
    public void A_range_whose_measure_is_out_of_date_is_left_alone()
    {
        RangeDirectory directory = RangeDirectory.First;
        var stale = new PositionRange(Positions.Of(1, "b"), default);
        var loads = new SortedDictionary<GroupId, IReadOnlyList<RangeLoad>> { [RangeDirectory.Root] = [new RangeLoad(stale, 1_000, 1_000, Positions.Of(1, "m"), 0, default)] };
        Assert.Null(BalancePlan.Next(directory, loads, Options));
    }

    [Fact]
    public void One_key_that_is_asked_too_much_stays_where_it_is() =>
        Assert.Single(Settle(RangeDirectory.First, [new Key("hot", 1, 10_000)]).AllGroups());

    /// <summary>Does what the plan wants until it wants nothing.</summary>
    private static RangeDirectory Settle(RangeDirectory directory, Key[] keys)
    {
        const int StepsMax = 500;
        for (int step = 0; step < StepsMax; step++)
        {
            if (BalancePlan.Next(directory, LoadsOf(directory, keys), Options) is not { } next)
            {
                return directory;
            }

            directory = next.Move is { } move
                ? directory.With(move.Range, move.Target)
                : directory.With(new PlacedGroup(new GroupId((ulong)directory.AllGroups().Count + 1), [], []));
        }

        throw new InvalidOperationException($"still moving after {StepsMax} steps: {string.Join("; ", directory.Ranges)}");
    }

    private static SortedDictionary<GroupId, IReadOnlyList<RangeLoad>> LoadsOf(RangeDirectory directory, Key[] keys)
    {
        var loads = new SortedDictionary<GroupId, IReadOnlyList<RangeLoad>>();
        foreach (GroupId group in directory.AllGroups())
        {
            loads[group] = [.. directory.Ranges.Where(placed => placed.Group == group).Select(placed => LoadOf(placed.Range, keys))];
        }

        return loads;
    }

    private static RangeLoad LoadOf(PositionRange range, Key[] keys)
    {
        Key[] within = [.. keys.Where(key => range.Contains(key.Position))];
        ReadOnlyMemory<byte>[] rows = [.. within.SelectMany(key => Enumerable.Repeat(key.Position, key.Rows))];
        ReadOnlyMemory<byte>[] requests = [.. within.SelectMany(key => Enumerable.Repeat(key.Position, key.Requests))];
        return new RangeLoad(range, rows.Length, rows.Length * 100, LoadMeter.MiddleOf(rows, range), requests.Length, LoadMeter.MiddleOf(requests, range));
    }

    private sealed record Key(string Name, int Rows, int Requests)
    {
        internal ReadOnlyMemory<byte> Position => Positions.Of(1, Name);
    }
}
