using System;
using System.Collections.Generic;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Sim.Trace;

namespace ObjectStore.Sim.World;

/// <summary>A whole world on one thread in virtual time: loops that are ready, and events that are due at some moment.</summary>
/// <remarks>
/// One step runs one piece of work of one loop, or lets one event happen. Which one, of all that could, is asked of <see cref="Choices"/>;
/// within a loop it is first in, first out. Time moves on by <see cref="SimOptions.StepCost"/> a step, and to the next event when no loop is ready.
/// Invariant: a run is a function of the choices. Nothing here looks at real time, at an address or at a thread but to detect an escape.
/// </remarks>
public sealed partial class SimWorld
{
    private readonly EventQueue _events = new();
    private readonly List<SimEvent> _due = [];
    private readonly List<SimLoop> _ready = [];
    private readonly List<(string Name, Task Task)> _bodies = [];
    private readonly List<SimNode> _nodes = [];
    private readonly IStepChooser? _chooser;
    private readonly SimLoop _testLoop;
    private readonly long _stepCost;
    private int _threadId = Environment.CurrentManagedThreadId;
    private int _loopCount;
    private int _diskCount;
    private volatile SimEscapeException? _escape;
    private Exception? _failure;
    private long _now;

    /// <summary>An empty world.</summary>
    /// <param name="choices">Answers everything that is left open.</param>
    /// <param name="options">Null: the defaults.</param>
    public SimWorld(IChoices choices, SimOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(choices);
        Choices = choices;
        Options = options ?? new SimOptions();
        _stepCost = Options.StepCost.Ticks;
        Log = new TraceLog(Options.TraceKeptCount, Options.TraceLowest, Options.TraceJsonLines);
        if (Options.Observer is { } observer)
        {
            Log.Heard = observer.Traced;
        }

        Trace = new SimTrace(this, "world");
        Entropy = new SimEntropy(choices.Bits("world.entropy"));
        Clock = new SimClock(this, life: null);
        Network = new SimNetwork(this);
        Rare = new SimRare(choices, Options.RareActivePerMillion, Options.RareFiresPerMillion);
        _chooser = choices as IStepChooser;
        _testLoop = NewLoop("test", life: null);
    }

    /// <summary>Answers everything that is left open.</summary>
    public IChoices Choices { get; }

    /// <summary>What the world was made like.</summary>
    public SimOptions Options { get; }

    /// <summary>Virtual time since the start.</summary>
    public TimeSpan Now => new(_now);

    /// <summary>Steps so far.</summary>
    public long Steps { get; private set; }

    /// <summary>Everything that was said in this run, with its hash.</summary>
    public TraceLog Log { get; }

    /// <summary>The world's own voice in the trace.</summary>
    public SimTrace Trace { get; }

    /// <summary>The root of all randomness of contents; nodes get forks of it.</summary>
    public SimEntropy Entropy { get; }

    /// <summary>A clock without drift, for test bodies and for disks without a node.</summary>
    public SimClock Clock { get; }

    /// <summary>What lies between the nodes.</summary>
    public SimNetwork Network { get; }

    /// <summary>Who watches the run, for a page about it; null: nobody.</summary>
    public IRunObserver? Observer => Options.Observer;

    /// <summary>Rare-but-legal behaviour that this run switches on.</summary>
    public SimRare Rare { get; }

    /// <summary>The nodes, in the order made.</summary>
    public IReadOnlyList<SimNode> Nodes => _nodes;

    /// <summary>The loop of the test body.</summary>
    public SimLoop TestLoop => _testLoop;

    /// <summary>The hash of the whole run so far: equal for equal runs.</summary>
    public ulong Hash => Log.Hash;

    /// <summary>The loop whose work runs now; null between steps.</summary>
    internal SimLoop? Current { get; private set; }

    internal bool IsOnThread => Environment.CurrentManagedThreadId == _threadId;

    /// <summary>Runs a test body to its end and gives its result or throws what it threw.</summary>
    /// <exception cref="SimDeadlockException">Nothing is left to run before the body ended.</exception>
    /// <exception cref="SimLimitException">A limit of <see cref="Options"/> was passed.</exception>
    public T Run<T>(Func<Task<T>> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        Task<T>? running = null;
        _testLoop.Enqueue(new Action<object?>(_ => running = body()), state: null);
        Drive(() => running is { IsCompleted: true }, "the test body");
        return running!.GetAwaiter().GetResult();
    }

