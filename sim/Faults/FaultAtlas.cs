using System;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Faults;

/// <summary>What a node owes while the faults of a plan happen to it and after they are healed.</summary>
public enum FaultExpectation
{
    /// <summary>Everything acknowledged is there, and once healed every request is answered.</summary>
    Serves,

    /// <summary>Nothing wrong is ever returned. What is damaged may be refused, by a request or by the start, with a clear error.</summary>
    NeverWrong,
}

/// <summary>What must survive what, on a single node with one disk, and the swarm that each run's faults are drawn from.</summary>
/// <remarks>
/// One disk holds one copy. So power loss with unsynced sectors lost, torn or reordered, clocks that jump or drift, pauses, slowness, a full disk, requests
/// that fail and syncs that fail (the store goes out of service and starts again over what was synced) must lose nothing acknowledged.
/// Damage to the one copy (rot, latent errors, misdirected I/O) cannot be healed here: it must be noticed. When stripes span disks the atlas will
/// leave enough good shards and expect <see cref="FaultExpectation.Serves"/> of these too (as TigerBeetle's fault atlas leaves one good copy).
/// The newest record of the log is the one place where damage cannot be told from a write that power loss tore, and one copy gives no second opinion
/// (Alagappan et al., Protocol-Aware Recovery for Consensus-Based Storage, FAST'18); so silent damage spares the log here.
/// </remarks>
public static class FaultAtlas
{
    /// <summary>Files that silent damage spares: the segments of the log.</summary>
    public static bool Spares(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.StartsWith("wal-", StringComparison.Ordinal);
    }

    /// <summary>What is owed under a plan.</summary>
    public static FaultExpectation Expect(FaultPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan.RotPerMillion + plan.LatentErrorsPerMillion + plan.MisdirectedReadsPerMillion + plan.MisdirectedWritesPerMillion > 0
            ? FaultExpectation.NeverWrong
            : FaultExpectation.Serves;
    }

    /// <summary>The faults of one run: each kind of the ceiling is left out, weak or full (swarm testing: Groce et al., ISSTA'12).</summary>
    /// <param name="ceiling">What may happen at most. A kind that is zero here stays so, and nothing is asked for it.</param>
    /// <param name="choices">Answers.</param>
    public static FaultPlan Draw(FaultPlan ceiling, IChoices choices)
    {
        ArgumentNullException.ThrowIfNull(ceiling);
        ArgumentNullException.ThrowIfNull(choices);
        return ceiling with
        {
            ReadFailsPerMillion = Rate(ceiling.ReadFailsPerMillion, "fault.read-fails?"),
            WriteFailsPerMillion = Rate(ceiling.WriteFailsPerMillion, "fault.write-fails?"),
            SyncFailsPerMillion = Rate(ceiling.SyncFailsPerMillion, "fault.sync-fails?"),
            StallsPerMillion = Rate(ceiling.StallsPerMillion, "fault.stalls?"),
            LatentErrorsPerMillion = Rate(ceiling.LatentErrorsPerMillion, "fault.latent-errors?"),
            RotPerMillion = Rate(ceiling.RotPerMillion, "fault.rot?"),
            MisdirectedReadsPerMillion = Rate(ceiling.MisdirectedReadsPerMillion, "fault.misdirected-reads?"),
            MisdirectedWritesPerMillion = Rate(ceiling.MisdirectedWritesPerMillion, "fault.misdirected-writes?"),
            DriftPerMillionMax = Rate(ceiling.DriftPerMillionMax, "fault.drift?"),
        };

        int Rate(int most, string what) => most == 0 ? 0 : choices.Next(4, what) switch
        {
            0 => 0,
            1 => Math.Max(1, most / 10),
            _ => most,
        };
    }
}
