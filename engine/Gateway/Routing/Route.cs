using System.Threading.Tasks;

namespace ObjectStore.Engine.Gateway;

/// <summary>Answers one operation.</summary>
internal delegate ValueTask<S3Response> OperationHandler(OperationContext context);

/// <summary>A row of the route table.</summary>
/// <param name="Operation">Name in the S3 API, for metrics and logs.</param>
/// <param name="Method">HTTP method.</param>
/// <param name="Scope">Service, bucket or object.</param>
/// <param name="SubResource">The query parameter that picks the operation; empty for none.</param>
/// <param name="Handler">Who answers.</param>
internal sealed record Route(string Operation, string Method, TargetScope Scope, string SubResource, OperationHandler Handler)
{
    /// <summary>Finds the bucket before the handler runs, and refuses when there is none.</summary>
    internal bool LooksUpBucket { get; init; } = true;

    /// <summary>Every answer about a bucket that is there says in which region it lies, refusals too: how clients find out.</summary>
    internal bool TellsRegion { get; init; }

    /// <summary>What the same request does when it names no <c>id</c>: lists all of a kind. Null: nothing else.</summary>
    internal Route? WithoutId { get; init; }

    /// <summary>No signature is looked at (preflight requests; forms carry their own).</summary>
    internal bool WithoutSignature { get; init; }
}
