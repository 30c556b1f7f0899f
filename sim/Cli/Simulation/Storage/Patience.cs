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

    private static async Task NoteAsync(Task task, TaskCompletionSource over)
    {
        // Whoever waits sees a failure at the task itself.
        await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        over.TrySetResult();
    }
}
