using System;
using System.Collections.Generic;
using System.Security.Cryptography;
using System.Text;

namespace ObjectStore.Engine.Auth;

/// <summary>What a signed form allows.</summary>
/// <param name="Auth">Who signed it, or the refusal; anonymous when the form has no policy.</param>
/// <param name="ContentSizeBytesMin">Content below this is refused (<see cref="AuthError.EntityTooSmall"/>).</param>
/// <param name="ContentSizeBytesMax">Content above this is refused (<see cref="AuthError.EntityTooLarge"/>).</param>
public readonly record struct PostPolicyResult(AuthResult Auth, long ContentSizeBytesMin, long ContentSizeBytesMax)
{
    /// <summary>Holds the content's size against the policy; null when it fits.</summary>
    public AuthFailure? CheckSize(long sizeBytes)
    {
        if (sizeBytes > ContentSizeBytesMax)
        {
            return AuthFailures.Of(
                AuthError.EntityTooLarge,
                "Your proposed upload exceeds the maximum allowed size",
                ("ProposedSize", $"{sizeBytes}"),
                ("MaxSizeAllowed", $"{ContentSizeBytesMax}"));
        }

        return sizeBytes >= ContentSizeBytesMin ? null : AuthFailures.Of(
            AuthError.EntityTooSmall,
            "Your proposed upload is smaller than the minimum allowed size",
            ("ProposedSize", $"{sizeBytes}"),
            ("MinSizeAllowed", $"{ContentSizeBytesMin}"));
    }
}

/// <summary>Checks the form fields of a browser upload against the signed policy among them. Any thread.</summary>
/// <remarks>Source: Amazon S3 API reference, "Authenticating requests in browser-based uploads using POST".</remarks>
public sealed class PostPolicyVerifier(IIdentityDirectory identities, SigV4Options options)
{
    private const string IgnoredPrefix = "x-ignore-";

    /// <summary>Fields that a policy need not speak of.</summary>
    private static readonly string[] Uncovered = ["policy", "x-amz-signature", "signature", "awsaccesskeyid", "file", "submit"];

    /// <summary>Checks one form.</summary>
    /// <param name="bucket">The bucket posted to; stands for a missing <c>bucket</c> field.</param>
    /// <param name="fields">Fields before the file, in order, names in any case; <c>${filename}</c> in the key is already replaced.</param>
    /// <param name="utcNow">The server's time.</param>
    public PostPolicyResult Verify(string bucket, IReadOnlyList<KeyValuePair<string, string>> fields, DateTime utcNow)
    {
        ArgumentNullException.ThrowIfNull(fields);
        string? policy = Find(fields, "policy");
        bool isVersion2 = Find(fields, "signature") is not null || Find(fields, "AWSAccessKeyId") is not null;
        if (policy is null && Find(fields, "x-amz-signature") is null && !isVersion2)
        {
            return new PostPolicyResult(AuthResult.Anonymous, 0, long.MaxValue);
        }

        AuthResult signer = policy is null
            ? AuthResult.Refused(MissingField("policy"))
            : isVersion2 ? VerifyVersion2(fields, policy) : VerifySignature(fields, policy);
        if (signer.Failure is not null)
        {
            return new PostPolicyResult(signer, 0, long.MaxValue);
        }

        PostPolicyDocument? document = PostPolicyDocument.Parse(policy!, out string problem);
        AuthFailure? failure = document is null ? AuthFailures.Of(AuthError.InvalidPolicyDocument, problem) : Check(document, bucket, fields, utcNow);
        return failure is null
            ? new PostPolicyResult(signer, document!.ContentSizeBytesMin, document.ContentSizeBytesMax)
            : new PostPolicyResult(AuthResult.Refused(failure), 0, long.MaxValue);
    }

    private AuthResult VerifySignature(IReadOnlyList<KeyValuePair<string, string>> fields, string policy)
    {
        foreach (string required in (ReadOnlySpan<string>)["x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature"])
        {
            if (Find(fields, required) is null)
            {
                return AuthResult.Refused(MissingField(required));
            }
        }

        if (Find(fields, "x-amz-algorithm") != AuthorizationHeader.Algorithm)
        {
            return AuthResult.Refused(AuthFailures.UnsupportedMechanism());
        }

        string date = Find(fields, "x-amz-date")!;
        if (date.Length != 16 || !SigV4Time.TryParse(date, out _))
        {
            return AuthResult.Refused(AuthFailures.QueryMalformed("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\""));
        }

        SignatureClaim claim = new() { Method = AuthMethod.Form, Signature = Find(fields, "x-amz-signature") };
        AuthFailure? failure = claim.ReadCredential(Find(fields, "x-amz-credential"), options, date.AsSpan(0, 8));
        if (failure is null && Find(fields, "x-amz-security-token") is { } token)
        {
            failure = AuthFailures.Token(token);
        }

        if (failure is not null)
        {
            return AuthResult.Refused(failure);
        }

        string accessKey = claim.AccessKey.ToString();
        if (identities.FindByAccessKey(accessKey) is not { } identity)
        {
            return AuthResult.Refused(AuthFailures.UnknownAccessKey(accessKey));
        }

        SigningKey key = SigningKey.Derive(accessKey, identity.SecretKey, claim.Date, claim.Region);
        Span<byte> expected = stackalloc byte[ChunkSignatureChain.SignatureLength];
        key.Sign(Encoding.UTF8.GetBytes(policy), expected);
        return SigV4Verifier.Matches(expected, claim.Signature)
            ? AuthResult.Accepted(identity, AuthMethod.Form)
            : AuthResult.Refused(AuthFailures.FormSignature(accessKey, claim.Signature, policy));
    }

