using System;
using System.Threading;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Host;

/// <summary>A loop on a thread of its own.</summary>
/// <remarks>
/// Many threads post, one drains (<see cref="HandOff"/>) and runs the whole batch.
/// Invariant: items run in the order in which their posts were handed over; never two at once; never inside <see cref="Post(Action{object?}, object?)"/>.
/// </remarks>
public sealed class HostLoop : ILoop, IDisposable
{
    private readonly HandOff _handOff = new();
    private readonly Thread _thread;
    private readonly Action<string, Exception> _escaped;
    private volatile bool _stopping;
    private int _disposed;

    /// <summary>Starts the thread.</summary>
    /// <param name="name">For traces and the debugger.</param>
    /// <param name="escaped">Called with an exception that left posted work; null ends the process (<see cref="ProcessFailure"/>).</param>
    public HostLoop(string name, Action<string, Exception>? escaped = null)
    {
        Name = name;
        _escaped = escaped ?? ProcessFailure.End;
        _thread = new Thread(Run) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public bool IsCurrent => Thread.CurrentThread == _thread;

    /// <inheritdoc/>
    public void Post(Action<object?> work, object? state)
    {
        ArgumentNullException.ThrowIfNull(work);
        Enqueue(work, state);
    }

    /// <summary>Runs what was posted before the call and ends the thread. What is posted later is dropped, as when the process ends.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        Enqueue((Action<object?>)(static loop => ((HostLoop)loop!)._stopping = true), this);
        if (!IsCurrent)
        {
            _thread.Join();
        }
    }

    private void Enqueue(Delegate work, object? state)
    {
        if (!_stopping)
        {
            _handOff.Put(new HandedWork(work, state));
        }
    }

    private void Run()
    {
        SynchronizationContext.SetSynchronizationContext(new LoopContext(this));
        HandedWork[]? batch = null;
        while (!_stopping)
        {
            int count = _handOff.Take(ref batch);
            for (int index = 0; index < count; index++)
            {
                HandedWork item = batch![index];
                batch[index] = default;
                RunItem(item);
            }
        }
    }

    private void RunItem(HandedWork item)
    {
        try
        {
            if (item.Work is Action<object?> posted)
            {
                posted(item.State);
            }
            else
            {
                ((SendOrPostCallback)item.Work)(item.State);
            }
        }
        catch (Exception failure)
        {
            _escaped($"loop {Name}", failure);
        }
    }

    private sealed class LoopContext(HostLoop loop) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => loop.Enqueue(d, state);

        public override void Send(SendOrPostCallback d, object? state) =>
            throw new NotSupportedException("A loop runs posted work only.");

        public override SynchronizationContext CreateCopy() => this;
    }
}
