using System;
using System.Threading;
using System.Threading.Tasks;

namespace ObjectStore.Engine.Kernel;

/// <summary>Time, as a node sees it. The only source of time in the engine.</summary>
/// <remarks>
/// Contract: <see cref="Now"/> never goes back within one life of a process and may run fast or slow (drift);
/// <see cref="UtcNow"/> may jump either way at any moment. Leases and timeouts use <see cref="Now"/>;
/// what people read (Last-Modified, signature dates) uses <see cref="UtcNow"/>.
/// </remarks>
public interface IClock
{
    /// <summary>Monotonic time since an arbitrary origin; resolution 1 microsecond or better.</summary>
    TimeSpan Now { get; }

    /// <summary>Wall-clock time, kind UTC; may jump.</summary>
    DateTime UtcNow { get; }

    /// <summary>Completes when at least <paramref name="delay"/> of monotonic time has passed.</summary>
    /// <param name="delay">Zero or negative completes at once, on the same loop.</param>
    /// <param name="cancellation">Cancelling ends the wait with <see cref="OperationCanceledException"/>.</param>
    ValueTask DelayAsync(TimeSpan delay, CancellationToken cancellation = default);
}
