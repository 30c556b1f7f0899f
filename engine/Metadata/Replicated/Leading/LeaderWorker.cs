using System;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>Reaches any group from here. Any thread.</summary>
public interface IGroupCalls
{
    /// <summary>Has a group decide a command.</summary>
    /// <returns>What its module answered.</returns>
    /// <exception cref="StorageException"><see cref="StorageError.OutcomeUnknown"/>, or nothing changed.</exception>
    Task<ReadOnlyMemory<byte>> ProposeAsync(GroupId group, ReadOnlyMemory<byte> command);

    /// <summary>Asks a group about its newest state.</summary>
    /// <returns>What its module answered.</returns>
    /// <exception cref="StorageException">It cannot be reached.</exception>
    Task<ReadOnlyMemory<byte>> AskAsync(GroupId group, ReadOnlyMemory<byte> query);
}

/// <summary>Work that the leader of a group does for it, again from where the rows say, whoever leads next. On the loop of the store.</summary>
/// <param name="name">For traces.</param>
/// <param name="environment">The seams.</param>
/// <param name="raft">The group.</param>
/// <param name="machine">Its state.</param>
/// <param name="groups">Reaches other groups.</param>
public abstract class LeaderWorker(string name, NodeEnvironment environment, IRaftGroup raft, GroupMachine machine, IGroupCalls groups)
    : Worker(name, (environment ?? throw new ArgumentNullException(nameof(environment))).Clock)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(50);

    private readonly Signal _wake = new();
    private long _steps;
    private long _failures;

    /// <inheritdoc/>
    public override WorkerProgress Progress => new(_steps, 0, _failures, 0);

    /// <summary>The group that is led.</summary>
    protected IRaftGroup Raft { get; } = raft;

    /// <summary>Its state.</summary>
    protected GroupMachine Machine { get; } = machine;

    /// <summary>Reaches other groups.</summary>
    protected IGroupCalls Groups { get; } = groups;

    /// <summary>The seams.</summary>
    protected NodeEnvironment Environment { get; } = environment;

    /// <summary>Starts it, on the loop of the store.</summary>
    public void Start(ILoop loop)
    {
        Environment.Spawner.Spawn(loop, Name, () => RunAsync(CancellationToken.None));
        Environment.Spawner.Spawn(loop, $"{Name}-leadership", WatchLeadershipAsync);
        Environment.Spawner.Spawn(loop, $"{Name}-progress", WatchProgressAsync);
    }

    /// <inheritdoc/>
    public override async ValueTask<TimeSpan> StepAsync()
    {
        if (!Raft.IsLeader)
        {
            return Timeout.InfiniteTimeSpan;
        }

        try
        {
            _steps++;
            return await LeadAsync();
        }
        catch (StorageException failure)
        {
            _failures++;
            Environment.Trace.Emit(TraceLevel.Debug, "cluster", "leader-work-failed", ("worker", Name), ("error", failure.Message));
            return RetryDelay;
        }
    }

    /// <summary>One step.</summary>
    /// <returns>How long to rest; infinite until something changes.</returns>
    /// <exception cref="StorageException">Tried again after a while.</exception>
    protected abstract ValueTask<TimeSpan> LeadAsync();

    /// <summary>Ends when there may be more to do.</summary>
    protected abstract Task WaitForProgressAsync();

    /// <inheritdoc/>
    protected override async ValueTask RestAsync(TimeSpan rest, CancellationToken cancellation)
    {
        if (rest == Timeout.InfiniteTimeSpan)
        {
            await _wake.WaitAsync();
        }
        else if (rest > TimeSpan.Zero)
        {
            await Clock.DelayAsync(rest, cancellation);
        }
    }

    /// <summary>Has the own group decide a command of its metadata.</summary>
    protected async ValueTask<ShardAnswer> ProposeAsync(ShardCommand command) => (ShardAnswer)(await ProposeAsync(Encode(command)))!;

    /// <summary>Has the own group decide a command.</summary>
    /// <exception cref="StorageException">It was not decided, or it is not known whether.</exception>
    protected async ValueTask<object?> ProposeAsync(ReadOnlyMemory<byte> command)
    {
        ProposalOutcome outcome = await Raft.ProposeAsync(command, freesSpace: true);
        return outcome.Status == ProposalStatus.Applied
            ? outcome.Result
            : throw new StorageException(StorageError.Unavailable, "group", -1, $"group {Raft.Id} did not take a command: {outcome.Status}");
    }

    /// <summary>Has another group (or the own one) decide a command of its metadata.</summary>
    protected async ValueTask<ShardAnswer> ProposeToAsync(GroupId group, ShardCommand command) =>
        ShardAnswerCodec.Decode((await Groups.ProposeAsync(group, Encode(command))).Span);

    private static ReadOnlyMemory<byte> Encode(ShardCommand command)
    {
        var to = new ByteWriter();
        ShardCommandCodec.Encode(command, to);
        return to.WrittenMemory;
    }

    private async Task WatchLeadershipAsync()
    {
        // Ends with the node.
        while (true)
        {
            _wake.Set();
            await Raft.WaitForChangeAsync();
        }
    }

    private async Task WatchProgressAsync()
    {
        // Ends with the node.
        while (true)
        {
            await WaitForProgressAsync();
            _wake.Set();
        }
    }
}
