using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Sim.Checking;
using ObjectStore.Workloads.Contract;

namespace ObjectStore.Workloads.Load.Region;

/// <summary>What a client of a region does: stays with a node while it answers, goes to the next when it does not, and tries for a while. Each attempt is an operation of its own in the history.</summary>
/// <param name="attempts">One client for each node, which records.</param>
/// <param name="number">The client's; it begins with that node.</param>
/// <param name="patience">How long a request is tried.</param>
/// <param name="log">Where requests and their waits are noted.</param>
internal sealed class RetryingClient(IReadOnlyList<IS3Client> attempts, int number, TimeSpan patience, ServiceLog log) : IS3Client
{
    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan PauseMax = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan Avoidance = TimeSpan.FromSeconds(60);

    private readonly TimeSpan[] _avoidUntil = new TimeSpan[attempts.Count];
    private int _node = number % attempts.Count;

    public async ValueTask<S3Result?> SendAsync(S3Operation operation, CancellationToken cancellation = default)
    {
        TimeSpan began = log.Now;
        TimeSpan pause = PauseMin;
        for (int attempt = 1; ; attempt++)
        {
            S3Result? result = await attempts[_node].SendAsync(operation, cancellation);
            bool answered = result is { Status: > 0 and < 500 } and not { Code: "OperationAborted" or "ConditionalRequestConflict" };
            if (answered || log.Now - began >= patience)
            {
                log.Note(new ServedRequest(number, operation.Verb, operation.Key, began, log.Now, attempt, answered, result?.Code ?? "no answer"));
                return result;
            }

            if (result is not { Status: 409 })
            {
                Turn();
            }

            await Task.Delay(pause, cancellation);
            pause = pause * 2 < PauseMax ? pause * 2 : PauseMax;
        }
    }

    // To a node that has not failed lately, or the one that failed longest ago.
    private void Turn()
    {
        _avoidUntil[_node] = log.Now + Avoidance;
        int best = _node;
        for (int step = 1; step < _avoidUntil.Length; step++)
        {
            int candidate = (_node + step) % _avoidUntil.Length;
            if (_avoidUntil[candidate] <= log.Now)
            {
                best = candidate;
                break;
            }

            best = _avoidUntil[candidate] < _avoidUntil[best] ? candidate : best;
        }

        _node = best;
    }
}
