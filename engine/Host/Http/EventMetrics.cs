using System.Collections.Generic;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Metrics;

namespace ObjectStore.Engine.Host;

/// <summary>Events of buckets as Prometheus series.</summary>
internal static class EventMetrics
{
    internal static void WriteTo(PrometheusText text, IReadOnlyList<EventCounts> targets, long unknown)
    {
        const string Delivered = "objectstore_event_delivered_total";
        const string Failures = "objectstore_event_failures_total";
        const string Waiting = "objectstore_event_waiting";
        const string Dropped = "objectstore_event_dropped";
        text.Single("objectstore_event_unknown_targets_total", "counter", "Requests and acts of lifecycle rules whose events, if any came of them, a rule names a target for that is not one of this server's: nobody there is told.", unknown);
        text.Family(Delivered, "counter", "Events that a target took.");
        foreach (EventCounts target in targets)
        {
            text.Sample(Delivered, target.Delivered, ("target", target.Target));
        }

        text.Family(Failures, "counter", "Messages that a target did not take; they are sent again.");
        foreach (EventCounts target in targets)
        {
            text.Sample(Failures, target.Failures, ("target", target.Target));
        }

        text.Family(Waiting, "gauge", "Events that wait for a target, of the shards that this node leads.");
        foreach (EventCounts target in targets)
        {
            text.Sample(Waiting, target.Waiting, ("target", target.Target));
        }

        text.Family(Dropped, "gauge", "Events that were ever dropped as too many waited for a target, of the shards that this node leads.");
        foreach (EventCounts target in targets)
        {
            text.Sample(Dropped, target.Dropped, ("target", target.Target));
        }
    }
}
