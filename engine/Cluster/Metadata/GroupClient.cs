using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Rpc;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>Patience of a <see cref="GroupClient"/>.</summary>
public sealed record GroupClientOptions
{
    /// <summary>How long after its beginning a call may start another attempt. One that has started gets its own time, or commands would end as unknown for lack of it.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long one node may take over a command. A command without an answer has an unknown outcome.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long one node may take over a question; then another one is asked.</summary>
    public TimeSpan QueryTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Rest before another attempt; doubles up to <see cref="RetryDelayMax"/>.</summary>
    public TimeSpan RetryDelayMin { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Longest rest.</summary>
    public TimeSpan RetryDelayMax { get; init; } = TimeSpan.FromMilliseconds(250);
}

/// <summary>Reaches groups from any node: finds the leader, and tries again what certainly did not happen.</summary>
/// <remarks>
/// Invariant: a command is sent again only when the last attempt certainly changed nothing; without an answer it ends as <see cref="StorageError.OutcomeUnknown"/>. Questions may always be asked again.
/// Lives on one loop; members with a deadline are called from there, the others from anywhere.
/// </remarks>
public sealed class GroupClient : IGroupCalls
{
    private readonly NodeEnvironment _environment;
    private readonly ILoop _loop;
    private readonly RpcEndpoint _rpc;
    private readonly IGroupLocator _locator;
    private readonly GroupClientOptions _options;
    private readonly SortedDictionary<GroupId, NodeId> _leaders = [];

    /// <summary>Prepares it.</summary>
    public GroupClient(NodeEnvironment environment, ILoop loop, RpcEndpoint rpc, IGroupLocator locator, GroupClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(loop);
        ArgumentNullException.ThrowIfNull(rpc);
        ArgumentNullException.ThrowIfNull(locator);
        ArgumentNullException.ThrowIfNull(options);
        (_environment, _loop, _rpc, _locator, _options) = (environment, loop, rpc, locator, options);
    }

    /// <summary>Owns this client.</summary>
    public ILoop Loop => _loop;

    internal NodeEnvironment Environment => _environment;

    internal GroupClientOptions Options => _options;

    /// <summary>Until when a call that begins now may start attempts.</summary>
    public TimeSpan DeadlineFromNow() => _environment.Clock.Now + _options.Deadline;

    /// <summary>Has a group decide a command.</summary>
    /// <param name="group">Which group.</param>
    /// <param name="command">With the first byte of its module.</param>
    /// <param name="deadline">On the monotonic clock; see <see cref="DeadlineFromNow"/>.</param>
    /// <returns>What the module answered.</returns>
    /// <exception cref="StorageException"><see cref="StorageError.Unavailable"/> or <see cref="StorageError.Full"/>: nothing changed;
    /// <see cref="StorageError.OutcomeUnknown"/>: it may have, or will.</exception>
    public ValueTask<ReadOnlyMemory<byte>> ProposeAsync(GroupId group, ReadOnlyMemory<byte> command, TimeSpan deadline) =>
        CallAsync(group, GroupMessages.Propose, command, deadline, isQuery: false);

    /// <summary>Asks a group, and gets an answer that knows everything acknowledged before.</summary>
    /// <returns>What the module answered.</returns>
    /// <exception cref="StorageException"><see cref="StorageError.Unavailable"/>.</exception>
    public ValueTask<ReadOnlyMemory<byte>> AskAsync(GroupId group, ReadOnlyMemory<byte> query, TimeSpan deadline) =>
        CallAsync(group, GroupMessages.Ask, query, deadline, isQuery: true);

    /// <inheritdoc/>
    public Task<ReadOnlyMemory<byte>> ProposeAsync(GroupId group, ReadOnlyMemory<byte> command) =>
        _loop.EnterAsync(static call => call.Self.ProposeAsync(call.Group, call.Command, call.Self.DeadlineFromNow()), (Self: this, Group: group, Command: command));

    /// <inheritdoc/>
    public Task<ReadOnlyMemory<byte>> AskAsync(GroupId group, ReadOnlyMemory<byte> query) =>
        _loop.EnterAsync(static call => call.Self.AskAsync(call.Group, call.Query, call.Self.DeadlineFromNow()), (Self: this, Group: group, Query: query));

