using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using ObjectStore.Sim.Checking;

namespace ObjectStore.Workloads.Load.Region;

/// <summary>A request with all its attempts.</summary>
internal readonly record struct ServedRequest(S3Verb Verb, string Key, TimeSpan Began, TimeSpan Ended, int Attempts, bool Answered, string Code);

/// <summary>When which request was made, and how long its client had to wait. Any thread.</summary>
internal sealed class ServiceLog
{
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly List<ServedRequest> _requests = [];
    private readonly long _started = Stopwatch.GetTimestamp();

    /// <summary>Time since the start of the run.</summary>
    internal TimeSpan Now => Stopwatch.GetElapsedTime(_started);

    internal int Count
    {
        get
        {
            lock (_gate)
            {
                return _requests.Count;
            }
        }
    }

    internal void Note(ServedRequest request)
    {
        lock (_gate)
        {
            _requests.Add(request);
        }
    }

    /// <summary>Requests that got no answer after all attempts, of those that ended in an interval.</summary>
    internal IReadOnlyList<ServedRequest> Unanswered(TimeSpan from, TimeSpan to)
    {
        lock (_gate)
        {
            return [.. _requests.Where(request => !request.Answered && request.Ended >= from && request.Ended <= to)];
        }
    }

    /// <summary>How long after a trouble the last client was served that felt it: needed a second attempt, or more than a second. Zero when nobody did.</summary>
    /// <param name="trouble">When it began.</param>
    /// <param name="window">Requests that began later have nothing to do with it.</param>
    internal TimeSpan BackAfter(TimeSpan trouble, TimeSpan window)
    {
        TimeSpan back = TimeSpan.Zero;
        lock (_gate)
        {
            foreach (ServedRequest request in _requests)
            {
                bool concerned = request.Ended >= trouble && request.Began <= trouble + window;
                bool felt = request.Attempts > 1 || !request.Answered || request.Ended - request.Began > Slow;
                if (concerned && felt && request.Ended - trouble > back)
                {
                    back = request.Ended - trouble;
                }
            }
        }

        return back;
    }
}
