using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Sim.Checking;
using ObjectStore.Workloads.Contract;
using ObjectStore.Workloads.Live;

namespace ObjectStore.Workloads.Load.Running;

/// <summary>Times every request of a client, sends again what may be sent again, and counts errors by kind.</summary>
internal sealed class MeasuringClient(LiveS3Client inner, LoadMeasurement measurement, int retryCountMax) : IS3Client
{
    private long _due;

    /// <summary>When the next request should have started; open loop.</summary>
    internal void StartsAt(long timestamp) => _due = timestamp;

    /// <inheritdoc/>
    public async ValueTask<S3Result?> SendAsync(S3Operation operation, CancellationToken cancellation = default)
    {
        long began = _due != 0 ? _due : Stopwatch.GetTimestamp();
        _due = 0;
        S3Result? result = await inner.SendAsync(operation, cancellation);
        for (int retry = 0; retry < retryCountMax && (result is null || result.Status >= 500); retry++)
        {
            measurement.Retried(operation.Verb, inner.KindOf(result));
            result = await inner.SendAsync(operation, cancellation);
        }

        bool isPlayed = ExpectedRefusal.Is(operation, result);
        measurement.Record(
            operation.Verb,
            Stopwatch.GetElapsedTime(began),
            operation.Body.Length + (operation.Verb == S3Verb.Head ? 0 : result?.Content?.SizeBytes ?? 0),
            result?.Entries.Count ?? 0,
            isPlayed ? result!.Code : "",
            result is { Ok: true } || isPlayed ? "" : inner.KindOf(result));
        return result;
    }
}
