using System;
using System.Threading;
using System.Threading.Tasks;

namespace ObjectStore.Engine.Kernel;

/// <summary>Waiting that ends by itself. For use on one loop.</summary>
public static class Patience
{
    /// <summary>Ends when the task has ended, however it ended, or when the time is over.</summary>
    /// <remarks>In place of <c>Task.WhenAny</c>, whose continuation leaves the loop when a task was made to continue asynchronously.</remarks>
    /// <returns>True when the task has ended.</returns>
    public static async ValueTask<bool> EndsWithinAsync(this Task task, IClock clock, TimeSpan patience)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(clock);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var woken = new CancellationTokenSource();
        FollowAsync();
        ExpireAsync(woken.Token);
        await ended.Task;
        woken.Cancel();
        return task.IsCompleted;

        async void FollowAsync()
        {
            try
            {
                await task;
                ended.TrySetResult();
            }
            catch (Exception) when (task.IsFaulted || task.IsCanceled)
            {
                // Whoever the task belongs to hears of the failure.
                ended.TrySetResult();
            }
        }

        async void ExpireAsync(CancellationToken token)
        {
            try
            {
                await clock.DelayAsync(patience, token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            ended.TrySetResult();
        }
    }
}