    /// <summary>Rests between two attempts.</summary>
    /// <exception cref="StorageException">The deadline has passed.</exception>
    internal async ValueTask RestAsync(int attempt, TimeSpan deadline, string why)
    {
        if (_environment.Clock.Now >= deadline)
        {
            throw new StorageException(StorageError.Unavailable, "group", -1, why);
        }

        // Half of it is drawn, so that clients that failed together do not come back together.
        TimeSpan rest = Backoff.Rest(_options.RetryDelayMin, _options.RetryDelayMax, attempt);
        rest = rest / 2 + rest / 2 * (_environment.Entropy.NextUInt64() >> 40) / (1 << 24);
        await _environment.Clock.DelayAsync(rest);
    }

    private async ValueTask<ReadOnlyMemory<byte>> CallAsync(GroupId group, RpcMethod method, ReadOnlyMemory<byte> content, TimeSpan deadline, bool isQuery)
    {
        Invariant.Check(_loop.IsCurrent, "a group client belongs to one loop");
        byte[] request = GroupMessages.Request(group, content.Span);
        var hinted = new SortedSet<NodeId>();
        NodeId? last = null;
        for (int attempt = 0; ; attempt++)
        {
            if (Choose(group, last) is not { } target)
            {
                await LookAgainAsync(group);
                await RestAsync(attempt, deadline, $"nobody is known to have group {group}");
                continue;
            }

            last = target;
            RpcReply rpc = await _rpc.CallAsync(target, method, request, isQuery ? _options.QueryTimeout : _options.CommandTimeout);
            if (!rpc.Ok)
            {
                Forget(group, target);
                if (!isQuery && rpc.Status != RpcStatus.NotExecuted)
                {
                    throw Unknown(group);
                }

                hinted.Clear();
                await RestAsync(attempt, deadline, $"group {group} cannot be reached");
                continue;
            }

            GroupReply reply = GroupMessages.ReadReply(rpc.Payload);
            switch (reply.Kind)
            {
                case GroupReplyKind.Answer:
                    _leaders[group] = target;
                    return reply.Answer;
                case GroupReplyKind.Full:
                    throw new StorageException(StorageError.Full, "group", -1, $"group {group} has no space");
                case GroupReplyKind.Unknown when !isQuery:
                    throw Unknown(group);
                case GroupReplyKind.NotLeader when reply.Leader is { } leader && leader != target && hinted.Add(leader):
                    // Each hint is followed at once, once: two nodes may name each other.
                    _leaders[group] = leader;
                    continue;
                case GroupReplyKind.Retry:
                    break;
                case GroupReplyKind.NoSuchGroup:
                    Forget(group, target);
                    await LookAgainAsync(group);
                    break;
                default:
                    Forget(group, target);
                    break;
            }

            hinted.Clear();
            await RestAsync(attempt, deadline, $"group {group} has no leader");
        }
    }

    /// <summary>The root group's places are where everything else is learned: they are not looked up there.</summary>
    private async ValueTask LookAgainAsync(GroupId group)
    {
        if (group != RangeDirectory.Root)
        {
            await _locator.LookAgainAsync(this);
        }
    }

    private NodeId? Choose(GroupId group, NodeId? last)
    {
        if (_leaders.TryGetValue(group, out NodeId leader))
        {
            return leader;
        }

        IReadOnlyList<NodeId> replicas = _locator.ReplicasOf(group);
        if (replicas.Count == 0)
        {
            return null;
        }

        int at = -1;
        for (int i = 0; i < replicas.Count; i++)
        {
            // This node first, then the one after the last that was tried.
            at = (last is null && replicas[i] == _rpc.Self) || replicas[i] == last ? i + (last is null ? 0 : 1) : at;
        }

        return replicas[int.Max(at, 0) % replicas.Count];
    }

    private void Forget(GroupId group, NodeId node)
    {
        if (_leaders.TryGetValue(group, out NodeId leader) && leader == node)
        {
            _leaders.Remove(group);
        }
    }

    private static StorageException Unknown(GroupId group) =>
        new(StorageError.OutcomeUnknown, "group", -1, $"group {group} gave no answer");
}
