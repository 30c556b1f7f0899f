using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Gateway;

namespace ObjectStore.Host.Proofs;

/// <summary>A gateway that does what the test says and remembers what it was asked.</summary>
internal sealed class ScriptedGateway(Func<S3Request, CancellationToken, ValueTask<S3Response>> script) : IS3Gateway
{
    public List<S3Request> Seen { get; } = [];

    public async ValueTask<S3Response> HandleAsync(S3Request request, CancellationToken cancellation)
    {
        lock (Seen)
        {
            Seen.Add(request);
        }

        return await script(request, cancellation);
    }

    public static ScriptedGateway Answering(int status, string body) => new((_, _) =>
        ValueTask.FromResult(new S3Response { Status = status, Body = System.Text.Encoding.UTF8.GetBytes(body), Operation = "Test" }));
}
