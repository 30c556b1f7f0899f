using System;
using System.Linq;
using CsCheck;
using ObjectStore.Engine.Kernel;
using ObjectStore.Sim.Consensus;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Engine.Proofs.Consensus;

/// <summary>
/// Goal: Raft's safety properties, linearizable read points, and going on once faults end. Method: lives of cores drawn from seeds (<see cref="CoreLife"/>), watched after every step; and each
/// property's checker is shown to find the bug that is planted for it, here or in <c>proofs/Mutants/catalogue</c>, whose scenarios <c>core-*</c> are the same lives.
/// </summary>
public sealed class SafetyPropertyTests
{
    [Fact]
    public void The_safety_properties_hold_in_every_life() =>
        Gen.ULong.Sample(static seed => Check(seed, new CoreLifeOptions()), iter: 300, threads: 1);

    [Fact]
    public void They_hold_without_membership_changes_and_leases_too() =>
        Gen.ULong.Sample(static seed => Check(seed, new CoreLifeOptions { ChangesMembership = false, LeaseReads = false }), iter: 100, threads: 1);

    [Fact]
    public void Fixed_lives_elect_commit_read_and_send_snapshots()
    {
        CoreLife[] lives = [.. Enumerable.Range(0, 60).Select(static seed => Run((ulong)seed, new CoreLifeOptions()))];
        (int terms, int commits, int reads, int snapshots, int changes) = (
            lives.Sum(static life => life.TermCount),
            lives.Sum(static life => life.CommittedCount),
            lives.Sum(static life => life.ReadCount),
            lives.Sum(static life => life.SnapshotCount),
            lives.Sum(static life => life.ChangeCount));
        Assert.True(
            terms > 200 && commits > 500 && reads > 35 && snapshots > 6 && changes > 6,
            $"{terms} terms, {commits} commits, {reads} reads, {snapshots} snapshots, {changes} membership changes");
    }

    [Fact]
    public void A_life_is_a_function_of_its_seed()
    {
        Assert.Equal(HashOf(7), HashOf(7));
        Assert.NotEqual(HashOf(7), HashOf(8));

        static ulong HashOf(ulong seed)
        {
            var world = new SimWorld(new SeededChoices(seed));
            world.Run(() => new CoreLife(world, new CoreLifeOptions()).RunAsync());
            return world.Hash;
        }
    }

    [Fact]
    public void A_commit_without_a_quorum_is_found() => AssertFound("committed-is-durable", new CoreLifeOptions { CommitsWithoutQuorum = true });

    [Fact]
    public void A_snapshot_without_its_last_entry_is_found() => AssertFound("state-machine-safety", new CoreLifeOptions { CutsSnapshots = true });

    [Fact]
    public void A_vote_that_is_not_persisted_is_found() => AssertFound("one-vote-a-term", new CoreLifeOptions { ForgetsVotes = true });

    [Fact]
    public void Leases_under_clocks_that_run_apart_are_found() => AssertFound("read-is-fresh", new CoreLifeOptions { ClocksRunApart = true });

    [Fact]
    public void Without_leases_clocks_may_run_apart()
    {
        for (ulong seed = 0; seed < 40; seed++)
        {
            Run(seed, new CoreLifeOptions { ClocksRunApart = true, LeaseReads = false });
        }
    }

    private static bool Check(ulong seed, CoreLifeOptions options)
    {
        Run(seed, options);
        return true;
    }

    private static CoreLife Run(ulong seed, CoreLifeOptions options)
    {
        try
        {
            var world = new SimWorld(new SeededChoices(seed));
            var life = new CoreLife(world, options);
            world.Run(life.RunAsync);
            return life;
        }
        catch (Exception broken)
        {
            throw new InvalidOperationException($"seed {seed}: {broken.Message}", broken);
        }
    }

    /// <summary>Within some hundred lives the planted bug shows itself as the broken promise named.</summary>
    private static void AssertFound(string promise, CoreLifeOptions options)
    {
        for (ulong seed = 0; seed < 600; seed++)
        {
            try
            {
                Run(seed, options);
            }
            catch (InvalidOperationException found) when (found.InnerException is PromiseBrokenException broken && broken.Promise == promise)
            {
                return;
            }
            catch (InvalidOperationException found) when (found.InnerException is PromiseBrokenException or InvariantViolationException)
            {
                // Another promise broke first, or the core noticed by itself; look on for the checker's own word.
            }
        }

        Assert.Fail("the planted bug was not found");
    }
}
