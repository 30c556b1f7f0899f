using System;
using System.IO;
using System.Linq;
using System.Net;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Host;

/// <summary>What <c>--topology</c> and <c>--node</c> name, looked up.</summary>
/// <param name="Topology">The region.</param>
/// <param name="Node">Which of its nodes this process is.</param>
/// <param name="Insecure">Cleartext between nodes, on loopback addresses only.</param>
internal sealed record TopologyOption(TopologyFile Topology, TopologyNode Node, bool Insecure)
{
    /// <exception cref="CommandFailedException">The file cannot be read or used, or has no such node.</exception>
    internal static TopologyOption Load(string file, string node, bool insecure)
    {
        TopologyFile topology = LoadFile(file);
        return topology.Find(new NodeId(node)) is { } found
            ? new TopologyOption(topology, found, insecure)
            : throw new CommandFailedException(ExitCode.Usage, $"{file} has no node '{node}'; it has {string.Join(", ", topology.Nodes.Select(static one => one.Name.Value))}");
    }

    /// <exception cref="CommandFailedException">The file cannot be read or used.</exception>
    internal static TopologyFile LoadFile(string file)
    {
        try
        {
            return TopologyFile.Parse(File.ReadAllBytes(file));
        }
        catch (TopologyException failure)
        {
            throw new CommandFailedException(ExitCode.Failed, $"{file}: {failure.Message}");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(ExitCode.Failed, $"cannot read the topology {file}: {failure.Message}");
        }
    }

    /// <summary>Where to connect to.</summary>
    internal static EndPoint Reach(NodeAddress address) =>
        IPAddress.TryParse(address.Host, out IPAddress? known) ? new IPEndPoint(known, address.Port) : new DnsEndPoint(address.Host, address.Port);

    /// <summary>Where to listen, which must be an address of this machine.</summary>
    /// <exception cref="CommandFailedException">A host name that means no address.</exception>
    internal static IPEndPoint Listen(NodeAddress address)
    {
        if (IPAddress.TryParse(address.Host, out IPAddress? known))
        {
            return new IPEndPoint(known, address.Port);
        }

        try
        {
            return new IPEndPoint(Dns.GetHostAddresses(address.Host)[0], address.Port);
        }
        catch (Exception failure) when (failure is System.Net.Sockets.SocketException or IndexOutOfRangeException)
        {
            throw new CommandFailedException(ExitCode.Failed, $"'{address.Host}' means no address: {failure.Message}");
        }
    }
}
