using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Proofs.Cluster;

/// <summary>A double of consensus: one log that all replicas of all nodes see and that never loses anything. Who leads is said by the test.</summary>
internal sealed class SharedLog(GroupId group)
{
    private readonly List<byte[]> _entries = [];

    internal GroupId Group => group;

    internal NodeId? Leader
    {
        get;
        set
        {
            Term = field == value ? Term : Term.Next;
            field = value;
        }
    }

    internal Term Term { get; private set; } = new(1);

    /// <summary>Proposals end as unknown although they were taken.</summary>
    internal bool LosesAnswers { get; set; }

    /// <summary>Proposals that were taken.</summary>
    internal int Count => _entries.Count;

    /// <summary>A replica on a node. Call on the loop that owns the machine.</summary>
    internal IRaftGroup Open(NodeEnvironment environment, ILoop loop, GroupMachine machine)
    {
        var replica = new Replica(this, environment, machine);
        environment.Spawner.Spawn(loop, $"shared-log-{group}", replica.RunAsync);
        return replica;
    }

    private sealed class Replica(SharedLog log, NodeEnvironment environment, GroupMachine machine) : IRaftGroup
    {
        private readonly SortedDictionary<int, TaskCompletionSource<object?>> _waiting = [];
        private readonly Gate _applied = new();
        private readonly Gate _changed = new();
        private bool _led;

        public GroupId Id => log.Group;

        public PeerId Self => new(1);

        public IReplicatedStateMachine Machine => machine;

        public bool IsLeader => log.Leader == environment.Network.Self;

        public Term Term => log.Term;

        public NodeId? LeaderNode => log.Leader;

        public RaftStatus Status() => new()
        {
            Group = log.Group,
            Self = Self,
            Role = IsLeader ? RaftRole.Leader : RaftRole.Follower,
            Term = Term,
            Leader = default,
            LeaderNode = LeaderNode,
            Membership = RaftMembership.Empty,
            IsMembershipCommitted = true,
            LogStart = default,
            LogEnd = default,
            Durable = default,
            Commit = default,
            Applied = machine.AppliedIndex,
            Lease = default,
            Peers = [],
        };

        public async Task<ProposalOutcome> ProposeAsync(ReadOnlyMemory<byte> command, bool freesSpace = false)
        {
            byte[] entry = command.ToArray();
            await environment.Clock.DelayAsync(TimeSpan.FromMilliseconds(1));
            if (!IsLeader)
            {
                return new ProposalOutcome(ProposalStatus.NotLeader, default, null, log.Leader);
            }

            int position = log._entries.Count;
            log._entries.Add(entry);
            if (log.LosesAnswers)
            {
                return new ProposalOutcome(ProposalStatus.Unknown, default, null, null);
            }

            var applied = new TaskCompletionSource<object?>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add(position, applied);
            return new ProposalOutcome(ProposalStatus.Applied, new LogIndex((ulong)position + 1), await applied.Task, null);
        }

        public async Task<ReadOutcome> ReadIndexAsync()
        {
            if (!IsLeader)
            {
                await environment.Clock.DelayAsync(TimeSpan.FromMilliseconds(1));
            }

            if (log.Leader is null)
            {
                return new ReadOutcome(ReadStatus.NotLeader, default, null);
            }

            int wanted = log._entries.Count;
            while (machine.AppliedIndex.Value < (ulong)wanted)
            {
                await _applied.WaitAsync();
            }

            return new ReadOutcome(ReadStatus.Ok, machine.AppliedIndex, null);
        }

        public Task<MembershipOutcome> ChangeMembershipAsync(RaftMembership target) => throw new NotSupportedException();

        public Task<bool> TransferLeadershipAsync(PeerId to) => throw new NotSupportedException();

        public Task WaitForChangeAsync() => _changed.WaitAsync();

        internal async Task RunAsync()
        {
            while (true)
            {
                int next = (int)machine.AppliedIndex.Value;
                if (next < log._entries.Count)
                {
                    object? result = await machine.ApplyAsync(new LogIndex((ulong)next + 1), new Term(1), log._entries[next]);
                    if (_waiting.Remove(next, out TaskCompletionSource<object?>? waiter))
                    {
                        waiter.SetResult(result);
                    }

                    _applied.Open();
                    continue;
                }

                if (_led != IsLeader)
                {
                    _led = IsLeader;
                    _changed.Open();
                }

                await environment.Clock.DelayAsync(TimeSpan.FromMilliseconds(2));
            }
        }
    }
}
