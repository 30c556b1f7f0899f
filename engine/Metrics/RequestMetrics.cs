using System;
using System.Collections.Generic;
using System.Threading;

namespace ObjectStore.Engine.Metrics;

/// <summary>What the front end counts: requests by operation and status, their latencies, bytes, and requests in flight. Any thread.</summary>
public sealed class RequestMetrics
{
    private readonly object _gate = new();
    private readonly SortedDictionary<(string Operation, int Status), StrongCount> _counts = [];
    private readonly SortedDictionary<string, LatencyHistogram> _latencies = new(StringComparer.Ordinal);
    private long _inFlight;
    private long _bytesReceived;
    private long _bytesSent;

    /// <summary>A request has begun.</summary>
    public void Begin() => Interlocked.Increment(ref _inFlight);

    /// <summary>A request has ended: its answer was handed to the connection, or the connection was cut.</summary>
    /// <param name="operation">From a closed set of names: each makes a series of its own.</param>
    /// <param name="status">HTTP status, or 0 when no answer was given.</param>
    /// <param name="latency">From the headers of the request to the end of the answer.</param>
    /// <param name="bytesReceived">Body bytes the client stated.</param>
    /// <param name="bytesSent">Body bytes of the answer.</param>
    public void End(string operation, int status, TimeSpan latency, long bytesReceived, long bytesSent)
    {
        Interlocked.Decrement(ref _inFlight);
        Interlocked.Add(ref _bytesReceived, bytesReceived);
        Interlocked.Add(ref _bytesSent, bytesSent);
        StrongCount? count;
        LatencyHistogram? histogram;
        lock (_gate)
        {
            if (!_counts.TryGetValue((operation, status), out count))
            {
                _counts.Add((operation, status), count = new StrongCount());
            }

            if (!_latencies.TryGetValue(operation, out histogram))
            {
                _latencies.Add(operation, histogram = new LatencyHistogram());
            }
        }

        Interlocked.Increment(ref count.Value);
        histogram.Record(latency);
    }

    /// <summary>Writes all series.</summary>
    public void WriteTo(PrometheusText text)
    {
        ArgumentNullException.ThrowIfNull(text);
        lock (_gate)
        {
            text.Family("objectstore_requests_total", "counter", "Requests answered, by operation and HTTP status (0: connection cut).");
            foreach (((string operation, int status), StrongCount count) in _counts)
            {
                text.Sample("objectstore_requests_total", Interlocked.Read(ref count.Value), ("operation", operation), ("status", $"{status}"));
            }

            text.Family("objectstore_request_seconds", "histogram", "From request headers to the end of the answer.");
            foreach ((string operation, LatencyHistogram histogram) in _latencies)
            {
                text.Histogram("objectstore_request_seconds", histogram, ("operation", operation));
            }
        }

        text.Single("objectstore_requests_in_flight", "gauge", "Requests being answered now.", Interlocked.Read(ref _inFlight));
        text.Single("objectstore_received_bytes_total", "counter", "Body bytes stated by requests.", Interlocked.Read(ref _bytesReceived));
        text.Single("objectstore_sent_bytes_total", "counter", "Body bytes of answers.", Interlocked.Read(ref _bytesSent));
    }

    private sealed class StrongCount
    {
        internal long Value;
    }
}
