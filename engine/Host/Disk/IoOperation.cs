using System;
using System.Threading.Tasks;
using System.Threading.Tasks.Sources;

namespace ObjectStore.Engine.Host;

/// <summary>One blocking call that an I/O thread makes for somebody who awaits it. Used once.</summary>
/// <remarks>The awaiter's own context gets the continuation: a loop through its synchronization context, else the thread pool; never the I/O thread.</remarks>
internal abstract class IoOperation
{
    internal abstract void Execute();
}

/// <summary>An <see cref="IoOperation"/> over a function; the awaitable is the operation itself, so a call costs one object.</summary>
internal sealed class IoOperation<TState, TResult>(TState state, Func<TState, TResult> body) : IoOperation, IValueTaskSource<TResult>
{
    private ManualResetValueTaskSourceCore<TResult> _source = new() { RunContinuationsAsynchronously = true };

    internal ValueTask<TResult> Task => new(this, _source.Version);

    TResult IValueTaskSource<TResult>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<TResult>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<TResult>.OnCompleted(
        Action<object?> continuation, object? continuationState, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, continuationState, token, flags);

    internal override void Execute()
    {
        TResult result;
        try
        {
            result = body(state);
        }
        catch (Exception failure)
        {
            _source.SetException(failure);
            return;
        }

        _source.SetResult(result);
    }
}
