using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Metrics;

namespace ObjectStore.Engine.Host;

/// <summary>A node's part in its region as Prometheus series; those of repair only where the root group is led.</summary>
internal static class ClusterMetrics
{
    internal static void WriteTo(PrometheusText text, ClusterMap map, RaftStatus? root, RepairOverview? repair)
    {
        text.Single("objectstore_map_version", "gauge", "Version of the cluster map that the node has.", map.Version);
        text.Single("objectstore_root_replica", "gauge", "1 while the node has a replica of the root group.", root is null ? 0 : 1);
        if (root is not null)
        {
            text.Single("objectstore_root_leader", "gauge", "1 while the node leads the root group.", root.Role == RaftRole.Leader ? 1 : 0);
            text.Single("objectstore_root_term", "gauge", "Term of the node's replica of the root group.", root.Term.Value);
            text.Single("objectstore_root_committed_index", "gauge", "Last committed entry of the root group that the node knows of.", root.Commit.Value);
            text.Single("objectstore_root_applied_index", "gauge", "Last entry of the root group that the node has applied.", root.Applied.Value);
        }

        if (repair is not null)
        {
            text.Single("objectstore_placement_groups", "gauge", "Placement groups of the region.", repair.Groups);
            text.Single("objectstore_placement_groups_dirty", "gauge", "Placement groups that a repair pass has to look at.", repair.Dirty);
            text.Single("objectstore_placement_groups_degraded", "gauge", "Placement groups with a place that is empty, silent or being filled.", repair.Degraded);
            text.Single("objectstore_placement_groups_at_risk", "gauge", "Placement groups that could lose no further disk.", repair.AtRisk);
            text.Single("objectstore_placement_groups_unreadable", "gauge", "Placement groups with fewer disks up than a read needs.", repair.Unreadable);
            text.Single("objectstore_repair_shards_built", "gauge", "Shards that repair has built since the node began to lead.", repair.ShardsBuilt);
            text.Single("objectstore_repair_bytes_built", "gauge", "Bytes of those shards.", repair.BytesBuilt);
        }
    }
}
