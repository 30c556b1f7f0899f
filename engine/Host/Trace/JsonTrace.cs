using System;
using System.Buffers;
using System.IO;
using System.Text.Json;
using System.Threading;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Host;

/// <summary>One JSON object a line: <c>time</c> (UTC), <c>level</c>, <c>area</c>, <c>event</c>, then the event's fields.</summary>
/// <remarks>
/// Emitting never waits for the stream: lines go into one buffer, which a thread of its own writes out. When the reader of the log stalls and
/// <see cref="BufferBytesMax"/> are waiting, further lines are dropped and counted, and the count is the next line that gets through.
/// </remarks>
public sealed class JsonTrace : ITrace, IDisposable
{
    /// <summary>Most that waits for a slow reader.</summary>
    public const int BufferBytesMax = 4 * 1024 * 1024;

    [ThreadStatic]
    private static Formatter? _formatter;

    private readonly object _gate = new();
    private readonly Stream _output;
    private readonly TraceLevel _least;
    private readonly Thread _writer;
    private ArrayBufferWriter<byte> _waiting = new(64 * 1024);
    private long _dropped;
    private bool _stopping;

    /// <summary>Starts the writing thread.</summary>
    /// <param name="output">Usually standard error. Stays open.</param>
    /// <param name="least">Less important events are not kept. <see cref="TraceLevel.Mark"/> never is.</param>
    public JsonTrace(Stream output, TraceLevel least = TraceLevel.Info)
    {
        ArgumentNullException.ThrowIfNull(output);
        _output = output;
        _least = least;
        _writer = new Thread(Write) { IsBackground = true, Name = "trace" };
        _writer.Start();
    }

    /// <inheritdoc/>
    public bool IsEnabled(TraceLevel level) => level >= _least && level != TraceLevel.Mark;

    /// <inheritdoc/>
    public void Emit(TraceLevel level, string area, string name, params ReadOnlySpan<TraceField> fields)
    {
        if (!IsEnabled(level))
        {
            return;
        }

        ReadOnlySpan<byte> line = (_formatter ??= new Formatter()).Format(level, area, name, fields);
        lock (_gate)
        {
            if (_waiting.WrittenCount + line.Length > BufferBytesMax)
            {
                _dropped++;
                return;
            }

            bool wasEmpty = _waiting.WrittenCount == 0;
            _waiting.Write(line);
            if (wasEmpty)
            {
                Monitor.Pulse(_gate);
            }
        }
    }

    /// <summary>Writes out what waits and ends the thread.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.Pulse(_gate);
        }

        _writer.Join();
    }

    private void Write()
    {
        var full = new ArrayBufferWriter<byte>(64 * 1024);
        while (true)
        {
            long dropped;
            lock (_gate)
            {
                while (_waiting.WrittenCount == 0 && !_stopping)
                {
                    Monitor.Wait(_gate);
                }

                if (_waiting.WrittenCount == 0)
                {
                    return;
                }

                (_waiting, full) = (full, _waiting);
                dropped = _dropped;
                _dropped = 0;
            }

            WriteOut(full.WrittenSpan);
            full.ResetWrittenCount();
            if (dropped > 0)
            {
                Emit(TraceLevel.Warning, "trace", "lines-dropped", ("count", dropped));
            }
        }
    }

    // A closed standard error must not take the server down with it.
    private void WriteOut(ReadOnlySpan<byte> lines)
    {
        try
        {
            _output.Write(lines);
            _output.Flush();
        }
        catch (IOException)
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    // Lives as long as its thread; the writer holds no more than memory.
    private sealed class Formatter : IDisposable
    {
        private static readonly string[] LevelNames = ["debug", "info", "warning", "error", "mark"];

        private readonly ArrayBufferWriter<byte> _line = new(1024);
        private readonly Utf8JsonWriter _json;

        internal Formatter() => _json = new Utf8JsonWriter(_line);

        public void Dispose() => _json.Dispose();

        internal ReadOnlySpan<byte> Format(TraceLevel level, string area, string name, ReadOnlySpan<TraceField> fields)
        {
            _line.ResetWrittenCount();
            _json.Reset(_line);
            _json.WriteStartObject();
            _json.WriteString("time"u8, DateTime.UtcNow);
            _json.WriteString("level"u8, LevelNames[(int)level]);
            _json.WriteString("area"u8, area);
            _json.WriteString("event"u8, name);
            foreach (TraceField field in fields)
            {
                if (field.Text is null)
                {
                    _json.WriteNumber(field.Name, field.Number);
                }
                else
                {
                    _json.WriteString(field.Name, field.Text);
                }
            }

            _json.WriteEndObject();
            _json.Flush();
            _line.Write("\n"u8);
            return _line.WrittenSpan;
        }
    }
}
