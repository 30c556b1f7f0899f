using System;
using System.Threading;
using System.Threading.Tasks;
using NBomber.Contracts;
using NBomber.CSharp;
using ObjectStore.Sim.Checking;
using ObjectStore.Workloads.Contract;
using ObjectStore.Workloads.Live;

namespace ObjectStore.Workloads.NBomber;

/// <summary>Makes a step of NBomber out of each request, named by its verb, so that NBomber's report tells GETs from PUTs.</summary>
/// <param name="live">Who sends.</param>
/// <param name="counts">Of the whole run.</param>
internal sealed class StepClient(LiveS3Client live, RunCounts counts) : IS3Client, IDisposable
{
    private IScenarioContext? _iteration;

    /// <summary>A request of this iteration failed.</summary>
    internal bool HasFailed { get; private set; }

    /// <summary>Requests belong to this iteration from here on. Those before the first, which prepare, are no steps.</summary>
    internal void Begin(IScenarioContext iteration) => (_iteration, HasFailed) = (iteration, false);

    /// <inheritdoc/>
    public async ValueTask<S3Result?> SendAsync(S3Operation operation, CancellationToken cancellation = default)
    {
        if (_iteration is not { } iteration)
        {
            return await live.SendAsync(operation, cancellation);
        }

        S3Result? result = null;
        await Step.Run(operation.Verb.ToString().ToUpperInvariant(), iteration, async () =>
        {
            result = await live.SendAsync(operation, cancellation);
            bool isRight = result is { Ok: true } || ExpectedRefusal.Is(operation, result);
            counts.Add(isRight);
            HasFailed |= !isRight;
            return isRight
                ? Response.Ok(statusCode: CodeOf(result), sizeBytes: BytesOf(operation, result))
                : Response.Fail(statusCode: CodeOf(result), message: live.KindOf(result));
        });
        return result;
    }

    /// <inheritdoc/>
    public void Dispose() => live.Dispose();

    private static string CodeOf(S3Result? result) => result is null ? "no answer" : result.Code is { Length: > 0 } code ? code : $"{result.Status}";

    /// <summary>Of the body, in either direction.</summary>
    private static int BytesOf(S3Operation operation, S3Result? result) =>
        operation.Body.Length + (int)Math.Min(int.MaxValue / 2, operation.Verb == S3Verb.Head ? 0 : result?.Content?.SizeBytes ?? 0);
}
