using System;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Host;

/// <summary>The machine's clocks: CLOCK_MONOTONIC for <see cref="Now"/>, the wall clock for <see cref="UtcNow"/>.</summary>
public sealed class SystemClock : IClock
{
    private static readonly TimeSpan DelayMax = TimeSpan.FromDays(10);

    /// <inheritdoc/>
    public TimeSpan Now => Stopwatch.GetElapsedTime(0);

    /// <inheritdoc/>
    public DateTime UtcNow => DateTime.UtcNow;

    /// <inheritdoc/>
    public ValueTask DelayAsync(TimeSpan delay, CancellationToken cancellation = default)
    {
        if (cancellation.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellation);
        }

        return delay <= TimeSpan.Zero ? ValueTask.CompletedTask : new ValueTask(WaitUntilAsync(Now + delay, cancellation));
    }

    // Timers count whole milliseconds of another clock and may fire a little early, so the deadline is looked at again.
    private async Task WaitUntilAsync(TimeSpan deadline, CancellationToken cancellation)
    {
        while (true)
        {
            TimeSpan left = deadline - Now;
            if (left <= TimeSpan.Zero)
            {
                return;
            }

            TimeSpan wait = left < DelayMax ? TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)) : DelayMax;
            await Task.Delay(wait, cancellation);
        }
    }
}