    private AuthResult VerifyVersion2(IReadOnlyList<KeyValuePair<string, string>> fields, string policy)
    {
        if (!options.AcceptVersion2)
        {
            return AuthResult.Refused(AuthFailures.UnsupportedMechanism());
        }

        if (Find(fields, "AWSAccessKeyId") is not { } accessKey)
        {
            return AuthResult.Refused(MissingField("AWSAccessKeyId"));
        }

        if (Find(fields, "signature") is not { } signature)
        {
            return AuthResult.Refused(MissingField("signature"));
        }

        if (identities.FindByAccessKey(accessKey) is not { } identity)
        {
            return AuthResult.Refused(AuthFailures.UnknownAccessKey(accessKey));
        }

        using IncrementalHash hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA1, Encoding.UTF8.GetBytes(identity.SecretKey));
        hmac.AppendData(Encoding.UTF8.GetBytes(policy));
        byte[] expected = Encoding.ASCII.GetBytes(Convert.ToBase64String(hmac.GetHashAndReset()));
        return CryptographicOperations.FixedTimeEquals(expected, Encoding.UTF8.GetBytes(signature))
            ? AuthResult.Accepted(identity, AuthMethod.Form)
            : AuthResult.Refused(AuthFailures.FormSignature(accessKey, signature, policy));
    }

    private static AuthFailure? Check(PostPolicyDocument document, string bucket, IReadOnlyList<KeyValuePair<string, string>> fields, DateTime utcNow)
    {
        if (utcNow >= document.ExpirationUtc)
        {
            return AuthFailures.AccessDenied("Invalid according to Policy: Policy expired.");
        }

        foreach (PostCondition condition in document.Conditions)
        {
            if (!Holds(condition, bucket, fields))
            {
                return AuthFailures.AccessDenied($"Invalid according to Policy: Policy Condition failed: {condition.Text}");
            }
        }

        if (!IsCovered(document, "bucket"))
        {
            return ExtraField("bucket");
        }

        foreach (KeyValuePair<string, string> field in fields)
        {
            bool exempt = field.Key.StartsWith(IgnoredPrefix, StringComparison.OrdinalIgnoreCase)
                || Array.Exists(Uncovered, name => name.Equals(field.Key, StringComparison.OrdinalIgnoreCase));
            if (!exempt && !IsCovered(document, field.Key))
            {
                return ExtraField(field.Key);
            }
        }

        return null;
    }

    /// <summary>A field that repeats must fit each time: whoever uses it may take any of them.</summary>
    private static bool Holds(PostCondition condition, string bucket, IReadOnlyList<KeyValuePair<string, string>> fields)
    {
        bool found = false;
        foreach (KeyValuePair<string, string> field in fields)
        {
            if (field.Key.Equals(condition.Field, StringComparison.OrdinalIgnoreCase))
            {
                found = true;
                if (!condition.Holds(field.Value))
                {
                    return false;
                }
            }
        }

        return found || condition.Holds(condition.Field == "bucket" ? bucket : "");
    }

    private static bool IsCovered(PostPolicyDocument document, string field)
    {
        foreach (PostCondition condition in document.Conditions)
        {
            if (condition.Field.Equals(field, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static AuthFailure ExtraField(string name) =>
        AuthFailures.AccessDenied($"Invalid according to Policy: Extra input fields: {name.ToLowerInvariant()}");

    private static AuthFailure MissingField(string name) => AuthFailures.Of(
        AuthError.InvalidArgument,
        $"Bucket POST must contain a field named '{name}'.  If it is specified, please check the order of the fields.",
        ("ArgumentName", name),
        ("ArgumentValue", ""));

    private static string? Find(IReadOnlyList<KeyValuePair<string, string>> fields, string name)
    {
        for (int i = 0; i < fields.Count; i++)
        {
            if (fields[i].Key.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return fields[i].Value;
            }
        }

        return null;
    }
}
