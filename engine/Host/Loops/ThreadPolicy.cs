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
    internal static void TakeTurns()
    {
        // Through the C library: it remembers a policy for each thread, and the runtime gives a new thread what it remembers of the maker.
        _isBatch = GetRemembered(Self(), out int policy, out _) == 0 && policy == Other && SetRemembered(Self(), Batch, priority: 0) == 0;
    }

    /// <summary>The calling thread runs as soon as what it waits for is there; those that it makes take their turn all the same.</summary>
    internal static void RunAtOnce()
    {
        if (_isBatch)
        {
            // Past the C library, which is not to remember it: a disk's thread may be the one that makes a thread of the pool.
            _ = Set(thread: 0, Other, priority: 0);
        }
    }

    // struct sched_param, which the calls below take, is the one number of the priority.
    [LibraryImport("libc", EntryPoint = "pthread_self")]
    private static partial nint Self();

    [LibraryImport("libc", EntryPoint = "pthread_getschedparam")]
    private static partial int GetRemembered(nint thread, out int policy, out int priority);

    [LibraryImport("libc", EntryPoint = "pthread_setschedparam")]
    private static partial int SetRemembered(nint thread, int policy, in int priority);

    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int Set(int thread, int policy, in int priority);
}
