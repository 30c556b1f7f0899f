using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Sim.World;

/// <summary>Loops and background work of one life of a node.</summary>
public sealed class SimSpawner : ISpawner
{
    private readonly SimWorld _world;
    private readonly SimLife _life;
    private readonly string _node;
    private readonly List<SimLoop> _loops = [];
    private bool _paused;

    internal SimSpawner(SimWorld world, SimLife life, string node) => (_world, _life, _node) = (world, life, node);

    /// <summary>The loops made so far, oldest first.</summary>
    internal IReadOnlyList<SimLoop> Loops => _loops;

    /// <inheritdoc/>
    public ILoop CreateLoop(string name)
    {
        SimLoop loop = _world.NewLoop(name, _life);
        loop.Paused = _paused;
        _loops.Add(loop);
        return loop;
    }

    internal void SetPaused(bool paused)
    {
        _paused = paused;
        foreach (SimLoop loop in _loops)
        {
            loop.SetPaused(paused);
        }
    }

    /// <inheritdoc/>
    public void Spawn(ILoop loop, string name, Func<Task> body)
    {
        ArgumentNullException.ThrowIfNull(loop);
        ArgumentNullException.ThrowIfNull(body);
        loop.Post(_ => _world.Watch($"{_node}/{name}", GuardAsync(name, body)), state: null);
    }

    private async Task GuardAsync(string name, Func<Task> body)
    {
        try
        {
            await body();
        }
        catch (OperationCanceledException)
        {
            // The usual end of background work.
        }
        catch (Exception failure)
        {
            _world.Fail(new InvalidOperationException($"background work '{name}' of node '{_node}' ended with {failure.GetType().Name}: {failure.Message}", failure));
        }
    }
}
