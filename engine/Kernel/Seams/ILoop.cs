using System;
using System.Threading.Tasks;

namespace ObjectStore.Engine.Kernel;

/// <summary>A single thread of control that owns state. Work posted to it runs one item at a time; whatever awaits on it continues on it.</summary>
/// <remarks>
/// Contract: items posted by one loop to another start in the order posted in production; the simulator may reorder items of different posters.
/// Between two awaits nothing else runs on the loop, so code on it takes no locks, and looks again at what it knew after an await.
/// </remarks>
public interface ILoop
{
    /// <summary>For traces; unique within a node.</summary>
    string Name { get; }

    /// <summary>True for code that runs on this loop now.</summary>
    bool IsCurrent { get; }

    /// <summary>Queues work; never runs it inline. May be called from any thread.</summary>
    void Post(Action<object?> work, object? state);

    /// <summary>Runs work on the loop as soon as can be: now, on the calling thread, when nothing else runs or waits there; else as if posted. For short work that the caller awaits.</summary>
    /// <remarks>
    /// May be called from any thread, holding no lock; code on a loop only ever posts by it. What runs sees no difference to <see cref="Post"/>. The caller must not rely on either order.
    /// </remarks>
    /// <param name="work">What to run.</param>
    /// <param name="state">Its argument.</param>
    /// <param name="awaited">What the caller awaits then: while that is not done, its thread may be used for what the loop waits for. Null when the caller has other things to do.</param>
    void Enter(Action<object?> work, object? state, Task? awaited = null) => Post(work, state);
}

/// <summary>Starts loops and background work. The only way to do either in the engine.</summary>
public interface ISpawner
{
    /// <summary>A new loop of this node. It ends with the node.</summary>
    ILoop CreateLoop(string name);

    /// <summary>Starts <paramref name="body"/> on <paramref name="loop"/> as background work that ends with the node.</summary>
    /// <remarks>An exception other than <see cref="OperationCanceledException"/> that escapes the body ends the node: it is a bug.</remarks>
    void Spawn(ILoop loop, string name, Func<Task> body);
}

/// <summary>Calling into a loop from elsewhere.</summary>
public static class LoopExtensions
{
    /// <summary>Runs <paramref name="body"/> on the loop and returns its result to the caller's own context.</summary>
    public static Task<TResult> CallAsync<TState, TResult>(this ILoop loop, Func<TState, ValueTask<TResult>> body, TState state)
    {
        ArgumentNullException.ThrowIfNull(loop);
        var call = new LoopCall<TState, TResult>(body, state);
        loop.Post(static item => ((LoopCall<TState, TResult>)item!).Start(), call);
        return call.Task;
    }

    /// <summary>Like <see cref="CallAsync"/>, on the calling thread when the loop is free (<see cref="ILoop.Enter"/>). For bodies that are short between their awaits.</summary>
    public static Task<TResult> EnterAsync<TState, TResult>(this ILoop loop, Func<TState, ValueTask<TResult>> body, TState state)
    {
        ArgumentNullException.ThrowIfNull(loop);
        var call = new LoopCall<TState, TResult>(body, state);
        loop.Enter(static item => ((LoopCall<TState, TResult>)item!).Start(), call, call.Task);
        return call.Task;
    }

    private sealed class LoopCall<TState, TResult>(Func<TState, ValueTask<TResult>> body, TState state)
        : TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        internal async void Start()
        {
            try
            {
                SetResult(await body(state));
            }
            catch (OperationCanceledException cancelled)
            {
                SetCanceled(cancelled.CancellationToken);
            }
            catch (Exception failure)
            {
                SetException(failure);
            }
        }
    }
}
