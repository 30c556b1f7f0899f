using System.Globalization;
using System.Linq;
using System.Text;

namespace ObjectStore.Workloads.Load.Reporting;

/// <summary>The figures of a run as a table: one row an operation, latencies in milliseconds.</summary>
internal static class LoadCsv
{
    internal static string Render(LoadReport report)
    {
        var text = new StringBuilder("scenario,size,concurrency,operation,count,per_second,mib_per_second,entries_per_second,errors,retries,mean_ms");
        foreach (double percentile in LoadReport.Percentiles)
        {
            text.Append(CultureInfo.InvariantCulture, $",p{percentile}_ms");
        }

        text.Append('\n');
        foreach (OperationReport operation in report.ByOperation)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{report.Scenario},{report.Size},{report.Concurrency},{operation.Operation},{operation.Count},{operation.PerSecond:F2},{operation.MebibytesPerSecond:F3},{operation.EntriesPerSecond:F1},{operation.Errors.Values.Sum()},{operation.Retries.Values.Sum()},{operation.MeanMs:F4}");
            foreach (LatencyPoint point in operation.Latency)
            {
                text.Append(CultureInfo.InvariantCulture, $",{point.Milliseconds:F4}");
            }

            text.Append('\n');
        }

        return text.ToString();
    }
}
