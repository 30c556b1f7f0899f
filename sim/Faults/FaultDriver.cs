using System;
using System.Collections.Generic;
using System.Threading.Tasks;
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

    /// <summary>Runs the whole plan. Afterwards the node is up and the disk is healthy.</summary>
    public async Task RunAsync()
    {
        SickenDisk();
        if (plan.DriftPerMillionMax > 0)
        {
            node.Clock.DriftPerMillion = world.Choices.Between(-plan.DriftPerMillionMax, plan.DriftPerMillionMax, "fault.drift");
        }

        var troubles = new List<Task>();
        Add(plan.FillCountMax, "fault.fills", FillAsync);
        Add(plan.WallJumpCountMax, "fault.wall-jumps", JumpAsync);
        Add(plan.PauseCountMax, "fault.pauses", PauseAsync);
        int crashes = plan.CrashCountMax == 0 ? 0 : world.Choices.Next(plan.CrashCountMax + 1, "fault.crashes");
        for (int crash = 0; crash < crashes; crash++)
        {
            await CrashAsync();
        }

        await Task.WhenAll(troubles);
        Heal();

        void Add(int countMax, string what, Func<Task> trouble)
        {
            int count = countMax == 0 ? 0 : world.Choices.Next(countMax + 1, what);
            for (int index = 0; index < count; index++)
            {
                troubles.Add(trouble());
            }
        }
    }

    /// <summary>Takes every fault of the disk away and resumes the node. What was lost or damaged stays so, and the clock stays where it is.</summary>
    public void Heal()
    {
        node.Disk.Faults.Heal();
        node.Resume();
    }

    private async Task CrashAsync()
    {
        if (world.Choices.Next(2, "fault.crash-by") == 0)
        {
            await DrawnDelayAsync("fault.crash-at");
        }
        else
        {
            await AfterDiskRequestsAsync(1 + world.Choices.Next(DiskRequestsMax, "fault.crash-at-request"));
        }

        node.Crash();
        await world.Clock.DelayAsync(TimeSpan.FromMicroseconds(1 + world.Choices.Next(DownMicrosecondsMax, "fault.down")));
        await restart();
    }

    /// <summary>Ends right when the disk completes its n-th request from now, or when the window is over.</summary>
    private async Task AfterDiskRequestsAsync(int count)
    {
        var reached = new TaskCompletionSource();
        node.Disk.Faults.Inject = _ =>
        {
            if (--count == 0)
            {
                world.Schedule(TimeSpan.Zero, () => reached.TrySetResult());
            }

            return default;
        };
        world.Schedule(plan.Window, () => reached.TrySetResult());
        await reached.Task;
        node.Disk.Faults.Inject = null;
    }

    private async Task FillAsync()
    {
        await DrawnDelayAsync("fault.fill-at");
        node.Disk.Faults.ReservedBytes = node.Disk.Options.CapacityBytes;
        await DrawnDelayAsync("fault.fill-for");
        node.Disk.Faults.ReservedBytes = 0;
    }

    private async Task JumpAsync()
    {
        const int SecondsMax = 600;
        await DrawnDelayAsync("fault.jump-at");
        node.Clock.WallOffset = TimeSpan.FromSeconds(world.Choices.Next((2 * SecondsMax) + 1, "fault.jump") - SecondsMax);
    }

    private async Task PauseAsync()
    {
        await DrawnDelayAsync("fault.pause-at");
        node.Pause();
        await DrawnDelayAsync("fault.pause-for");
        node.Resume();
    }

    private ValueTask DrawnDelayAsync(string what) =>
        world.Clock.DelayAsync(TimeSpan.FromMicroseconds(1 + world.Choices.Next((int)plan.Window.TotalMicroseconds, what)));

    private void SickenDisk()
    {
        SimDiskFaults faults = node.Disk.Faults;
        faults.ReadFailsPerMillion = plan.ReadFailsPerMillion;
        faults.WriteFailsPerMillion = plan.WriteFailsPerMillion;
        faults.SyncFailsPerMillion = plan.SyncFailsPerMillion;
        faults.Spares = FaultAtlas.Spares;
        faults.StallsPerMillion = plan.StallsPerMillion;
        faults.LatentErrorsPerMillion = plan.LatentErrorsPerMillion;
        faults.RotPerMillion = plan.RotPerMillion;
        faults.MisdirectedReadsPerMillion = plan.MisdirectedReadsPerMillion;
        faults.MisdirectedWritesPerMillion = plan.MisdirectedWritesPerMillion;
    }
}
