using System;
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

    [ThreadStatic]
    private static bool _takesTurns;

    /// <summary>The calling thread, and those that it and they make, take their turn. Called before any other is made; a policy that the process was started with is left alone, and where the system refuses, all stays as it was.</summary>
    internal static void TakeTurns() => _isBatch = GetPolicy(Self(), out int policy, out _) == 0 && policy == Other && Set(Batch);

    /// <summary>The same for a thread of the pool that a thread of a disk made: cheap enough for each request.</summary>
    internal static void KeepTurns()
    {
        if (!_takesTurns)
        {
            _takesTurns = true;
            _ = _isBatch && Set(Batch);
        }
    }

    /// <summary>The calling thread runs as soon as what it waits for is there.</summary>
    internal static void RunAtOnce()
    {
        if (_isBatch)
        {
            Set(Other);
        }
    }

    /// <summary>Through the C library and not past it: it remembers the policy of each thread, and the runtime gives a new thread the one that it remembers of the maker.</summary>
    private static bool Set(int policy)
    {
        int priority = 0; // struct sched_param is this one number
        return SetPolicy(Self(), policy, in priority) == 0;
    }

    [LibraryImport("libc", EntryPoint = "pthread_self")]
    private static partial nint Self();

    [LibraryImport("libc", EntryPoint = "pthread_getschedparam")]
    private static partial int GetPolicy(nint thread, out int policy, out int priority);

    [LibraryImport("libc", EntryPoint = "pthread_setschedparam")]
    private static partial int SetPolicy(nint thread, int policy, in int priority);
}
