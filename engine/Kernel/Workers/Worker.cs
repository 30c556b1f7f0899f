using System;
using System.Threading;
using System.Threading.Tasks;

namespace ObjectStore.Engine.Kernel;

/// <summary>The loop around a worker's steps: pace, pause, state. All on one loop.</summary>
public abstract class Worker(string name, IClock clock) : IWorker
{
    private TaskCompletionSource? _paused;

    /// <inheritdoc/>
    public string Name { get; } = name;

    /// <inheritdoc/>
    public WorkerState State { get; private set; }

    /// <inheritdoc/>
    public abstract WorkerProgress Progress { get; }

    /// <summary>Time, for pacing.</summary>
    protected IClock Clock { get; } = clock;

    /// <inheritdoc/>
    public void Pause() => _paused ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <inheritdoc/>
    public void Resume()
    {
        TaskCompletionSource? paused = _paused;
        _paused = null;
        paused?.TrySetResult();
    }

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken cancellation)
    {
        Invariant.Check(State == WorkerState.Stopped, "worker started twice");
        try
        {
            // Ends by cancellation only.
            while (!cancellation.IsCancellationRequested)
            {
                if (_paused is { } paused)
                {
                    State = WorkerState.Paused;
                    await WaitAsync(paused, cancellation);
                    continue;
                }

                State = WorkerState.Running;
                TimeSpan rest = await StepAsync();
                State = WorkerState.Waiting;
                await RestAsync(rest, cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Asked to end.
        }
        finally
        {
            State = WorkerState.Stopped;
        }
    }

    /// <summary>Does one bounded piece of work.</summary>
    /// <returns>How long to rest before the next; zero to go on.</returns>
    public abstract ValueTask<TimeSpan> StepAsync();

    /// <summary>Rests between two steps, <paramref name="rest"/> long unless a worker knows better when there is work again.</summary>
    protected virtual ValueTask RestAsync(TimeSpan rest, CancellationToken cancellation) => Clock.DelayAsync(rest, cancellation);

    private static async Task WaitAsync(TaskCompletionSource paused, CancellationToken cancellation)
    {
        CancellationTokenRegistration registration = cancellation.Register(
            static state => ((TaskCompletionSource)state!).TrySetResult(), paused);
        await paused.Task;
        registration.Unregister();
    }
}
