using System;
using System.Threading;
using System.Threading.Tasks;
using System.Threading.Tasks.Sources;

namespace ObjectStore.Sim.World;

/// <summary>An event whose happening completes an awaited operation. The continuation is queued on the loop that awaited.</summary>
internal abstract class SimCompletion<TResult>(SimWorld world) : SimEvent, IValueTaskSource<TResult>, IValueTaskSource
{
    private Action<object?>? _continuation;
    private object? _state;
    private SimLoop? _loop;
    private TResult _result = default!;
    private bool _completed;
    private bool _wasCancelled;
    private CancellationToken _token;

    internal ValueTask<TResult> Task => new(this, 0);

    internal ValueTask PlainTask => new(this, 0);

    protected SimWorld World => world;

    public TResult GetResult(short token)
    {
        if (_wasCancelled)
        {
            throw new OperationCanceledException(_token);
        }

        return _completed ? _result : throw new InvalidOperationException("the operation has not completed");
    }

    void IValueTaskSource.GetResult(short token) => GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) =>
        !_completed ? ValueTaskSourceStatus.Pending
        : _wasCancelled ? ValueTaskSourceStatus.Canceled
        : ValueTaskSourceStatus.Succeeded;

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        if (!world.IsOnThread || world.Current is null)
        {
            throw world.Escaped("awaited an operation of the world outside its loops");
        }

        _loop = world.Current;
        if (_completed)
        {
            _loop.Enqueue(continuation, state);
            return;
        }

        if (_continuation is not null)
        {
            throw new InvalidOperationException("an operation is awaited once");
        }

        (_continuation, _state) = (continuation, state);
    }

    protected void Complete(TResult result)
    {
        if (_completed)
        {
            return;
        }

        _result = result;
        Finish();
    }

    protected void CompleteCancelled(CancellationToken token)
    {
        if (_completed)
        {
            return;
        }

        (_wasCancelled, _token) = (true, token);
        Finish();
    }

    private void Finish()
    {
        _completed = true;
        Cancelled = true;
        if (_continuation is not null)
        {
            _loop!.Enqueue(_continuation, _state);
        }
    }
}
