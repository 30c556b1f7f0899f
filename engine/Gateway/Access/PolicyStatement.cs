using System;
using System.Collections.Generic;
using System.Text.Json;

namespace ObjectStore.Engine.Gateway;

/// <summary>One statement of a policy.</summary>
internal sealed class PolicyStatement
{
    private const string BucketArnPrefix = "arn:aws:s3:::";

    private List<string> _actions = [];
    private List<string> _resources = [];
    private List<PolicyPrincipal> _principals = [];
    private bool _notActions;
    private bool _notResources;
    private bool _notPrincipals;
    private readonly List<PolicyCondition> _conditions = [];

    private PolicyStatement()
    {
    }

    /// <summary>Allow, not deny.</summary>
    internal bool IsAllow { get; private set; }

    /// <summary>Allows anybody: a wild principal, and no condition that narrows who.</summary>
    internal bool IsPublic =>
        IsAllow && (_notPrincipals || _principals.Contains(PolicyPrincipal.Anybody)) && !_conditions.Exists(condition => condition.NarrowsCaller);

    /// <summary>Whom it is about, or not about.</summary>
    internal IReadOnlyList<PolicyPrincipal> Principals => _principals;

    /// <summary>Reads a statement.</summary>
    /// <exception cref="S3Exception">MalformedPolicy.</exception>
    internal static PolicyStatement Parse(JsonElement json, string? bucket)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw Malformed("Invalid policy syntax.");
        }

        var statement = new PolicyStatement();
        bool hasEffect = false;
        foreach (JsonProperty property in json.EnumerateObject())
        {
            switch (property.Name)
            {
                case "Sid":
                    break;
                case "Effect":
                    hasEffect = true;
                    statement.IsAllow = Text(property.Value) switch
                    {
                        "Allow" => true,
                        "Deny" => false,
                        string other => throw Malformed($"Invalid effect: {other}"),
                    };
                    break;
                case "Action" or "NotAction":
                    statement._actions = Texts(property.Value);
                    statement._notActions = property.Name == "NotAction";
                    break;
                case "Resource" or "NotResource":
                    statement._resources = Texts(property.Value);
                    statement._notResources = property.Name == "NotResource";
                    break;
                case "Principal" or "NotPrincipal":
                    statement._principals = ReadPrincipals(property.Value);
                    statement._notPrincipals = property.Name == "NotPrincipal";
                    break;
                case "Condition":
                    statement.AddConditions(property.Value, isNew: bucket is not null);
                    break;
                default:
                    throw Malformed($"Unknown field {property.Name}");
            }
        }

        statement.Validate(hasEffect, bucket);
        return statement;
    }

    /// <summary>Whether the statement is about the request.</summary>
    internal bool Matches(PolicyRequest request) =>
        MatchesPrincipal(request) != _notPrincipals
        && _actions.Exists(action => Wildcard.Matches(action, request.ActionName, ignoreCase: true)) != _notActions
        && _resources.Exists(resource => Wildcard.Matches(request.Substitute(resource), request.ResourceArn, ignoreCase: false)) != _notResources
        && _conditions.TrueForAll(condition => condition.Holds(request));

    private bool MatchesPrincipal(PolicyRequest request) => _principals.Exists(request.IsCaller);

    private void Validate(bool hasEffect, string? bucket)
    {
        if (!hasEffect)
        {
            throw Malformed("Missing required field Effect");
        }

        if (_actions.Count == 0)
        {
            throw Malformed("Missing required field Action");
        }

        if (_resources.Count == 0)
        {
            throw Malformed("Missing required field Resource");
        }

        if (_principals.Count == 0)
        {
            throw Malformed("Missing required field Principal");
        }

        foreach (string action in _actions)
        {
            if (!PolicyActions.IsOfObjects(action) && !PolicyActions.IsOfBuckets(action))
            {
                throw Malformed("Policy has invalid action");
            }
        }

        ValidateResources(bucket);
    }

    private void ValidateResources(string? bucket)
    {
        bool hasObjects = false, hasBuckets = false;

        foreach (string resource in _resources)
        {
            if (!resource.StartsWith(BucketArnPrefix, StringComparison.Ordinal) && resource != "*")
            {
                throw Malformed("Policy has invalid resource");
            }

            string name = resource.StartsWith(BucketArnPrefix, StringComparison.Ordinal) ? resource[BucketArnPrefix.Length..] : "*";
            int slash = name.IndexOf('/');
            string bucketPattern = slash < 0 ? name : name[..slash];
            if (bucket is not null && !Wildcard.Matches(bucketPattern, bucket, ignoreCase: false))
            {
                throw Malformed("Policy has invalid resource");
            }

            hasObjects |= slash >= 0 || name.EndsWith('*');
            hasBuckets |= slash < 0;
        }

        if (!_notActions && !_notResources && !_actions.TrueForAll(
            action => (hasObjects && PolicyActions.IsOfObjects(action)) || (hasBuckets && PolicyActions.IsOfBuckets(action))))
        {
            throw Malformed("Action does not apply to any resource(s) in statement");
        }
    }

    private void AddConditions(JsonElement value, bool isNew)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw Malformed("Invalid policy syntax.");
        }

        foreach (JsonProperty operation in value.EnumerateObject())
        {
            if (operation.Value.ValueKind != JsonValueKind.Object)
            {
                throw Malformed("Invalid policy syntax.");
            }

            foreach (JsonProperty key in operation.Value.EnumerateObject())
            {
                _conditions.Add(PolicyCondition.Parse(operation.Name, key.Name, Texts(key.Value), isNew));
            }
        }
    }

    private static List<PolicyPrincipal> ReadPrincipals(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            return Text(value) == PolicyPrincipal.Anybody.Name ? [PolicyPrincipal.Anybody] : throw Malformed("Invalid principal in policy");
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            throw Malformed("Invalid principal in policy");
        }

        List<PolicyPrincipal> principals = [];
        foreach (JsonProperty property in value.EnumerateObject())
        {
            PrincipalKind kind = property.Name switch
            {
                "AWS" or "CanonicalUser" => PrincipalKind.User,
                "Service" => PrincipalKind.Service,
                "Federated" => PrincipalKind.Federated,
                _ => throw Malformed("Invalid principal in policy"),
            };
            principals.AddRange(Texts(property.Value).ConvertAll(name => new PolicyPrincipal(kind, name)));
        }

        return principals;
    }

    private static List<string> Texts(JsonElement value)
    {
        List<string> texts = [];
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in value.EnumerateArray())
            {
                texts.Add(Text(item));
            }
        }
        else
        {
            texts.Add(Text(value));
        }

        return texts;
    }

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number => value.GetRawText(),
        _ => throw Malformed("Invalid policy syntax."),
    };

    private static S3Exception Malformed(string message) => new(S3Errors.MalformedPolicy, message);
}
