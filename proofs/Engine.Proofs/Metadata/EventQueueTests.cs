using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;
using Xunit;

namespace ObjectStore.Engine.Proofs.Metadata;

/// <summary>Goal: what happened waits for whom it is for, with the change and only with it; rows and counts agree; too many make room.</summary>
public sealed class EventQueueTests
{
    private readonly MachineBench _bench = new(eventsWaitingMax: 4);

    [Fact]
    public void An_event_is_told_to_each_target_as_it_was()
    {
        _bench.WithBucket();
        _bench.Do(EventCommands.Put(MachineBench.Bucket, "k", _bench.Now, "a", "b"));
        _bench.Do(EventCommands.Put(MachineBench.Bucket, "k", _bench.Now.AddSeconds(1), "b"));
        WaitingEvent first = Assert.Single(Page("a").Events);
        Assert.Equal((EventKind.CreatedByPut, _bench.Now, "k", 1L, "e", "rule-a"), (first.Kind, first.AtUtc, first.Key, first.SizeBytes, first.ETag, first.RuleId));
        Assert.Equal((MachineBench.Bucket, MachineBench.Owner, EventCommands.Origin), (first.Bucket, first.BucketOwnerId, first.Origin));
        Assert.Null(first.Version);
        Assert.Equal(2, Page("b").Events.Count);
        Assert.Equal(first with { RuleId = "rule-b", Place = Page("b").Events[0].Place }, Page("b").Events[0]);
        Assert.Empty(Page("").Events);
        Assert.Empty(Page("c").Events);
    }

    [Fact]
    public void What_is_refused_or_changes_nothing_tells_nothing()
    {
        _bench.WithBucket();
        PutObjectCommand put = EventCommands.Put(MachineBench.Bucket, "k", _bench.Now, "a");
        Assert.Equal(MetadataError.PreconditionNoSuchKey, _bench.Do(put with { Conditions = new WriteConditions(IfMatch: ["*"]) }).Error);
        Assert.Equal(MetadataError.NoSuchBucket, _bench.Do(put with { Bucket = "other" }).Error);
        Assert.Equal(MetadataError.None, _bench.Do(EventCommands.Delete(MachineBench.Bucket, "k", _bench.Now, null, "a")).Error);
        Assert.Equal((0, 0), (Page("a").Waiting, Rows()));
    }

    [Fact]
    public void Deletions_are_told_as_what_came_of_them()
    {
        _bench.WithBucket();
        _bench.Do(EventCommands.Put(MachineBench.Bucket, "k", _bench.Now));
        _bench.Do(EventCommands.Delete(MachineBench.Bucket, "k", _bench.Now, null, "a"));
        _bench.SetVersioning(VersioningState.Enabled);
        CommandResult put = _bench.Do(EventCommands.Put(MachineBench.Bucket, "k", _bench.Now));
        CommandResult marked = _bench.Do(EventCommands.Delete(MachineBench.Bucket, "k", _bench.Now, null, "a"));
        _bench.Do(EventCommands.Delete(MachineBench.Bucket, "k", _bench.Now, put.Object!.Version, "a"));
        _bench.SetVersioning(VersioningState.Suspended);
        _bench.Do(EventCommands.Delete(MachineBench.Bucket, "k", _bench.Now, null, "a"));
        Assert.Equal(
            [
                (EventKind.RemovedForGood, null), (EventKind.RemovedByMarker, marked.Version), (EventKind.RemovedForGood, put.Object.Version), (EventKind.RemovedByMarker, null),
            ],
            Page("a").Events.Select(static told => (told.Kind, told.Version)));
    }

    [Fact]
    public void An_acl_that_says_the_same_is_no_event()
    {
        _bench.WithBucket();
        _bench.Put("k");
        foreach (byte[] acl in new byte[][] { [1, 2], [1, 2], [1, 3] })
        {
            _bench.Do(new UpdateObjectCommand(MachineBench.Bucket, "k", null) { NowUtc = _bench.Now, Acl = acl, Events = EventCommands.Draft(["a"], EventKind.AclPut) });
        }

        Assert.Equal(2, Page("a").Events.Count);
    }

