using System;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Text;

namespace ObjectStore.Workloads.Load.Reporting;

/// <summary>One self-contained page for a run: a table, the rate over time and the latency distribution as inline SVG; light and dark.</summary>
internal static class LoadHtml
{
    private const int Width = 860;
    private const int Height = 260;
    private const int Left = 70;
    private const int Bottom = 40;

    private const string Head = """
        <!doctype html><html lang="en"><head><meta charset="utf-8"><title>Load run</title><style>
        :root{color-scheme:light dark;--ink:#1b1f24;--soft:#67707b;--line:#d4d9df;--paper:#fff;--a:#0b62c4}
        @media (prefers-color-scheme:dark){:root{--ink:#e6e9ed;--soft:#9aa4af;--line:#3a424c;--paper:#14181d;--a:#6cb1ff}}
        body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:900px;margin:2rem auto;padding:0 1rem}
        table{border-collapse:collapse;width:100%}td,th{padding:.3rem .6rem;border-bottom:1px solid var(--line);text-align:right;font-variant-numeric:tabular-nums}
        td:first-child,th:first-child{text-align:left}svg{width:100%;height:auto}svg text{fill:var(--soft);font-size:12px}
        .axis{stroke:var(--line)}.curve{fill:none;stroke:var(--a);stroke-width:2}.soft{color:var(--soft)}
        </style></head><body>
        """;

    internal static string Render(LoadReport report)
    {
        var page = new StringBuilder(Head);
        page.Append(CultureInfo.InvariantCulture, $"<h1>{WebUtility.HtmlEncode(report.Scenario)}: {report.OperationsPerSecond:N0} operations a second</h1>");
        page.Append(CultureInfo.InvariantCulture, $"<p class=soft>{report.Loop} loop, {report.Concurrency} clients, objects of {report.Size}, pool of {report.PoolObjects:N0}, {report.Seconds:F1} s, {report.Operations:N0} operations, {report.Errors:N0} errors, seed {report.Seed}</p>");
        page.Append("<table><tr><th>operation</th><th>count</th><th>op/s</th><th>MiB/s</th><th>mean ms</th>");
        foreach (double percentile in LoadReport.Percentiles)
        {
            page.Append(CultureInfo.InvariantCulture, $"<th>{(percentile >= 100 ? "max" : $"p{percentile}")}</th>");
        }

        page.Append("</tr>");
        foreach (OperationReport operation in report.ByOperation)
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{operation.Operation}</td><td>{operation.Count:N0}</td><td>{operation.PerSecond:N0}</td><td>{operation.MebibytesPerSecond:N1}</td><td>{operation.MeanMs:F2}</td>");
            foreach (LatencyPoint point in operation.Latency)
            {
                page.Append(CultureInfo.InvariantCulture, $"<td>{point.Milliseconds:F2}</td>");
            }

            page.Append("</tr>");
            foreach ((string error, long count) in operation.Errors)
            {
                page.Append(CultureInfo.InvariantCulture, $"<tr><td colspan=13>{count:N0} × {WebUtility.HtmlEncode(error)}</td></tr>");
            }
        }

        page.Append("</table><h2>Operations a second over time</h2>");
        AppendSeries(page, report);
        page.Append("<h2>Latency by percentile, ms (logarithmic)</h2>");
        AppendLatency(page, report);
        return page.Append("</body></html>\n").ToString();
    }

    private static void AppendSeries(StringBuilder page, LoadReport report)
    {
        double top = Math.Max(1, report.Series.Max(second => second.OperationsPerSecond)) * 1.1;
        double end = Math.Max(1, report.Series.Max(second => second.AtSeconds));
        Open(page);
        for (int tick = 0; tick <= 4; tick++)
        {
            double y = Y(tick / 4.0);
            page.Append(CultureInfo.InvariantCulture, $"<line class=axis x1={Left} x2={Width} y1={y:F1} y2={y:F1} /><text x={Left - 8} y={y + 4:F1} text-anchor=end>{top * tick / 4:N0}</text>");
            page.Append(CultureInfo.InvariantCulture, $"<text x={X(tick / 4.0):F1} y={Height - 12} text-anchor=middle>{end * tick / 4:F0} s</text>");
        }

        page.Append("<polyline class=curve points=\"");
        foreach (LoadSecond second in report.Series)
        {
            page.Append(CultureInfo.InvariantCulture, $"{X(second.AtSeconds / end):F1},{Y(second.OperationsPerSecond / top):F1} ");
        }

        page.Append("\" /></svg>");
    }

    private static void AppendLatency(StringBuilder page, LoadReport report)
    {
        OperationReport[] measured = [.. report.ByOperation.Where(operation => operation.Count > 0)];
        if (measured.Length == 0)
        {
            return;
        }

        double low = Math.Floor(Math.Log10(Math.Max(0.01, measured.Min(operation => operation.Latency[0].Milliseconds))));
        double high = Math.Max(low + 1, Math.Ceiling(Math.Log10(measured.Max(operation => operation.Latency[^1].Milliseconds))));
        Open(page);
        for (double power = low; power <= high; power++)
        {
            double y = Y((power - low) / (high - low));
            page.Append(CultureInfo.InvariantCulture, $"<line class=axis x1={Left} x2={Width} y1={y:F1} y2={y:F1} /><text x={Left - 8} y={y + 4:F1} text-anchor=end>{Math.Pow(10, power):G3}</text>");
        }

        for (int point = 0; point < LoadReport.Percentiles.Length; point++)
        {
            double percentile = LoadReport.Percentiles[point];
            page.Append(CultureInfo.InvariantCulture, $"<text x={X(Place(point)):F1} y={Height - 12} text-anchor=middle>{(percentile >= 100 ? "max" : $"p{percentile}")}</text>");
        }

        for (int line = 0; line < measured.Length; line++)
        {
            int hue = line * 70 + 210;
            page.Append(CultureInfo.InvariantCulture, $"<polyline class=curve style=\"stroke:hsl({hue} 65% 50%)\" points=\"");
            for (int point = 0; point < LoadReport.Percentiles.Length; point++)
            {
                double height = (Math.Log10(Math.Max(0.01, measured[line].Latency[point].Milliseconds)) - low) / (high - low);
                page.Append(CultureInfo.InvariantCulture, $"{X(Place(point)):F1},{Y(height):F1} ");
            }

            page.Append(CultureInfo.InvariantCulture, $"\" /><text x={Left + 10 + line * 90} y=16 style=\"fill:hsl({hue} 65% 50%)\">{measured[line].Operation}</text>");
        }

        page.Append("</svg>");
    }

    private static void Open(StringBuilder page) => page.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width + 20} {Height}\" role=img>");

    private static double Place(int point) => (point + 0.5) / LoadReport.Percentiles.Length;

    private static double X(double share) => Left + share * (Width - Left);

    private static double Y(double share) => Height - Bottom - share * (Height - Bottom - 24);
}
