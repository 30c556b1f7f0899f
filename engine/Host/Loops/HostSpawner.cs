using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Host;

/// <summary>Loops on threads of their own; disposing ends them all.</summary>
/// <param name="escaped">Called with an exception that left posted work or a spawned body; null ends the process.</param>
public sealed class HostSpawner(Action<string, Exception>? escaped = null) : ISpawner, IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<HostLoop> _loops = [];
    private volatile bool _stopping;
    private readonly Action<string, Exception> _escaped = escaped ?? ProcessFailure.End;

    /// <inheritdoc/>
    public ILoop CreateLoop(string name)
    {
        var loop = new HostLoop(name, _escaped);
        lock (_gate)
        {
            _loops.Add(loop);
        }

        return loop;
    }

    /// <inheritdoc/>
    public void Spawn(ILoop loop, string name, Func<Task> body)
    {
        ArgumentNullException.ThrowIfNull(loop);
        ArgumentNullException.ThrowIfNull(body);
        loop.Post(static state => ((Body)state!).Start(), new Body(this, name, body));
    }

    /// <summary>Says that the node is being closed: background work caught half-way may from now on meet a closed file, which is no bug.</summary>
    public void BeginStop() => _stopping = true;

    /// <summary>Ends the loops in the reverse order of their creation.</summary>
    public void Dispose()
    {
        List<HostLoop> loops;
        lock (_gate)
        {
            loops = [.. _loops];
            _loops.Clear();
        }

        for (int index = loops.Count - 1; index >= 0; index--)
        {
            loops[index].Dispose();
        }
    }

    private sealed class Body(HostSpawner spawner, string name, Func<Task> body)
    {
        internal async void Start()
        {
            try
            {
                await body();
            }
            catch (OperationCanceledException)
            {
                // The end that background work is meant to have.
            }
            catch (ObjectDisposedException) when (spawner._stopping)
            {
                // What it was doing is as good as not begun, as after a crash.
            }
            catch (Exception failure)
            {
                spawner._escaped($"background work {name}", failure);
            }
        }
    }
}
