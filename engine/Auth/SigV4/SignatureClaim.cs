using System;

namespace ObjectStore.Engine.Auth;

/// <summary>What a request says about its signature, wherever it says it. Nothing here is believed yet.</summary>
internal ref struct SignatureClaim
{
    public AuthMethod Method;
    public ReadOnlySpan<char> AccessKey;

    /// <summary><c>yyyyMMdd</c>.</summary>
    public ReadOnlySpan<char> Date;
    public ReadOnlySpan<char> Region;

    /// <summary>Date, region, service and terminal with slashes between.</summary>
    public ReadOnlySpan<char> Scope;
    public ReadOnlySpan<char> SignedHeaders;
    public ReadOnlySpan<char> Signature;

    /// <summary><c>yyyyMMddTHHmmssZ</c>.</summary>
    public ReadOnlySpan<char> Timestamp;

    /// <summary>The same, read.</summary>
    public DateTime SignedUtc;

    /// <summary><c>x-amz-content-sha256</c> as stated.</summary>
    public string PayloadHash;

    /// <summary>Reads a Credential and checks its scope.</summary>
    /// <param name="credential"><c>access-key/yyyyMMdd/region/s3/aws4_request</c>; the access key may hold slashes.</param>
    /// <param name="options">What regions are ours.</param>
    /// <param name="day">The day of the request's time; empty to take any.</param>
    public AuthFailure? ReadCredential(ReadOnlySpan<char> credential, SigV4Options options, ReadOnlySpan<char> day)
    {
        Span<Range> parts = stackalloc Range[4];
        ReadOnlySpan<char> rest = credential;
        for (int i = 3; i >= 0; i--)
        {
            int slash = rest.LastIndexOf('/');
            if (slash < 0)
            {
                return Malformed("the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".");
            }

            parts[i] = new Range(slash + 1, rest.Length);
            rest = rest[..slash];
        }

        AccessKey = rest;
        Scope = credential[(rest.Length + 1)..];
        Date = credential[parts[0]];
        Region = credential[parts[1]];
        if (AccessKey.IsEmpty)
        {
            return Malformed("the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".");
        }

        return CheckScope(credential[parts[2]], credential[parts[3]], options, day);
    }

    private readonly AuthFailure? CheckScope(ReadOnlySpan<char> service, ReadOnlySpan<char> terminal, SigV4Options options, ReadOnlySpan<char> day)
    {
        if (Date.Length != 8 || !SigV4Time.AreDigits(Date))
        {
            return Malformed($"incorrect date format \"{Date}\". This date in the credential must be in the format \"yyyyMMdd\".");
        }

        if (!terminal.SequenceEqual("aws4_request"))
        {
            return Malformed($"incorrect terminal \"{terminal}\". This endpoint uses \"aws4_request\".");
        }

        if (!service.SequenceEqual("s3"))
        {
            return Malformed($"incorrect service \"{service}\". This endpoint belongs to \"s3\".");
        }

        if (!Region.SequenceEqual(options.Region) && !(options.AcceptUsEast1 && Region.SequenceEqual("us-east-1")))
        {
            AuthFailure wrong = Malformed($"the region '{Region}' is wrong; expecting '{options.Region}'");
            return wrong with { Fields = [new("Region", options.Region)] };
        }

        return day.IsEmpty || Date.SequenceEqual(day)
            ? null
            : Malformed($"Invalid credential date \"{Date}\". This date is not the same as X-Amz-Date: \"{day}\".");
    }

    private readonly AuthFailure Malformed(string detail) => Method == AuthMethod.Header
        ? AuthFailures.HeaderMalformed(detail)
        : AuthFailures.QueryMalformed("Error parsing the X-Amz-Credential parameter; " + detail);
}
