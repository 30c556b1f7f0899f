using System;
using System.Collections.Generic;
using System.Globalization;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>What a request would make of an object, as far as policies ask for it.</summary>
/// <param name="Tags">The tags it would have; null when nothing is said of them.</param>
/// <param name="Lock">Retention or legal hold out of a document; null when they are in the headers, if anywhere.</param>
internal sealed record RequestedChanges(IReadOnlyList<KeyValuePair<string, string>>? Tags = null, ObjectLockHeaders? Lock = null);

/// <summary>A request as policies see it: principal, action, resource and condition keys.</summary>
internal sealed class PolicyRequest(
    OperationContext context,
    S3Action action,
    BucketRecord bucket,
    string key,
    ObjectRecord? target,
    RequestedChanges? asked)
{
    /// <summary><c>s3:GetObject</c> and so on.</summary>
    internal string ActionName => action.Name;

    /// <summary>The bucket's or the object's resource name.</summary>
    internal string ResourceArn { get; } = key.Length == 0 ? $"arn:aws:s3:::{bucket.Name}" : $"arn:aws:s3:::{bucket.Name}/{key}";

    /// <summary>Whether a principal of a policy is the caller: <c>*</c>, a canonical id, an account or user resource name, or the service that asks.</summary>
    internal bool IsCaller(PolicyPrincipal principal) => principal.Kind switch
    {
        PrincipalKind.Service => context.Service?.Name == principal.Name,
        PrincipalKind.Federated => false,
        _ => principal == PolicyPrincipal.Anybody || (context.Caller is { } caller && IsNameOf(caller, principal.Name)),
    };

    private static bool IsNameOf(Identity caller, string name) =>
        name == caller.CanonicalId
        || name == Arn(caller)
        || name == $"arn:aws:iam:::user/{caller.Name}"
        || name == $"arn:aws:iam::{caller.CanonicalId}:root"
        || (name.StartsWith("arn:aws:iam::", StringComparison.Ordinal)
            && (name.EndsWith($":user/{caller.Name}", StringComparison.Ordinal)
                || name.EndsWith($":user/{caller.CanonicalId}", StringComparison.Ordinal)));

    /// <summary>Puts policy variables in: <c>${aws:username}</c> and the like.</summary>
    internal string Substitute(string text)
    {
        int at = text.IndexOf("${", StringComparison.Ordinal);
        if (at < 0)
        {
            return text;
        }

        int end = text.IndexOf('}', at);
        if (end < 0)
        {
            return text;
        }

        string name = text[(at + 2)..end];
        string value = name switch
        {
            "*" or "?" or "$" => name,
            _ => Values(name) is { Count: > 0 } values ? values[0] : "",
        };
        return string.Concat(text.AsSpan(0, at), value, Substitute(text[(end + 1)..]));
    }

    /// <summary>Values of a condition key, or null when the request has none.</summary>
    internal IReadOnlyList<string>? Values(string conditionKey)
    {
        int slash = conditionKey.IndexOf('/');
        string name = (slash < 0 ? conditionKey : conditionKey[..slash]).ToLowerInvariant();
        string rest = slash < 0 ? "" : conditionKey[(slash + 1)..];
        return name switch
        {
            "s3:existingobjecttag" => One(Find(target?.Tags, rest)),
            "s3:requestobjecttag" => One(Find(AskedTags, rest)),
            "s3:requestobjecttagkeys" => Keys(AskedTags),
            _ => One(Single(name)),
        };
    }

    private IReadOnlyList<KeyValuePair<string, string>>? AskedTags => asked?.Tags ?? context.Upload?.Template.Tags;

    private string? Single(string name) => name switch
    {
        "aws:sourceip" => context.Request.RemoteAddress.Length > 0 ? context.Request.RemoteAddress : null,
        "aws:securetransport" => context.Request.IsSecure ? "true" : "false",
        "aws:useragent" => context.SentHeaders["User-Agent"],
        "aws:referer" => context.SentHeaders["Referer"],
        "aws:currenttime" => Timestamps.Iso(context.NowUtc),
        "aws:epochtime" => ((long)(context.NowUtc - DateTime.UnixEpoch).TotalSeconds).ToString(CultureInfo.InvariantCulture),
        "aws:username" => context.Caller?.Name,
        "aws:userid" or "aws:principalaccount" => context.Caller?.CanonicalId,
        "aws:principalarn" => context.Caller is Identity caller ? Arn(caller) : null,
        "aws:principaltype" => context.Service is not null ? null : context.Caller is null ? "Anonymous" : "User",
        "aws:principalisawsservice" => context.Service is not null ? "true" : context.Caller is null ? null : "false",
        "aws:principalservicename" => context.Service?.Name,
        "aws:sourcearn" => context.Service?.SourceArn,
        "aws:sourceaccount" => context.Service?.SourceAccount,
        "s3:prefix" => context.Query["prefix"],
        "s3:delimiter" => context.Query["delimiter"],
        "s3:max-keys" => context.Query["max-keys"],
        "s3:versionid" => context.Query["versionId"],
        "s3:signatureversion" => context.Auth.Method == AuthMethod.Anonymous ? null : context.Auth.IsVersion2 ? "AWS" : "AWS4-HMAC-SHA256",
        "s3:signatureage" => context.Auth.SignedUtc is { } signed
            ? ((long)Math.Max(0, (context.NowUtc - signed).TotalMilliseconds)).ToString(CultureInfo.InvariantCulture)
            : null,
        "s3:authtype" => context.Auth.Method switch
        {
            AuthMethod.Header => "REST-HEADER",
            AuthMethod.Presigned => "REST-QUERY-STRING",
            AuthMethod.Form => "POST",
            _ => null,
        },
        "s3:locationconstraint" => bucket.Region,
        "s3:if-match" or "s3:if-none-match" => context.Headers[name[3..]],
        "s3:object-lock-remaining-retention-days" => RemainingDays(),
        _ when name.StartsWith("s3:object-lock-", StringComparison.Ordinal) => AskedLock(name[3..]),
        _ when name.StartsWith("s3:x-amz-", StringComparison.Ordinal) => Header(name[3..]),
        _ => null,
    };

    /// <summary>A header of the request; for parts and completions, those of the start of their upload where only that one has them.</summary>
    private string? Header(string name) =>
        context.Upload is { } upload && UploadConditions.AreOfTheStart(name) ? Find(upload.Stated, name) : context.Headers[name];

    /// <summary>Of the document of a request that has one, else of the headers.</summary>
    private string? AskedLock(string name) => (name, asked?.Lock) switch
    {
        ("object-lock-retain-until-date", _) => AskedUntil() is { } until ? Timestamps.IsoMilliseconds(until) : null,
        (_, null) => Header($"x-amz-{name}"),
        ("object-lock-mode", { } change) => change.Mode.Length > 0 ? change.Mode : null,
        ("object-lock-legal-hold", { } change) => change.LegalHold is { } isHeld ? (isHeld ? "ON" : "OFF") : null,
        _ => null,
    };

    // In any form in which the header itself is understood.
    private DateTime? AskedUntil() => asked?.Lock is { } change ? change.UntilUtc
        : Header("x-amz-object-lock-retain-until-date") is { } text && ObjectLockHeaders.TryParseDate(text, out DateTime until) ? until
        : null;

    // A day that has begun is one.
    private string? RemainingDays() => AskedUntil() is { } until
        ? ((long)Math.Ceiling(Math.Max(0, (until - context.NowUtc).TotalDays))).ToString(CultureInfo.InvariantCulture)
        : null;

    private static string Arn(Identity caller) => $"arn:aws:iam::{caller.CanonicalId}:user/{caller.Name}";

    private static List<string>? One(string? value) => value is null ? null : [value];

    private static string? Find(IReadOnlyList<KeyValuePair<string, string>>? tags, string name)
    {
        foreach ((string key, string value) in tags ?? [])
        {
            if (key == name)
            {
                return value;
            }
        }

        return null;
    }

    private static List<string>? Keys(IReadOnlyList<KeyValuePair<string, string>>? tags)
    {
        if (tags is null || tags.Count == 0)
        {
            return null;
        }

        List<string> keys = [];
        foreach ((string key, _) in tags)
        {
            keys.Add(key);
        }

        return keys;
    }
}
