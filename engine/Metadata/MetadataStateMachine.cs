using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>Adds the removal of up to <c>chunksMax</c> of a blob's chunks to a batch; true when none is left.</summary>
public delegate ValueTask<bool> BlobRelease(WriteBatch batch, BlobRef blob, int chunksMax);

/// <summary>What a command comes to. Apply <paramref name="Batch"/>, whole, before the next command is decided; it is null when nothing changes.</summary>
/// <param name="Result">What the caller learns.</param>
/// <param name="Batch">What changes.</param>
/// <param name="AddsGarbage">There is new work for the reclaim worker.</param>
/// <param name="AddsEvents">There is something new to tell.</param>
public readonly record struct Decision(CommandResult Result, WriteBatch? Batch, bool AddsGarbage, bool AddsEvents);

/// <summary>Decides commands: a function of the state, the command and its number, and of nothing else.</summary>
/// <param name="limits">Limits.</param>
/// <param name="release">Frees chunks; only <see cref="ReclaimCommand"/> calls it.</param>
public sealed class MetadataStateMachine(MetadataLimits limits, BlobRelease release)
{
    /// <summary>Decides one command.</summary>
    /// <param name="latest">The state after all commands before it.</param>
    /// <param name="command">The command.</param>
    /// <param name="applySequence">Above that of every command before it, and above 0.</param>
    /// <exception cref="StorageException">A row could not be read; nothing is decided.</exception>
    /// <exception cref="MalformedDataException">A row is damaged; nothing is decided.</exception>
    public async ValueTask<Decision> ApplyAsync(IReadView latest, MetadataCommand command, ulong applySequence)
    {
        ArgumentNullException.ThrowIfNull(latest);
        ArgumentNullException.ThrowIfNull(command);
        Invariant.Check(applySequence > 0, "commands count from 1");
        var transition = new Transition(latest, applySequence, command.NowUtc, limits) { Draft = command.Events };
        CommandResult result = await DecideAsync(transition, command);
        bool tells = result.Error == MetadataError.None && transition.Told is not null;
        if (tells)
        {
            await EventQueue.AddAsync(transition, transition.Told!);
        }

        bool changes = result.Error == MetadataError.None && transition.Batch.Operations.Count > 0;
        return new Decision(result, changes ? transition.Batch : null, changes && transition.AddsGarbage, tells);
    }

    private ValueTask<CommandResult> DecideAsync(Transition transition, MetadataCommand command) => command switch
    {
        PutObjectCommand put => ObjectCommands.PutAsync(transition, put),
        DeleteObjectCommand delete => ObjectCommands.DeleteAsync(transition, delete),
        UpdateObjectCommand update => ObjectCommands.UpdateAsync(transition, update),
        PutPartCommand part => UploadCommands.PutPartAsync(transition, part),
        CreateUploadCommand create => UploadCommands.CreateAsync(transition, create),
        CompleteUploadCommand complete => CompleteUpload.ApplyAsync(transition, complete),
        AbortUploadCommand abort => UploadCommands.AbortAsync(transition, abort),
        ApplyLifecycleCommand lifecycle => LifecycleCommands.ApplyAsync(transition, lifecycle),
        ReclaimCommand reclaim => ReclaimGarbage.ApplyAsync(transition, reclaim, release),
        RemoveEventsCommand told => EventQueue.RemoveAsync(transition, told),
        CreateBucketCommand create => BucketCommands.CreateAsync(transition, create),
        DeleteBucketCommand delete => BucketCommands.DeleteAsync(transition, delete),
        SetVersioningCommand versioning => BucketCommands.SetVersioningAsync(transition, versioning),
        SetBucketDocumentCommand document => BucketCommands.SetDocumentAsync(transition, document),
        SetIdentityCommand set => IdentityCommands.SetAsync(transition, set),
        RemoveIdentityCommand remove => IdentityCommands.RemoveAsync(transition, remove),
        _ => throw new InvariantViolationException($"no such command: {command.GetType().Name}"),
    };
}
