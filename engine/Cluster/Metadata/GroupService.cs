using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Rpc;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>Answers other nodes for the groups that have a replica here: proposes where this node leads, and reads the newest state.</summary>
public sealed class GroupService
{
    private readonly LocalGroups _groups;

    /// <summary>Registers its methods, so before the endpoint starts.</summary>
    public GroupService(RpcEndpoint rpc, LocalGroups groups)
    {
        ArgumentNullException.ThrowIfNull(rpc);
        _groups = groups;
        rpc.Handle(GroupMessages.Propose, (_, request) => new ValueTask<ReadOnlyMemory<byte>>(
            _groups.Loop.CallAsync(static call => call.Self.ProposeAsync(call.Request), (Self: this, Request: request))));
        rpc.Handle(GroupMessages.Ask, (_, request) => new ValueTask<ReadOnlyMemory<byte>>(
            _groups.Loop.CallAsync(static call => call.Self.AskAsync(call.Request), (Self: this, Request: request))));
    }

    private async ValueTask<ReadOnlyMemory<byte>> ProposeAsync(ReadOnlyMemory<byte> request)
    {
        (GroupId group, ReadOnlyMemory<byte> command) = GroupMessages.ReadRequest(request);
        if (_groups.Find(group) is not { } local || command.IsEmpty)
        {
            return GroupMessages.Reply(GroupReplyKind.NoSuchGroup);
        }

        ProposalOutcome outcome = await local.Raft.ProposeAsync(command, FreesSpace(command));
        if (outcome.Status != ProposalStatus.Applied)
        {
            return GroupMessages.Reply(KindOf(outcome.Status), outcome.Leader);
        }

        ByteWriter answer = GroupMessages.StartAnswer();
        local.Machine.Module<IGroupModule>(command.Span[0]).EncodeResult(outcome.Result, answer);
        return answer.WrittenMemory;
    }

    private async ValueTask<ReadOnlyMemory<byte>> AskAsync(ReadOnlyMemory<byte> request)
    {
        (GroupId group, ReadOnlyMemory<byte> query) = GroupMessages.ReadRequest(request);
        if (_groups.Find(group) is not { } local || query.IsEmpty)
        {
            return GroupMessages.Reply(GroupReplyKind.NoSuchGroup);
        }

        ReadOutcome outcome = await local.Raft.ReadIndexAsync();
        if (outcome.Status != ReadStatus.Ok)
        {
            return GroupMessages.Reply(outcome.Status == ReadStatus.NotLeader ? GroupReplyKind.NotLeader : GroupReplyKind.Retry, outcome.Leader);
        }

        // Nothing was awaited since: the state is at least that of the index.
        using IReadView state = local.Machine.Read();
        try
        {
            ReadOnlyMemory<byte> found = await local.Machine.Module<IGroupModule>(query.Span[0]).AnswerAsync(state, query);
            ByteWriter answer = GroupMessages.StartAnswer();
            answer.Raw(found.Span);
            return answer.WrittenMemory;
        }
        catch (StorageException failure)
        {
            throw new RpcFailedException($"group {group} could not be read: {failure.Message}");
        }
    }

    internal static GroupReplyKind KindOf(ProposalStatus status) => status switch
    {
        ProposalStatus.Applied => GroupReplyKind.Answer,
        ProposalStatus.NotLeader => GroupReplyKind.NotLeader,
        ProposalStatus.Overloaded or ProposalStatus.Dropped => GroupReplyKind.Retry,
        ProposalStatus.Full => GroupReplyKind.Full,
        _ => GroupReplyKind.Unknown,
    };

    private static bool FreesSpace(ReadOnlyMemory<byte> command) => command.Span[0] == ShardCommandCodec.CommandKind && ShardCommandCodec.FreesSpace(command.Span);
}
