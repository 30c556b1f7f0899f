using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace ObjectStore.Reports;

/// <summary>
/// The plots of the reports, drawn by OxyPlot as SVG. Ink, grid and series colours are written as CSS variables, so that the one page
/// follows the reader's light or dark setting and prints dark on white.
/// </summary>
public static class Plots
{
    private static readonly OxyColor Ink = OxyColor.FromRgb(1, 2, 3);
    private static readonly OxyColor Grid = OxyColor.FromRgb(4, 5, 6);
    private static readonly OxyColor First = OxyColor.FromRgb(7, 8, 9);
    private static readonly OxyColor Second = OxyColor.FromRgb(10, 11, 12);
    private static readonly OxyColor Mark = OxyColor.FromRgb(13, 14, 15);
    private static readonly (OxyColor Color, string Variable)[] Variables =
        [(Ink, "--ink"), (Grid, "--grid"), (First, "--first"), (Second, "--second"), (Mark, "--mark")];

    /// <summary>Horizontal bars, one a label, in two series when <paramref name="second"/> is given; a vertical line at <paramref name="mark"/>.</summary>
    public static string Bars(
        string axis, IReadOnlyList<string> labels, (string Name, IReadOnlyList<double> Values) first,
        (string Name, IReadOnlyList<double> Values)? second = null, double? mark = null)
    {
        PlotModel model = Model();
        var categories = new CategoryAxis { Position = AxisPosition.Left, GapWidth = 0.35, IsTickCentered = true };
        categories.Labels.AddRange(labels.Reverse());
        model.Axes.Add(Styled(categories));
        model.Axes.Add(Styled(new LinearAxis { Position = AxisPosition.Bottom, Title = axis, MinimumPadding = 0.02, MaximumPadding = 0.06 }));
        foreach ((string Name, IReadOnlyList<double> Values) series in second is null ? [first] : new[] { second.Value, first })
        {
            var bars = new BarSeries
            {
                Title = series.Name,
                FillColor = series.Name == first.Name ? First : Second,
                StrokeThickness = 0,
                LabelFormatString = null,
                BaseValue = 0,
            };
            bars.Items.AddRange(series.Values.Reverse().Select(value => new BarItem(value)));
            model.Series.Add(bars);
        }

        if (mark is double at)
        {
            model.Annotations.Add(new OxyPlot.Annotations.LineAnnotation
            {
                Type = OxyPlot.Annotations.LineAnnotationType.Vertical,
                X = at,
                Color = Mark,
                StrokeThickness = 2,
                LineStyle = LineStyle.Solid,
            });
        }

        LeaveRoom(model, labels);
        return (second is null ? "" : Key([(first.Name, First, LineStyle.Solid, true), (second.Value.Name, Second, LineStyle.Solid, true)]))
            + Svg(model, 860, 80 + (labels.Count * (second is null ? 26 : 36)));
    }

    /// <summary>A tornado: for each input, the span of the result between its low and its high value, widest first.</summary>
    public static string Tornado(string axis, double centre, IReadOnlyList<(string Label, double Low, double High)> spans)
    {
        PlotModel model = Model();
        var sorted = spans.OrderBy(span => Math.Abs(span.High - span.Low)).ToList();
        var categories = new CategoryAxis { Position = AxisPosition.Left, GapWidth = 0.4, IsTickCentered = true };
        categories.Labels.AddRange(sorted.Select(span => span.Label));
        model.Axes.Add(Styled(categories));
        model.Axes.Add(Styled(new LinearAxis { Position = AxisPosition.Bottom, Title = axis, MinimumPadding = 0.05, MaximumPadding = 0.05 }));
        var low = new IntervalBarSeries { FillColor = First, StrokeThickness = 0, LabelFormatString = "" };
        var high = new IntervalBarSeries { FillColor = Second, StrokeThickness = 0, LabelFormatString = "" };
        for (int i = 0; i < sorted.Count; i++)
        {
            low.Items.Add(new IntervalBarItem(Math.Min(centre, sorted[i].Low), Math.Max(centre, sorted[i].Low)) { CategoryIndex = i });
            high.Items.Add(new IntervalBarItem(Math.Min(centre, sorted[i].High), Math.Max(centre, sorted[i].High)) { CategoryIndex = i });
        }

        model.Series.Add(low);
        model.Series.Add(high);
        LeaveRoom(model, [.. spans.Select(span => span.Label)]);
        return Key([("input at its first value", First, LineStyle.Solid, true), ("input at its second value", Second, LineStyle.Solid, true)])
            + Svg(model, 860, 80 + (spans.Count * 30));
    }

