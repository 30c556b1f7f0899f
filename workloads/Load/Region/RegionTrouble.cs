using System.Collections.Generic;

namespace ObjectStore.Workloads.Load.Region;

/// <summary>Something that is done to a region under load, and how it is undone.</summary>
/// <param name="Name">For the command line.</param>
/// <param name="Break">A command of the script; <c>LEADER</c> stands for the root leader, <c>LEADERZONE</c> for its zone, <c>OTHERZONE</c> for another one.</param>
/// <param name="Mend">The command that undoes it, after a while; empty when it undoes itself.</param>
/// <param name="BackSecondsMax">Service must be back that soon after the break; null when no bound is promised.</param>
internal sealed record RegionTrouble(string Name, IReadOnlyList<string> Break, IReadOnlyList<string> Mend, double? BackSecondsMax)
{
    /// <summary>All there are. Partitions need a region in namespaces.</summary>
    internal static IReadOnlyList<RegionTrouble> All { get; } =
    [
        new("kill-leader", ["kill", "LEADER"], ["start", "LEADER"], 5),
        new("stop-zone", ["stop-zone", "OTHERZONE"], ["start-zone", "OTHERZONE"], null),
        new("stop-leader-zone", ["stop-zone", "LEADERZONE"], ["start-zone", "LEADERZONE"], 5),
        new("wipe-disk", ["wipe-disk", "LEADER", "0"], [], null),
        new("wipe-metadata", ["wipe-disk", "LEADER", "metadata"], [], null),
        new("partition-leader", ["partition", "LEADER", "OTHERZONE"], ["heal"], null),
        new("partition-zone", ["partition", "LEADERZONE", "OTHERZONE"], ["heal"], null),
        new("partition-one-way", ["partition", "LEADER", "OTHERZONE", "--one-way"], ["heal"], null),
    ];
}

/// <summary>What came of a trouble.</summary>
/// <param name="Name">Which.</param>
/// <param name="Target">The node or zone that it struck.</param>
/// <param name="BackSeconds">Until every client was served again (<see cref="ServiceLog.BackAfter"/>); of a rolling restart, the longest time that a single request took.</param>
/// <param name="RedundantAgainSeconds">From the end of the trouble until everything was fully redundant; null when that did not come.</param>
/// <param name="Unanswered">Requests without an answer after all attempts.</param>
/// <param name="Complaint">What does not hold; empty when all does.</param>
internal sealed record TroubleResult(string Name, string Target, double BackSeconds, double? RedundantAgainSeconds, int Unanswered, string Complaint);
