using ObjectStore.Sim.Checking;
using Xunit;

namespace ObjectStore.Sim.Proofs.Checking;

public sealed class DurabilityCheckerTests
{
    [Fact]
    public void An_acknowledged_write_that_is_gone_is_found()
    {
        Story story = new Story().Did(Story.Put("k", "one"), Story.Stored("one")).Did(Story.Get("k"), Story.Missing());

        Assert.Contains("explained by no write", Judge(story));
    }

    [Fact]
    public void A_write_that_a_later_acknowledged_one_has_replaced_may_not_come_back()
    {
        Story story = new Story()
            .Did(Story.Put("k", "one"), Story.Stored("one"))
            .Did(Story.Put("k", "two"), Story.Stored("two"))
            .Did(Story.Get("k"), Story.Found("one"));

        Assert.NotNull(Judge(story));
    }

    [Fact]
    public void The_last_write_explains_what_is_read()
    {
        Story story = new Story()
            .Did(Story.Put("k", "one"), Story.Stored("one"))
            .Did(Story.Delete("k"), Story.Gone())
            .Did(Story.Put("k", "two"), Story.Stored("two"))
            .Did(Story.Get("k"), Story.Found("two"));

        Assert.Null(Judge(story));
    }

    /// <summary>Found by the soak of 2026-11-26 as scenario drain-crash, seed 900256: the checker took the second answer to one completion for a write.</summary>
    [Fact]
    public void A_completion_that_is_answered_again_buries_nothing()
    {
        var completion = new S3Operation { Verb = S3Verb.CompleteUpload, Bucket = Story.Bucket, Key = "k", UploadId = "u" };
        var completed = new S3Result { ETag = "parts-1", VersionId = "9" };
        Story story = new Story()
            .Did(completion, completed)
            .Did(Story.Put("k", "later"), Story.Stored("later"))
            .Did(completion, completed)
            .Did(Story.Get("k"), Story.Found("later"));

        Assert.Null(Judge(story));
    }

    /// <summary>The reader is who made the last call.</summary>
    private static string? Judge(Story story) => DurabilityChecker.Check(story.History.Entries, story.History.Entries.Count - 1);
}
