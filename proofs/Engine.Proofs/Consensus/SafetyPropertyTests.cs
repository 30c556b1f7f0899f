using System;
using System.Linq;
using CsCheck;
using ObjectStore.Engine.Kernel;
using Xunit;

namespace ObjectStore.Engine.Proofs.Consensus;

/// <summary>
/// Goal: Raft's five safety properties, linearizable read points, and going on once faults end. Method: random schedules over cores (<see cref="RandomSchedule"/>), watched after
/// every step; and each property's checker is shown to find the bug that is planted for it.
/// </summary>
public sealed class SafetyPropertyTests
{
    [Fact]
    public void The_safety_properties_hold_in_every_schedule() =>
        Gen.Int[0, int.MaxValue - 1].Sample(
            static seed => Check(seed, new ScheduleOptions()),
            iter: 150,
            threads: 1);

    [Theory]
    [InlineData(1704551933)]
    public void Schedules_that_once_failed(int seed) => Assert.NotNull(Run(seed, new ScheduleOptions()));

    [Fact]
    public void They_hold_without_membership_changes_and_leases_too() =>
        Gen.Int[0, int.MaxValue - 1].Sample(
            static seed => Check(seed, new ScheduleOptions { ChangesMembership = false, LeaseReads = false }),
            iter: 50,
            threads: 1);

    [Fact]
    public void Fixed_schedules_commit_read_and_send_snapshots()
    {
        RandomSchedule[] lives = [.. Enumerable.Range(0, 30).Select(static seed => Run(seed, new ScheduleOptions()))];
        (int commits, int reads, int snapshots, int changes) = (
            lives.Sum(static life => life.CommittedCount),
            lives.Sum(static life => life.ReadCount),
            lives.Sum(static life => life.SnapshotCount),
            lives.Sum(static life => life.ChangeCount));
        Assert.True(
            commits > 1500 && reads > 300 && snapshots > 30 && changes > 30,
            $"{commits} commits, {reads} reads, {snapshots} snapshots, {changes} membership changes");
    }

    [Fact]
    public void A_commit_without_a_quorum_is_found() => AssertFound("", new ScheduleOptions { CommitsWithoutQuorum = true });

    [Fact]
    public void A_snapshot_without_its_last_entry_is_found() => AssertFound("state machine safety", new ScheduleOptions { CutsSnapshots = true });

    [Fact]
    public void Without_leases_clocks_may_run_apart()
    {
        for (int seed = 0; seed < 40; seed++)
        {
            Run(seed, new ScheduleOptions { ClocksRunApart = true, LeaseReads = false });
        }
    }

    private static bool Check(int seed, ScheduleOptions options)
    {
        Run(seed, options);
        return true;
    }

    private static RandomSchedule Run(int seed, ScheduleOptions options)
    {
        try
        {
            var life = new RandomSchedule(seed, options);
            life.Run();
            return life;
        }
        catch (Exception broken)
        {
            throw new InvalidOperationException($"seed {seed}: {broken.Message}", broken);
        }
    }

    /// <summary>Within some hundred schedules the planted bug shows itself, as the broken promise named (or as an assertion of the core).</summary>
    private static void AssertFound(string promise, ScheduleOptions options)
    {
        for (int seed = 0; seed < 600; seed++)
        {
            try
            {
                new RandomSchedule(seed, options).Run();
            }
            catch (RaftSafetyException found) when (found.Message.StartsWith(promise, StringComparison.Ordinal))
            {
                return;
            }
            catch (InvariantViolationException)
            {
                // The core noticed by itself; look on for the checker's own word.
            }
            catch (RaftSafetyException)
            {
                // Another promise broke first.
            }
        }

        Assert.Fail("the planted bug was not found");
    }
}
