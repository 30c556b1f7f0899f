using System.Threading;
using System.Threading.Tasks;

namespace ObjectStore.Engine.Kernel;

/// <summary>What a background worker is doing.</summary>
public enum WorkerState
{
    /// <summary>Not started, or ended.</summary>
    Stopped,

    /// <summary>In a step.</summary>
    Running,

    /// <summary>Between steps: nothing to do, or held back by its pace.</summary>
    Waiting,

    /// <summary>Held by <see cref="IWorker.Pause"/>.</summary>
    Paused,
}

/// <summary>How far a worker is. Units are the worker's own (frames, objects, bytes); see its documentation.</summary>
/// <param name="Done">Units done in this round.</param>
/// <param name="Total">Units that this round is expected to have; 0 when unknown.</param>
/// <param name="Failures">Units that could not be done since the start of the process.</param>
/// <param name="Rounds">Rounds completed since the start of the process.</param>
public readonly record struct WorkerProgress(long Done, long Total, long Failures, long Rounds);

/// <summary>Background work that goes on for ever in small steps: reclamation, scrubbing, repair. Lives on one loop.</summary>
public interface IWorker
{
    /// <summary>For traces and metrics; unique within a store or node.</summary>
    string Name { get; }

    /// <summary>What it does now.</summary>
    WorkerState State { get; }

    /// <summary>How far it is.</summary>
    WorkerProgress Progress { get; }

    /// <summary>Takes no further step until <see cref="Resume"/>; the step under way ends.</summary>
    void Pause();

    /// <summary>Undoes <see cref="Pause"/>.</summary>
    void Resume();

    /// <summary>Works until cancelled.</summary>
    Task RunAsync(CancellationToken cancellation);
}
