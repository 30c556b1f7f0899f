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
    private static bool _isCurrent;

    private readonly object _gate = new();
    private readonly Queue<IoOperation> _queue = new();
    private readonly Thread[] _threads;
    private int _idle;
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

    /// <summary>True on these threads: between two calls they have time for what follows the last.</summary>
    internal static bool IsCurrent => _isCurrent;

    internal ValueTask<TResult> RunAsync<TState, TResult>(TState state, Func<TState, TResult> body)
    {
        var operation = new IoOperation<TState, TResult>(state, body);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            _queue.Enqueue(operation);
            if (_idle > 0)
            {
                Monitor.Pulse(_gate);
            }
        }

        return operation.Task;
    }

    /// <summary>Finishes what is queued, then ends the threads.</summary>
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

    private void Run()
    {
        _isCurrent = true;
        while (true)
        {
            IoOperation? operation;
            lock (_gate)
            {
                while (!_queue.TryDequeue(out operation))
                {
                    if (_stopping)
                    {
                        return;
                    }

                    _idle++;
                    Monitor.Wait(_gate);
                    _idle--;
                }
            }

            operation.Execute();
        }
    }
}
