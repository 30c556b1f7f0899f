using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Proofs.Doubles;
using ObjectStore.Engine.Proofs.Metadata;
using ObjectStore.Sim.World;
using Xunit;
using static ObjectStore.Engine.Proofs.Gateway.Events.EventRig;

namespace ObjectStore.Engine.Proofs.Gateway.Events;

/// <summary>Goal: each event is told at least once, whatever becomes of targets and nodes, and within bounds.</summary>
public sealed class EventDeliveryTests
{
    [Fact]
    public void A_target_that_was_down_is_told_in_order_of_what_it_missed_and_holds_up_no_other() => EventRig.Run(async rig =>
    {
        (await rig.ConfigureAsync(Rule("one", "ObjectCreated:*") + Rule("two", "ObjectRemoved:*"))).Is(200);
        rig.One.Failure = "down";
        for (int i = 0; i < 7; i++)
        {
            await rig.DoAsync(200, "PUT", $"/bucket/{i}", "x");
            await rig.DoAsync(204, "DELETE", $"/bucket/{i}");
        }

        await rig.SettleAsync(300);
        Assert.Empty(rig.One.Heard);
        Assert.Equal(Enumerable.Range(0, 7).Select(static i => $"ObjectRemoved:Delete {i}"), rig.Two.Told);
        EventCounts waiting = rig.Gateway.Deliveries.Counts[0];

        // 1, 2, 4, 8, 16, 32, 60, 60, 60 seconds apart.
        Assert.InRange(waiting.Failures, 8, 12);
        Assert.Equal((7, 0, 0), (waiting.Waiting, waiting.Delivered, waiting.Dropped));

        rig.One.Failure = null;
        await rig.SettleAsync(61);
        Assert.Equal(Enumerable.Range(0, 7).Select(static i => $"ObjectCreated:Put {i}"), rig.One.Told);
        Assert.Equal((0, 7), (rig.Gateway.Deliveries.Counts[0].Waiting, rig.Gateway.Deliveries.Counts[0].Delivered));

        // It was down when the messages were long: the first after that is short.
        Assert.Single(rig.One.Taken[1].GetProperty("Records").EnumerateArray());
    });

    [Fact]
    public void Who_stops_deliveries_may_close_the_shard_then_as_no_rows_are_being_read() => EventRig.Run(async rig =>
    {
        var outbox = new SlowOutbox();
        var deliveries = new EventDeliveries(rig.Gateway.Environment, new EventOptions { Targets = [rig.One] }, "us-east-1");
        deliveries.Attach(outbox);
        await rig.SettleAsync();
        Task stopped = deliveries.StopAsync();
        await rig.SettleAsync();
        Assert.Equal((1, false), (outbox.Reads, stopped.IsCompleted));

        outbox.Page.SetResult(new EventPage(0, IsLed: true, 0, 0, []));
        await rig.SettleAsync();
        Assert.Equal((1, true), (outbox.Reads, stopped.IsCompleted));
    });

    [Fact]
    public void Messages_hold_so_many_events_and_no_more() => EventRig.Run(
        async rig =>
        {
            (await rig.ConfigureAsync(Rule("one", "ObjectCreated:*"))).Is(200);
            rig.One.Failure = "down";
            for (int i = 0; i < 10; i++)
            {
                await rig.DoAsync(200, "PUT", $"/bucket/{i}", "x");
            }

            rig.One.Failure = null;
            await rig.SettleAsync(120);
            Assert.Equal(10, rig.One.Heard.Count);
            Assert.Equal([1, 2, 3, 3, 1], rig.One.Taken.Skip(1).Select(static message => message.GetProperty("Records").GetArrayLength()));
        },
        messageEventsMax: 3);

    [Fact]
    public void Messages_are_at_most_so_long_however_long_keys_are() => EventRig.Run(async rig =>
    {
        (await rig.ConfigureAsync(Rule("one", "ObjectCreated:*"))).Is(200);
        rig.One.Failure = "down";
        for (int i = 0; i < 60; i++)
        {
            await rig.DoAsync(200, "PUT", $"/bucket/{string.Concat(Enumerable.Repeat("%C3%A9", 500))}{i}", "x");
        }

        rig.One.Failure = null;
        await rig.SettleAsync(120);
        Assert.Equal(60, rig.One.Heard.Count);
        Assert.InRange(rig.One.Taken.Max(static message => message.GetRawText().Length), 56 * 1024, 64 * 1024);
    });

