using System.Collections.Generic;

namespace ObjectStore.Engine.Auth;

/// <summary>What of an HTTP request is signed, exactly as it came from the wire.</summary>
/// <param name="Method">Upper case as received.</param>
/// <param name="RawPath">Still percent-encoded, starting with a slash, without the query.</param>
/// <param name="RawQuery">Without the question mark; empty when none.</param>
/// <param name="Headers">In the order received; names in any case and may repeat. Host (or <c>:authority</c>) is one of them.</param>
public readonly record struct AuthRequest(
    string Method,
    string RawPath,
    string RawQuery,
    IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    /// <summary>The bucket when the host names it, else empty: Signature Version 2 puts it in front of the path.</summary>
    public string VirtualHostBucket { get; init; } = "";
}
