using System;
using System.Diagnostics;
using ObjectStore.Sim.Checking;
using Xunit;
using static ObjectStore.Sim.Proofs.Checking.Story;
using Entry = ObjectStore.Sim.Checking.HistoryEntry<ObjectStore.Sim.Checking.S3Operation, ObjectStore.Sim.Checking.S3Result>;

namespace ObjectStore.Sim.Proofs.Checking;

/// <summary>Goal: the checker refuses what is wrong and accepts what is right. Method: histories written by hand.</summary>
public sealed class LinearizabilityCheckerTests
{
    [Fact]
    public void A_stale_read_is_refused_and_named()
    {
        var story = new Story();
        story.Did(Put("k", "old"), Stored("old")).Did(Put("k", "new"), Stored("new")).Did(Put("other", "x"), Stored("x"));
        story.Did(Get("k"), Found("old"));
        LinearizabilityReport<S3Operation, S3Result> report = story.Check();
        Assert.Equal(Verdict.Broken, report.Verdict);
        Assert.Equal(3, report.Unplaceable!.Id);
        Assert.Equal(2, report.Involved.Count);
        Assert.Contains("no order explains #3", report.Explain(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_read_beside_a_write_may_see_either()
    {
        foreach (string seen in (string[])["old", "new"])
        {
            var story = new Story();
            story.Did(Put("k", "old"), Stored("old"));
            Entry write = story.Call(Put("k", "new"));
            story.Did(Get("k"), Found(seen));
            story.Return(write, Stored("new"));
            Assert.Equal(Verdict.Linearizable, story.Check().Verdict);
        }
    }

    [Fact]
    public void What_one_reader_saw_the_next_must_see()
    {
        var story = new Story();
        story.Did(Put("k", "old"), Stored("old"));
        Entry write = story.Call(Put("k", "new"));
        story.Did(Get("k"), Found("new")).Did(Get("k"), Found("old"));
        story.Return(write, Stored("new"));
        Assert.Equal(Verdict.Broken, story.Check().Verdict);
    }

    [Fact]
    public void A_lost_write_is_refused() =>
        Assert.Equal(Verdict.Broken, new Story().Did(Put("k", "a"), Stored("a")).Did(Get("k"), Missing()).Check().Verdict);

    [Fact]
    public void Content_nobody_wrote_is_refused() =>
        Assert.Equal(Verdict.Broken, new Story().Did(Put("k", "a"), Stored("a")).Did(Get("k"), Found("b")).Check().Verdict);

    [Fact]
    public void Right_ETag_with_wrong_bytes_is_refused() =>
        Assert.Equal(
            Verdict.Broken,
            new Story().Did(Put("k", "a"), Stored("a")).Did(Get("k"), Found("a") with { Content = Content("b") }).Check().Verdict);

    [Fact]
    public void A_deleted_object_that_comes_back_is_refused()
    {
        var story = new Story();
        story.Did(Put("k", "a"), Stored("a")).Did(Delete("k"), Gone()).Did(Get("k"), Missing()).Did(Get("k"), Found("a"));
        Assert.Equal(Verdict.Broken, story.Check().Verdict);
    }

    [Fact]
    public void Two_creations_cannot_both_win()
    {
        var story = new Story();
        S3Operation create = Put("k", "a") with { IfNoneMatch = "*" };
        Entry first = story.Call(create);
        Entry second = story.Call(Put("k", "b") with { IfNoneMatch = "*" });
        story.Return(first, Stored("a"));
        story.Return(second, Stored("b"));
        Assert.Equal(Verdict.Broken, story.Check().Verdict);
    }

    [Fact]
    public void One_of_two_creations_wins()
    {
        var story = new Story();
        Entry first = story.Call(Put("k", "a") with { IfNoneMatch = "*" });
        Entry second = story.Call(Put("k", "b") with { IfNoneMatch = "*" });
        story.Return(first, Refused());
        story.Return(second, Stored("b"));
        story.Did(Get("k"), Found("b"));
        Assert.Equal(Verdict.Linearizable, story.Check().Verdict);
    }

    [Fact]
    public void Two_swaps_from_the_same_ETag_lose_an_update_and_are_refused()
    {
        var story = new Story();
        story.Did(Put("k", "a"), Stored("a"));
        Entry first = story.Call(Put("k", "b") with { IfMatch = Content("a").Md5 });
        Entry second = story.Call(Put("k", "c") with { IfMatch = Content("a").Md5 });
        story.Return(first, Stored("b"));
        story.Return(second, Stored("c"));
        Assert.Equal(Verdict.Broken, story.Check().Verdict);
    }

    [Fact]
    public void An_unknown_write_may_take_effect_much_later_or_never()
    {
        var story = new Story();
        story.Did(Put("k", "a"), Stored("a"));
        story.Call(Put("k", "lost"));
        story.Did(Get("k"), Found("a")).Did(Get("k"), Found("a"));
        Assert.Equal(Verdict.Linearizable, story.Check().Verdict);
        story.Did(Get("k"), Found("lost"));
        Assert.Equal(Verdict.Linearizable, story.Check().Verdict);
        story.Did(Get("k"), Found("a"));
        Assert.Equal(Verdict.Broken, story.Check().Verdict);
    }

    [Fact]
    public void A_server_error_is_an_unknown_outcome()
    {
        var story = new Story();
        story.Did(Put("k", "a"), S3Result.Refused(500, "InternalError")).Did(Get("k"), Found("a"));
        Assert.Equal(Verdict.Linearizable, story.Check().Verdict);
    }

    [Fact]
    public void A_listing_is_one_moment_of_the_whole_bucket()
    {
        foreach ((string Key, string Text)[] seen in ((string, string)[][])[[], [("a", "1")], [("a", "1"), ("b", "2")]])
        {
            var story = new Story();
            Entry list = story.Call(List());
            story.Did(Put("a", "1"), Stored("1")).Did(Put("b", "2"), Stored("2"));
            story.Return(list, Listed(seen));
            Assert.Equal(Verdict.Linearizable, story.Check().Verdict);
        }

        // The later write without the earlier one was never the state of the bucket.
        var torn = new Story();
        Entry reading = torn.Call(List());
        torn.Did(Put("a", "1"), Stored("1")).Did(Put("b", "2"), Stored("2"));
        torn.Return(reading, Listed(("b", "2")));
        Assert.Equal(Verdict.Broken, torn.Check().Verdict);
    }

    [Fact]
    public void A_phantom_in_a_listing_is_refused() =>
        Assert.Equal(Verdict.Broken, new Story().Did(Put("a", "1"), Stored("1")).Did(List(), Listed(("a", "1"), ("b", "2"))).Check().Verdict);

    [Fact]
    public void Listings_do_not_go_back()
    {
        var story = new Story();
        Entry write = story.Call(Put("a", "1"));
        story.Did(List(), Listed(("a", "1"))).Did(List(), Listed());
        story.Return(write, Stored("1"));
        Assert.Equal(Verdict.Broken, story.Check().Verdict);
    }

    [Fact]
    public void An_unknown_version_is_recognised_and_its_id_stays()
    {
        var story = new Story();
        story.Call(Put("k", "a"));
        story.Did(Get("k"), Found("a", "v1")).Did(Get("k"), Found("a", "v1"));
        Assert.Equal(Verdict.Linearizable, story.Check(S3Versioning.Enabled).Verdict);
        story.Did(Get("k") with { VersionId = "v1" }, Found("a", "v1"));
        Assert.Equal(Verdict.Linearizable, story.Check(S3Versioning.Enabled).Verdict);
    }

    [Fact]
    public void A_version_of_unknown_id_is_not_the_one_that_another_write_was_told()
    {
        var story = new Story();
        story.Did(Put("k", "a"), Stored("a", "v1"));
        story.Did(Delete("k") with { VersionId = "v1" }, new S3Result { Status = 204, VersionId = "v1" });
        story.Call(Put("k", "b"));
        story.Did(Delete("k") with { VersionId = "v1" }, new S3Result { Status = 204, VersionId = "v1" }).Did(Get("k"), Found("b", "v2"));
        Assert.Equal(Verdict.Linearizable, story.Check(S3Versioning.Enabled).Verdict);
    }

    [Fact]
    public void A_version_id_given_twice_is_refused() =>
        Assert.Equal(
            Verdict.Broken,
            new Story().Did(Put("k", "a"), Stored("a", "v1")).Did(Put("k", "b"), Stored("b", "v1")).Check(S3Versioning.Enabled).Verdict);

    [Fact]
    public void A_copy_reads_and_writes_at_two_moments_within_its_call()
    {
        var story = new Story();
        var copy = new S3Operation { Verb = S3Verb.Copy, Bucket = Bucket, SourceKey = "s", Key = "d" };
        story.Did(Put("s", "a"), Stored("a"));
        Entry copying = story.Call(copy);
        story.Did(Put("s", "b"), Stored("b")).Did(Get("d"), Missing());
        story.Return(copying, Stored("a"));
        story.Did(Get("d"), Found("a"));
        Assert.Equal(Verdict.Linearizable, story.Check().Verdict);
        story.Did(copy, Stored("a"));
        Assert.Equal(Verdict.Broken, story.Check().Verdict);
    }

    [Fact]
    public void An_unknown_copy_brings_what_its_source_held()
    {
        var story = new Story();
        story.Did(Put("s", "a"), Stored("a"));
        story.Call(new S3Operation { Verb = S3Verb.Copy, Bucket = Bucket, SourceKey = "s", Key = "d" });
        story.Did(Put("s", "b"), Stored("b")).Did(Get("d"), Found("a"));
        Assert.Equal(Verdict.Linearizable, story.Check().Verdict);
        story.Did(Get("d"), Found("c"));
        Assert.Equal(Verdict.Broken, story.Check().Verdict);
    }

    [Fact]
    public void A_completed_upload_is_its_parts_in_order()
    {
        var story = new Story();
        S3Operation upload = new() { Verb = S3Verb.CreateUpload, Bucket = Bucket, Key = "k" };
        story.Did(upload, new S3Result { UploadId = "u" });
        foreach ((int number, string text) in ((int, string)[])[(2, "two"), (1, "one")])
        {
            story.Did(Put("k", text) with { Verb = S3Verb.UploadPart, UploadId = "u", PartNumber = number }, Stored(text));
        }

        string etag = S3Model.MultipartETag([Content("one").Md5, Content("two").Md5]);
        story.Did(
            upload with { Verb = S3Verb.CompleteUpload, UploadId = "u", Parts = [new S3Part(1, Content("one").Md5), new S3Part(2, Content("two").Md5)] },
            new S3Result { ETag = etag });
        story.Did(Get("k"), new S3Result { ETag = etag, Content = Content("onetwo") });
        Assert.Equal(Verdict.Linearizable, story.Check().Verdict);
        story.Did(Get("k"), new S3Result { ETag = etag, Content = Content("twoone") });
        Assert.Equal(Verdict.Broken, story.Check().Verdict);
    }

    /// <summary>A false alarm of drain-crash, seed 7000445.</summary>
    [Fact]
    public void A_completion_that_is_answered_again_names_the_version_of_the_one_that_got_no_answer()
    {
        var story = new Story();
        S3Operation upload = new() { Verb = S3Verb.CreateUpload, Bucket = Bucket, Key = "k" };
        S3Operation complete = upload with { Verb = S3Verb.CompleteUpload, UploadId = "u", Parts = [new S3Part(1, Content("one").Md5)] };
        string etag = S3Model.MultipartETag([Content("one").Md5]);
        story.Did(upload, new S3Result { UploadId = "u" });
        story.Did(Put("k", "one") with { Verb = S3Verb.UploadPart, UploadId = "u", PartNumber = 1 }, Stored("one"));
        story.Call(complete);
        story.Did(Put("k", "later"), Stored("later", "2"));
        S3Operation list = new() { Verb = S3Verb.ListVersions, Bucket = Bucket };
        var listed = new S3Result { Entries = [Version("later", Content("later").Md5, "2", latest: true), Version("one", etag, "1", latest: false)] };
        story.Did(list, listed);
        story.Did(complete, new S3Result { ETag = etag, VersionId = "1" });
        story.Did(list, listed);
        Assert.Equal(Verdict.Linearizable, story.Check(S3Versioning.Enabled).Verdict);
        story.Did(complete, new S3Result { ETag = etag, VersionId = "3" });
        Assert.Equal(Verdict.Broken, story.Check(S3Versioning.Enabled).Verdict);

        static S3Entry Version(string text, string etag, string id, bool latest) => new("k", etag, Content(text).SizeBytes) { VersionId = id, IsLatest = latest };
    }

    [Fact]
    public void A_hundred_thousand_operations_are_checked_in_a_second()
    {
        Entry[] entries = [.. RandomHistories.Generate(7, 100_000, clients: 16, keys: 100, S3Versioning.Off, unknownPercent: 0, wide: false).Entries];
        var watch = Stopwatch.StartNew();
        LinearizabilityReport<S3Operation, S3Result> report = LinearizabilityChecker.Check(Model(S3Versioning.Off), S3HistoryParts.Prepare(entries));
        Assert.Equal(Verdict.Linearizable, report.Verdict);

        // Generous: the machine is shared. The claim of one second is for a quiet one.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(8), $"{entries.Length} operations took {watch.Elapsed} and {report.Steps} steps");
        Assert.InRange(report.Steps, entries.Length, entries.Length * 12L);
    }
}
