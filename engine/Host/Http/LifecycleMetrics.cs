using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Metrics;

namespace ObjectStore.Engine.Host;

/// <summary>What lifecycle rules did as Prometheus series.</summary>
internal static class LifecycleMetrics
{
    internal static void WriteTo(PrometheusText text, LifecycleCounts counts)
    {
        const string Actions = "objectstore_lifecycle_actions_total";
        text.Family(Actions, "counter", "What lifecycle rules did, by action; 'refused' had changed meanwhile, or is locked.");
        text.Sample(Actions, counts.Expired, ("action", "expired"));
        text.Sample(Actions, counts.Removed, ("action", "noncurrent_removed"));
        text.Sample(Actions, counts.MarkersRemoved, ("action", "marker_removed"));
        text.Sample(Actions, counts.Moved, ("action", "moved"));
        text.Sample(Actions, counts.UploadsAborted, ("action", "upload_aborted"));
        text.Sample(Actions, counts.Refused, ("action", "refused"));
        text.Single("objectstore_lifecycle_walks_total", "counter", "Buckets walked to their end for their lifecycle rules.", counts.Walks);
        text.Single("objectstore_lifecycle_failures_total", "counter", "Looks for rules, pages and actions that failed; they are tried again, some times a day.", counts.Failures);
    }
}
