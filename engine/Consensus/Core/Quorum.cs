using System;
using System.Collections.Generic;

namespace ObjectStore.Engine.Consensus;

/// <summary>Majorities, of one set of voters or of both in joint consensus.</summary>
internal static class Quorum
{
    /// <summary>The largest value that a majority has reached: of each set of voters, and the smaller of both.</summary>
    internal static ulong Value(RaftMembership membership, Func<PeerId, ulong> value)
    {
        if (membership.Voters.Count == 0)
        {
            return 0;
        }

        ulong reached = OfSet(membership.Voters, value);
        return membership.IsJoint ? Math.Min(reached, OfSet(membership.OutgoingVoters, value)) : reached;
    }

    /// <summary>True when the voters for whom <paramref name="holds"/> is true are a majority of each set.</summary>
    internal static bool Holds(RaftMembership membership, Func<PeerId, bool> holds) =>
        Value(membership, peer => holds(peer) ? 1UL : 0UL) == 1;

    private static ulong OfSet(IReadOnlyList<RaftMember> voters, Func<PeerId, ulong> value)
    {
        Span<ulong> values = stackalloc ulong[RaftMembership.MembersMax];
        values = values[..voters.Count];
        for (int i = 0; i < voters.Count; i++)
        {
            values[i] = value(voters[i].Peer);
        }

        values.Sort();
        return values[(voters.Count - 1) / 2];
    }
}