    [Fact]
    public void A_restore_that_ended_is_completed_again()
    {
        _bench.WithBucket();
        ObjectRecord archived = _bench.Put("k", change: static record => record with { StorageClass = "GLACIER" }).Object!;
        foreach (int day in new[] { 0, 1, 5 })
        {
            _bench.Do(new UpdateObjectCommand(MachineBench.Bucket, "k", null)
            {
                NowUtc = _bench.Now.AddDays(day),
                Restore = new ObjectRestore(_bench.Now.AddDays(2 + day), "GLACIER", archived.ModifiedUtc, archived.ETag),
                Events = EventCommands.Draft(["a"], EventKind.RestoreCompleted),
            });
        }

        Assert.Equal([_bench.Now, _bench.Now.AddDays(5)], Page("a").Events.Select(static told => told.AtUtc));
    }

    [Fact]
    public void Beyond_the_limit_the_oldest_goes()
    {
        _bench.WithBucket();
        for (int i = 0; i < 6; i++)
        {
            _bench.Do(EventCommands.Put(MachineBench.Bucket, $"{i}", _bench.Now, i == 3 ? ["a", "a", "b"] : ["a"]));
        }

        EventPage page = Page("a");
        Assert.Equal((4, 3), (page.Waiting, page.Dropped));
        Assert.Equal(["3", "3", "4", "5"], page.Events.Select(static told => told.Key));
        Assert.Equal((1, 0), (Page("b").Waiting, Page("b").Dropped));

        // More than the limit at once stay, as nothing of a command is dropped before it was there.
        _bench.Do(EventCommands.Put(MachineBench.Bucket, "many", _bench.Now, ["c", "c", "c", "c", "c", "c"]));
        Assert.Equal((6, 0), (Page("c").Waiting, Page("c").Dropped));
        _bench.Do(EventCommands.Put(MachineBench.Bucket, "one", _bench.Now, "c"));
        Assert.Equal((4, 3), (Page("c").Waiting, Page("c").Dropped));
    }

    [Fact]
    public void One_command_deletes_no_more_than_it_may_and_the_next_ones_do_the_rest()
    {
        _bench.WithBucket();
        _bench.LimitEvents(10_000);
        for (int i = 0; i < 9; i++)
        {
            _bench.Do(EventCommands.Put(MachineBench.Bucket, $"{i}", _bench.Now, [.. Enumerable.Repeat("a", EventDraft.RoutesMax)]));
        }

        _bench.LimitEvents(4);
        foreach ((long waiting, long dropped) in new[] { (1305, 1000), (306, 2000), (4, 2303) })
        {
            _bench.Do(EventCommands.Put(MachineBench.Bucket, "k", _bench.Now, "a"));
            Assert.Equal((waiting, dropped, waiting), (Page("a").Waiting, Page("a").Dropped, Rows()));
        }

        Assert.Equal(["8", "k", "k", "k"], Page("a").Events.Select(static told => told.Key));
        _bench.LimitEvents(10_000);
        for (int i = 0; i < 5; i++)
        {
            _bench.Do(EventCommands.Put(MachineBench.Bucket, "k", _bench.Now, [.. Enumerable.Repeat("b", EventDraft.RoutesMax)]));
        }

        var all = new EventPlace(_bench.Store.AppliedSequence, uint.MaxValue);
        Remove("b", all);
        Assert.Equal((280, 280), (Page("b").Waiting, Page("b").Events.Count));
        Remove("b", all);
        Assert.Equal((0, 4), (Page("b").Waiting, Rows()));
    }

    [Fact]
    public void A_bucket_that_was_made_again_tells_nothing_by_the_rules_of_the_one_before()
    {
        _bench.WithBucket();
        _bench.Do(new DeleteBucketCommand(MachineBench.Bucket) { NowUtc = _bench.Now });
        _bench.WithBucket();
        Assert.Equal(MetadataError.None, _bench.Do(EventCommands.Put(MachineBench.Bucket, "k", _bench.Now, "a")).Error);
        Assert.Equal(MetadataError.None, _bench.Do(EventCommands.Delete(MachineBench.Bucket, "k", _bench.Now, null, "a")).Error);
        Assert.Equal(0, Rows());
    }

    [Fact]
    public void A_draft_that_could_not_be_read_again_is_not_written()
    {
        foreach (int routes in new[] { 0, EventDraft.RoutesMax + 1 })
        {
            var draft = new EventDraft(1, EventCommands.Origin, [.. Enumerable.Repeat(new EventRoute(EventKind.CreatedByPut, "a", ""), routes)]);
            Assert.Throws<InvariantViolationException>(() => _bench.Do(EventCommands.Put(MachineBench.Bucket, "k", _bench.Now) with { Events = draft }));
        }
    }