    /// <inheritdoc cref="Run{T}(Func{Task{T}})"/>
    public void Run(Func<Task> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        Run(async () =>
        {
            await body();
            return true;
        });
    }

    /// <summary>Runs until the condition holds; it is looked at after every step.</summary>
    /// <returns>False when a limit given here was reached, or nothing is left to run, before the condition held.</returns>
    public bool RunUntil(Func<bool> condition, TimeSpan? timeLimit = null, long? stepLimit = null)
    {
        ArgumentNullException.ThrowIfNull(condition);
        long lastTick = timeLimit is { } time ? _now + time.Ticks : long.MaxValue;
        long lastStep = stepLimit is { } steps ? Steps + steps : long.MaxValue;
        Enter();
        try
        {
            while (!condition())
            {
                if (Steps >= lastStep || !Step(lastTick))
                {
                    return false;
                }
            }

            return true;
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Runs everything that happens within the next <paramref name="time"/>, and leaves the clock there.</summary>
    public void RunFor(TimeSpan time)
    {
        long end = _now + time.Ticks;
        RunUntil(static () => false, time);
        _now = Math.Max(_now, end);
    }

    /// <summary>Lets something happen after a while.</summary>
    public void Schedule(TimeSpan after, SimEvent what)
    {
        ArgumentNullException.ThrowIfNull(what);
        _events.Add(_now + Math.Max(0, after.Ticks), what);
    }

    /// <summary>Lets something happen after a while, outside all loops.</summary>
    public void Schedule(TimeSpan after, Action what) => Schedule(after, new ActionEvent(what));

    /// <summary>A loop that belongs to no node, for tests of one component.</summary>
    public SimLoop CreateLoop(string name) => NewLoop(name, life: null);

    /// <summary>A disk that belongs to no node, for tests of one component.</summary>
    public SimDisk CreateDisk(SimDiskOptions? options = null) => new(this, options ?? Options.Disk, $"disk{_diskCount++}");

    /// <summary>A machine with empty disks.</summary>
    public SimNode CreateNode(string name, SimDiskOptions? disk = null, int diskCount = 1)
    {
        var node = new SimNode(this, name, disk ?? Options.Disk, diskCount);
        _nodes.Add(node);
        return node;
    }

    /// <summary>Everything that a component needs, without a node: for tests of one component over one disk.</summary>
    public NodeEnvironment CreateEnvironment(IDisk disk, string name = "solo")
    {
        var life = new SimLife(name);
        return new NodeEnvironment(
            Clock,
            Network.Attach(new NodeId(name), life),
            disk,
            Entropy.Fork(name),
            new SimSpawner(this, life, name),
            new SimTrace(this, name),
            Rare);
    }

    /// <summary>Says in the trace that something was made to go wrong, so that a campaign counts it by kind.</summary>
    /// <param name="kind">Short constant name, such as <c>crash</c>.</param>
    /// <param name="where">The node, disk or link that it happens to.</param>
    /// <param name="value">What else there is to say.</param>
    public void Fault(string kind, string where, TraceField? value = null)
    {
        if (value is { } more)
        {
            Trace.Emit(TraceLevel.Info, TraceLog.FaultArea, kind, ("at", where), more);
        }
        else
        {
            Trace.Emit(TraceLevel.Info, TraceLog.FaultArea, kind, ("at", where));
        }
    }

    /// <summary>A small hash of who could run now and how far the run is, for strategies that learn.</summary>
    public int StateHash()
    {
        var hash = default(TraceHash);
        foreach (SimLoop loop in _ready)
        {
            hash.Add((loop.Id * 16) + Math.Min(loop.Count, 15));
        }

        hash.Add(_due.Count);
        hash.Add(Log.EventCount);
        return unchecked((int)hash.Value);
    }

    internal SimLoop NewLoop(string name, SimLife? life) => new(this, name, life, _loopCount++);

    /// <summary>Notes the first bug; the run stops with it after the present step.</summary>
    internal void Fail(Exception failure) => _failure ??= failure;

    internal void Watch(string name, Task body)
    {
        _bodies.RemoveAll(static known => known.Task.IsCompleted);
        _bodies.Add((name, body));
    }

    internal void AddReady(SimLoop loop)
    {
        loop.ReadySlot = _ready.Count;
        _ready.Add(loop);
    }

    internal void RemoveReady(SimLoop loop)
    {
        if (loop.ReadySlot < 0)
        {
            return;
        }

        SimLoop last = _ready[^1];
        _ready[loop.ReadySlot] = last;
        last.ReadySlot = loop.ReadySlot;
        _ready.RemoveAt(_ready.Count - 1);
        loop.ReadySlot = -1;
    }

    internal SimEscapeException Escaped(string what)
    {
        var escape = new SimEscapeException(
            $"thread {Environment.CurrentManagedThreadId} {what}, but the world runs on thread {_threadId}: something left the loop\n{Environment.StackTrace}");
        _escape ??= escape;
        return escape;
    }

    private void Drive(Func<bool> finished, string what)
    {
        Enter();
        try
        {
            while (!finished())
            {
                if (Steps >= Options.StepLimit)
                {
                    throw new SimLimitException($"{Steps} steps and {what} has not ended at {Now}\n{Waiting()}");
                }

                if (!Step(Options.TimeLimit.Ticks))
                {
                    throw _now >= Options.TimeLimit.Ticks || _events.Count > 0
                        ? new SimLimitException($"virtual time {Now} and {what} has not ended after {Steps} steps\n{Waiting()}")
                        : new SimDeadlockException($"nothing is left to run at {Now} after {Steps} steps and {what} has not ended\n{Waiting()}");
                }
            }
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Does one thing; false when nothing can be done before <paramref name="lastTick"/>.</summary>
    private bool Step(long lastTick)
    {
        if (_escape is not null)
        {
            throw _escape;
        }

        CollectDue();
        int candidates = _ready.Count + _due.Count;
        if (candidates == 0)
        {
            if (_events.Count == 0 || _events.FirstAt > lastTick)
            {
                return false;
            }

            _now = _events.FirstAt;
            CollectDue();
            candidates = _due.Count;
        }
        else if (_now > lastTick)
        {
            return false;
        }

        int chosen = candidates == 1 ? 0 : _chooser is null ? Choices.Next(candidates, "step") : ChooseStep(_chooser, candidates);
        Steps++;
        _now += _stepCost;
        if (chosen < _ready.Count)
        {
            RunLoop(_ready[chosen]);
        }
        else
        {
            int slot = chosen - _ready.Count;
            SimEvent what = _due[slot];
            _due[slot] = _due[^1];
            _due.RemoveAt(_due.Count - 1);
            Log.Fold(unchecked((ulong)_now));
            if (what.IsDue)
            {
                what.Fire();
            }
        }

        if (_failure is not null)
        {
            throw new AggregateException("a bug showed itself in the run", _failure);
        }

        return true;
    }

    private int ChooseStep(IStepChooser chooser, int candidates)
    {
        Span<int> ids = candidates <= 128 ? stackalloc int[candidates] : new int[candidates];
        for (int index = 0; index < candidates; index++)
        {
            ids[index] = index < _ready.Count ? _ready[index].Id : -1;
        }

        return chooser.NextStep(ids);
    }

    private void RunLoop(SimLoop loop)
    {
        Log.Fold(unchecked(((ulong)_now << 8) ^ (ulong)loop.Id));
        Current = loop;
        SynchronizationContext.SetSynchronizationContext(loop);
        try
        {
            loop.RunNext();
        }
        finally
        {
            Current = null;
            SynchronizationContext.SetSynchronizationContext(null);
        }
    }

    private void CollectDue()
    {
        while (_events.Count > 0)
        {
            if (!_events.First.IsDue)
            {
                _events.Take();
            }
            else if (_events.FirstAt <= _now)
            {
                _due.Add(_events.Take());
            }
            else
            {
                return;
            }
        }
    }

    private void Enter()
    {
        if (Current is not null)
        {
            throw new InvalidOperationException("the world is running already");
        }

        _threadId = Environment.CurrentManagedThreadId;
    }

    private static void Leave() => SynchronizationContext.SetSynchronizationContext(null);

    private string Waiting()
    {
        var waiting = new StringBuilder();
        foreach ((string name, Task task) in _bodies)
        {
            if (!task.IsCompleted)
            {
                waiting.Append("  still running: ").AppendLine(name);
            }
        }

        foreach (SimEvent what in _events.All())
        {
            waiting.Append("  to happen: ").AppendLine(what.ToString());
        }

        waiting.AppendLine("  last events:");
        foreach (TraceEvent happened in Log.Last())
        {
            waiting.Append("    ").AppendLine(happened.ToString());
        }

        return waiting.ToString();
    }

    private sealed class ActionEvent(Action what) : SimEvent
    {
        protected internal override void Fire() => what();
    }
}
