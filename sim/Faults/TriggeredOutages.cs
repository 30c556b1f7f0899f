using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Faults;

/// <summary>
/// Lets power fail just after something that the engine itself tells of, on the node that told it or on all: what is dangerous only between a promise and its write is met
/// far more often than by moments drawn from a clock.
/// </summary>
/// <remarks>Crashes at the points where shared state changes: Lu, Liu, Li et al., "CrashTuner: Detecting Crash-Recovery Bugs in Cloud Systems via Meta-Info Analysis", SOSP 2019.</remarks>
/// <param name="world">The world.</param>
/// <param name="nodes">All nodes.</param>
/// <param name="countMax">Outages at most; how many, is drawn.</param>
/// <param name="up">Starts a node if it is down.</param>
internal sealed class TriggeredOutages(SimWorld world, IReadOnlyList<RegionNode> nodes, int countMax, Func<RegionNode, Task> up)
{
    private const int Odds = 3;
    private static readonly TimeSpan DelayMax = TimeSpan.FromMilliseconds(3);
    private static readonly TimeSpan DarkMax = TimeSpan.FromMilliseconds(60);
    private readonly List<Task> _running = [];
    private readonly Queue<string> _pending = new();
    private TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isEnded;
    private int _begun;
    private int _left = world.Choices.Next(countMax + 1, "fault.triggered?");

    /// <summary>What may trigger an outage was told by a node. May be called from within the engine's own events: nothing fails before it has gone on.</summary>
    internal void Seen(string node)
    {
        if (_left > 0 && world.Choices.Next(Odds, "fault.triggered.now?") == Odds - 1)
        {
            _left--;
            _pending.Enqueue(node);
            _told.TrySetResult();
        }
    }

    /// <summary>Lets power fail whenever it was triggered, until <see cref="End"/>; then ends when all nodes that failed were started again.</summary>
    internal async Task RunAsync()
    {
        // Here and not where it was seen: that is a loop of a node, and ends with it.
        while (!_isEnded)
        {
            await _told.Task;
            _told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            while (_pending.TryDequeue(out string? node))
            {
                _running.Add(FailAsync(node, $"fault.triggered.{_begun++}"));
            }
        }

        await Task.WhenAll(_running);
    }

    /// <summary>No further outage begins.</summary>
    internal void End()
    {
        _left = 0;
        _isEnded = true;
        _told.TrySetResult();
    }

    private async Task FailAsync(string node, string what)
    {
        bool isWhole = world.Choices.Next(2, what + ".whole") == 1;
        await DrawnDelayAsync(DelayMax, what + ".after");
        world.Trace.Emit(TraceLevel.Info, "fault", "triggered-outage", ("node", isWhole ? "all" : node));
        RegionNode[] dark = [.. nodes.Where(one => isWhole || one.Machine.Name == node)];
        foreach (RegionNode one in dark)
        {
            one.Machine.Crash();
        }

        await Task.WhenAll(dark.Select(async one =>
        {
            await DrawnDelayAsync(DarkMax, $"{what}.{one.Machine.Name}.for");
            await up(one);
        }));
    }

    private ValueTask DrawnDelayAsync(TimeSpan max, string what) => world.Clock.DelayAsync(world.Choices.Microseconds(max, what));
}
