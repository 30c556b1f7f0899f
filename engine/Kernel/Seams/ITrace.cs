using System;

namespace ObjectStore.Engine.Kernel;

/// <summary>How much a trace event matters.</summary>
public enum TraceLevel
{
    /// <summary>For following one request; off in production.</summary>
    Debug,

    /// <summary>Normal life: started, rotated, recovered.</summary>
    Info,

    /// <summary>Handled, but somebody should look: a torn tail was cut, a checksum failed and was healed.</summary>
    Warning,

    /// <summary>A promise is at risk: a disk was dropped, data cannot be read.</summary>
    Error,

    /// <summary>A reached-this-line mark ("sometimes" probe); see <see cref="TraceExtensions.Mark"/>.</summary>
    Mark,
}

/// <summary>One named value of a trace event: a number when <see cref="Text"/> is null, else text.</summary>
public readonly record struct TraceField(string Name, long Number, string? Text)
{
    /// <summary>A number.</summary>
    public static implicit operator TraceField((string Name, long Number) field) => new(field.Name, field.Number, null);

    /// <summary>Text; null reads as empty.</summary>
    public static implicit operator TraceField((string Name, string? Text) field) => new(field.Name, 0, field.Text ?? "");
}

/// <summary>The only log. Structured JSON lines in production; part of the run's hash in the simulator. Any thread.</summary>
public interface ITrace
{
    /// <summary>Whether events of this level are kept; ask before building costly fields.</summary>
    bool IsEnabled(TraceLevel level);

    /// <summary>Records an event. <paramref name="area"/> and <paramref name="name"/> are constants such as <c>wal</c>, <c>torn-tail</c>.</summary>
    void Emit(TraceLevel level, string area, string name, params ReadOnlySpan<TraceField> fields);
}

/// <summary>Short forms.</summary>
public static class TraceExtensions
{
    /// <summary>Says that a rare path was reached, so that a campaign can list the marks it never hit. Costs nothing in production.</summary>
    public static void Mark(this ITrace trace, string mark)
    {
        ArgumentNullException.ThrowIfNull(trace);
        if (trace.IsEnabled(TraceLevel.Mark))
        {
            trace.Emit(TraceLevel.Mark, "mark", mark);
        }
    }
}
