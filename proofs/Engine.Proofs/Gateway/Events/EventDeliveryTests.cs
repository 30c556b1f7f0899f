using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using ObjectStore.Engine.Gateway;
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

    [Theory]
    [InlineData(CrashStyle.LoseAll)]
    [InlineData(CrashStyle.Drawn)]
    public void What_waits_is_told_after_a_crash_and_what_was_told_is_not_there_any_more(CrashStyle style)
    {
        var target = new EventTargetDouble("one");
        var options = new EventOptions { Targets = [target] };
        Assert.Null(ShardRig.Tell(3, ShardDoubles.None, async rig =>
        {
            Task<CommandResult> PutAsync(string key) => rig.DoAsync(EventCommands.Put(ShardRig.Bucket, key, rig.World.Clock.UtcNow, "one"));

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
}
