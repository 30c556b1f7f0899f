using System;
using System.Collections.Generic;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Metrics;

namespace ObjectStore.Engine.Host;

/// <summary>Events of buckets as Prometheus series.</summary>
internal static class EventMetrics
{
    internal static void WriteTo(PrometheusText text, IReadOnlyList<EventCounts> targets, long unknown)
    {
        text.Single("objectstore_event_unknown_targets_total", "counter", "Requests and acts of lifecycle rules whose events, if any came of them, a rule names a target for that is not one of this server's: nobody there is told.", unknown);
        Write("objectstore_event_delivered_total", "counter", "Events that a target took.", static target => target.Delivered);
        Write("objectstore_event_failures_total", "counter", "Messages that a target did not take; they are sent again.", static target => target.Failures);
        Write("objectstore_event_waiting", "gauge", "Events that wait for a target, of the shards that this node leads.", static target => target.Waiting);
        Write("objectstore_event_dropped", "gauge", "Events that were ever dropped as too many waited for a target, of the shards that this node leads.", static target => target.Dropped);

        void Write(string name, string type, string help, Func<EventCounts, long> count)
        {
            text.Family(name, type, help);
            foreach (EventCounts target in targets)
            {
                text.Sample(name, count(target), ("target", target.Target));
            }
        }
    }
}
