namespace ObjectStore.Engine.Gateway;

/// <summary>A service of the store that acts on a bucket for its owner: nobody's identity, but a principal that policies may name.</summary>
/// <param name="Name">As a policy has it under <c>"Service"</c>.</param>
/// <param name="SourceArn">The resource that it acts for (<c>aws:SourceArn</c>).</param>
/// <param name="SourceAccount">Whose that is (<c>aws:SourceAccount</c>): a canonical id, as there are no account numbers here.</param>
/// <remarks>Source: IAM User Guide, "AWS JSON policy elements: Principal" and "AWS global condition context keys".</remarks>
internal sealed record ServicePrincipal(string Name, string SourceArn, string SourceAccount)
{
    /// <summary>Writes access logs into their target bucket.</summary>
    internal const string Logging = "logging.s3.amazonaws.com";
}
