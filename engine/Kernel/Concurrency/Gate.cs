using System.Threading.Tasks;

namespace ObjectStore.Engine.Kernel;

/// <summary>Lets any number of waiters look again whenever something may have changed. For use on one loop.</summary>
public sealed class Gate
{
    private TaskCompletionSource? _next;

    /// <summary>Wakes everybody who waits now.</summary>
    public void Open()
    {
        TaskCompletionSource? waiters = _next;
        _next = null;
        waiters?.SetResult();
    }

    /// <summary>Ends at the next <see cref="Open"/>.</summary>
    public Task WaitAsync() =>
        (_next ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
}
