using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace ObjectStore.Engine.Gateway;

/// <summary>What a policy says of a request.</summary>
internal enum PolicyDecision
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Allowed by a statement and denied by none.</summary>
    Allow,

    /// <summary>Denied by a statement.</summary>
    Deny,
}

/// <summary>A bucket policy. Source: IAM User Guide, "IAM JSON policy elements reference"; Amazon S3 User Guide, "Bucket policies".</summary>
internal sealed class BucketPolicy
{
    /// <summary>Largest document.</summary>
    internal const int SizeBytesMax = 20 * 1024;

    private readonly List<PolicyStatement> _statements = [];

    private BucketPolicy()
    {
    }

    /// <summary>Reads a policy.</summary>
    /// <param name="document">JSON.</param>
    /// <param name="bucket">Every resource must be in this bucket; null skips that check.</param>
    /// <exception cref="S3Exception">MalformedPolicy.</exception>
    internal static BucketPolicy Parse(ReadOnlyMemory<byte> document, string? bucket)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(document, new JsonDocumentOptions { MaxDepth = 16 });
            return Parse(json.RootElement, bucket);
        }
        catch (JsonException)
        {
            throw new S3Exception(S3Errors.MalformedPolicy, "Policies must be valid JSON and the first byte must be '{'");
        }
    }

    /// <summary>Explicit deny wins; else any allow; else nothing.</summary>
    internal PolicyDecision Evaluate(PolicyRequest request)
    {
        PolicyDecision decision = PolicyDecision.None;
        foreach (PolicyStatement statement in _statements)
        {
            if (statement.Matches(request))
            {
                if (!statement.IsAllow)
                {
                    return PolicyDecision.Deny;
                }

                decision = PolicyDecision.Allow;
            }
        }

        return decision;
    }

    /// <summary>All that its statements name.</summary>
    internal IEnumerable<PolicyPrincipal> Principals => _statements.SelectMany(static statement => statement.Principals);

    /// <summary>Whether some statement allows anybody, with no condition that fixes whom.</summary>
    internal bool IsPublic() => _statements.Exists(statement => statement.IsPublic);

    private static BucketPolicy Parse(JsonElement root, string? bucket)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new S3Exception(S3Errors.MalformedPolicy);
        }

        var policy = new BucketPolicy();
        bool hasStatement = false;
        foreach (JsonProperty property in root.EnumerateObject())
        {
            switch (property.Name)
            {
                case "Version" when property.Value.ValueKind == JsonValueKind.String && property.Value.GetString() is "2012-10-17" or "2008-10-17":
                case "Id" when property.Value.ValueKind == JsonValueKind.String:
                    break;
                case "Version":
                    throw new S3Exception(S3Errors.MalformedPolicy, "The policy must contain a valid version string");
                case "Statement":
                    hasStatement = true;
                    policy.AddStatements(property.Value, bucket);
                    break;
                default:
                    throw new S3Exception(S3Errors.MalformedPolicy, $"Unknown field {property.Name}");
            }
        }

        return hasStatement && policy._statements.Count > 0
            ? policy
            : throw new S3Exception(S3Errors.MalformedPolicy, "Missing required field Statement");
    }

    private void AddStatements(JsonElement value, string? bucket)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement statement in value.EnumerateArray())
            {
                _statements.Add(PolicyStatement.Parse(statement, bucket));
            }
        }
        else
        {
            _statements.Add(PolicyStatement.Parse(value, bucket));
        }
    }
}
