using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using ObjectStore.Sim.Checking;

namespace ObjectStore.Workloads.Load.Region;

/// <summary>A request with all its attempts.</summary>
internal readonly record struct ServedRequest(int Client, S3Verb Verb, string Key, TimeSpan Began, TimeSpan Ended, int Attempts, bool Answered, string Code);

/// <summary>When which request was made, and how long its client had to wait. Any thread.</summary>
internal sealed class ServiceLog
{
    private static readonly TimeSpan Stuck = TimeSpan.FromSeconds(4);

    private readonly Lock _gate = new();
    private readonly List<ServedRequest> _requests = [];
    private readonly long _started = Stopwatch.GetTimestamp();

    /// <summary>Time since the start of the run.</summary>
    internal TimeSpan Now => Stopwatch.GetElapsedTime(_started);

    /// <summary>When a moment of the machine's clock was, on the clock of the run.</summary>
    internal TimeSpan At(DateTimeOffset moment) => Now - (DateTimeOffset.UtcNow - moment);

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

    /// <summary>The longest time that a request took, all its attempts together, of those that began in an interval.</summary>
    internal TimeSpan LongestWait(TimeSpan from, TimeSpan to)
    {
        lock (_gate)
        {
            return _requests.Where(request => request.Began >= from && request.Began <= to).Select(static request => request.Ended - request.Began).DefaultIfEmpty().Max();
        }
    }

    /// <summary>How many clients have ended a request, answered or not, that began after a moment: what they waited for before it is known then too.</summary>
    internal int ClientsThatAskedSince(TimeSpan moment)
    {
        lock (_gate)
        {
            return _requests.Where(request => request.Began >= moment).Select(static request => request.Client).Distinct().Count();
        }
    }

    /// <summary>How long after a trouble every client was served again: the latest end, over all clients, of its first request that began after and was answered.</summary>
    /// <remarks>
    /// A client has one request at a time: what the trouble caught on its way delays the next one. Requests that took longer than <see cref="Stuck"/>, or got no answer, count whenever they began
    /// within the window: trouble may come a moment later than its cause.
    /// </remarks>
    /// <param name="trouble">When it began to be made: from here the time counts.</param>
    /// <param name="made">When it was made: what began before may have been answered before.</param>
    /// <param name="window">Requests that began later have nothing to do with it.</param>
    internal TimeSpan BackAfter(TimeSpan trouble, TimeSpan made, TimeSpan window)
    {
        var first = new SortedDictionary<int, TimeSpan>();
        TimeSpan back = TimeSpan.Zero;
        lock (_gate)
        {
            foreach (ServedRequest request in _requests)
            {
                bool isFirst = request.Answered && request.Began >= made && (!first.TryGetValue(request.Client, out TimeSpan known) || request.Ended < known);
                if (isFirst)
                {
                    first[request.Client] = request.Ended;
                }

                bool concerned = request.Ended >= trouble && request.Began <= trouble + window;
                if (concerned && (!request.Answered || request.Ended - request.Began > Stuck))
                {
                    back = request.Ended - trouble > back ? request.Ended - trouble : back;
                }
            }
        }

        foreach (TimeSpan ended in first.Values)
        {
            back = ended - trouble > back ? ended - trouble : back;
        }

        return back;
    }
}