    [Fact]
    public void Beyond_the_limit_the_oldest_events_of_that_target_go_and_are_counted_and_writes_do_not_fail() => EventRig.Run(
        async rig =>
        {
            (await rig.ConfigureAsync(Rule("one", "ObjectCreated:*") + Rule("two", "ObjectRemoved:*"))).Is(200);
            rig.One.Failure = rig.Two.Failure = "down";
            int warnings = 0;
            rig.Gateway.World.Log.Heard = traced => warnings += traced is { Area: "events", Name: "dropped" } ? 1 : 0;
            for (int i = 0; i < 12; i++)
            {
                await rig.DoAsync(200, "PUT", $"/bucket/{i}", "x");
            }

            await rig.DoAsync(204, "DELETE", "/bucket/0");
            rig.One.Failure = rig.Two.Failure = null;
            await rig.SettleAsync(120);
            Assert.Equal(Enumerable.Range(7, 5).Select(static i => $"ObjectCreated:Put {i}"), rig.One.Told);
            Assert.Equal(["ObjectRemoved:Delete 0"], rig.Two.Told);
            Assert.Equal([7, 0, 0], rig.Gateway.Deliveries.Counts.Select(static counts => counts.Dropped));
            Assert.Equal(1, warnings);
        },
        new MetadataLimits { EventsWaitingMax = 5 });

    [Fact]
    public void An_answer_that_got_lost_makes_a_second_message_and_not_a_gap() => EventRig.Run(async rig =>
    {
        (await rig.ConfigureAsync(Rule("one", "ObjectCreated:*"))).Is(200);
        bool isLost = true;
        JsonElement seen = default;
        rig.One.Judge = message =>
        {
            seen = message;
            string? answer = isLost ? "no answer" : null;
            isLost = false;
            return answer;
        };
        await rig.DoAsync(200, "PUT", "/bucket/k", "x");
        await rig.SettleAsync(10);
        Assert.Equal(seen.ToString(), rig.One.Taken[^1].ToString());
        Assert.Equal(["ObjectCreated:Put k"], rig.One.Told);
    });

    [Fact]
    public void Some_messages_to_EventBridge_are_on_their_way_together_and_what_lies_behind_a_refused_one_is_told_again() => EventRig.Run(async rig =>
    {
        (await rig.ConfigureAsync("<EventBridgeConfiguration/>")).Is(200);
        rig.Bridge.Failure = "down";
        for (int i = 0; i < 20; i++)
        {
            await rig.DoAsync(200, "PUT", $"/bucket/{i}", "x");
        }

        // Pages of 1, 2 and 4: of the last one a message in the middle is refused.
        bool refuses = true;
        rig.Bridge.Thinking = () => rig.Gateway.Environment.Clock.DelayAsync(TimeSpan.FromMilliseconds(10)).AsTask();
        rig.Bridge.Judge = message =>
        {
            bool isRefused = refuses && KeyOf(message) == "5";
            refuses &= !isRefused;
            return isRefused ? "busy" : null;
        };
        await rig.SettleAsync(120);
        Assert.Equal(4, rig.Bridge.AtOnceMax);
        Assert.Equal(
            Enumerable.Range(0, 20).Select(static i => ($"{i}", i == 6 ? 2 : 1)),
            rig.Bridge.Taken.Select(KeyOf).GroupBy(static key => key).Select(static told => (told.Key, told.Count())).OrderBy(static told => int.Parse(told.Key, CultureInfo.InvariantCulture)));
        Assert.Equal(0, rig.Gateway.Deliveries.Counts[2].Waiting);

        static string KeyOf(JsonElement message) => message.GetProperty("detail").GetProperty("object").GetProperty("key").GetString()!;
    });

    [Fact]
    public void What_was_told_and_could_not_be_removed_is_removed_and_not_told_again() => TellFailing(async (put, outbox, target, waiting) =>
    {
        outbox.RemovalsThatFail = 3;
        await put("0");
        await put("1");
        Assert.Equal(0, await waiting());
        Assert.Equal(["ObjectCreated:Put 0", "ObjectCreated:Put 1"], target.Told);
        return [];
    });

    [Fact]
    public void Failures_are_traced_once_until_they_are_others_or_the_events_were_of_no_concern_meanwhile() => TellFailing(async (put, outbox, target, waiting) =>
    {
        target.Failure = "down";
        await put("0");
        Assert.Equal(1, await waiting());
        target.Failure = null;
        outbox.RemovalsThatFail = 2;
        Assert.Equal(0, await waiting());
        target.Failure = "down";
        await put("1");
        Assert.Equal(1, await waiting());
        outbox.IsLed = false;
        Assert.Equal(1, await waiting());
        outbox.IsLed = true;
        await put("2");
        Assert.Equal(2, await waiting());
        return ["not-taken", "failed", "not-taken", "not-taken"];
    });

