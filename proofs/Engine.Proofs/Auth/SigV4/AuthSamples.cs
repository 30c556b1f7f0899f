using System;
using System.Collections.Generic;
using System.Linq;
using ObjectStore.Engine.Auth;

namespace ObjectStore.Engine.Proofs;

/// <summary>The identity and time of the examples in Amazon's documentation, and a directory that knows the identities given.</summary>
internal sealed class AuthSamples(params Identity[] identities) : IIdentityDirectory
{
    public const string EmptySha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    public static readonly Identity Documented = new(
        "documented", "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", new string('d', 64), "", false);

    public static readonly DateTime DocumentedUtc = new(2013, 5, 24, 0, 0, 0, DateTimeKind.Utc);

    public static SigV4Signer Signer { get; } = new(Documented.AccessKey, Documented.SecretKey, "us-east-1");

    public static SigV4Verifier Verifier(SigV4Options? options = null) => new(new AuthSamples(Documented), options ?? new SigV4Options());

    public static KeyValuePair<string, string>[] Headers(params (string Name, string Value)[] headers) =>
        [.. headers.Select(header => new KeyValuePair<string, string>(header.Name, header.Value))];

    public static AuthRequest Request(string method, string path, string query, params (string Name, string Value)[] headers) =>
        new(method, path, query, Headers(headers));

    public static string Field(AuthResult result, string name) => result.Failure!.Fields.First(field => field.Key == name).Value;

    public Identity? FindByAccessKey(string accessKey)
    {
        foreach (Identity identity in identities)
        {
            if (identity.AccessKey == accessKey)
            {
                return identity;
            }
        }

        return null;
    }

    public Identity? FindByCanonicalId(string canonicalId) => Array.Find(identities, identity => identity.CanonicalId == canonicalId);

    public Identity? FindByEmail(string email) => Array.Find(identities, identity => identity.Email == email);
}
