using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>A simulated machine with a store on its disk, through all its lives: storage without the rest of the engine.</summary>
/// <param name="world">The world.</param>
/// <param name="machine">Where the store lives.</param>
/// <param name="open">Opens the store and checks what it recovered, on the store's loop; nobody else calls it before that is done.</param>
/// <param name="close">Closes it in order, on its loop.</param>
/// <param name="mayRefuse">Whether faults that are there now explain a store that does not open.</param>
/// <typeparam name="TStore">What is opened.</typeparam>
internal sealed class StoreMachine<TStore>(
    SimWorld world, SimNode machine, Func<NodeEnvironment, ILoop, ValueTask<TStore>> open, Func<TStore, ValueTask> close, Func<StorageException, bool> mayRefuse)
    where TStore : class
{
    private const int StartCountMax = 50;

    /// <summary>Far longer than anything of the store takes, by virtual time.</summary>
    private static readonly TimeSpan CallMax = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Poll = TimeSpan.FromMicroseconds(200);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(5);

    private TStore? _store;
    private ILoop? _loop;
    private bool _isClosing;
    private int _callCount;

    /// <summary>The machine.</summary>
    internal SimNode Machine => machine;

    /// <summary>The store of the present life; null while there is none, or it is being closed.</summary>
    internal TStore? Store => machine.IsUp && !_isClosing ? _store : null;

    /// <summary>Starts a life and ends when the store is open. A crash on the way starts it anew; so does a failure that a sick disk explains, up to a limit.</summary>
    internal async Task StartAsync()
    {
        int starts = 0;
        while (Store is null)
        {
            if (machine.IsUp)
            {
                // Somebody else starts or closes it.
                await world.Clock.DelayAsync(Poll);
            }
            else if (await StartOnceAsync() is { } refusal && ++starts == StartCountMax)
            {
                throw refusal;
            }
        }
    }

    private async Task<StorageException?> StartOnceAsync()
    {
        (_store, _isClosing) = (null, false);
        try
        {
            await machine.Start(async environment =>
            {
                ILoop loop = environment.Spawner.CreateLoop("store");
                TStore opened = await WithinAsync(
                    loop.CallAsync(static call => call.open(call.environment, call.loop), (open, environment, loop)), "recovers", "the store opens");
                (_store, _loop) = (opened, loop);
                return true;
            });
        }
        catch (SimNodeCrashedException)
        {
            // Whoever crashed it starts it again; should that be nobody, the next round does.
        }
        catch (StorageException damage) when (mayRefuse(damage))
        {
            world.Trace.Emit(TraceLevel.Warning, "run", "start-failed", ("error", damage.Message));
            machine.Crash();
            await world.Clock.DelayAsync(Poll);
            return damage;
        }
        catch (StorageException damage)
        {
            throw new PromiseBrokenException("recovers", $"the store does not open on a healthy disk: {damage}");
        }

        return null;
    }

    /// <summary>Closes the store in order and ends the life.</summary>
    /// <returns>The names of all files.</returns>
    /// <exception cref="PromiseBrokenException">Files are open still: <c>no-leak</c>.</exception>
    internal async Task<IReadOnlyList<string>> StopAsync()
    {
        await CloseAsync();
        (IReadOnlyList<string> open, IReadOnlyList<string> names) = (machine.Disk.OpenFiles, machine.Disk.Names);
        Crash();
        return open.Count == 0 ? names : throw new PromiseBrokenException("no-leak", $"the store is closed, and these files are open: {string.Join(' ', open)}");
    }

    /// <summary>Waits until nothing is left over.</summary>
    /// <param name="max">How long.</param>
    /// <param name="promise">What is broken when something still is then.</param>
    /// <param name="since">For the message.</param>
    /// <param name="look">What is left over, or null.</param>
    internal Task UntilAsync(TimeSpan max, string promise, string since, Func<TStore, ValueTask<string?>> look) =>
        Patience.UntilAsync(world, LookInterval, max, promise, since, () => CallAsync(look, "what is left is looked at"));

    /// <summary>Ends the life as a loss of power does.</summary>
    internal void Crash()
    {
        _store = null;
        machine.Crash();
    }

    /// <summary>Ends a store, in order or not, and opens it again.</summary>
    /// <param name="meant">The store; when another life has begun meanwhile, that one goes on.</param>
    /// <param name="inOrder">Whether it is closed before.</param>
    internal async Task RestartAsync(TStore meant, bool inOrder)
    {
        try
        {
            if (inOrder && Store == meant)
            {
                await CloseAsync();
            }

            if (_store == meant && (inOrder || !_isClosing))
            {
                Crash();
            }
        }
        catch (SimNodeCrashedException)
        {
            // Power was lost on the way.
        }

        await StartAsync();
    }

    /// <summary>Runs a body on the store's loop and brings the result back. A body that does not end breaks <c>progress</c>.</summary>
    /// <exception cref="SimNodeCrashedException">There is no store, or it went away.</exception>
    internal async Task<T> CallAsync<T>(Func<TStore, ValueTask<T>> body, string what)
    {
        TStore store = Store ?? throw new SimNodeCrashedException(machine.Name);
        _callCount++;
        try
        {
            return await OnLoopAsync(store, body, what);
        }
        finally
        {
            _callCount--;
        }
    }

    /// <summary>Lets those end who use the store, as a server does that stops, and closes it.</summary>
    private async Task CloseAsync()
    {
        TStore store = _store!;
        _isClosing = true;
        while (_callCount > 0)
        {
            await world.Clock.DelayAsync(Poll);
        }

        if (_store != store)
        {
            throw new SimNodeCrashedException(machine.Name);
        }

        await OnLoopAsync(
            store,
            async open =>
            {
                await close(open);
                return true;
            },
            "the store closes");
    }

    private Task<T> OnLoopAsync<T>(TStore store, Func<TStore, ValueTask<T>> body, string what) =>
        WithinAsync(machine.CallAsync(() => _loop!.CallAsync(static call => call.body(call.store), (body, store))), "progress", what);

    private async Task<T> WithinAsync<T>(Task<T> call, string promise, string what)
    {
        if (!await Patience.EndsAsync(world, call, CallMax))
        {
            throw new PromiseBrokenException(promise, $"{CallMax}, and this has not ended: {what}");
        }

        return await call;
    }
}
