using System;
using Microsoft.Extensions.Logging;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Host;

/// <summary>Lets Kestrel's own warnings and errors appear in our log.</summary>
internal sealed class TraceLoggerProvider(ITrace trace) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new TraceLogger(trace, categoryName);

    public void Dispose()
    {
        // The trace belongs to whoever made it.
    }

    private sealed class TraceLogger(ITrace trace, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None && trace.IsEnabled(Level(logLevel));

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                trace.Emit(
                    Level(logLevel),
                    "kestrel",
                    eventId.Name ?? "log",
                    ("category", category),
                    ("message", formatter(state, exception)),
                    ("failure", exception?.ToString()));
            }
        }

        private static TraceLevel Level(LogLevel level) => level switch
        {
            >= LogLevel.Error => TraceLevel.Error,
            LogLevel.Warning => TraceLevel.Warning,
            LogLevel.Information => TraceLevel.Info,
            _ => TraceLevel.Debug,
        };
    }
}
