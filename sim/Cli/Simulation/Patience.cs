using System;
using System.Threading.Tasks;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>Waiting for something, but not for ever.</summary>
internal static class Patience
{
    /// <summary>Waits until a task ends, well or not, or virtual time is over. The caller's loop goes on either way.</summary>
    /// <returns>Whether the task has ended.</returns>
    /// <remarks>Not Task.WhenAny: that continues on a thread of the pool when the task wants its continuations run elsewhere.</remarks>
    internal static async Task<bool> EndsAsync(SimWorld world, Task task, TimeSpan max)
    {
        var over = new TaskCompletionSource();
        _ = NoteAsync(task, over);
        world.Schedule(max, () => over.TrySetResult());
        await over.Task;
        return task.IsCompleted;
    }

    /// <summary>Looks again and again until nothing is left over.</summary>
    /// <param name="world">Whose time it is.</param>
    /// <param name="poll">Between two looks.</param>
    /// <param name="max">How long.</param>
    /// <param name="promise">What is broken when something still is then.</param>
    /// <param name="since">For the message.</param>
    /// <param name="look">What is left over, or null.</param>
    /// <exception cref="PromiseBrokenException">Time is over.</exception>
    internal static async Task UntilAsync(SimWorld world, TimeSpan poll, TimeSpan max, string promise, string since, Func<Task<string?>> look)
    {
        TimeSpan end = world.Now + max;
        while (await look() is { } left)
        {
            if (world.Now > end)
            {
                throw new PromiseBrokenException(promise, $"{max} after {since}: {left}");
            }

            await world.Clock.DelayAsync(poll);
        }
    }

    private static async Task NoteAsync(Task task, TaskCompletionSource over)
    {
        // Whoever waits sees a failure at the task itself.
        await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        over.TrySetResult();
    }
}
