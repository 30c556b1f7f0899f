using System.Collections.Generic;
using System.Linq;
using ObjectStore.Sim.Checking;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>Histories in the form that whoever watches a run is shown.</summary>
internal static class HistoryView
{
    /// <summary>A history and what the check of it found; any operations and results, since only their text is shown.</summary>
    internal static ObservedHistory Of<TOperation, TResult>(
        IReadOnlyList<HistoryEntry<TOperation, TResult>> entries, LinearizabilityReport<TOperation, TResult> report, System.Func<int, string> clientName)
        where TResult : class =>
        new(
            [.. entries.Select(entry => new ObservedRequest(
                entry.Id, clientName(entry.Client), entry.CallTime, entry.ReturnTime, $"{entry.Operation}", entry.Result?.ToString()))],
            report.Unplaceable?.Id,
            [.. report.Involved.Select(static entry => entry.Id)],
            report.States);
}
