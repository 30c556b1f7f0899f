using System.Collections.Generic;
using System.Net;
using System.Text;

namespace ObjectStore.Reports;

/// <summary>One self-contained HTML page: no script, no font, no address of another machine; light, dark and print.</summary>
public sealed class Page(string title)
{
    private const string Style = """
        :root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--soft:#57606a;--grid:#d0d7de;--band:#f6f8fa;--first:#0969da;--second:#bc4c00;--mark:#cf222e;--good:#1a7f37}
        @media (prefers-color-scheme:dark){:root{--paper:#0d1117;--ink:#e6edf3;--soft:#9198a1;--grid:#3d444d;--band:#161b22;--first:#4493f8;--second:#f0883e;--mark:#f85149;--good:#3fb950}}
        body{margin:0 auto;max-width:72rem;padding:1.5rem 1rem 4rem;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
        h1{font-size:1.6rem;line-height:1.25}h2{font-size:1.2rem;margin:2.2rem 0 .4rem;border-bottom:1px solid var(--grid)}
        p{max-width:48rem}.soft,caption{color:var(--soft)}.wide{overflow-x:auto}
        table{border-collapse:collapse;font-size:.88rem;margin:.6rem 0}caption{text-align:left;padding:.2rem 0}
        th,td{padding:.25rem .6rem;border-bottom:1px solid var(--grid);text-align:right;font-variant-numeric:tabular-nums}
        th{background:var(--band);vertical-align:bottom}th:first-child,td:first-child,td.text{text-align:left}td{white-space:nowrap}td.text{white-space:normal;overflow-wrap:anywhere;min-width:12rem}
        td.good{color:var(--good);font-weight:600}td.bad{color:var(--mark);font-weight:600}
        svg{max-width:100%;height:auto;background:transparent}svg text{fill:var(--ink)}
        .key{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;font-size:.88rem;margin:.4rem 0}.key svg{vertical-align:middle}
        .heat td{text-align:center;border:1px solid var(--paper);min-width:3.2rem;color:#111}
        @media print{:root{--paper:#fff;--ink:#000;--soft:#333;--grid:#bbb;--band:#fff;--first:#0550ae;--second:#953800;--mark:#a40e26;--good:#116329}
        body{max-width:none;padding:0;font-size:12px}.wide{overflow:visible}table{font-size:.62rem}th,td{padding:.12rem .25rem}td.text{min-width:6rem}.heat td{min-width:2rem}
        tr,figure{break-inside:avoid}h2,caption,.key{break-after:avoid}}
        """;

    private readonly StringBuilder _body = new();
    private int _figures;

    public Page Heading(string text) => Add($"</section><section><h2>{Text(text)}</h2>");

    public Page Paragraph(string text, bool soft = false) => Add($"<p{(soft ? " class=\"soft\"" : "")}>{Text(text)}</p>");

    /// <summary>Adds a drawing. Its clip paths get names of their own, as ids are the whole page's.</summary>
    public Page Svg(string svg, string caption) => Add($"<figure style=\"margin:0\">{svg.Replace("clipPath", $"clip{++_figures}-", System.StringComparison.Ordinal).Replace($"<clip{_figures}- ", "<clipPath ", System.StringComparison.Ordinal).Replace($"</clip{_figures}->", "</clipPath>", System.StringComparison.Ordinal)}<figcaption class=\"soft\">{Text(caption)}</figcaption></figure>");

    /// <summary>A table. A cell that begins with '+' or '!' is shown as good or bad, one with '=' as plain text; the sign itself is not shown.</summary>
    public Page Table(string caption, IReadOnlyList<string> head, IEnumerable<IReadOnlyList<string>> rows)
    {
        _body.Append("<div class=\"wide\"><table><caption>").Append(Text(caption)).Append("</caption><thead><tr>");
        foreach (string cell in head)
        {
            _body.Append("<th>").Append(Text(cell)).Append("</th>");
        }

        _body.Append("</tr></thead><tbody>");
        foreach (IReadOnlyList<string> row in rows)
        {
            _body.Append("<tr>");
            foreach (string cell in row)
            {
                (string kind, string shown) = cell is ['+', ..] ? ("good", cell[1..]) : cell is ['!', ..] ? ("bad", cell[1..]) : cell is ['=', ..] ? ("text", cell[1..]) : ("", cell);
                _body.Append("<td class=\"").Append(kind).Append("\">").Append(Text(shown)).Append("</td>");
            }

            _body.Append("</tr>");
        }

        return Add("</tbody></table></div>");
    }

    /// <summary>A heat map as a table: colour and number together, so that it can be read without colour and on paper.</summary>
    public Page Heat(string caption, string corner, IReadOnlyList<string> columns, IReadOnlyList<(string Label, IReadOnlyList<double> Values)> rows, double low, double high)
    {
        _body.Append("<div class=\"wide\"><table class=\"heat\"><caption>").Append(Text(caption)).Append("</caption><thead><tr><th>").Append(Text(corner)).Append("</th>");
        foreach (string column in columns)
        {
            _body.Append("<th>").Append(Text(column)).Append("</th>");
        }

        _body.Append("</tr></thead><tbody>");
        foreach ((string label, IReadOnlyList<double> values) in rows)
        {
            _body.Append("<tr><th>").Append(Text(label)).Append("</th>");
            foreach (double value in values)
            {
                double share = System.Math.Clamp((value - low) / (high - low), 0, 1);
                _body.Append(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"<td style=\"background:hsl({20 + (share * 190):0} 65% 72%)\">{value:0.0}</td>"));
            }

            _body.Append("</tr>");
        }

        return Add("</tbody></table></div>");
    }

    public string Html() => $"<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
        + $"<title>{Text(title)}</title><style>{Style}</style></head><body><section><h1>{Text(title)}</h1>{_body}</section></body></html>\n";

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private Page Add(string html)
    {
        _body.Append(html).Append('\n');
        return this;
    }
}
