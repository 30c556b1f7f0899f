using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Sim.Checking;
using ObjectStore.Workloads.Contract;
using ObjectStore.Workloads.Load.Region;
using Xunit;

namespace ObjectStore.Commands.Proofs.Region;

/// <summary>Goal: the parts of region-faults judge rightly. Method: histories and answers made by hand.</summary>
public sealed class RegionPartsTests
{
    private const string Bucket = "region-faults";
    private static readonly ContentDigest One = ContentDigest.Of("one"u8);
    private static readonly ContentDigest Two = ContentDigest.Of("two"u8);
    private readonly History<S3Operation, S3Result> _history = new();

    [Fact]
    public void A_stale_read_breaks_the_history_and_is_explained()
    {
        Did(0, Put("k", One), Stored(One));
        Did(0, Put("k", Two), Stored(Two));
        Did(1, Get("k"), Found(One));
        RegionVerdict verdict = RegionVerdict.Of(_history.Entries, Bucket);
        Assert.Equal(Verdict.Broken, verdict.Linearizability);
        Assert.False(verdict.Holds);
        Assert.Contains("Get", verdict.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void An_attempt_of_unknown_outcome_explains_either_value_and_its_repetition_is_another_attempt()
    {
        Did(0, Put("k", One), Stored(One));
        Did(0, Put("k", Two), null);
        Did(0, Put("k", Two), Stored(Two));
        Did(RegionLoad.ReadBackClient, Get("k"), Found(Two));
        RegionVerdict verdict = RegionVerdict.Of(_history.Entries, Bucket);
        Assert.True(verdict.Holds, verdict.Explanation);
        Assert.Equal((4, 1), (verdict.Operations, verdict.Unknown));
    }

    [Fact]
    public void An_acknowledged_object_that_is_gone_at_the_end_is_lost_and_one_that_does_not_answer_is_unreadable()
    {
        Did(0, Put("gone", One), Stored(One));
        Did(0, Put("mute", One), Stored(One));
        Did(0, Put("never", One), null);
        Did(RegionLoad.ReadBackClient, Get("gone"), S3Result.Refused(404, "NoSuchKey"));
        Did(RegionLoad.ReadBackClient, Get("mute"), S3Result.Refused(503, "ServiceUnavailable"));
        Did(RegionLoad.ReadBackClient, Get("never"), S3Result.Refused(404, "NoSuchKey"));
        RegionVerdict verdict = RegionVerdict.Of(_history.Entries, Bucket);
        Assert.Equal(["gone"], verdict.Lost);
        Assert.Equal(["mute"], verdict.Unreadable);
    }

    [Fact]
    public void Service_is_back_when_every_client_was_served_that_asked_after_the_trouble_and_nobody_is_stuck()
    {
        var log = new ServiceLog();
        (TimeSpan trouble, TimeSpan made, TimeSpan window) = (TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10.4), TimeSpan.FromSeconds(15));
        Note(log, client: 0, began: 10.1, ended: 10.2);
        Note(log, client: 0, began: 1, ended: 1.1);
        Note(log, client: 0, began: 10.5, ended: 13);
        Note(log, client: 0, began: 13, ended: 15.5);
        Note(log, client: 1, began: 9, ended: 12);
        Note(log, client: 1, began: 12, ended: 14.5);
        Note(log, client: 0, began: 40, ended: 45);
        Assert.Equal(4.5, log.BackAfter(trouble, made, window).TotalSeconds);
        Note(log, client: 0, began: 16, ended: 21);
        Assert.Equal(11, log.BackAfter(trouble, made, window).TotalSeconds);
        Note(log, client: 1, began: 11, ended: 41, answered: false);
        Assert.Equal(31, log.BackAfter(trouble, made, window).TotalSeconds);
        Assert.Single(log.Unanswered(trouble, TimeSpan.FromSeconds(50)));
        Assert.Equal(30, log.LongestWait(trouble, TimeSpan.FromSeconds(39)).TotalSeconds);
    }

    [Fact]
    public async Task A_client_leaves_a_node_that_fails_stays_away_from_it_and_takes_a_refusal_for_an_answer()
    {
        var log = new ServiceLog();
        Scripted[] nodes = [new(S3Result.NotSent), new(null), new(S3Result.Refused(404, "NoSuchKey"))];
        var client = new RetryingClient(nodes, 0, TimeSpan.FromSeconds(30), log);
        for (int request = 0; request < 3; request++)
        {
            Assert.Equal(404, (await client.SendAsync(Get("k")))!.Status);
        }

        Assert.Equal([1, 1, 3], nodes.Select(static node => node.Sent));
        Assert.Empty(log.Unanswered(TimeSpan.Zero, TimeSpan.MaxValue));
    }

    [Fact]
    public async Task A_client_that_nobody_answers_gives_up_after_its_patience_and_is_counted()
    {
        var log = new ServiceLog();
        Scripted[] nodes = [new(S3Result.Refused(503, "SlowDown")), new(null)];
        await new RetryingClient(nodes, 0, TimeSpan.FromMilliseconds(300), log).SendAsync(Get("k"));
        Assert.True(nodes[0].Sent > 0 && nodes[1].Sent > 0);
        Assert.Single(log.Unanswered(TimeSpan.Zero, TimeSpan.MaxValue));
    }

    private static S3Operation Put(string key, ContentDigest content) => new() { Verb = S3Verb.Put, Bucket = Bucket, Key = key, Content = content };

    private static S3Operation Get(string key) => new() { Verb = S3Verb.Get, Bucket = Bucket, Key = key };

    private static S3Result Stored(ContentDigest content) => new() { ETag = content.Md5 };

    private static S3Result Found(ContentDigest content) => new() { ETag = content.Md5, Content = content };

    private static void Note(ServiceLog log, int client, double began, double ended, bool answered = true) =>
        log.Note(new ServedRequest(client, S3Verb.Get, "k", TimeSpan.FromSeconds(began), TimeSpan.FromSeconds(ended), 1, answered, ""));

    private void Did(int client, S3Operation operation, S3Result? result)
    {
        HistoryEntry<S3Operation, S3Result> entry = _history.Called(client, operation, TimeSpan.Zero);
        if (result is null)
        {
            _history.GaveUp(entry, TimeSpan.Zero);
        }
        else
        {
            _history.Returned(entry, result, TimeSpan.Zero);
        }
    }

    private sealed class Scripted(S3Result? answer) : IS3Client
    {
        internal int Sent { get; private set; }

        public ValueTask<S3Result?> SendAsync(S3Operation operation, CancellationToken cancellation = default)
        {
            Sent++;
            return new ValueTask<S3Result?>(answer);
        }
    }
}
