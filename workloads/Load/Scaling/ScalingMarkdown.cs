using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using ObjectStore.Workloads.Load.Reporting;

namespace ObjectStore.Workloads.Load.Scaling;

/// <summary>A scaling run as a Markdown page, which is also what the console shows.</summary>
internal static class ScalingMarkdown
{
    private const double Mebibyte = 1 << 20;

    internal static string Render(ScalingReport report, IReadOnlyList<ThresholdResult> results)
    {
        RunOrigin origin = report.Origin;
        var text = new StringBuilder("# Cost as the bucket grows\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Commit {origin.Commit}, {origin.StartedUtc:yyyy-MM-dd HH:mm} UTC, {origin.Machine}. Load average before the start: {origin.LoadBefore:F2}.\n");
        text.Append(CultureInfo.InvariantCulture, $"One bucket of objects of {report.Size}; {report.Concurrency} clients on the same cores; medians of {report.Repetitions} runs of {report.Seconds:G3} s; every body read and every page is compared.\n");
        text.Append(CultureInfo.InvariantCulture, $"Each plateau is measured once the server is at rest (under {100 * ServerRest.CpuShareMax:F0} % of a core and files of the same length for {ServerRest.QuietSeconds} s after filling) and the files of its rows were read once, so that the system has in memory what fits there: first listings from places drawn at random in pages of 1000, ");
        text.Append("then gets of objects drawn from all, then puts of new objects, with as much of the background work that they cause as falls into the run (filling has all of it); a run of puts ends early when it has used up its share of half of the way to the next plateau. ");
        text.Append("Each run of gets and puts follows the same on a small store, new at each plateau and of the first one's size, as the machine drifts meanwhile (puts once both are at rest again): \"of small\" is the median of the shares of its rate.\n");
        if (report.Stopped.Length > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nStopped before the end: {report.Stopped}.\n");
        }

        text.Append("\n| objects | filled at op/s | rest after s | PUT op/s | p50 / p99 ms | of small | GET op/s | p50 / p99 ms | of small | LIST keys/s | page p50 / p99 ms | memory at rest, MiB | most, MiB | handles | files | disk, MiB | disk bytes/object | errors |\n");
        text.Append("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n");
        foreach (ScalingPlateau plateau in report.Plateaus)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {plateau.Objects:N0} | {plateau.FillPerSecond:N0} | {(plateau.CameToRest ? "" : "not ")}{plateau.RestSeconds:F0} |");
            foreach (ScalingMeasure measure in (ScalingMeasure[])[plateau.Put, plateau.Get])
            {
                text.Append(CultureInfo.InvariantCulture, $" {measure.PerSecond:N0} | {measure.P50Ms:F2} / {measure.P99Ms:F2} | {measure.OfSmall:F2} |");
            }

            text.Append(CultureInfo.InvariantCulture, $" {plateau.List.PerSecond:N0} | {plateau.List.P50Ms:F2} / {plateau.List.P99Ms:F2} |");
            text.Append(CultureInfo.InvariantCulture, $" {plateau.ResidentBytes / Mebibyte:F0} | {plateau.ResidentBytesMost / Mebibyte:F0} | {plateau.Handles} | {plateau.Files} | {plateau.DiskBytes / Mebibyte:N0} | {plateau.DiskBytesPerObject:N0} | {plateau.Errors} |\n");
        }

        foreach (string kind in report.Plateaus.SelectMany(static plateau => plateau.ErrorKinds).Distinct())
        {
            text.Append(CultureInfo.InvariantCulture, $"\nError: {kind}.\n");
        }

        text.Append("\n## Rules\n\n");
        foreach (ThresholdResult result in results)
        {
            text.Append("- ").Append(result).Append('\n');
        }

        return text.ToString();
    }
}