    /// <summary>Lines over a logarithmic horizontal axis.</summary>
    public static string Lines(string x, string y, IReadOnlyList<(string Name, IReadOnlyList<(double X, double Y)> Points)> lines, double? mark = null, bool logarithmic = true)
    {
        PlotModel model = Model();
        model.Axes.Add(Styled(logarithmic
            ? new LogarithmicAxis { Position = AxisPosition.Bottom, Title = x }
            : new LinearAxis { Position = AxisPosition.Bottom, Title = x }));
        model.Axes.Add(Styled(new LinearAxis { Position = AxisPosition.Left, Title = y, MaximumPadding = 0.05 }));
        MarkerType[] markers = [MarkerType.Circle, MarkerType.Square, MarkerType.Triangle, MarkerType.Diamond, MarkerType.None, MarkerType.None, MarkerType.None];
        LineStyle[] styles = [LineStyle.Solid, LineStyle.Dash, LineStyle.Dot, LineStyle.DashDot, LineStyle.LongDash, LineStyle.Solid, LineStyle.Dash];
        for (int i = 0; i < lines.Count; i++)
        {
            OxyColor color = i % 2 == 0 ? First : Second;
            var series = new LineSeries
            {
                Title = lines[i].Name,
                Color = color,
                StrokeThickness = 2,
                LineStyle = styles[i % styles.Length],
                MarkerType = markers[i % markers.Length],
                MarkerFill = color,
                MarkerSize = 3,
            };
            series.Points.AddRange(lines[i].Points.Select(point => new DataPoint(point.X, point.Y)));
            model.Series.Add(series);
        }

        if (mark is double at)
        {
            model.Axes[1].Minimum = Math.Min(at, lines.SelectMany(line => line.Points).Min(point => point.Y)) - 0.5;
            model.Annotations.Add(new OxyPlot.Annotations.LineAnnotation
            {
                Type = OxyPlot.Annotations.LineAnnotationType.Horizontal,
                Y = at,
                Color = Mark,
                StrokeThickness = 2,
                LineStyle = LineStyle.Solid,
            });
        }

        model.PlotMargins = new OxyThickness(96, 8, 20, 50);
        return Key([.. lines.Select((line, i) => (line.Name, i % 2 == 0 ? First : Second, styles[i % styles.Length], false))]) + Svg(model, 860, 420);
    }

    private static PlotModel Model() => new()
    {
        Culture = CultureInfo.InvariantCulture,
        Background = OxyColors.Transparent,
        PlotAreaBorderColor = Grid,
        TextColor = Ink,
        PlotAreaBorderThickness = new OxyThickness(0, 0, 0, 1),
        DefaultFont = "sans-serif",
        DefaultFontSize = 13,
        Padding = new OxyThickness(4),
    };

    private static Axis Styled(Axis axis)
    {
        axis.AxisTitleDistance = axis.Position == AxisPosition.Left ? 28 : 14;
        axis.TextColor = Ink;
        axis.TitleColor = Ink;
        axis.TicklineColor = Grid;
        axis.AxislineColor = Grid;
        axis.ExtraGridlineColor = Grid;
        if (axis is not CategoryAxis)
        {
            axis.StringFormat = "#,0.####";
            axis.MajorGridlineStyle = LineStyle.Solid;
            axis.MajorGridlineColor = Grid;
        }

        return axis;
    }

    /// <summary>The width of text is the browser's affair: room is left for 7.6 px a character at 13 px.</summary>
    private static void LeaveRoom(PlotModel model, IReadOnlyList<string> labels) =>
        model.PlotMargins = new OxyThickness((labels.Max(label => label.Length) * 7.6) + 16, 8, 20, 50);

    /// <summary>The key above a plot, in HTML, so that it wraps on a narrow screen.</summary>
    private static string Key(IReadOnlyList<(string Name, OxyColor Color, LineStyle Style, bool Filled)> entries) =>
        "<div class=\"key\">" + string.Concat(entries.Select(entry =>
        {
            string dash = entry.Style.GetDashArray() is double[] dashes ? string.Join(' ', dashes.Select(d => (d * 2).ToString(CultureInfo.InvariantCulture))) : "";
            string width = entry.Filled ? "12" : "2";
            return Recolour($"<span><svg width=\"34\" height=\"12\"><line x1=\"0\" x2=\"34\" y1=\"6\" y2=\"6\" stroke=\"{Css(entry.Color)}\" stroke-width=\"{width}\" stroke-dasharray=\"{dash}\"/></svg> ")
                + System.Net.WebUtility.HtmlEncode(entry.Name) + "</span>";
        })) + "</div>";

    private static string Css(OxyColor color) => string.Create(CultureInfo.InvariantCulture, $"#{color.R:x2}{color.G:x2}{color.B:x2}");

    private static string Recolour(string svg)
    {
        foreach ((OxyColor color, string variable) in Variables)
        {
            svg = svg.Replace(Css(color), $"var({variable})", StringComparison.Ordinal)
                .Replace(string.Create(CultureInfo.InvariantCulture, $"rgb({color.R},{color.G},{color.B})"), $"var({variable})", StringComparison.Ordinal);
        }

        return svg;
    }

    private static string Svg(PlotModel model, double width, double height)
    {
        var exporter = new SvgExporter { Width = width, Height = height, UseVerticalTextAlignmentWorkaround = true, IsDocument = false };
        string svg = Recolour(exporter.ExportToString(model));
        return svg.Replace("<svg ", string.Create(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {width} {height}\" role=\"img\" "), StringComparison.Ordinal);
    }
}
