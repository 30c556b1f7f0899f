using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Faults;

/// <summary>Lets the faults of a plan happen to one node, at moments drawn from the choices.</summary>
/// <param name="world">The world.</param>
/// <param name="node">Who suffers.</param>
/// <param name="plan">What may happen.</param>
/// <param name="restart">Starts the node again and ends when it serves; called after a crash.</param>
public sealed class FaultDriver(SimWorld world, SimNode node, FaultPlan plan, Func<Task> restart)
{
    private const int DownMicrosecondsMax = 20_000;
    private const int DiskRequestsMax = 80;
    private const int FileWritesMax = 4;

    /// <summary>Runs the whole plan. Afterwards the node is up and the disk is healthy.</summary>
    public async Task RunAsync()
    {
        SickenDisk();
        Drift();
        var troubles = new List<Task>();
        Add(plan.FillCountMax, "fault.fill", FillAsync);
        Add(plan.WallJumpCountMax, "fault.wall-jump", JumpAsync);
        Add(plan.PauseCountMax, "fault.pause", PauseAsync);
        for (int crash = 0; crash < plan.CrashCountMax; crash++)
        {
            if (world.Choices.Next(2, "fault.crash?") != 0)
            {
                await CrashAsync($"fault.crash.{crash}");
            }
        }

        await Task.WhenAll(troubles);
        Heal();

        void Add(int countMax, string what, Func<string, Task> trouble)
        {
            for (int index = 0; index < countMax; index++)
            {
                if (world.Choices.Next(2, $"{what}?") != 0)
                {
                    troubles.Add(trouble($"{what}.{index}"));
                }
            }
        }
    }

    /// <summary>Takes every fault of the disk away and resumes the node. What was lost or damaged stays so, and the clock stays where it is.</summary>
    public void Heal()
    {
        node.Disk.Faults.Heal();
        node.Resume();
    }

    private async Task CrashAsync(string what)
    {
        switch (world.Choices.Next(2 + plan.CrashFiles.Count, what + ".by"))
        {
            case 0:
                await DrawnDelayAsync(what + ".at");
                break;
            case 1:
                await AfterDiskRequestsAsync(1 + world.Choices.Next(DiskRequestsMax, what + ".at-request"), static _ => true);
                break;
            case var by:
                string file = plan.CrashFiles[by - 2];
                await AfterDiskRequestsAsync(
                    1 + world.Choices.Next(FileWritesMax, what + ".at-write"),
                    request => request.Verb == DiskVerb.Write && request.Name.StartsWith(file, StringComparison.Ordinal));
                break;
        }

        if (node.IsUp)
        {
            world.Fault("crash", node.Name);
            node.Crash();
        }

        await world.Clock.DelayAsync(TimeSpan.FromMicroseconds(1 + world.Choices.Next(DownMicrosecondsMax, what + ".down")));
        await restart();
    }

    /// <summary>Ends right when the disk completes its n-th request of a kind from now, or when the window is over.</summary>
    private async Task AfterDiskRequestsAsync(int count, Func<DiskRequest, bool> counts)
    {
        var reached = new TaskCompletionSource();
        node.Disk.Faults.Inject = request =>
        {
            if (counts(request) && --count == 0)
            {
                world.Schedule(TimeSpan.Zero, () => reached.TrySetResult());
            }

            return default;
        };
        world.Schedule(plan.Window, () => reached.TrySetResult());
        await reached.Task;
        node.Disk.Faults.Inject = null;
    }

    private async Task FillAsync(string what)
    {
        await DrawnDelayAsync(what + ".at");
        world.Fault("disk-full", node.Disk.Name);
        node.Disk.Faults.ReservedBytes = node.Disk.Options.CapacityBytes;
        await DrawnDelayAsync(what + ".for");
        node.Disk.Faults.ReservedBytes = 0;
    }

    private async Task JumpAsync(string what)
    {
        const int SecondsMax = 600;
        await DrawnDelayAsync(what + ".at");
        int seconds = Signed(world.Choices.Next((2 * SecondsMax) + 1, what + ".by"));
        world.Fault("wall-jump", node.Name, new TraceField("seconds", seconds, Text: null));
        node.Clock.WallOffset = TimeSpan.FromSeconds(seconds);
    }

    private async Task PauseAsync(string what)
    {
        await DrawnDelayAsync(what + ".at");
        world.Fault("pause", node.Name);
        node.Pause();
        await DrawnDelayAsync(what + ".for");
        node.Resume();
    }

    private void Drift()
    {
        if (plan.DriftPerMillionMax > 0)
        {
            int drift = Signed(world.Choices.Next((2 * plan.DriftPerMillionMax) + 1, "fault.drift.by"));
            world.Fault("drift", node.Name, new TraceField("perMillion", drift, Text: null));
            node.Clock.DriftPerMillion = drift;
        }
    }

    /// <summary>0, 1, -1, 2, -2, …: a small answer is a small change either way.</summary>
    internal static int Signed(int answer) => answer % 2 == 0 ? -(answer / 2) : (answer + 1) / 2;

    private ValueTask DrawnDelayAsync(string what) =>
        world.Clock.DelayAsync(world.Choices.Microseconds(plan.Window, what));

    private void SickenDisk()
    {
        SimDiskFaults faults = node.Disk.Faults;
        faults.ReadFailsPerMillion = plan.ReadFailsPerMillion;
        faults.WriteFailsPerMillion = plan.WriteFailsPerMillion;
        faults.SyncFailsPerMillion = plan.SyncFailsPerMillion;
        faults.Spares = plan.Spares;
        faults.StallsPerMillion = plan.StallsPerMillion;
        faults.LatentErrorsPerMillion = plan.LatentErrorsPerMillion;
        faults.RotPerMillion = plan.RotPerMillion;
        faults.MisdirectedReadsPerMillion = plan.MisdirectedReadsPerMillion;
        faults.MisdirectedWritesPerMillion = plan.MisdirectedWritesPerMillion;
    }
}
