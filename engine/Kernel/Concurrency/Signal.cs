using System.Threading.Tasks;

namespace ObjectStore.Engine.Kernel;

/// <summary>Wakes the one coroutine that waits for it. Setting it while nobody waits is remembered once. For use on one loop.</summary>
/// <remarks>Whoever waits looks at the state that it guards after waking: a signal says "look again", not what happened.</remarks>
public sealed class Signal
{
    private TaskCompletionSource? _waiter;
    private bool _isSet;

    /// <summary>Wakes the waiter, or lets the next one through.</summary>
    public void Set()
    {
        TaskCompletionSource? waiter = _waiter;
        _waiter = null;
        if (waiter is null)
        {
            _isSet = true;
        }
        else
        {
            waiter.SetResult();
        }
    }

    /// <summary>Ends when the signal is set, and resets it. At most one waiter at a time.</summary>
    public ValueTask WaitAsync()
    {
        if (_isSet)
        {
            _isSet = false;
            return ValueTask.CompletedTask;
        }

        Invariant.Check(_waiter is null, "two waiters on one signal");
        _waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return new ValueTask(_waiter.Task);
    }
}

