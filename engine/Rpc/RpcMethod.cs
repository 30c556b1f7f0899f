namespace ObjectStore.Engine.Rpc;

/// <summary>What is asked of a node. Numbers are wire format: never used again for something else.</summary>
/// <remarks>By area: <c>01xx</c> consensus, <c>02xx</c> metadata, <c>03xx</c> shards of chunks and repair, <c>04xx</c> cluster map, membership and bootstrap, <c>05xx</c> administration.</remarks>
public readonly record struct RpcMethod(ushort Number)
{
    /// <inheritdoc/>
    public override string ToString() => $"rpc-{Number:x4}";
}
