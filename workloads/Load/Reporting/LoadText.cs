using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace ObjectStore.Workloads.Load.Reporting;

/// <summary>The figures of a run for the terminal.</summary>
internal static class LoadText
{
    internal static string Render(LoadReport report)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{report.Scenario}: {report.OperationsPerSecond:F0} op/s, {report.Operations} operations, {report.Errors} errors, seed {report.Seed}\n");
        foreach (OperationReport operation in report.ByOperation)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"  {operation.Operation,-12} {operation.PerSecond,9:F0} op/s {operation.MebibytesPerSecond,9:F1} MiB/s  p50 {operation.At(50):F2} ms  p99 {operation.At(99):F2} ms  max {operation.At(100):F2} ms");
            if (operation.EntriesPerSecond > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"  {operation.EntriesPerSecond:F0} keys/s");
            }

            text.Append('\n');
            Append(text, operation.Errors, "error");
            Append(text, operation.Refusals, "refused");
            Append(text, operation.Retries, "retried");
        }

        Append(text, report.Problems, "problem");
        return text.ToString();
    }

    private static void Append(StringBuilder text, IReadOnlyDictionary<string, long> counts, string what)
    {
        foreach ((string kind, long count) in counts)
        {
            text.Append(CultureInfo.InvariantCulture, $"               {count} × {what}: {kind}\n");
        }
    }
}
