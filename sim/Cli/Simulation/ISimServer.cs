using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Gateway;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>A simulated machine that may serve S3 now.</summary>
internal interface ISimServer
{
    /// <summary>Of the machine.</summary>
    string Name { get; }

    /// <summary>The gateway of the present life once it serves, else null.</summary>
    IS3Gateway? Gateway { get; }

    /// <summary>Calls the gateway on the machine's main loop.</summary>
    /// <exception cref="World.SimNodeCrashedException">The machine lost power meanwhile.</exception>
    Task<T> CallAsync<T>(Func<IS3Gateway, Task<T>> call);
}
