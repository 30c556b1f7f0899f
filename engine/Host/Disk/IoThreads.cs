using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading;
using System.Threading.Tasks;

namespace ObjectStore.Engine.Host;

/// <summary>Threads that make blocking calls. First come, first served; on a few threads a queue at the device forms as deep as there are threads.</summary>
/// <remarks>Why threads and not the asynchronous file API: that runs on the shared pool, and measured a third slower for write-then-sync.</remarks>
internal sealed class IoThreads : IDisposable
{
    // They also run what follows their calls (HostLoop), which is the engine.
    private const int StackBytes = 1024 * 1024;

    [ThreadStatic]
    private static bool _isDiskThread;

    [ThreadStatic]
    private static bool _isLeading;

    private readonly object _gate = new();
    private readonly Queue<IoOperation> _queue = new();
    private readonly Thread[] _threads;
    private int _idle;
    private int _led;
    private bool _stopping;

    internal IoThreads(string name, int count)
    {
        _threads = new Thread[count];
        for (int index = 0; index < count; index++)
        {
            _threads[index] = new Thread(Run, StackBytes)
            {
                IsBackground = true,
                Name = string.Create(CultureInfo.InvariantCulture, $"{name}-{index}"),
            };
            _threads[index].Start();
        }
    }

    /// <summary>True on the threads of a disk.</summary>
    internal static bool IsDiskThread => _isDiskThread;

    /// <summary>True on a thread that makes a call, or made it just now: it has time for what follows.</summary>
    internal static bool IsCurrent => _isDiskThread || _isLeading;

    /// <summary>Calls that other threads are to make, or make now.</summary>
    internal int LedCount
    {
        get
        {
            lock (_gate)
            {
                return _led;
            }
        }
    }

    internal ValueTask<TResult> RunAsync<TState, TResult>(TState state, Func<TState, TResult> body) => StartAsync(state, body, mayLead: false);

    /// <summary>Like <see cref="RunAsync"/>, on the calling thread once it has left its loop if that can be (<see cref="LedCall"/>).</summary>
    internal ValueTask<TResult> LeadAsync<TState, TResult>(TState state, Func<TState, TResult> body) => StartAsync(state, body, mayLead: true);

    /// <summary>Queues a call that a thread was to lead.</summary>
    internal void TakeOver(IoOperation operation)
    {
        lock (_gate)
        {
            Enqueue(operation);
            EndLed();
        }
    }

    /// <summary>Makes a call on the current thread, and what follows it.</summary>
    internal void Lead(IoOperation operation)
    {
        _isLeading = true;
        operation.Execute();
        _isLeading = false;
        lock (_gate)
        {
            EndLed();
        }
    }

    /// <summary>Finishes what is queued and led, then ends the threads.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.PulseAll(_gate);
        }

        foreach (Thread thread in _threads)
        {
            thread.Join();
        }
    }

    private ValueTask<TResult> StartAsync<TState, TResult>(TState state, Func<TState, TResult> body, bool mayLead)
    {
        var operation = new IoOperation<TState, TResult>(state, body);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            if (mayLead && LedCall.TryLeave(this, operation))
            {
                _led++;
            }
            else
            {
                Enqueue(operation);
            }
        }

        return operation.Task;
    }

    /// <summary>One call less is led: the threads that waited for the last one before their end go on.</summary>
    private void EndLed()
    {
        if (--_led == 0 && _stopping)
        {
            Monitor.PulseAll(_gate);
        }
    }

    private void Enqueue(IoOperation operation)
    {
        _queue.Enqueue(operation);
        if (_idle > 0)
        {
            Monitor.Pulse(_gate);
        }
    }

    private void Run()
    {
        ThreadPolicy.RunAtOnce();
        _isDiskThread = true;
        while (true)
        {
            IoOperation? operation;
            lock (_gate)
            {
                while (!_queue.TryDequeue(out operation))
                {
                    if (_stopping && _led == 0)
                    {
                        return;
                    }

                    _idle++;
                    Monitor.Wait(_gate);
                    _idle--;
                }
            }

            operation.Execute();
            while (LedCall.Take() is { } led)
            {
                led.Threads.Lead(led.Operation);
            }
        }
    }
}
