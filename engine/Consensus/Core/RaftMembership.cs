using System;
using System.Collections.Generic;
using System.Text;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Consensus;

/// <summary>A peer and the node where it lives.</summary>
public readonly record struct RaftMember(PeerId Peer, NodeId Node);

/// <summary>Who belongs to a group. Immutable; each list is sorted by peer and names nobody twice.</summary>
/// <remarks>
/// While <see cref="OutgoingVoters"/> is not empty the group is in joint consensus: whatever needs a majority needs one of <see cref="Voters"/> and one of
/// <see cref="OutgoingVoters"/>. Learners get the log and have no vote. A learner may be an outgoing voter (it is being demoted), never a voter.
/// Source: Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm", section 6; Ongaro's dissertation, section 4.3.
/// </remarks>
public sealed class RaftMembership : IEquatable<RaftMembership>
{
    /// <summary>Voters, outgoing voters and learners that a membership may name at most, each.</summary>
    public const int MembersMax = 64;

    /// <summary>Nobody: what a node starts with that waits to be taken in.</summary>
    public static readonly RaftMembership Empty = new([], [], []);

    private readonly RaftMember[] _voters;
    private readonly RaftMember[] _outgoing;
    private readonly RaftMember[] _learners;

    /// <summary>A membership; the lists may come in any order.</summary>
    /// <exception cref="ArgumentException">A peer twice in a list, nobody's id, a voter that is a learner too, or too many.</exception>
    public RaftMembership(IEnumerable<RaftMember> voters, IEnumerable<RaftMember> outgoingVoters, IEnumerable<RaftMember> learners)
    {
        (_voters, _outgoing, _learners) = (Sort(voters), Sort(outgoingVoters), Sort(learners));
        foreach (RaftMember learner in _learners)
        {
            if (Contains(_voters, learner.Peer))
            {
                throw new ArgumentException($"peer {learner.Peer} is voter and learner", nameof(learners));
            }
        }
    }

    /// <summary>A membership outside of joint consensus.</summary>
    public RaftMembership(IEnumerable<RaftMember> voters, IEnumerable<RaftMember> learners)
        : this(voters, [], learners)
    {
    }

    /// <summary>The (incoming) voters.</summary>
    public IReadOnlyList<RaftMember> Voters => _voters;

    /// <summary>The voters that are being replaced; empty outside of joint consensus.</summary>
    public IReadOnlyList<RaftMember> OutgoingVoters => _outgoing;

    /// <summary>Those that get the log and have no vote.</summary>
    public IReadOnlyList<RaftMember> Learners => _learners;

    /// <summary>True in the middle of a change of voters.</summary>
    public bool IsJoint => _outgoing.Length > 0;

    /// <summary>True when it names nobody.</summary>
    public bool IsEmpty => _voters.Length == 0 && _outgoing.Length == 0 && _learners.Length == 0;

    /// <summary>Whether the peer has a vote in either set of voters.</summary>
    public bool IsVoter(PeerId peer) => Contains(_voters, peer) || Contains(_outgoing, peer);

    /// <summary>Whether the peer is in any list.</summary>
    public bool Contains(PeerId peer) => IsVoter(peer) || Contains(_learners, peer);

    /// <summary>Where a peer lives; null when it is no member.</summary>
    public NodeId? NodeOf(PeerId peer) => Find(_voters, peer) ?? Find(_outgoing, peer) ?? Find(_learners, peer);

    /// <summary>Everybody once, sorted by peer.</summary>
    public IReadOnlyList<RaftMember> All()
    {
        var all = new SortedDictionary<PeerId, RaftMember>();
        foreach (RaftMember[] list in new[] { _learners, _outgoing, _voters })
        {
            foreach (RaftMember member in list)
            {
                all[member.Peer] = member;
            }
        }

        return [.. all.Values];
    }

    /// <inheritdoc/>
    public bool Equals(RaftMembership? other) =>
        other is not null
        && _voters.AsSpan().SequenceEqual(other._voters)
        && _outgoing.AsSpan().SequenceEqual(other._outgoing)
        && _learners.AsSpan().SequenceEqual(other._learners);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as RaftMembership);

    /// <inheritdoc/>
    public override int GetHashCode() => unchecked((_voters.Length * 10_007) + (_outgoing.Length * 101) + _learners.Length);

    /// <summary>For people: <c>voters=(1 2 3) outgoing=(1) learners=(4)</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        Append(text, "voters", _voters);
        if (IsJoint)
        {
            Append(text.Append(' '), "outgoing", _outgoing);
        }

        if (_learners.Length > 0)
        {
            Append(text.Append(' '), "learners", _learners);
        }

        return text.ToString();
    }

    /// <summary>Writes the persisted and wire form: version, then three lists of peer and node.</summary>
    internal void Write(ByteWriter to)
    {
        to.Byte(1);
        foreach (RaftMember[] list in new[] { _voters, _outgoing, _learners })
        {
            to.VarUInt((ulong)list.Length);
            foreach (RaftMember member in list)
            {
                to.UInt64(member.Peer.Value);
                to.Text(member.Node.Value);
            }
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="MalformedDataException">It is not a membership.</exception>
    internal static RaftMembership Read(ref ByteReader from)
    {
        byte version = from.Byte();
        if (version != 1)
        {
            throw new MalformedDataException($"membership of version {version}");
        }

        RaftMember[] voters = ReadList(ref from);
        RaftMember[] outgoing = ReadList(ref from);
        RaftMember[] learners = ReadList(ref from);
        try
        {
            return new RaftMembership(voters, outgoing, learners);
        }
        catch (ArgumentException wrong)
        {
            throw new MalformedDataException(wrong.Message);
        }
    }

    private static RaftMember[] ReadList(ref ByteReader from)
    {
        int count = from.Count();
        if (count > MembersMax)
        {
            throw new MalformedDataException($"{count} members");
        }

        var members = new RaftMember[count];
        for (int i = 0; i < count; i++)
        {
            var peer = new PeerId(from.UInt64());
            members[i] = new RaftMember(peer, new NodeId(from.Text()));
        }

        return members;
    }

    private static RaftMember[] Sort(IEnumerable<RaftMember> members)
    {
        ArgumentNullException.ThrowIfNull(members);
        RaftMember[] sorted = [.. members];
        Array.Sort(sorted, static (left, right) => left.Peer.CompareTo(right.Peer));
        for (int i = 0; i < sorted.Length; i++)
        {
            if (!sorted[i].Peer.IsSome || (i > 0 && sorted[i].Peer == sorted[i - 1].Peer))
            {
                throw new ArgumentException($"peer {sorted[i].Peer} is nobody or comes twice", nameof(members));
            }
        }

        return sorted.Length <= MembersMax ? sorted : throw new ArgumentException($"{sorted.Length} members", nameof(members));
    }

    private static bool Contains(RaftMember[] sorted, PeerId peer) => Find(sorted, peer) is not null;

    private static NodeId? Find(RaftMember[] sorted, PeerId peer)
    {
        foreach (RaftMember member in sorted)
        {
            if (member.Peer == peer)
            {
                return member.Node;
            }
        }

        return null;
    }

    private static void Append(StringBuilder text, string name, RaftMember[] members)
    {
        text.Append(name).Append("=(");
        for (int i = 0; i < members.Length; i++)
        {
            text.Append(i == 0 ? "" : " ").Append(members[i].Peer);
        }

        text.Append(')');
    }
}
