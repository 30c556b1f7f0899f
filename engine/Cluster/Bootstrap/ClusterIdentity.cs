using System;
using System.Collections.Generic;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Cluster;

/// <summary>A founding voter of the root group.</summary>
/// <param name="Node">Where it lives.</param>
/// <param name="Peer">Its number: random, of one formatting of the node's metadata disk.</param>
public readonly record struct FoundingVoter(NodeId Node, ulong Peer);

/// <summary>Which cluster a node's metadata disk belongs to, and with whom it was founded. Written once, never changed.</summary>
/// <param name="ClusterId">Random, given at the founding.</param>
/// <param name="Voters">The first voters of the root group, in the order of the topology.</param>
public sealed record ClusterIdentity(UInt128 ClusterId, IReadOnlyList<FoundingVoter> Voters)
{
    private const byte Version = 1;
    private const int VotersMax = 64;

    /// <summary>True when the peer is one of the first voters.</summary>
    public bool IsFounder(ulong peer)
    {
        foreach (FoundingVoter voter in Voters)
        {
            if (voter.Peer == peer)
            {
                return true;
            }
        }

        return false;
    }

    internal void Write(ByteWriter writer)
    {
        writer.Byte(Version);
        writer.UInt64((ulong)(ClusterId >> 64));
        writer.UInt64((ulong)(ClusterId & ulong.MaxValue));
        writer.VarUInt((ulong)Voters.Count);
        foreach (FoundingVoter voter in Voters)
        {
            writer.Text(voter.Node.Value);
            writer.UInt64(voter.Peer);
        }
    }

    internal static ClusterIdentity Read(ref ByteReader reader)
    {
        if (reader.Byte() != Version)
        {
            throw new MalformedDataException("cluster identity of an unknown version");
        }

        UInt128 id = ((UInt128)reader.UInt64() << 64) | reader.UInt64();
        int count = reader.Count();
        if (count > VotersMax)
        {
            throw new MalformedDataException($"{count} founding voters");
        }

        var voters = new FoundingVoter[count];
        for (int i = 0; i < count; i++)
        {
            voters[i] = new FoundingVoter(new NodeId(reader.Text()), reader.UInt64());
        }

        return new ClusterIdentity(id, voters);
    }
}
