using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Gateway;

/// <summary>Delivers access logs: lines of each bucket when the first has waited long enough, or when they are many.</summary>
/// <remarks>
/// Best effort, as in S3: lines are in memory until they are delivered, and those that no target takes, or for which there is no room, are dropped and counted. Each gateway of a region
/// delivers what it served. On one loop, which is its own, so that lines do not wait behind rows. Units of progress: objects delivered.
/// Source: Amazon S3 User Guide, "Logging requests with server access logging" (how are logs delivered, best effort server log delivery).
/// </remarks>
public sealed class AccessLogWorker : Worker
{
    /// <summary>At a stop, when there is little time.</summary>
    private const int DeliveriesAtOnce = 16;

    private readonly GatewayServices _services;
    private readonly AccessLogBuffer _buffer;
    private readonly AccessLogOptions _options;
    private readonly Func<bool> _isServing;
    private readonly CancellationTokenSource _stopping;
    private Task _ends = Task.CompletedTask;
    private CancellationTokenSource? _resting;

    internal AccessLogWorker(GatewayServices services, AccessLogBuffer buffer, Func<bool>? isServing, CancellationTokenSource stopping)
        : base("access-log", services.Clock)
    {
        (_services, _buffer, _options, _isServing, _stopping) = (services, buffer, services.Options.AccessLog, isServing ?? (static () => true), stopping);
        buffer.Changed = () => _resting?.Cancel();
    }

    /// <summary>What it did. Any thread.</summary>
    public AccessLogCounts Counts => _buffer.Counts;

    /// <inheritdoc/>
    public override WorkerProgress Progress => new(Counts.Objects, 0, Counts.Failures, 0);

    /// <summary>Starts it on its loop, until <see cref="StopAsync"/>.</summary>
    public void Start(ISpawner spawner)
    {
        ArgumentNullException.ThrowIfNull(spawner);
        spawner.Spawn(_buffer.Loop, Name, () => _ends = RunAsync(_stopping.Token));
    }

    /// <summary>Delivers what waits, each once, and ends; what cannot be delivered by then is dropped. Callers stop sending requests first. Any thread.</summary>
    public Task StopAsync() =>
        _buffer.Loop.CallAsync(
            static async worker =>
            {
                TimeSpan deadline = worker.Clock.Now + worker._options.StopPatience;
                worker._stopping.Cancel();
                await worker._ends;
                while (worker._isServing() && worker.Clock.Now < deadline && worker.TakeSome() is { Count: > 0 } some)
                {
                    await Task.WhenAll(some.ConvertAll(batch => worker.DeliverAsync(batch, isLast: true).AsTask()));
                }

                worker.Close();
                return true;
            },
            this);

    private List<AccessLogBatch> TakeSome()
    {
        List<AccessLogBatch> some = [];
        while (some.Count < DeliveriesAtOnce && _buffer.TryTakeAny(out AccessLogBatch batch))
        {
            some.Add(batch);
        }

        return some;
    }

    private void Close()
    {
        long before = Counts.Lost;
        _buffer.Close();
        if (Counts.Lost > before)
        {
            _services.Trace.Emit(TraceLevel.Warning, "access-log", "dropped", ("lines", Counts.Lost - before));
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<TimeSpan> StepAsync()
    {
        if (!_isServing())
        {
            // Nothing waits for ever: what there is no room for meanwhile is dropped.
            return _buffer.UntilDue() == Timeout.InfiniteTimeSpan ? Timeout.InfiniteTimeSpan : _options.RetryDelayMax;
        }

        if (!_buffer.TryTakeDue(out AccessLogBatch batch))
        {
            return _buffer.UntilDue();
        }

        await DeliverAsync(batch, isLast: false);
        return TimeSpan.Zero;
    }

    /// <summary>Rests until something is due, or waits at all. A rest begins in the turn of the loop in which it was decided on, so nothing comes unseen between.</summary>
    protected override async ValueTask RestAsync(TimeSpan rest, CancellationToken cancellation)
    {
        if (rest == TimeSpan.Zero)
        {
            return;
        }

        using var resting = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _resting = resting;
        try
        {
            await (rest == Timeout.InfiniteTimeSpan ? WaitAsync(resting.Token) : Clock.DelayAsync(rest, resting.Token));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // There is more to do by now.
        }
        finally
        {
            _resting = null;
        }
    }

    private static async ValueTask WaitAsync(CancellationToken cancellation)
    {
        var woken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration registration = cancellation.Register(static state => ((TaskCompletionSource)state!).TrySetResult(), woken);
        await woken.Task;
    }

    private async ValueTask DeliverAsync(AccessLogBatch batch, bool isLast)
    {
        try
        {
            await LogDelivery.DeliverAsync(_services, batch);
            _buffer.NoteDelivered(batch);
        }
        catch (S3Exception refusal) when (refusal.Error.Status < 500)
        {
            _buffer.NoteRefused(batch);
            Note("refused", batch, refusal, isDropped: true);
        }
        catch (Exception failure) when (failure is S3Exception or StorageException or MalformedDataException)
        {
            bool isDropped = !_buffer.NoteFailed(batch, isLast);
            Note("failed", batch, failure, isDropped);
        }
    }

    private void Note(string what, AccessLogBatch batch, Exception reason, bool isDropped) =>
        _services.Trace.Emit(
            TraceLevel.Warning,
            "access-log",
            what,
            ("bucket", batch.Source.Bucket),
            ("target", batch.Source.Settings.TargetBucket),
            ("error", reason.Message),
            ("dropped", isDropped ? batch.LineCount : 0));
}
