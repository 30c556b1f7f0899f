using System;
using System.Collections.Generic;
using System.Threading.Tasks;

namespace ObjectStore.Engine.Cluster;

/// <summary>What can be emptied or given up.</summary>
public enum DecommissionKind
{
    /// <summary>A data disk, by its id.</summary>
    Disk,

    /// <summary>A node with all its disks and replicas.</summary>
    Node,

    /// <summary>All nodes of a zone.</summary>
    Zone,
}

/// <summary>Decommissioning of a disk, node or zone.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Name">Id or name.</param>
/// <param name="GiveUp">Do not wait for what is there: it is lost.</param>
/// <param name="Cancel">Take it back instead, while anything is left there.</param>
public sealed record DecommissionRequest(DecommissionKind Kind, string Name, bool GiveUp, bool Cancel);

/// <summary>A node that may join, so that the others let it in.</summary>
/// <param name="Name">As in its certificate and its topology file.</param>
/// <param name="Zone">Where it stands.</param>
/// <param name="ClusterAddress">HOST:PORT.</param>
/// <param name="S3Address">HOST:PORT.</param>
public sealed record JoinRequest(string Name, string Zone, string ClusterAddress, string S3Address);

/// <summary>Thrown when an administrative request cannot be done; the message says why, for people.</summary>
/// <param name="message">Why.</param>
/// <param name="retry">True when it may succeed later: there is no leader now.</param>
public sealed class AdministrationException(string message, bool retry = false) : Exception(message)
{
    /// <summary>It may succeed later.</summary>
    public bool Retry { get; } = retry;
}

/// <summary>Administration of a region through any of its nodes: requests find the root leader themselves. Any thread.</summary>
public interface IClusterAdministration
{
    /// <summary>Everything in short.</summary>
    /// <exception cref="AdministrationException">The root leader cannot be reached.</exception>
    Task<ClusterStatus> StatusAsync();

    /// <summary>All data disks.</summary>
    /// <exception cref="AdministrationException">The root leader cannot be reached.</exception>
    Task<IReadOnlyList<DiskStatus>> DisksAsync();

    /// <summary>All Raft groups.</summary>
    /// <exception cref="AdministrationException">The root leader cannot be reached.</exception>
    Task<IReadOnlyList<GroupStatus>> GroupsAsync();

    /// <summary>Redundancy; with <paramref name="now"/>, every placement group is looked at again at once.</summary>
    /// <exception cref="AdministrationException">The root leader cannot be reached.</exception>
    Task<RepairStatus> RepairAsync(bool now);

    /// <summary>Begins to empty something, or takes that back; progress is in <see cref="DisksAsync"/>.</summary>
    /// <exception cref="AdministrationException">The rest could not keep the promise, there is no such thing, or the root leader cannot be reached.</exception>
    Task DecommissionAsync(DecommissionRequest request);

    /// <summary>Makes a node known to all others.</summary>
    /// <exception cref="AdministrationException">The name is taken by another address, or the root leader cannot be reached.</exception>
    Task JoinAsync(JoinRequest request);
}
