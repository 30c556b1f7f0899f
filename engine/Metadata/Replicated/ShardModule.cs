using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>The metadata of a group: the state machine of one node, decided again on every replica, with what a cluster adds to it.</summary>
/// <remarks>
/// Added: the table of blobs that the rows name, for repair; doomed blobs, whose shards are deleted after the command that freed them; and gateways' closed epochs, so that
/// what a dead gateway left behind can be told from what is about to be named.
/// </remarks>
public sealed class ShardModule : IGroupModule
{
    private readonly MetadataStateMachine _machine;
    private readonly GatewayEpochs _epochs = new();

    /// <summary>Makes the module.</summary>
    /// <param name="limits">The same on every replica.</param>
    public ShardModule(MetadataLimits limits) => _machine = new MetadataStateMachine(limits, BlobTable.DoomAsync);

    /// <inheritdoc/>
    public byte CommandKind => ShardCommandCodec.CommandKind;

    /// <summary>Set when there may be something to reclaim; the reclaimer of this replica waits for it.</summary>
    public Signal Garbage { get; } = new();

    /// <summary>True when the group takes no commands of that epoch any more.</summary>
    public bool IsClosed(ulong gatewayEpoch) => _epochs.IsClosed(gatewayEpoch);

    /// <inheritdoc/>
    public ValueTask<Action> LoadAsync(IReadView state) => _epochs.LoadAsync(state);

    /// <inheritdoc/>
    public void EncodeResult(object? result, ByteWriter to) => ShardAnswerCodec.Encode((ShardAnswer)result!, to);

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>> AnswerAsync(IReadView state, ReadOnlyMemory<byte> query) => ShardQueries.AnswerAsync(state, query);

    /// <inheritdoc/>
    public async ValueTask<object?> ApplyAsync(GroupStep step, ReadOnlyMemory<byte> command)
    {
        ArgumentNullException.ThrowIfNull(step);
        switch (ShardCommandCodec.Decode(command.Span))
        {
            case ExecuteCommand execute:
                return await ExecuteAsync(step, execute);
            case CloseEpochsCommand close:
                _epochs.Close(step, close.Floor, close.Epochs);
                return ShardAnswer.Done;
            case ForgetDoomedCommand forget:
                foreach (BlobId blob in forget.Blobs)
                {
                    BlobTable.Forget(step.Batch, blob);
                }

                return ShardAnswer.Done;
            case var other:
                throw new InvariantViolationException($"no such command: {other.GetType().Name}");
        }
    }

    private async ValueTask<ShardAnswer> ExecuteAsync(GroupStep step, ExecuteCommand execute)
    {
        if (_epochs.IsClosed(execute.GatewayEpoch))
        {
            return new ShardAnswer(ShardStatus.EpochClosed, null);
        }

        Decision decision = await _machine.ApplyAsync(step.State, execute.Command, step.Number);
        if (decision.Batch is { } batch)
        {
            step.Batch = batch;
            switch (execute.Command)
            {
                case PutObjectCommand put:
                    BlobTable.AddAll(batch, put.Data);
                    break;
                case PutPartCommand put:
                    BlobTable.AddAll(batch, put.Part.Data);
                    break;
                default:
                    break;
            }

            if (decision.AddsGarbage || execute.Command is ReclaimCommand)
            {
                step.Then(Garbage.Set);
            }
        }

        return new ShardAnswer(ShardStatus.Done, decision.Result);
    }
}
