using System;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using Xunit;

namespace ObjectStore.Seam.Proofs;

/// <summary>What every clock does, as the docstrings of <see cref="IClock"/> say.</summary>
public abstract class ClockContract
{
    protected abstract SeamFixture CreateFixture();

    [Fact]
    public void Monotonic_time_never_goes_back_and_wall_time_is_UTC() => Run(async clock =>
    {
        TimeSpan last = clock.Now;
        for (int round = 0; round < 1000; round++)
        {
            TimeSpan now = clock.Now;
            Assert.True(now >= last);
            last = now;
            await Task.Yield();
        }

        Assert.Equal(DateTimeKind.Utc, clock.UtcNow.Kind);
    });

    [Fact]
    public void A_delay_takes_at_least_its_time() => Run(async clock =>
    {
        foreach (double milliseconds in new[] { 0.001, 1, 3.5 })
        {
            TimeSpan before = clock.Now;
            await clock.DelayAsync(TimeSpan.FromMilliseconds(milliseconds));
            Assert.True(clock.Now - before >= TimeSpan.FromMilliseconds(milliseconds));
        }
    });

    [Fact]
    public void A_delay_of_nothing_or_less_completes_at_once() => Run(async clock =>
    {
        ValueTask zero = clock.DelayAsync(TimeSpan.Zero);
        Assert.True(zero.IsCompletedSuccessfully);
        await zero;
        ValueTask less = clock.DelayAsync(TimeSpan.FromSeconds(-1));
        Assert.True(less.IsCompletedSuccessfully);
        await less;
    });

    [Fact]
    public void Cancelling_ends_a_delay() => Run(async clock =>
    {
        using var source = new CancellationTokenSource();
        Task delay = clock.DelayAsync(TimeSpan.FromDays(1), source.Token).AsTask();
        Assert.False(delay.IsCompleted);
        Cancel(source);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => delay);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await clock.DelayAsync(TimeSpan.FromDays(1), source.Token));
    });

    [Fact]
    public void A_shorter_delay_does_not_wait_for_a_longer_one() => Run(async clock =>
    {
        using var source = new CancellationTokenSource();
        Task longer = clock.DelayAsync(TimeSpan.FromDays(1), source.Token).AsTask();
        await clock.DelayAsync(TimeSpan.FromMilliseconds(1));
        Assert.False(longer.IsCompleted);
        Cancel(source);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => longer);
    });

    /// <summary>Not CancelAsync, which would leave the loop.</summary>
    private static void Cancel(CancellationTokenSource source) => source.Cancel();

    private void Run(Func<IClock, Task> body)
    {
        using SeamFixture fixture = CreateFixture();
        fixture.Run(() => body(fixture.Clock));
    }
}
