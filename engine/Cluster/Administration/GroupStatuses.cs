using System.Collections.Generic;
using ObjectStore.Engine.Consensus;

namespace ObjectStore.Engine.Cluster;

/// <summary>The replicas of this node as administrators see their groups. On the loop of the replicas.</summary>
internal static class GroupStatuses
{
    internal static IReadOnlyList<GroupStatus> Of(LocalGroups groups)
    {
        var all = new List<GroupStatus>();
        foreach (LocalGroup group in groups.All)
        {
            all.Add(Of(group.Raft.Status()));
        }

        return all;
    }

    private static GroupStatus Of(RaftStatus status)
    {
        var replicas = new List<ReplicaStatus>();
        foreach (RaftMember member in status.Membership.Voters)
        {
            replicas.Add(Of(status, member, votes: true));
        }

        foreach (RaftMember member in status.Membership.Learners)
        {
            replicas.Add(Of(status, member, votes: false));
        }

        replicas.Sort(static (left, right) => string.CompareOrdinal(left.Node, right.Node));
        return new GroupStatus(status.Group.Value, "", "", status.LeaderNode?.Value ?? "", status.Term.Value, status.Commit.Value, replicas);
    }

    private static ReplicaStatus Of(RaftStatus status, RaftMember member, bool votes)
    {
        if (member.Peer == status.Self)
        {
            return new ReplicaStatus(member.Node.Value, votes, status.LogEnd.Value, IsHeard: true);
        }

        foreach (PeerStatus peer in status.Peers)
        {
            if (peer.Peer == member.Peer)
            {
                return new ReplicaStatus(member.Node.Value, votes, peer.Match.Value, peer.IsActive);
            }
        }

        return new ReplicaStatus(member.Node.Value, votes, 0, IsHeard: false);
    }
}
