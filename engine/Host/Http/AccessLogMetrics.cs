using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Metrics;

namespace ObjectStore.Engine.Host;

/// <summary>Access logs of buckets as Prometheus series.</summary>
internal static class AccessLogMetrics
{
    internal static void WriteTo(PrometheusText text, AccessLogCounts counts)
    {
        const string Dropped = "objectstore_access_log_dropped_lines_total";
        text.Single("objectstore_access_log_lines_total", "counter", "Lines of access logs that requests made.", counts.Lines);
        text.Single("objectstore_access_log_delivered_lines_total", "counter", "Lines that are in an object of their target bucket.", counts.Delivered);
        text.Single("objectstore_access_log_objects_total", "counter", "Objects that were delivered.", counts.Objects);
        text.Family(Dropped, "counter", "Lines that were dropped, by reason: no memory for them, a target that is gone or does not let them in, deliveries that failed too often or a stop.");
        text.Sample(Dropped, counts.Overflowed, ("reason", "memory"));
        text.Sample(Dropped, counts.Refused, ("reason", "refused"));
        text.Sample(Dropped, counts.Lost, ("reason", "failed"));
        text.Single("objectstore_access_log_failures_total", "counter", "Deliveries that failed; they are tried again, some times.", counts.Failures);
        text.Single("objectstore_access_log_held_bytes", "gauge", "Memory of lines that wait for delivery.", counts.HeldBytes);
    }
}
