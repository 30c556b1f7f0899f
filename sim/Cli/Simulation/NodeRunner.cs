using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Node;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>The engine's own <see cref="StorageNode"/> in a simulated machine, through all its lives.</summary>
internal sealed class NodeRunner(SimWorld world, SimNode machine, NodeOptions options) : ISimServer
{
    private const int StartCountMax = 50;
    private StorageNode? _node;

    /// <inheritdoc/>
    public string Name => machine.Name;

    /// <summary>The machine.</summary>
    internal SimNode Machine => machine;

    /// <inheritdoc/>
    public IS3Gateway? Gateway => machine.IsUp ? _node?.Gateway : null;

    /// <summary>The node of the present life; null while it is down.</summary>
    internal StorageNode? Node => machine.IsUp ? _node : null;

    /// <summary>Files that were still open when the node had stopped in order.</summary>
    internal IReadOnlyList<string> OpenFilesAtStop { get; private set; } = [];

    /// <summary>True while disk faults may make a start fail.</summary>
    internal bool MayFailToStart { get; set; }

    /// <summary>Starts the node and ends when it serves. A crash on the way starts it anew; so does a failure that a sick disk explains, up to a limit.</summary>
    internal async Task StartAsync()
    {
        StorageException? refusal = null;
        for (int start = 0; start < StartCountMax; start++)
        {
            if (!machine.IsUp)
            {
                _node = null;
                try
                {
                    _node = await machine.Start(environment => StorageNode.StartAsync(environment, options));
                    return;
                }
                catch (SimNodeCrashedException)
                {
                    // Whoever crashed it starts it again; should that be nobody, the next round does.
                }
                catch (StorageException damage) when (MayFailToStart)
                {
                    world.Trace.Emit(TraceLevel.Warning, "run", "start-failed", ("error", damage.Message));
                    refusal = damage;
                    machine.Crash();
                }
                catch (StorageException damage)
                {
                    throw new PromiseBrokenException("recovers", $"the node does not start on a healthy disk: {damage}");
                }
            }

            await world.Clock.DelayAsync(TimeSpan.FromMilliseconds(1));
            if (Gateway is not null)
            {
                return;
            }
        }

        if (refusal is not null)
        {
            throw refusal;
        }

        throw new PromiseBrokenException("recovers", $"the node does not serve after {StartCountMax} starts");
    }

    /// <summary>Stops the node in order and ends the life of its machine.</summary>
    internal async Task StopAsync()
    {
        StorageNode node = _node ?? throw new InvalidOperationException("the node is not up");
        await machine.CallAsync(async () =>
        {
            await node.StopAsync();
            return true;
        });
        _node = null;
        OpenFilesAtStop = machine.Disk.OpenFiles;
        world.Trace.Emit(TraceLevel.Info, "node", "stop", ("node", machine.Name));
        machine.Crash();
    }

    /// <inheritdoc/>
    public Task<T> CallAsync<T>(Func<IS3Gateway, Task<T>> call)
    {
        IS3Gateway gateway = Gateway ?? throw new InvalidOperationException("the node does not serve");
        return machine.CallAsync(() => call(gateway));
    }
}