    [Fact]
    public void What_was_told_goes_and_what_came_since_stays()
    {
        _bench.WithBucket();
        for (int i = 0; i < 3; i++)
        {
            _bench.Do(EventCommands.Put(MachineBench.Bucket, $"{i}", _bench.Now, "a"));
        }

        EventPlace told = Page("a").Events[1].Place;
        Remove("a", told);
        Remove("a", told);
        Remove("b", told);
        Assert.Equal(["2"], Page("a").Events.Select(static waiting => waiting.Key));
        Assert.Equal(1, Page("a").Waiting);
        Assert.Equal(1, Rows());
    }

    [Fact]
    public void Counts_are_those_of_the_rows_whatever_comes_and_goes() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 2], Gen.Int[0, 3]).Array[1, 60].Sample(
            steps =>
            {
                MachineBench bench = new MachineBench(eventsWaitingMax: 4).WithBucket();
                string[] targets = ["a", "ab", "\0"];
                var dropped = new Dictionary<string, long>(StringComparer.Ordinal);
                var expected = targets.ToDictionary(static name => name, static _ => new List<string>(), StringComparer.Ordinal);
                for (int i = 0; i < steps.Length; i++)
                {
                    (int what, int which, int size) = steps[i];
                    string target = targets[which];
                    List<string> waiting = expected[target];
                    if (what < 4)
                    {
                        bench.Do(EventCommands.Put(MachineBench.Bucket, $"{i}", bench.Now, [.. Enumerable.Repeat(target, size % 2 + 1)]));
                        waiting.AddRange(Enumerable.Repeat($"{i}", size % 2 + 1));
                        int tooMany = int.Max(0, waiting.Count - 4);
                        dropped[target] = dropped.GetValueOrDefault(target) + tooMany;
                        waiting.RemoveRange(0, tooMany);
                    }
                    else if (PageOf(bench, target).Events is { Count: > 0 } events)
                    {
                        int told = int.Min(size, events.Count - 1);
                        bench.Do(new RemoveEventsCommand(target, events[told].Place) { NowUtc = bench.Now });
                        waiting.RemoveRange(0, told + 1);
                    }
                }

                foreach (string target in targets)
                {
                    EventPage page = PageOf(bench, target);
                    Assert.Equal(expected[target], page.Events.Select(static told => told.Key));
                    Assert.Equal((expected[target].Count, dropped.GetValueOrDefault(target)), (page.Waiting, page.Dropped));
                }

                // Rows that lie before the place where the oldest is looked for are on no page.
                Assert.Equal(expected.Values.Sum(static waiting => waiting.Count), RowsOf(bench));
            },
            iter: 300,
            threads: 1);

    [Fact]
    public void A_command_with_events_frees_space_as_it_does_without()
    {
        var to = new ObjectStore.Engine.Kernel.ByteWriter();
        CommandCodec.Encode(EventCommands.Delete("b", "k", _bench.Now, null, "a"), to);
        Assert.True(CommandCodec.FreesSpace(to.Written));
        to.Clear();
        CommandCodec.Encode(EventCommands.Put("b", "k", _bench.Now, "a"), to);
        Assert.False(CommandCodec.FreesSpace(to.Written));
        Assert.False(CommandCodec.FreesSpace(to.Written[..2]));
        to.Clear();
        CommandCodec.Encode(new RemoveEventsCommand("a", default) { NowUtc = _bench.Now }, to);
        Assert.True(CommandCodec.FreesSpace(to.Written));
    }

    private static EventPage PageOf(MachineBench bench, string target)
    {
        using IReadView state = bench.Store.ReadDurable();
        return EventPage.ReadAsync(state, 0, target, 1000).AsTask().GetAwaiter().GetResult();
    }

    private EventPage Page(string target) => PageOf(_bench, target);

    private void Remove(string target, EventPlace upTo) => _bench.Do(new RemoveEventsCommand(target, upTo) { NowUtc = _bench.Now });

    private int Rows() => RowsOf(_bench);

    private static int RowsOf(MachineBench bench)
    {
        using IReadView state = bench.Store.ReadDurable();
        using IScan scan = state.Scan(new[] { Tables.Events }, new[] { Tables.EventQueues });
        int rows = 0;
        while (scan.NextAsync().AsTask().GetAwaiter().GetResult())
        {
            rows++;
        }

        return rows;
    }
}
