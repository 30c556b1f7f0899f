using System;
using System.Collections.Generic;
using System.Globalization;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Cluster;

/// <summary>A region as its operator writes it down: zones, nodes, disks, and what the region promises. The same file on every node.</summary>
/// <param name="Region">The region that signatures and bucket locations name.</param>
/// <param name="Layout">How bodies are cut and what that must survive.</param>
/// <param name="PlacementGroupCount">Fixed at the founding.</param>
/// <param name="InitialVoters">Nodes that found the region: the first voters of the root group, spread over zones.</param>
/// <param name="Times">How long nodes wait for each other.</param>
/// <param name="Zones">In the order of the file.</param>
public sealed record TopologyFile(
    string Region, TopologyLayout Layout, int PlacementGroupCount, IReadOnlyList<NodeId> InitialVoters, TopologyTimes Times, IReadOnlyList<TopologyZone> Zones)
{
    /// <summary>All nodes, in the order of the file.</summary>
    public IEnumerable<TopologyNode> Nodes
    {
        get
        {
            foreach (TopologyZone zone in Zones)
            {
                foreach (TopologyNode node in zone.Nodes)
                {
                    yield return node;
                }
            }
        }
    }

    /// <summary>Reads a file.</summary>
    /// <param name="utf8">Its bytes: JSON, comments allowed.</param>
    /// <exception cref="TopologyException">It cannot be used; the message names the line and the field.</exception>
    public static TopologyFile Parse(ReadOnlySpan<byte> utf8) => TopologyReader.Read(LinedJson.Parse(utf8));

    /// <summary>The node of that name; null when there is none.</summary>
    public TopologyNode? Find(NodeId name)
    {
        foreach (TopologyNode node in Nodes)
        {
            if (node.Name == name)
            {
                return node;
            }
        }

        return null;
    }
}

/// <summary>A zone: what may fail at one time.</summary>
public sealed record TopologyZone(string Name, IReadOnlyList<TopologyNode> Nodes);

/// <summary>One node.</summary>
/// <param name="Name">Unique; also the name in its certificate.</param>
/// <param name="Zone">Where it stands.</param>
/// <param name="Cluster">Where other nodes reach it.</param>
/// <param name="S3">Where clients reach it.</param>
/// <param name="Data">Folder of its identity and secrets, and of its metadata unless <paramref name="Metadata"/> says otherwise.</param>
/// <param name="Metadata">Folder of its metadata disk.</param>
/// <param name="Disks">Folders of its data disks, each on a disk of its own.</param>
public sealed record TopologyNode(
    NodeId Name, string Zone, NodeAddress Cluster, NodeAddress S3, string Data, string Metadata, IReadOnlyList<string> Disks);

/// <summary>A host, by address or name, and a port.</summary>
public readonly record struct NodeAddress(string Host, int Port)
{
    /// <summary>As it is written: <c>10.0.0.1:7000</c>, <c>[::1]:7000</c>, <c>a1.example.com:7000</c>.</summary>
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    /// <summary>Reads what <see cref="ToString"/> writes; false when it is nothing like that.</summary>
    public static bool TryParse(string text, out NodeAddress address)
    {
        ArgumentNullException.ThrowIfNull(text);
        int colon = text.LastIndexOf(':');
        string host = colon > 0 ? text[..colon] : "";
        bool isBracketed = host.StartsWith('[') && host.EndsWith(']');
        string bare = isBracketed ? host[1..^1] : host;
        bool fits = bare.Length > 0 && isBracketed == bare.Contains(':', StringComparison.Ordinal);
        foreach (char letter in bare)
        {
            fits &= char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.' || (isBracketed && letter is ':' or '%');
        }

        fits &= int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, null, out int port) && port is > 0 and <= ushort.MaxValue;
        address = fits ? new NodeAddress(bare, port) : default;
        return fits;
    }
}

/// <summary>How bodies are cut and what the region promises with it.</summary>
/// <param name="DataShards">k.</param>
/// <param name="ParityShards">m.</param>
/// <param name="ZonesLost">Whole zones that may be lost at one time with everything still readable.</param>
/// <param name="DisksLost">Disks that may be lost on top of that.</param>
public sealed record TopologyLayout(int DataShards, int ParityShards, int ZonesLost, int DisksLost);

/// <summary>How long nodes wait for each other.</summary>
public sealed record TopologyTimes
{
    /// <summary>Silence of a leader after which others stand for election; drawn between this and twice this.</summary>
    public TimeSpan Election { get; init; } = TimeSpan.FromMilliseconds(1000);

    /// <summary>Between two signs of life of a leader.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a disk or node may be silent before its shards are built again elsewhere.</summary>
    public TimeSpan RepairAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How much faster or slower than true time a node's clock may run, in millionths: leases are shortened by it.</summary>
    public int ClockDriftPerMillion { get; init; } = 10_000;
}
