using System;
using System.Globalization;
using System.Text;

namespace ObjectStore.Engine.Metrics;

/// <summary>Builds a page of metrics in the Prometheus text format, version 0.0.4.</summary>
/// <remarks>Source: the exposition formats page of the Prometheus documentation. Samples of one family must follow its header.</remarks>
public sealed class PrometheusText
{
    /// <summary>Content-Type of the page.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new();

    /// <summary>Starts a family.</summary>
    public void Family(string name, string type, string help) =>
        _text.Append("# HELP ").Append(name).Append(' ').Append(help).Append('\n')
            .Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    /// <summary>One value of the family last started.</summary>
    public void Sample(string name, double value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        _text.Append(name);
        if (labels.Length > 0)
        {
            _text.Append('{');
            for (int index = 0; index < labels.Length; index++)
            {
                _text.Append(index == 0 ? "" : ",").Append(labels[index].Name).Append("=\"");
                AppendEscaped(labels[index].Value);
                _text.Append('"');
            }

            _text.Append('}');
        }

        _text.Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }

    /// <summary>A family of one value.</summary>
    public void Single(string name, string type, string help, double value)
    {
        Family(name, type, help);
        Sample(name, value);
    }

    /// <summary>The buckets, sum and count of one histogram.</summary>
    public void Histogram(string name, LatencyHistogram histogram, (string Name, string Value) label)
    {
        ArgumentNullException.ThrowIfNull(histogram);
        long below = 0;
        for (int bucket = 0; bucket < LatencyHistogram.BoundCount; bucket++)
        {
            below += histogram.Count(bucket);
            string bound = LatencyHistogram.BoundSeconds(bucket).ToString("R", CultureInfo.InvariantCulture);
            Sample(name + "_bucket", below, label, ("le", bound));
        }

        below += histogram.Count(LatencyHistogram.BoundCount);
        Sample(name + "_bucket", below, label, ("le", "+Inf"));
        Sample(name + "_sum", histogram.SumSeconds, label);
        Sample(name + "_count", below, label);
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    private void AppendEscaped(string value)
    {
        foreach (char letter in value)
        {
            _ = letter switch
            {
                '\\' => _text.Append("\\\\"),
                '"' => _text.Append("\\\""),
                '\n' => _text.Append("\\n"),
                _ => _text.Append(letter),
            };
        }
    }
}
