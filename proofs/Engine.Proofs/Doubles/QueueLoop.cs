using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace ObjectStore.Engine.Proofs.Doubles;

/// <summary>Runs what is posted in the order of posting, on the caller's thread, when it is told to. Current until it is disposed.</summary>
internal sealed class QueueLoop : SynchronizationContext, IDisposable
{
    private readonly Queue<(SendOrPostCallback Work, object? State)> _queue = new();
    private readonly SynchronizationContext? _before = Current;

    internal QueueLoop() => SetSynchronizationContext(this);

    public override void Post(SendOrPostCallback d, object? state) => _queue.Enqueue((d, state));

    public override SynchronizationContext CreateCopy() => this;

    public void Dispose() => SetSynchronizationContext(_before);

    internal static Task<T> Start<T>(Func<Task<T>> body) => body();

    internal void RunUntilIdle()
    {
        while (_queue.TryDequeue(out (SendOrPostCallback Work, object? State) next))
        {
            next.Work(next.State);
        }
    }
}