    [Fact]
    public void Events_of_a_target_that_is_not_there_any_more_are_warned_of_at_the_start()
    {
        var forgotten = new List<string>();
        Assert.Null(ShardRig.Tell(3, ShardDoubles.None, async rig =>
        {
            rig.World.Log.Heard = heard => forgotten.AddRange(heard is { Area: "events", Name: "forgotten" } ? [heard.ToString()] : []);
            PutObjectCommand put = EventCommands.Put(ShardRig.Bucket, "k", rig.World.Clock.UtcNow, "gone", "one");
            await rig.DoAsync(put with { Events = put.Events! with { BucketId = rig.BucketId } });
            var options = new EventOptions { Targets = [new EventTargetDouble("one")] };
            await rig.Node.CallAsync(() =>
            {
                new EventDeliveries(rig.Now.Environment, options, "us-east-1").Attach(rig.Now.Shard.Events);
                return Task.FromResult(true);
            });
            await rig.RestAsync(1000);
            return null;
        }));
        Assert.Contains("target=gone shard=shard waiting=1", Assert.Single(forgotten), StringComparison.Ordinal);
    }

    /// <summary>Events over an outbox that fails: put, outbox, target, and a look after minutes at how many wait. The story returns what has to be traced.</summary>
    private static void TellFailing(Func<Func<string, Task>, FailingOutbox, EventTargetDouble, Func<Task<long>>, Task<string[]>> story)
    {
        var target = new EventTargetDouble("one");
        var traced = new List<string>();
        Assert.Null(ShardRig.Tell(3, ShardDoubles.None, async rig =>
        {
            rig.World.Log.Heard = heard => traced.AddRange(heard is { Area: "events", Level: TraceLevel.Warning } ? [heard.Name] : []);
            var outbox = new FailingOutbox(rig.Now.Shard.Events);
            await rig.Node.CallAsync(() =>
            {
                new EventDeliveries(rig.Now.Environment, new EventOptions { Targets = [target] }, "us-east-1").Attach(outbox);
                return Task.FromResult(true);
            });

            async Task PutAsync(string key)
            {
                PutObjectCommand put = EventCommands.Put(ShardRig.Bucket, key, rig.World.Clock.UtcNow, "one");
                await rig.DoAsync(put with { Events = put.Events! with { BucketId = rig.BucketId } });
            }

            async Task<long> WaitingAsync()
            {
                await rig.RestAsync(300_000);
                return (await rig.Node.CallAsync(() => rig.Now.Shard.Events.ReadAsync("one", 1))).Waiting;
            }

            string[] expected = await story(PutAsync, outbox, target, WaitingAsync);
            if (expected.Length > 0)
            {
                Assert.Equal(expected, traced);
            }

            return null;
        }));
    }

    [Theory]
    [InlineData(CrashStyle.LoseAll)]
    [InlineData(CrashStyle.Drawn)]
    public void What_waits_is_told_after_a_crash_and_what_was_told_is_not_there_any_more(CrashStyle style)
    {
        var target = new EventTargetDouble("one");
        var options = new EventOptions { Targets = [target] };
        Assert.Null(ShardRig.Tell(3, ShardDoubles.None, async rig =>
        {
            Task<CommandResult> PutAsync(string key)
            {
                PutObjectCommand put = EventCommands.Put(ShardRig.Bucket, key, rig.World.Clock.UtcNow, "one");
                return rig.DoAsync(put with { Events = put.Events! with { BucketId = rig.BucketId } });
            }

            Task AttachAsync() => rig.Node.CallAsync(() =>
            {
                new EventDeliveries(rig.Now.Environment, options, "us-east-1").Attach(rig.Now.Shard.Events);
                return Task.FromResult(true);
            });

            for (int i = 0; i < 5; i++)
            {
                await PutAsync($"{i}");
            }

            await rig.RestartAsync(style);
            await AttachAsync();
            await rig.RestAsync(1000);
            Assert.Equal(Enumerable.Range(0, 5).Select(static i => $"ObjectCreated:Put {i}"), target.Told);

            target.Failure = "down";
            await PutAsync("5");
            await rig.RestAsync(5000);
            await rig.RestartAsync(style);
            target.Failure = null;
            await AttachAsync();
            await rig.RestAsync(1000);
            await rig.RestartAsync(style);
            await AttachAsync();
            await rig.RestAsync(1000);
            Assert.Equal(Enumerable.Range(0, 6).Select(static i => $"ObjectCreated:Put {i}"), target.Told);
            return null;
        }));
    }

    private sealed class SlowOutbox : IEventOutbox
    {
        internal TaskCompletionSource<EventPage> Page { get; } = new();

        internal int Reads { get; private set; }

        public string Name => "slow";

        public Task<EventPage> ReadAsync(string target, int eventsMax)
        {
            Reads++;
            return Page.Task;
        }

        public Task RemoveAsync(string target, EventPlace upTo) => Task.CompletedTask;

        public Task<IReadOnlyList<KeyValuePair<string, long>>> ListAsync() => Task.FromResult<IReadOnlyList<KeyValuePair<string, long>>>([]);

        public Task WaitAsync(ulong stamp) => new TaskCompletionSource().Task;
    }
}
