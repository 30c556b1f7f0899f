using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using ObjectStore.Engine.Cluster;

namespace ObjectStore.Engine.Host;

/// <summary>Answers about a region as text for people.</summary>
internal static class ClusterTables
{
    internal static void Write(TextWriter to, ClusterStatus status)
    {
        to.WriteLine($"region {status.Region}, cluster {status.ClusterId}: {Word(status.Health)}");
        to.WriteLine($"root leader {(status.RootLeader.Length > 0 ? status.RootLeader : "none")}, map version {status.MapVersion}, answered by {status.AnsweredBy}");
        to.WriteLine();
        var table = new TextTable("NODE", "ZONE", "STATE", "SILENT", "DISKS", "LEADS", "VOTES", "CLUSTER", "S3");
        foreach (NodeStatus node in status.Nodes)
        {
            table.Add(
                node.Name, node.Zone, Word(node.State), Milliseconds(node.SilentMs), $"{node.DisksUp}/{node.DiskCount}", node.LeaderOf, node.VoterOf, node.ClusterAddress, node.S3Address);
        }

        table.WriteTo(to);
        to.WriteLine();
        Write(to, status.Repair);
        foreach (string trouble in status.Troubles)
        {
            to.WriteLine($"! {trouble}");
        }
    }

    internal static void Write(TextWriter to, IReadOnlyList<DiskStatus> disks)
    {
        var table = new TextTable("DISK", "NODE", "ZONE", "STATE", "USED", "TOTAL", "SLOTS", "TO-MOVE", "PATH");
        foreach (DiskStatus disk in disks)
        {
            table.Add(disk.Id, disk.Node, disk.Zone, Word(disk.State), Bytes(disk.UsedBytes), Bytes(disk.TotalBytes), disk.Slots, disk.SlotsToMove, disk.Path);
        }

        table.WriteTo(to);
    }

    internal static void Write(TextWriter to, IReadOnlyList<GroupStatus> groups)
    {
        var table = new TextTable("GROUP", "LEADER", "TERM", "COMMIT", "REPLICAS", "RANGE");
        foreach (GroupStatus group in groups)
        {
            string replicas = string.Join(
                ' ', group.Replicas.Select(replica => $"{replica.Node}{(replica.Votes ? "" : "(learner)")}{(replica.MatchIndex < group.CommitIndex ? $"-{group.CommitIndex - replica.MatchIndex}" : "")}"));
            string range = group.Group == 1 ? "root" : $"{(group.From.Length > 0 ? group.From : "begin")} .. {(group.To.Length > 0 ? group.To : "end")}";
            table.Add(group.Group, group.Leader, group.Term, group.CommitIndex, replicas, range);
        }

        table.WriteTo(to);
    }

    internal static void Write(TextWriter to, RepairStatus repair)
    {
        to.WriteLine(
            repair.IsFullyRedundant
                ? $"redundancy: full, {repair.PlacementGroups} placement groups"
                : $"redundancy: {repair.Degraded} of {repair.PlacementGroups} placement groups miss shards, {repair.AtRisk} could lose no more, {repair.Unreadable} cannot be read");
        to.WriteLine(
            $"repair: {repair.Dirty} placement groups to look at, {repair.ShardsBuilt} shards built ({Bytes(repair.BytesBuilt)}), {Bytes(repair.BytesPerSecond)}/s of at most {Bytes(repair.BytesPerSecondMax)}/s");
        if (repair.Running.Count > 0)
        {
            var table = new TextTable("PG", "LOSSES-LEFT", "NODE", "CHECKED", "BUILT");
            foreach (RepairTask task in repair.Running)
            {
                table.Add(task.PlacementGroup, task.LossesLeft, task.Node, task.ChunksChecked, task.ShardsBuilt);
            }

            table.WriteTo(to);
        }
    }

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static string Milliseconds(long time) => time < 1000 ? $"{time}ms" : $"{time / 1000}s";

    private static string Bytes(long count)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
        double value = count;
        int unit = 0;
        while (value >= 1024 && unit < units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return unit == 0 ? $"{count}B" : $"{value:0.0}{units[unit]}";
    }
}
