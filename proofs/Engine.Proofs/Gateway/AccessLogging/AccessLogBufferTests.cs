using System;
using System.Collections.Generic;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Gateway;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Engine.Proofs.Gateway.AccessLogging;

/// <summary>Goal: lines wait in bounded memory, and go out together when it is time.</summary>
public sealed class AccessLogBufferTests
{
    private static readonly AccessLogOptions Options = new()
    {
        Interval = TimeSpan.FromMinutes(1),
        ObjectBytes = 1000,
        BucketBytesMax = 5000,
        TotalBytesMax = 8000,
        AttemptsMax = 3,
        RetryDelayMin = TimeSpan.FromSeconds(1),
        RetryDelayMax = TimeSpan.FromSeconds(3),
    };

    private static readonly DateTime Noon = new(2026, 2, 3, 12, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void Lines_wait_for_the_interval_from_the_first_one_on() => Run(async (world, buffer) =>
    {
        Assert.Equal(Timeout.InfiniteTimeSpan, buffer.UntilDue());
        await OfferAsync(world, buffer, "a", 10);
        TimeSpan first = world.Clock.Now;
        await world.Clock.DelayAsync(TimeSpan.FromSeconds(30));
        await OfferAsync(world, buffer, "a", 20);
        await OfferAsync(world, buffer, "b", 5);
        Assert.InRange(buffer.UntilDue(), TimeSpan.FromSeconds(29), TimeSpan.FromSeconds(30));
        Assert.False(buffer.TryTakeDue(out _));
        await world.Clock.DelayAsync(first + Options.Interval - world.Clock.Now);
        Assert.True(buffer.TryTakeDue(out AccessLogBatch batch));
        Assert.Equal(("a", 2, 30L), (batch.Source.Bucket, batch.LineCount, batch.SizeBytes));
        Assert.False(buffer.TryTakeDue(out _));
        Assert.InRange(buffer.UntilDue(), TimeSpan.FromSeconds(29), TimeSpan.FromSeconds(31));
    });

    [Fact]
    public void What_was_delivered_is_not_kept_behind_what_waits() => Run(async (world, buffer) =>
    {
        await OfferAsync(world, buffer, "waits", 10);
        for (int i = 0; i < 20; i++)
        {
            await OfferAsync(world, buffer, "busy", 1000);
            Assert.True(buffer.TryTakeDue(out AccessLogBatch batch));
            buffer.NoteDelivered(batch);
        }

        Assert.Equal(1, buffer.OpenCount);
    });

    [Fact]
    public void Many_lines_do_not_wait() => Run(async (world, buffer) =>
    {
        await OfferAsync(world, buffer, "a", 600);
        Assert.False(buffer.TryTakeDue(out _));
        await OfferAsync(world, buffer, "a", 600);
        Assert.True(buffer.TryTakeDue(out AccessLogBatch batch));
        Assert.Equal(600, batch.SizeBytes);
        await OfferAsync(world, buffer, "a", 400);
        Assert.True(buffer.TryTakeDue(out batch));
        Assert.Equal(1000, batch.SizeBytes);
        Assert.Equal(Timeout.InfiniteTimeSpan, buffer.UntilDue());
    });

    [Fact]
    public void What_there_is_no_room_for_is_dropped_and_counted_and_room_comes_back() => Run(async (world, buffer) =>
    {
        for (int i = 0; i < 10; i++)
        {
            await OfferAsync(world, buffer, "a", 744);
        }

        // Each counts as 1000 bytes: five in the bucket.
        Assert.Equal((10, 5, 5000), (buffer.Counts.Lines, buffer.Counts.Overflowed, buffer.Counts.HeldBytes));
        for (int i = 0; i < 5; i++)
        {
            await OfferAsync(world, buffer, "b", 744);
        }

        Assert.Equal((15, 7, 8000), (buffer.Counts.Lines, buffer.Counts.Overflowed, buffer.Counts.HeldBytes));

        // All at once: what is on its way to the loop counts too.
        buffer.Offer(Lines("c", 744));
        Assert.Equal((16, 8, 8000), (buffer.Counts.Lines, buffer.Counts.Overflowed, buffer.Counts.HeldBytes));
        Assert.True(buffer.TryTakeDue(out AccessLogBatch batch));
        buffer.NoteDelivered(batch);
        Assert.Equal((1, 1, 7000), (buffer.Counts.Delivered, buffer.Counts.Objects, buffer.Counts.HeldBytes));
        await OfferAsync(world, buffer, "a", 744);
        Assert.Equal((17, 8, 8000), (buffer.Counts.Lines, buffer.Counts.Overflowed, buffer.Counts.HeldBytes));
        while (buffer.TryTakeAny(out batch))
        {
            buffer.NoteRefused(batch);
        }

        Assert.Equal((8, 0), (buffer.Counts.Refused, buffer.Counts.HeldBytes));
        await OfferAsync(world, buffer, "a", 744);
        Assert.Equal(8, buffer.Counts.Overflowed);
    });

    [Fact]
    public void What_fails_is_tried_again_ever_later_and_then_dropped() => Run(async (world, buffer) =>
    {
        await OfferAsync(world, buffer, "a", 1000);
        Assert.True(buffer.TryTakeDue(out AccessLogBatch batch));
        Assert.True(buffer.NoteFailed(batch, isLast: false));
        Assert.Equal(TimeSpan.FromSeconds(1), buffer.UntilDue());
        Assert.False(buffer.TryTakeDue(out _));

        // Others do not wait for it.
        await OfferAsync(world, buffer, "b", 1000);
        Assert.True(buffer.TryTakeDue(out AccessLogBatch other));
        Assert.Equal("b", other.Source.Bucket);
        Assert.False(buffer.NoteFailed(other, isLast: true));
        Assert.Equal(1, buffer.Counts.Lost);
        await world.Clock.DelayAsync(TimeSpan.FromSeconds(1));
        Assert.True(buffer.TryTakeDue(out batch));
        Assert.True(buffer.NoteFailed(batch, isLast: false));
        Assert.Equal(TimeSpan.FromSeconds(2), buffer.UntilDue());
        await world.Clock.DelayAsync(TimeSpan.FromSeconds(2));
        Assert.True(buffer.TryTakeDue(out batch));
        Assert.False(buffer.NoteFailed(batch, isLast: false));
        Assert.Equal((4, 2, 0), (buffer.Counts.Failures, buffer.Counts.Lost, buffer.Counts.HeldBytes));
        Assert.Equal(Timeout.InfiniteTimeSpan, buffer.UntilDue());
    });

    [Fact]
    public void The_rest_between_attempts_has_a_limit() => Run(
        async (world, buffer) =>
        {
            await OfferAsync(world, buffer, "a", 1000);
            Assert.True(buffer.TryTakeDue(out AccessLogBatch batch));
            var rests = new List<int>();
            while (buffer.NoteFailed(batch, isLast: false))
            {
                rests.Add((int)buffer.UntilDue().TotalSeconds);
                await world.Clock.DelayAsync(buffer.UntilDue());
                Assert.True(buffer.TryTakeDue(out batch));
            }

            Assert.Equal([1, 2, 3, 3, 3], rests);
        },
        Options with { AttemptsMax = 6 });

    [Fact]
    public void Another_target_or_another_bucket_of_the_name_gets_an_object_of_its_own() => Run(async (world, buffer) =>
    {
        await OfferAsync(world, buffer, "a", 10);
        await OfferAsync(world, buffer, "a", 10, settings: Settings with { Prefix = "other" });
        await OfferAsync(world, buffer, "a", 10, settings: Settings with { Grants = [], Prefix = "other" });
        await OfferAsync(world, buffer, "a", 10, settings: Settings with { Prefix = "other" }, id: 2);
        var counts = new List<int>();
        while (buffer.TryTakeAny(out AccessLogBatch batch))
        {
            counts.Add(batch.LineCount);
        }

        Assert.Equal([1, 2, 1], counts);
    });

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(2, 1)]
    public void Days_of_requests_lie_apart_where_keys_name_them(int format, int objects) => Run(async (world, buffer) =>
    {
        LoggingConfiguration settings = Settings with { KeyFormat = (LogKeyFormat)format };
        for (int i = 0; i < 4; i++)
        {
            await OfferAsync(world, buffer, "a", 10, settings, at: Noon.AddHours(i % 2 * 12));
        }

        var sizes = new List<int>();
        while (buffer.TryTakeAny(out AccessLogBatch batch))
        {
            sizes.Add(batch.LineCount);
            buffer.NoteDelivered(batch);
        }

        Assert.Equal(objects, sizes.Count);
        Assert.All(sizes, size => Assert.Equal(4 / objects, size));
        Assert.Equal((4, 0), (buffer.Counts.Delivered, buffer.Counts.HeldBytes));
    });

