using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Sim.World;

/// <summary>The node died before it answered. Whether what was asked has happened is unknown.</summary>
public sealed class SimNodeCrashedException(string node) : Exception($"node '{node}' crashed")
{
    /// <summary>Which node.</summary>
    public string Node { get; } = node;
}

/// <summary>One simulated machine with its disks: it is started, crashes at any moment, and starts again over what they kept.</summary>
/// <remarks>
/// Invariant: nothing of an ended life runs, is written or is sent. Its loops drop their work, its timers and I/O do not happen, and whoever outside
/// waits for an answer of it gets <see cref="SimNodeCrashedException"/>.
/// </remarks>
public sealed class SimNode
{
    private readonly SimWorld _world;
    private readonly SimDiskOptions _diskOptions;
    private readonly SimDisk[] _disks;
    private readonly SimTrace _trace;
    private readonly SortedDictionary<long, IPendingCall> _calls = [];
    private SimSpawner? _spawner;
    private SimLife? _life;
    private SimLoop? _mainLoop;
    private long _callCount;

    internal SimNode(SimWorld world, string name, SimDiskOptions diskOptions, int diskCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(diskCount, 1);
        (_world, Name, _diskOptions) = (world, name, diskOptions);
        _trace = new SimTrace(world, name);
        _disks = new SimDisk[diskCount];
        for (int disk = 0; disk < diskCount; disk++)
        {
            _disks[disk] = new SimDisk(world, diskOptions, DiskName(disk));
        }

        Clock = new SimClock(world, life: null);
    }

    private interface IPendingCall
    {
        void Abandon(SimNodeCrashedException crash);
    }

    /// <summary>Unique in the world.</summary>
    public string Name { get; }

    /// <summary>Its first disk now; another object after each crash.</summary>
    public SimDisk Disk => _disks[0];

    /// <summary>All its disks now.</summary>
    public IReadOnlyList<SimDisk> Disks => _disks;

    /// <summary>Its clock; drift and wall jumps outlive a crash.</summary>
    public SimClock Clock { get; private set; }

    /// <summary>True from a start to the crash after it.</summary>
    public bool IsUp => _life is { Ended: false };

    /// <summary>True between <see cref="Pause"/> and <see cref="Resume"/>.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>Starts so far.</summary>
    public int StartCount { get; private set; }

    /// <summary>Builds the node over its first disk. Called from the test loop, or before the world runs.</summary>
    /// <param name="build">Runs on the node's main loop; what it returns is the caller's handle on the node.</param>
    /// <returns>What the build returned or threw; <see cref="SimNodeCrashedException"/> when the node crashed before that.</returns>
    public Task<T> Start<T>(Func<NodeEnvironment, Task<T>> build)
    {
        ArgumentNullException.ThrowIfNull(build);
        return Start((environment, _) => build(environment));
    }

    /// <summary>As <see cref="Start{T}(Func{NodeEnvironment, Task{T}})"/>, over all its disks: the environment has the first one.</summary>
    public Task<T> Start<T>(Func<NodeEnvironment, IReadOnlyList<IDisk>, Task<T>> build)
    {
        ArgumentNullException.ThrowIfNull(build);
        if (IsUp)
        {
            throw new InvalidOperationException($"node '{Name}' is up");
        }

        StartCount++;
        _life = new SimLife($"{Name}.{StartCount}");
        _spawner = new SimSpawner(_world, _life, Name);
        _mainLoop = (SimLoop)_spawner.CreateLoop("main");
        foreach (SimDisk disk in _disks)
        {
            disk.Life = _life;
        }

        Clock = new SimClock(_world, _life) { WallOffset = Clock.WallOffset, DriftPerMillion = Clock.DriftPerMillion };
        _world.Trace.Emit(TraceLevel.Info, "node", "start", ("node", Name), ("start", StartCount));
        var environment = new NodeEnvironment(
            Clock,
            _world.Network.Attach(new NodeId(Name), _life),
            Disk,
            _world.Entropy.Fork(_life.Name),
            _spawner,
            _trace,
            _world.Rare);
        IDisk[] disks = [.. _disks];
        return CallAsync(() => build(environment, disks));
    }

    /// <summary>Runs <paramref name="body"/> on the node's main loop and brings the result back to the caller's loop.</summary>
    public Task<T> CallAsync<T>(Func<Task<T>> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        if (!IsUp)
        {
            return Task.FromException<T>(new SimNodeCrashedException(Name));
        }

        var call = new Call<T>(this, _callCount++, body);
        _calls.Add(call.Number, call);
        _mainLoop!.Enqueue(new Action<object?>(static state => ((Call<T>)state!).Begin()), call);
        return call.Task;
    }

    /// <summary>Power loss: everything of this life ends now, and the disk keeps what a crash keeps.</summary>
    public void Crash(CrashStyle style = CrashStyle.Drawn)
    {
        if (!IsUp)
        {
            return;
        }

        _life!.Ended = true;
        foreach (SimLoop loop in _spawner!.Loops)
        {
            loop.Clear();
        }

        IsPaused = false;
        for (int disk = 0; disk < _disks.Length; disk++)
        {
            int pending = _disks[disk].PendingCount;
            SimDisk before = _disks[disk];
            _disks[disk] = before.Crash(_world.Choices, style);
            _world.Observer?.DiskCrashed(Name, _world.Now, DiskCrashReport.Of(before, _disks[disk]));
            _world.Trace.Emit(
                TraceLevel.Info,
                "node",
                "crash",
                ("node", Name),
                ("pending", pending),
                ("disk", unchecked((long)_disks[disk].ContentHash())),
                ("number", disk));
        }

        var calls = new List<IPendingCall>(_calls.Values);
        _calls.Clear();
        var crash = new SimNodeCrashedException(Name);
        foreach (IPendingCall call in calls)
        {
            call.Abandon(crash);
        }
    }

    /// <summary>Stops all its loops; time, network and disk go on, as under a stopped virtual machine or a long collection.</summary>
    public void Pause() => SetPaused(true);

    /// <summary>Goes on after <see cref="Pause"/>.</summary>
    public void Resume() => SetPaused(false);

    /// <summary>Replaces a disk by an empty one. Only while the node is down.</summary>
    public void WipeDisk(int disk = 0)
    {
        if (IsUp)
        {
            throw new InvalidOperationException($"node '{Name}' is up");
        }

        _disks[disk] = new SimDisk(_world, _diskOptions, DiskName(disk));
        _world.Trace.Emit(TraceLevel.Info, "node", "wipe", ("node", Name), ("number", disk));
    }

    private string DiskName(int disk) => disk == 0 ? Name : $"{Name}/{disk}";

    private void SetPaused(bool paused)
    {
        if (!IsUp || IsPaused == paused)
        {
            return;
        }

        IsPaused = paused;
        _spawner!.SetPaused(paused);
    }

    private sealed class Call<T>(SimNode node, long number, Func<Task<T>> body)
        : TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously), IPendingCall
    {
        internal long Number => number;

        public void Abandon(SimNodeCrashedException crash) => TrySetException(crash);

        internal async void Begin()
        {
            try
            {
                TrySetResult(await body());
            }
            catch (OperationCanceledException cancelled)
            {
                TrySetCanceled(cancelled.CancellationToken);
            }
            catch (Exception failure)
            {
                TrySetException(failure);
            }

            node._calls.Remove(number);
        }
    }
}
