using System;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading;
using ObjectStore.Workloads.Contract;
using ObjectStore.Workloads.Live;

namespace ObjectStore.Workloads.Load.Running;

/// <summary>One client of a load run on a thread of its own.</summary>
internal sealed partial class LoadClient : IDisposable
{
    private readonly IWorkload _workload;
    private readonly LiveS3Client _live;
    private readonly MeasuringClient _measuring;
    private readonly LoadOptions _options;
    private readonly int _number;
    private volatile Exception? _failure;

    internal LoadClient(LoadOptions options, IWorkload workload, TileContent content, WorkloadMetrics metrics, int number)
    {
        (_options, _workload, _number) = (options, workload, number);
        _live = new LiveS3Client(options.Endpoints[number % options.Endpoints.Count], TimeSpan.FromSeconds(60), options.Verify ? content : null);
        _measuring = new MeasuringClient(_live, Measurement, options.RetryCountMax);
        Session = new WorkloadSession(_measuring, new SeededDraws(unchecked((options.Seed * 7919) + number)), options.Bucket, number, metrics)
        {
            ClientCount = options.Concurrency,
            Bodies = content,
        };
    }

    internal LoadMeasurement Measurement { get; } = new();

    internal WorkloadSession Session { get; }

    /// <summary>A bug of the workload that ended this client; null for none.</summary>
    internal Exception? Failure => _failure;

    /// <summary>Starts storing this client's share of the pool.</summary>
    internal Thread StartPreparing() => Start(() => Wait(_workload.PrepareAsync(Session)));

    /// <summary>Starts the steps, until the token is cancelled or the workload is exhausted.</summary>
    internal Thread StartSteps(CancellationToken stop) => Start(() =>
    {
        if (_options.RatePerSecond > 0)
        {
            RunOpen(stop);
        }
        else
        {
            RunClosed(stop);
        }
    });

    public void Dispose() => _live.Dispose();

    private Thread Start(Action body)
    {
        var thread = new Thread(
            () =>
            {
                try
                {
                    body();
                }
                catch (Exception failure)
                {
                    _failure = failure;
                }
            },
            maxStackSize: 512 * 1024)
        { IsBackground = true, Name = $"load-{_number}" };
        thread.Start();
        return thread;
    }

    /// <summary>The next step starts when the last has been answered.</summary>
    private void RunClosed(CancellationToken stop)
    {
        long begin = Stopwatch.GetTimestamp() + (long)(_options.Ramp.TotalSeconds * Stopwatch.Frequency * _number / _options.Concurrency);
        SleepUntil(begin, stop);
        while (!stop.IsCancellationRequested && !Session.IsExhausted)
        {
            Wait(_workload.StepAsync(Session));
        }
    }

    /// <summary>Starts are on a timetable, and a step that starts late is measured from when it should have started (no coordinated omission).</summary>
    private void RunOpen(CancellationToken stop)
    {
        long began = Stopwatch.GetTimestamp();
        double rate = _options.RatePerSecond / _options.Concurrency;
        double phase = Session.Draws.Next(1 << 20, "load.phase") / (double)(1 << 20);
        for (long step = 0; !stop.IsCancellationRequested && !Session.IsExhausted; step++)
        {
            long due = began + (long)(Stopwatch.Frequency * TimeOf(step + phase, rate, _options.Ramp.TotalSeconds));
            SleepUntil(due, stop);
            _measuring.StartsAt(due);
            Wait(_workload.StepAsync(Session));
        }
    }

    /// <summary>When the rate, which grows evenly during the ramp, has brought this many steps; in seconds.</summary>
    internal static double TimeOf(double step, double ratePerSecond, double rampSeconds)
    {
        double duringRamp = ratePerSecond * rampSeconds / 2;
        return step < duringRamp ? Math.Sqrt(2 * rampSeconds * step / ratePerSecond) : rampSeconds + ((step - duringRamp) / ratePerSecond);
    }

    private static void SleepUntil(long due, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            TimeSpan early = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
            if (early <= TimeSpan.Zero)
            {
                return;
            }

            // Thread.Sleep knows milliseconds only.
            var time = new TimeSpec { Nanoseconds = (nint)Math.Min(early.TotalNanoseconds, 100_000_000) };
            _ = NanoSleep(in time, IntPtr.Zero);
        }
    }

    // The client under it blocks, so the task has ended already but for workloads that wait for something else.
    private static void Wait(System.Threading.Tasks.Task task) => task.GetAwaiter().GetResult();

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(in TimeSpec time, IntPtr rest);

    private struct TimeSpec
    {
        internal nint Seconds;
        internal nint Nanoseconds;
    }
}
