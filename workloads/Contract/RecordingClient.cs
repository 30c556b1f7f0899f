using System;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Sim.Checking;

namespace ObjectStore.Workloads.Contract;

/// <summary>Writes every request and its outcome into a history, for the checkers.</summary>
/// <param name="inner">Who sends.</param>
/// <param name="history">Shared by all clients of a run; on several threads <paramref name="gate"/> guards it.</param>
/// <param name="number">Number of the client.</param>
/// <param name="now">Time, for people.</param>
/// <param name="gate">Locked around the history.</param>
public sealed class RecordingClient(IS3Client inner, History<S3Operation, S3Result> history, int number, Func<TimeSpan> now, object gate) : IS3Client
{
    /// <inheritdoc/>
    public async ValueTask<S3Result?> SendAsync(S3Operation operation, CancellationToken cancellation = default)
    {
        HistoryEntry<S3Operation, S3Result> entry;
        lock (gate)
        {
            entry = history.Called(number, operation with { Body = default }, now());
        }

        S3Result? result = await inner.SendAsync(operation, cancellation);
        lock (gate)
        {
            if (result is null)
            {
                history.GaveUp(entry, now());
            }
            else
            {
                history.Returned(entry, result, now());
            }
        }

        return result;
    }
}
