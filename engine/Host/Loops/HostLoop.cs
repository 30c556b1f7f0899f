using System;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Host;

/// <summary>A loop with a thread of its own, on which a thread that comes in (<see cref="Enter"/>) may run instead while the loop is free.</summary>
/// <remarks>
/// Many threads post, one owner drains (<see cref="HandOff"/>) and runs the whole batch. Waking another thread and being woken by it costs tens of microseconds, a lookup one or two: so a
/// request's lookup runs on the request's thread, what follows a disk call on the thread that made the call, and the write of the log on the thread that left the loop last (<see cref="LedCall"/>).
/// Invariant: items run in the order in which their posts were handed over; never two at once; never inside <see cref="Post(Action{object?}, object?)"/> nor inside another loop's item.
/// </remarks>
public sealed class HostLoop : ILoop, IDisposable
{
    /// <summary>Items that a thread runs before it leaves the rest to the loop's own: it has work of its own to go back to.</summary>
    private const int EntererItemsMax = 64;

    /// <summary>Items that a call may wait for on a disk thread: when there are more, another one is woken for it.</summary>
    private const int KeptItemsMax = 8;

    [ThreadStatic]
    private static HostLoop? _current;

    private readonly HandOff _handOff = new();
    private readonly LoopContext _context;
    private readonly Thread _thread;
    private readonly Action<string, Exception> _escaped;
    private HandedWork[]? _batch; // the owner's
    private volatile bool _stopping;
    private int _disposed;

    /// <summary>Starts the thread.</summary>
    /// <param name="name">For traces and the debugger.</param>
    /// <param name="escaped">Called with an exception that left posted work; null ends the process (<see cref="ProcessFailure"/>).</param>
    public HostLoop(string name, Action<string, Exception>? escaped = null)
    {
        Name = name;
        _escaped = escaped ?? ProcessFailure.End;
        _context = new LoopContext(this);
        _thread = new Thread(Run) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public bool IsCurrent => _current == this;

    /// <inheritdoc/>
    public void Post(Action<object?> work, object? state)
    {
        ArgumentNullException.ThrowIfNull(work);
        Enqueue(work, state);
    }

    /// <inheritdoc/>
    public void Enter(Action<object?> work, object? state, Task? awaited = null)
    {
        ArgumentNullException.ThrowIfNull(work);
        Run(work, state, awaited);
    }

    /// <summary>Runs what was posted before the call and ends the thread. What is posted later is dropped, as when the process ends.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        Enqueue((Action<object?>)(static loop => ((HostLoop)loop!)._stopping = true), this);
        _handOff.End();
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

    private void Run(Delegate work, object? state, Task? awaited)
    {
        if (_current is not null)
        {
            Enqueue(work, state);
        }
        else if (!_stopping && _handOff.PutOwning(new HandedWork(work, state)))
        {
            RunAsEnterer(awaited);
        }
    }

    private void RunAsEnterer(Task? awaited)
    {
        SynchronizationContext? before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(_context);
        _current = this;
        int rest = EntererItemsMax;
        int keptRest = KeptItemsMax;
        while (_handOff.TakeMore(ref _batch) is > 0 and int count)
        {
            keptRest = LedCall.IsLeft ? keptRest - count : KeptItemsMax;
            LedCall.PassOn(mayKeep: keptRest >= 0);
            RunBatch(count - 1);

            // A call that an item before the last begins is better made at once, by another thread.
            LedCall.Open();
            RunItem(TakeItem(count - 1));
            rest -= count;
            if (rest <= 0)
            {
                _handOff.Release();
                break;
            }
        }

        _current = null;
        SynchronizationContext.SetSynchronizationContext(before);
        LedCall.Close(mayMake: awaited is { IsCompleted: false });
    }

    private void Run()
    {
        SynchronizationContext.SetSynchronizationContext(_context);
        bool isOwner = false;
        while (_handOff.Take(ref _batch, isOwner) is > 0 and int count)
        {
            isOwner = true;
            _current = this;
            RunBatch(count);
            _current = null;
        }
    }

    private void RunBatch(int count)
    {
        for (int index = 0; index < count; index++)
        {
            RunItem(TakeItem(index));
        }
    }

    private HandedWork TakeItem(int index)
    {
        HandedWork item = _batch![index];
        _batch[index] = default;
        return item;
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
        /// <summary>What awaited a disk call goes on where the call was made, if that thread may (<see cref="IoThreads"/>); all else is posted.</summary>
        public override void Post(SendOrPostCallback d, object? state)
        {
            if (IoThreads.IsCurrent)
            {
                loop.Run(d, state, awaited: null);
            }
            else
            {
                loop.Enqueue(d, state);
            }
        }

        public override void Send(SendOrPostCallback d, object? state) =>
            throw new NotSupportedException("A loop runs posted work only.");

        public override SynchronizationContext CreateCopy() => this;
    }
}
