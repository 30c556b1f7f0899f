using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using ObjectStore.Workloads.Load.Reporting;

namespace ObjectStore.Workloads.Load.Compare;

/// <summary>A comparison as a Markdown page.</summary>
internal static class CompareMarkdown
{
    internal static string Render(CompareReport report, IReadOnlyList<ThresholdResult> results)
    {
        string[] servers = [.. report.Cells.Select(static cell => cell.Server).Distinct()];
        var text = new StringBuilder("# The server beside its limits and its peers\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Commit {report.Commit}, {report.StartedUtc:yyyy-MM-dd HH:mm} UTC, {report.Machine}. Load average before the start: {report.LoadBefore:F2}.\n");
        text.Append(CultureInfo.InvariantCulture, $"Client on the same cores; the same client for all servers, in turn within each cell; medians of {report.Repetitions} runs of {report.Seconds:G3} s; every body read is compared. Writes of `store`, `log` and `ceph` are durable when acknowledged.\n\n");
        foreach ((string server, string reason) in report.Skipped)
        {
            text.Append(CultureInfo.InvariantCulture, $"Not measured: {server} ({reason}).\n\n");
        }

        text.Append("Limits of the machine in this run: ");
        text.AppendJoin("; ", report.Limits.CommitsPerSecond.Select(static pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Value:F0} durable 4 KiB records/s at {pair.Key} clients")));
        text.Append(CultureInfo.InvariantCulture, $"; disk {report.Limits.DiskMebibytesPerSecond:F0} MiB/s; MD5 of the runtime on all cores {report.Limits.Md5MebibytesPerSecond:F0} MiB/s.\n\n");

        text.Append("| operation | size | clients |");
        foreach (string server in servers)
        {
            text.Append(CultureInfo.InvariantCulture, $" {server} op/s | p50 / p99 ms | CPU µs/op |");
        }

        foreach (string server in servers.Where(static server => server != PeerServer.Store))
        {
            text.Append(CultureInfo.InvariantCulture, $" ÷ {server} |");
        }

        text.Append("\n|---|---|---|").Insert(text.Length, "---|", (servers.Length * 3) + servers.Length - 1).Append('\n');
        foreach (IGrouping<(string Scenario, string Size, int Concurrency), CompareCell> row in report.Cells.GroupBy(static cell => (cell.Scenario, cell.Size, cell.Concurrency)))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {row.Key.Scenario} | {row.Key.Size} | {row.Key.Concurrency} |");
            foreach (string server in servers)
            {
                text.Append(row.FirstOrDefault(cell => cell.Server == server) is { } cell
                    ? string.Create(CultureInfo.InvariantCulture, $" {cell.OperationsPerSecond:N0}{(cell.Errors > 0 ? $" ({cell.Errors} errors)" : "")} | {cell.P50Ms:F2} / {cell.P99Ms:F2} | {cell.ServerCpuMicroseconds:F1} |")
                    : " – | – | – |");
            }

            CompareCell? own = row.FirstOrDefault(static cell => cell.Server == PeerServer.Store);
            foreach (string server in servers.Where(static server => server != PeerServer.Store))
            {
                CompareCell? peer = row.FirstOrDefault(cell => cell.Server == server);
                text.Append(own is not null && peer is { OperationsPerSecond: > 0 }
                    ? string.Create(CultureInfo.InvariantCulture, $" {own.OperationsPerSecond / peer.OperationsPerSecond:F2} |")
                    : " – |");
            }

            text.Append('\n');
        }

        if (results.Count > 0)
        {
            text.Append("\n## Rules\n\n");
            foreach (ThresholdResult result in results)
            {
                text.Append("- ").Append(result).Append('\n');
            }
        }

        return text.ToString();
    }
}
