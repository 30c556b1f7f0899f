using System;
using System.IO;
using System.Text;
using System.Text.Json;
using ObjectStore.Engine.Host;
using ObjectStore.Engine.Kernel;
using Xunit;

namespace ObjectStore.Host.Proofs;

public sealed class JsonTraceTests
{
    [Fact]
    public void Each_event_is_one_json_line_in_the_order_emitted()
    {
        using var output = new MemoryStream();
        using (var trace = new JsonTrace(output, TraceLevel.Info))
        {
            trace.Emit(TraceLevel.Debug, "a", "not-kept");
            trace.Emit(TraceLevel.Info, "wal", "first", ("count", 7), ("text", "a\n\"b\""));
            trace.Emit(TraceLevel.Error, "wal", "second");
        }

        string[] lines = Encoding.UTF8.GetString(output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        using JsonDocument first = JsonDocument.Parse(lines[0]);
        Assert.Equal("first", first.RootElement.GetProperty("event").GetString());
        Assert.Equal(7, first.RootElement.GetProperty("count").GetInt64());
        Assert.Equal("a\n\"b\"", first.RootElement.GetProperty("text").GetString());
        Assert.Contains("\"second\"", lines[1], StringComparison.Ordinal);
    }
}
