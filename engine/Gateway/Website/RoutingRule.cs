using System;

namespace ObjectStore.Engine.Gateway;

/// <summary>A rule that sends some requests elsewhere.</summary>
/// <remarks>Source: Amazon S3 User Guide, "Configure redirection rules to use advanced conditional redirects".</remarks>
/// <param name="KeyPrefix">Keys begin with this; empty for all.</param>
/// <param name="ErrorStatus">The HTTP status that the answer would have, 4xx or 5xx; null for a rule that is applied before anything is looked for.</param>
/// <param name="Redirect">Where to.</param>
internal sealed record RoutingRule(string KeyPrefix, int? ErrorStatus, WebsiteRedirect Redirect)
{
    /// <summary>Whether the rule is for a key, at this point of a request.</summary>
    /// <param name="key">Decoded.</param>
    /// <param name="errorStatus">The status of the error that came up; null before the lookup.</param>
    internal bool IsFor(string key, int? errorStatus) => ErrorStatus == errorStatus && key.StartsWith(KeyPrefix, StringComparison.Ordinal);
}
