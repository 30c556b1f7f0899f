using System;
using System.Threading;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Host;

/// <summary>A loop on a thread of its own.</summary>
/// <remarks>
/// Many threads post, one drains: posters append to one array under a short lock, the loop swaps it for an empty one and runs the whole batch. The
/// loop spins for some microseconds before it sleeps, because the next disk completion usually comes soon after the last.
/// Invariant: items run in the order in which their posts took the lock; never two at once; never inside <see cref="Post(Action{object?}, object?)"/>.
/// </remarks>
public sealed class HostLoop : ILoop, IDisposable
{
    private const int SpinsBeforeSleep = 40;
    private const int InitialCapacity = 256;

    private readonly Lock _gate = new();
    private readonly Thread _thread;
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly Action<string, Exception> _escaped;
    private Item[] _queue = new Item[InitialCapacity];
    private int _queued;
    private bool _asleep;
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
            _wake.Dispose();
        }
    }

    private void Enqueue(Delegate work, object? state)
    {
        bool sleeps;
        lock (_gate)
        {
            if (_stopping)
            {
                return;
            }

            if (_queued == _queue.Length)
            {
                Array.Resize(ref _queue, _queued * 2);
            }

            _queue[_queued++] = new Item(work, state);
            sleeps = _asleep;
            _asleep = false;
        }

        if (sleeps)
        {
            _wake.Set();
        }
    }

    private void Run()
    {
        SynchronizationContext.SetSynchronizationContext(new LoopContext(this));
        var batch = new Item[InitialCapacity];
        while (!_stopping)
        {
            int count = TakeBatch(ref batch);
            for (int index = 0; index < count; index++)
            {
                Item item = batch[index];
                batch[index] = default;
                RunItem(item);
            }
        }
    }

    private int TakeBatch(ref Item[] batch)
    {
        int spins = 0;
        while (true)
        {
            if (Volatile.Read(ref _queued) > 0 || spins >= SpinsBeforeSleep)
            {
                lock (_gate)
                {
                    if (_queued > 0)
                    {
                        int count = _queued;
                        (_queue, batch) = (batch, _queue);
                        _queued = 0;
                        return count;
                    }

                    _asleep = true;
                }

                _wake.WaitOne();
                spins = 0;
            }

            spins++;
            Thread.SpinWait(20);
        }
    }

    private void RunItem(Item item)
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

    private readonly record struct Item(Delegate Work, object? State);

    private sealed class LoopContext(HostLoop loop) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => loop.Enqueue(d, state);

        public override void Send(SendOrPostCallback d, object? state) =>
            throw new NotSupportedException("A loop runs posted work only.");

        public override SynchronizationContext CreateCopy() => this;
    }
}
