using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.Faults;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>What the clients of a store do about its failures: those that the faults of the run explain are lived with, all others break a promise.</summary>
/// <param name="world">The world.</param>
/// <param name="machine">Where the store lives.</param>
/// <param name="plan">What may go wrong.</param>
/// <typeparam name="TStore">What lives there.</typeparam>
internal sealed class StoreTroubles<TStore>(SimWorld world, StoreMachine<TStore> machine, FaultPlan plan)
    where TStore : class
{
    private static readonly TimeSpan Rest = TimeSpan.FromMicroseconds(500);

    /// <summary>True once the disk is healthy and has room again: from then on nothing may fail.</summary>
    internal bool AreOver { get; set; }

    /// <summary>Whether background work may stand still, for a while or until the store is opened again.</summary>
    internal bool MayStop => !AreOver && plan.FillCountMax + plan.ReadFailsPerMillion > 0;

    /// <summary>Lets a client do something with the store of now. A crash ends it early and is waited for.</summary>
    /// <returns>False when it was not done.</returns>
    internal async Task<bool> TryAsync(string what, bool restartsInOrder, Func<TStore, ValueTask> body)
    {
        while (machine.Store is null)
        {
            await world.Clock.DelayAsync(Rest);
        }

        TStore store = machine.Store;
        try
        {
            return await machine.CallAsync(
                async store =>
                {
                    await body(store);
                    return true;
                },
                what);
        }
        catch (SimNodeCrashedException)
        {
            return false;
        }
        catch (StorageException failure) when (failure.Error == StorageError.Poisoned && IsExplained(failure))
        {
            await machine.RestartAsync(store, restartsInOrder);
        }
        catch (StorageException failure) when (IsExplained(failure))
        {
            await world.Clock.DelayAsync(Rest);
        }
        catch (StorageException failure)
        {
            throw new PromiseBrokenException("serves", $"{what}, and nothing that goes wrong in this run explains: {failure}");
        }

        return false;
    }

    /// <summary>Whether what goes wrong in this run explains a failure.</summary>
    internal bool IsExplained(StorageException failure) => !AreOver && failure.Error switch
    {
        StorageError.Full => plan.FillCountMax > 0,
        StorageError.Poisoned => plan.WriteFailsPerMillion + plan.SyncFailsPerMillion + plan.ReadFailsPerMillion > 0,
        StorageError.ReadFailed => plan.ReadFailsPerMillion > 0 || FaultAtlas.Expect(plan) == FaultExpectation.NeverWrong,
        StorageError.Corrupt => FaultAtlas.Expect(plan) == FaultExpectation.NeverWrong,
        _ => false,
    };
}
