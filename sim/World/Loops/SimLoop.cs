using System;
using System.Threading;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Sim.World;

/// <summary>A loop of the simulated world. Its own synchronization context, so that what awaits on it continues on it, in the order posted.</summary>
public sealed class SimLoop : SynchronizationContext, ILoop
{
    private readonly SimWorld _world;
    private Item[] _ring = new Item[16];
    private int _head;

    internal SimLoop(SimWorld world, string name, SimLife? life, int id)
    {
        _world = world;
        Name = name;
        Life = life;
        Id = id;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public bool IsCurrent => ReferenceEquals(_world.Current, this) && _world.IsOnThread;

    /// <summary>The world that it lives in.</summary>
    internal SimWorld World => _world;

    internal SimLife? Life { get; }

    internal int Id { get; }

    internal int Count { get; private set; }

    /// <summary>Where it stands in the world's list of ready loops; -1 when it is not there.</summary>
    internal int ReadySlot { get; set; } = -1;

    internal bool Paused { get; set; }

    /// <inheritdoc/>
    public void Post(Action<object?> work, object? state)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (!_world.IsOnThread)
        {
            throw _world.Escaped($"posted to loop '{Name}'");
        }

        Enqueue(work, state);
    }

    /// <inheritdoc/>
    /// <remarks>From a foreign thread this is noted and the world stops; throwing here would end the process.</remarks>
    public override void Post(SendOrPostCallback d, object? state)
    {
        ArgumentNullException.ThrowIfNull(d);
        if (!_world.IsOnThread)
        {
            _world.Escaped($"continued on loop '{Name}'");
            return;
        }

        Enqueue(d, state);
    }

    /// <inheritdoc/>
    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("a loop takes posts only");

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;

    internal void Enqueue(Delegate work, object? state)
    {
        if (Life is { Ended: true })
        {
            return;
        }

        if (Count == _ring.Length)
        {
            Grow();
        }

        _ring[(_head + Count) & (_ring.Length - 1)] = new Item(work, state);
        if (Count++ == 0 && !Paused)
        {
            _world.AddReady(this);
        }
    }

    internal void RunNext()
    {
        Item item = _ring[_head];
        _ring[_head] = default;
        _head = (_head + 1) & (_ring.Length - 1);
        if (--Count == 0)
        {
            _world.RemoveReady(this);
        }

        if (item.Work is Action<object?> action)
        {
            action(item.State);
        }
        else
        {
            ((SendOrPostCallback)item.Work)(item.State);
        }
    }

    internal void SetPaused(bool paused)
    {
        Paused = paused;
        if (paused)
        {
            _world.RemoveReady(this);
        }
        else if (Count > 0 && ReadySlot < 0)
        {
            _world.AddReady(this);
        }
    }

    internal void Clear()
    {
        Array.Clear(_ring);
        (_head, Count) = (0, 0);
        _world.RemoveReady(this);
    }

    private void Grow()
    {
        var larger = new Item[_ring.Length * 2];
        for (int index = 0; index < Count; index++)
        {
            larger[index] = _ring[(_head + index) & (_ring.Length - 1)];
        }

        (_ring, _head) = (larger, 0);
    }

    private readonly record struct Item(Delegate Work, object? State);
}
