using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using ObjectStore.Engine.Host;
using Xunit;

namespace ObjectStore.Host.Proofs;

/// <summary>Goal: who makes a thread does not decide whether it interrupts others. Method: threads that make threads, asked for their policy.</summary>
public sealed class ThreadPolicyTests
{
    [Fact]
    public void A_thread_of_a_disk_and_what_it_makes_go_their_own_ways()
    {
        var seen = new List<string>();
        OnItsOwnThread(() =>
        {
            ThreadPolicy.TakeTurns();
            seen.Add($"first {Policy()}");
            OnItsOwnThread(() =>
            {
                seen.Add($"disk at first {Policy()}");
                ThreadPolicy.RunAtOnce();
                seen.Add($"disk {Policy()}");
                OnItsOwnThread(() => seen.Add($"its child {Policy()}"));
            });
        });
        Assert.Equal(["first 3", "disk at first 3", "disk 0", "its child 3"], seen);
    }

    private static void OnItsOwnThread(Action body)
    {
        var thread = new Thread(() => body());
        thread.Start();
        thread.Join();
    }

    /// <summary>Field 41 of proc_pid_stat(5): 0 is SCHED_OTHER, 3 SCHED_BATCH.</summary>
    private static string Policy() => File.ReadAllText("/proc/thread-self/stat").Split(") ")[^1].Split(' ')[41 - 3];
}
