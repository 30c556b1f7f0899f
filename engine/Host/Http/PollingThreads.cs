using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;

namespace ObjectStore.Engine.Host;

/// <summary>The threads of the runtime that wait for sockets to become ready.</summary>
/// <remarks>
/// Linux gives a thread that wakes the processor of one that works. A thread that waits for sockets wakes for each request, hands it to the pool and waits again: two changes of thread for little, and of a thread that
/// was busy with other requests. As a batch thread (sched(7), SCHED_BATCH) it runs when a processor has nothing to do or comes to its turn, and finds several sockets ready.
/// </remarks>
internal static partial class PollingThreads
{
    private const string Threads = "/proc/self/task";
    private const string Name = ".NET Sockets";
    private const int Batch = 3;

    /// <summary>Makes batch threads of those that there are: all, once any socket was waited for. Where the system does not let us, they stay as they are, and requests cost more.</summary>
    internal static void WaitTheirTurn()
    {
        if (!Directory.Exists(Threads))
        {
            return;
        }

        foreach (string thread in Directory.GetDirectories(Threads))
        {
            if (NameOf(thread) == Name)
            {
                int priority = 0;
                _ = SetScheduler(int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture), Batch, in priority);
            }
        }
    }

    private static string NameOf(string thread)
    {
        try
        {
            return File.ReadAllText(Path.Combine(thread, "comm")).TrimEnd('\n');
        }
        catch (IOException)
        {
            return ""; // it ended meanwhile
        }
    }

    /// <summary>Sets the policy of one thread (sched_setscheduler(2)); struct sched_param is one int.</summary>
    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int thread, int policy, in int priority);
}
