using System;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Sim.World;

/// <summary>The voice of one node in the trace of the world.</summary>
public sealed class SimTrace : ITrace
{
    private readonly SimWorld _world;
    private readonly string _node;

    internal SimTrace(SimWorld world, string node) => (_world, _node) = (world, node);

    /// <inheritdoc/>
    public bool IsEnabled(TraceLevel level) => level >= _world.Log.Lowest;

    /// <inheritdoc/>
    public void Emit(TraceLevel level, string area, string name, params ReadOnlySpan<TraceField> fields) =>
        _world.Log.Add(_world.Now, _world.Steps, _node, level, area, name, fields);
}
