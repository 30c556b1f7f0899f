using System.Runtime.InteropServices;

namespace ObjectStore.Engine.Host;

/// <summary>Which threads take a processor from others when they wake: those that a disk was waited for on, and no others.</summary>
/// <remarks>
/// Linux gives a thread that wakes the processor of one that works. The thread that waits for sockets wakes for each request, hands it to the pool and waits again: two changes of thread for little, and of a thread that
/// was busy with other requests. As batch threads (sched(7), SCHED_BATCH) it and the pool run when a processor has nothing to do or comes to their turn; several sockets are ready then, and are served in one go.
/// What waits behind a disk is another matter: until its thread runs, the disk is idle.
/// </remarks>
internal static partial class ThreadPolicy
{
    private const int Other = 0;
    private const int Batch = 3;
    private static bool _isBatch;

    /// <summary>The calling thread, and those that it and they make, take their turn. Called before any other is made; a policy that the process was started with is left alone, and where the system refuses, all stays as it was.</summary>
    internal static void TakeTurns() => _isBatch = GetScheduler(0) == Other && Set(Batch);

    /// <summary>The calling thread runs as soon as what it waits for is there.</summary>
    internal static void RunAtOnce()
    {
        if (_isBatch)
        {
            Set(Other);
        }
    }

    private static bool Set(int policy)
    {
        int priority = 0; // struct sched_param is this one number
        return SetScheduler(0, policy, in priority) == 0;
    }

    [LibraryImport("libc", EntryPoint = "sched_getscheduler")]
    private static partial int GetScheduler(int thread);

    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int thread, int policy, in int priority);
}