    [Fact]
    public void What_comes_after_the_end_is_lost_and_counted() => Run(async (world, buffer) =>
    {
        await OfferAsync(world, buffer, "a", 10);
        buffer.Close();
        Assert.Equal((1, 0), (buffer.Counts.Lost, buffer.Counts.HeldBytes));
        await OfferAsync(world, buffer, "a", 10);
        Assert.Equal((2, 0), (buffer.Counts.Lost, buffer.Counts.HeldBytes));
    });

    private static LoggingConfiguration Settings => new("logs", "", LogKeyFormat.Simple, []);

    private static void Run(Func<SimWorld, AccessLogBuffer, Task> body, AccessLogOptions? options = null)
    {
        var world = new SimWorld(new SeededChoices(1));
        world.Run(() => body(world, new AccessLogBuffer(world.TestLoop, world.Clock, options ?? Options)));
    }

    private static async Task OfferAsync(SimWorld world, AccessLogBuffer buffer, string bucket, int bytes, LoggingConfiguration? settings = null, DateTime? at = null, ulong id = 1)
    {
        buffer.Offer(Lines(bucket, bytes, settings, at, id));
        await world.Clock.DelayAsync(TimeSpan.FromMilliseconds(1));
    }

    private static LoggedLines Lines(string bucket, int bytes, LoggingConfiguration? settings = null, DateTime? at = null, ulong id = 1) =>
        new(new LogSource(bucket, id, "owner", "", settings ?? Settings), at ?? Noon, Encoding.ASCII.GetBytes(new string('x', bytes)), 1);
}
