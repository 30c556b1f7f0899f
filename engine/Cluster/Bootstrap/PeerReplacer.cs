using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Cluster;

/// <summary>Takes a node whose metadata disk was replaced back into a group: its new peer as a learner, and when that has caught up, as a voter in place of the old one.</summary>
/// <remarks>
/// Every replica has one; only the leader's works. Invariant: a voter is replaced only by a peer that its own node names, and that has the log up to where the leader had committed when it
/// was looked at; one voter at a time. Lives on the loop of the group. Source: Ongaro's dissertation, section 4.2.1 (catching up new servers).
/// </remarks>
public sealed class PeerReplacer(NodeEnvironment environment, IRaftGroup group, Founding founding, TimeSpan interval)
{
    /// <summary>Looks after the members; ends with the node.</summary>
    public async Task RunAsync()
    {
        while (true)
        {
            await environment.Clock.DelayAsync(interval);
            if (group.IsLeader)
            {
                await LookAsync();
            }
        }
    }

    private async ValueTask LookAsync()
    {
        RaftStatus status = group.Status();
        if (status.Membership.IsJoint || !status.IsMembershipCommitted)
        {
            return;
        }

        foreach (RaftMember voter in status.Membership.Voters)
        {
            if (voter.Peer == group.Self || await founding.PeerOfAsync(voter.Node) is not { } peer || peer == voter.Peer.Value)
            {
                continue;
            }

            await ReplaceAsync(status, voter, new RaftMember(new PeerId(peer), voter.Node));
            return;
        }
    }

    private async ValueTask ReplaceAsync(RaftStatus before, RaftMember old, RaftMember fresh)
    {
        PeerStatus? progress = group.Status().Peers.FirstOrDefault(peer => peer.Peer == fresh.Peer);
        RaftMembership target;
        if (progress is null)
        {
            // Learners of earlier disks of the same node will never be heard of again.
            target = new RaftMembership(before.Membership.Voters, Others(before.Membership.Learners, fresh.Node).Append(fresh));
        }
        else if (progress.Match >= before.Commit)
        {
            target = new RaftMembership(
                before.Membership.Voters.Where(voter => voter.Peer != old.Peer).Append(fresh), Others(before.Membership.Learners, fresh.Node));
        }
        else
        {
            return;
        }

        MembershipOutcome outcome = await group.ChangeMembershipAsync(target);
        environment.Trace.Emit(
            TraceLevel.Info, "cluster", "peer-replaced", ("group", group.Id.ToString()), ("target", target.ToString()), ("outcome", outcome.ToString()));
        environment.Trace.Mark("peer-replaced");
    }

    private static IEnumerable<RaftMember> Others(IEnumerable<RaftMember> members, NodeId node) => members.Where(member => member.Node != node);
}
