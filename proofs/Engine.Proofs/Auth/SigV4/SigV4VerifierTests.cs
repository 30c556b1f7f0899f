using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using ObjectStore.Engine.Auth;
using Xunit;

namespace ObjectStore.Engine.Proofs;

/// <summary>Refusals: each with the code S3 gives, and nothing tampered with gets through.</summary>
public sealed class SigV4VerifierTests
{
    private static readonly DateTime Now = AuthSamples.DocumentedUtc;

    [Fact]
    public void A_request_without_signature_is_anonymous() =>
        Assert.True(AuthSamples.Verifier().Verify(AuthSamples.Request("GET", "/b/k", "versions", ("Host", "h")), Now).IsAnonymous);

    [Fact]
    public void An_empty_authorization_is_none()
    {
        AuthResult result = AuthSamples.Verifier().Verify(AuthSamples.Request("GET", "/", "", ("host", "h"), ("authorization", "")), Now);
        Assert.Equal(AuthError.None, result.Error);
        Assert.True(result.IsAnonymous);
    }

    [Theory]
    [InlineData("AWS4-ECDSA-P256-SHA256 Credential=a", AuthError.InvalidRequest)]
    [InlineData("Bearer abc", AuthError.InvalidArgument)]
    [InlineData("AWS4-HMAC-SHA256", AuthError.AuthorizationHeaderMalformed)]
    [InlineData("AWS4-HMAC-SHA256 Credential=a/20130524/us-east-1/s3/aws4_request, SignedHeaders=host", AuthError.AuthorizationHeaderMalformed)]
    [InlineData("AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0", AuthError.AuthorizationHeaderMalformed)]
    [InlineData("AWS4-HMAC-SHA256 Credential=a/20130524/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0, Signature=1", AuthError.AuthorizationHeaderMalformed)]
    public void Malformed_authorization_is_refused(string authorization, AuthError error)
    {
        AuthRequest request = AuthSamples.Request(
            "GET", "/", "", ("Host", "h"), ("x-amz-date", "20130524T000000Z"), ("x-amz-content-sha256", "UNSIGNED-PAYLOAD"), ("Authorization", authorization));
        Assert.Equal(error, AuthSamples.Verifier().Verify(request, Now).Error);
    }

    [Theory]
    [InlineData("us-east-1", "s3/", "s4/", "incorrect service")]
    [InlineData("us-east-1", "aws4_request", "aws5_request", "incorrect terminal")]
    [InlineData("us-east-1", "/20130524/", "/20130525/", "Invalid credential date")]
    [InlineData("us-east-1", "/20130524/", "/2013-05-24/", "incorrect date format")]
    [InlineData("mars-1", "", "", "the region 'mars-1' is wrong; expecting 'us-east-1'")]
    public void Wrong_scope_is_refused(string region, string from, string to, string message)
    {
        SigV4Signer signer = new(AuthSamples.Documented.AccessKey, AuthSamples.Documented.SecretKey, region);
        SignedRequest signed = signer.Sign(AuthSamples.Request("GET", "/", "", ("Host", "h")), Now, "UNSIGNED-PAYLOAD");
        AuthResult result = AuthSamples.Verifier().Verify(
            new AuthRequest("GET", "/", "", Replace(signed.Headers, "Authorization", value => from.Length == 0 ? value : value.Replace(from, to, StringComparison.Ordinal))), Now);
        Assert.Equal(AuthError.AuthorizationHeaderMalformed, result.Error);
        Assert.Contains(message, result.Failure!.Message, StringComparison.Ordinal);
        Assert.Equal(region == "mars-1", result.Failure.Fields.Any(field => field is { Key: "Region", Value: "us-east-1" }));
    }

    [Fact]
    public void The_clients_default_region_is_accepted_unless_switched_off()
    {
        SignedRequest signed = AuthSamples.Signer.Sign(AuthSamples.Request("GET", "/", "", ("Host", "h")), Now, "UNSIGNED-PAYLOAD");
        AuthRequest request = new("GET", "/", "", signed.Headers);
        Assert.Equal(AuthError.None, AuthSamples.Verifier(new SigV4Options { Region = "eu-west-3" }).Verify(request, Now).Error);
        AuthResult strict = AuthSamples.Verifier(new SigV4Options { Region = "eu-west-3", AcceptUsEast1 = false }).Verify(request, Now);
        Assert.Equal("eu-west-3", AuthSamples.Field(strict, "Region"));
    }

    [Theory]
    [InlineData(-900, AuthError.None)]
    [InlineData(900, AuthError.None)]
    [InlineData(-901, AuthError.RequestTimeTooSkewed)]
    [InlineData(901, AuthError.RequestTimeTooSkewed)]
    public void Clocks_may_differ_by_fifteen_minutes(int seconds, AuthError error)
    {
        DateTime noon = Now.AddHours(12);
        SignedRequest signed = AuthSamples.Signer.Sign(AuthSamples.Request("GET", "/", "", ("Host", "h")), noon, "UNSIGNED-PAYLOAD");
        AuthResult result = AuthSamples.Verifier().Verify(new AuthRequest("GET", "/", "", signed.Headers), noon.AddSeconds(seconds));
        Assert.Equal(error, result.Error);
        if (error != AuthError.None)
        {
            Assert.Equal("900000", AuthSamples.Field(result, "MaxAllowedSkewMilliseconds"));
        }
    }

    [Fact]
    public void Headers_that_must_be_there_and_signed_are_asked_for()
    {
        SignedRequest signed = AuthSamples.Signer.Sign(AuthSamples.Request("GET", "/", "", ("Host", "h")), Now, "UNSIGNED-PAYLOAD");
        Assert.Equal((AuthError.AccessDenied, "AWS authentication requires a valid Date or x-amz-date header"), Without("x-amz-date"));
        Assert.Equal((AuthError.InvalidRequest, "Missing required header for this request: x-amz-content-sha256"), Without("x-amz-content-sha256"));
        Assert.Equal(AuthError.MissingSecurityHeader, Without("Host").Error);

        AuthResult added = Verify([.. signed.Headers, new("X-Amz-Acl", "public-read")]);
        Assert.Equal((AuthError.AccessDenied, "x-amz-acl"), (added.Error, AuthSamples.Field(added, "HeadersNotSigned")));
        AuthResult token = Verify([.. signed.Headers, new("x-amz-security-token", "t")]);
        Assert.Equal(AuthError.InvalidToken, token.Error);
        AuthResult hash = Verify(Replace(signed.Headers, "x-amz-content-sha256", _ => "STREAMING-NONSENSE"));
        Assert.Equal(AuthError.InvalidArgument, hash.Error);

        AuthResult Verify(IReadOnlyList<KeyValuePair<string, string>> headers) => AuthSamples.Verifier().Verify(new AuthRequest("GET", "/", "", headers), Now);

        (AuthError Error, string Message) Without(string name)
        {
            AuthResult result = Verify([.. signed.Headers.Where(header => header.Key != name)]);
            return (result.Error, result.Failure!.Message);
        }
    }

    [Fact]
    public void Unknown_keys_and_wrong_secrets_are_told_apart()
    {
        AuthRequest plain = AuthSamples.Request("GET", "/b", "", ("Host", "h"));
        SignedRequest unknown = new SigV4Signer("nobody", "secret-key", "us-east-1").Sign(plain, Now, "UNSIGNED-PAYLOAD");
        AuthResult result = AuthSamples.Verifier().Verify(plain with { Headers = unknown.Headers }, Now);
        Assert.Equal((AuthError.InvalidAccessKeyId, "nobody"), (result.Error, AuthSamples.Field(result, "AWSAccessKeyId")));

        SignedRequest wrong = new SigV4Signer(AuthSamples.Documented.AccessKey, "secret-key", "us-east-1").Sign(plain, Now, "UNSIGNED-PAYLOAD");
        result = AuthSamples.Verifier().Verify(plain with { Headers = wrong.Headers }, Now);
        Assert.Equal((AuthError.SignatureDoesNotMatch, wrong.Signature), (result.Error, AuthSamples.Field(result, "SignatureProvided")));
        Assert.StartsWith("GET\n/b\n\nhost:h\n", AuthSamples.Field(result, "CanonicalRequest"), StringComparison.Ordinal);
        Assert.StartsWith("AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n", AuthSamples.Field(result, "StringToSign"), StringComparison.Ordinal);
        Assert.StartsWith("47 45 54 0a", AuthSamples.Field(result, "CanonicalRequestBytes"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_secret_takes_effect_though_its_key_was_cached()
    {
        Identity[] identities = [AuthSamples.Documented];
        SigV4Verifier verifier = new(new AuthSamples(identities), new SigV4Options());
        AuthRequest plain = AuthSamples.Request("GET", "/b", "", ("Host", "h"));
        AuthRequest before = plain with { Headers = AuthSamples.Signer.Sign(plain, Now, "UNSIGNED-PAYLOAD").Headers };
        Assert.Equal(AuthError.None, verifier.Verify(before, Now).Error);
        identities[0] = AuthSamples.Documented with { SecretKey = "another-secret" };
        Assert.Equal(AuthError.SignatureDoesNotMatch, verifier.Verify(before, Now).Error);
        SigV4Signer renewed = new(AuthSamples.Documented.AccessKey, "another-secret", "us-east-1");
        Assert.Equal(AuthError.None, verifier.Verify(plain with { Headers = renewed.Sign(plain, Now, "UNSIGNED-PAYLOAD").Headers }, Now).Error);
    }

    [Theory]
    [InlineData("X-Amz-Expires=60", "X-Amz-Expires=0", AuthError.AuthorizationQueryParametersError)]
    [InlineData("X-Amz-Expires=60", "X-Amz-Expires=-1", AuthError.AuthorizationQueryParametersError)]
    [InlineData("X-Amz-Expires=60", "X-Amz-Expires=604801", AuthError.AuthorizationQueryParametersError)]
    [InlineData("X-Amz-Expires=60", "X-Amz-Expires=soon", AuthError.AuthorizationQueryParametersError)]
    [InlineData("X-Amz-Expires=60", "X-Amz-Expires=604800", AuthError.SignatureDoesNotMatch)]
    [InlineData("&X-Amz-Expires=60", "", AuthError.AuthorizationQueryParametersError)]
    [InlineData("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512", AuthError.AuthorizationQueryParametersError)]
    [InlineData("X-Amz-Date=20130524T000000Z", "X-Amz-Date=20130524", AuthError.AuthorizationQueryParametersError)]
    [InlineData("X-Amz-Date=20130524T000000Z", "X-Amz-Date=20130525T000000Z", AuthError.AuthorizationQueryParametersError)]
    [InlineData("us-east-1", "mars-1", AuthError.AuthorizationQueryParametersError)]
    [InlineData("marker=a", "marker=b", AuthError.SignatureDoesNotMatch)]
    public void Presigned_urls_are_held_to_the_rules(string from, string to, AuthError error)
    {
        AuthRequest plain = AuthSamples.Request("GET", "/b", "marker=a", ("Host", "h"));
        string query = AuthSamples.Signer.Presign(plain, Now, 60).Replace(from, to, StringComparison.Ordinal);
        Assert.Equal(error, AuthSamples.Verifier().Verify(plain with { RawQuery = query }, Now).Error);
    }

    [Fact]
    public void A_presigned_url_from_the_future_is_refused()
    {
        AuthRequest plain = AuthSamples.Request("GET", "/b", "", ("Host", "h"));
        AuthRequest signed = plain with { RawQuery = AuthSamples.Signer.Presign(plain, Now, 60) };
        Assert.Equal(AuthError.None, AuthSamples.Verifier().Verify(signed, Now.AddSeconds(-900)).Error);
        Assert.Equal("Request is not valid yet", AuthSamples.Verifier().Verify(signed, Now.AddSeconds(-901)).Failure!.Message);
    }

    [Fact]
    public void Two_mechanisms_at_once_and_version_2_are_refused()
    {
        AuthRequest plain = AuthSamples.Request("GET", "/b", "", ("Host", "h"));
        SignedRequest header = AuthSamples.Signer.Sign(plain, Now, "UNSIGNED-PAYLOAD");
        AuthRequest both = plain with { Headers = header.Headers, RawQuery = AuthSamples.Signer.Presign(plain, Now, 60) };
        Assert.Equal(AuthError.InvalidArgument, AuthSamples.Verifier().Verify(both, Now).Error);
        AuthRequest version2 = plain with { RawQuery = "AWSAccessKeyId=a&Expires=1&Signature=b" };
        Assert.Equal(AuthError.InvalidRequest, AuthSamples.Verifier(new SigV4Options { AcceptVersion2 = false }).Verify(version2, Now).Error);
    }

    [Fact]
    public void Whatever_is_signed_is_verified_and_any_change_is_refused()
    {
        Gen<string> text = Gen.String[Gen.Char["abcXYZ019-._~ +%&=/;,\u00fc\u6f22"], 0, 12];
        Gen.Select(text, text, text, Gen.Int[0, 3]).Sample(
            (path, query, value, change) =>
            {
                string rawPath = "/" + SigV4Signer.Encode(path).Replace("%2F", "/", StringComparison.Ordinal);
                AuthRequest plain = AuthSamples.Request("PUT", rawPath, "q=" + SigV4Signer.Encode(query), ("Host", "h"), ("x-amz-meta-v", "v" + value));
                SignedRequest signed = AuthSamples.Signer.Sign(plain, Now, "UNSIGNED-PAYLOAD");
                AuthRequest request = plain with { Headers = signed.Headers };
                SigV4Verifier verifier = AuthSamples.Verifier();
                Assert.Equal(AuthError.None, verifier.Verify(request, Now).Error);
                AuthRequest changed = change switch
                {
                    0 => request with { RawPath = rawPath + "a" },
                    1 => request with { RawQuery = request.RawQuery + "a" },
                    2 => request with { Method = "POST" },
                    _ => request with { Headers = Replace(request.Headers, "x-amz-meta-v", old => "w" + old) },
                };
                Assert.Equal(AuthError.SignatureDoesNotMatch, verifier.Verify(changed, Now).Error);
            },
            iter: 500);
    }

    [Fact]
    public void Arbitrary_requests_are_answered_never_thrown_at()
    {
        Gen<string> noise = Gen.String[Gen.Char["aA1/;,=& %+-_:.\u00fc\ud83d\0Z"], 0, 40];
        Gen<string> authorization = Gen.OneOf(
            noise,
            noise.Select(tail => "AWS4-HMAC-SHA256 " + tail),
            Gen.Select(noise, noise, noise).Select((a, b, c) => $"AWS4-HMAC-SHA256 Credential={a}/20130524/us-east-1/s3/aws4_request, SignedHeaders={b}, Signature={c}"));
        Gen.Select(noise, noise, noise, authorization, Gen.Bool).Sample(
            (path, query, value, header, presigned) =>
            {
                AuthRequest request = AuthSamples.Request(
                    "GET",
                    "/" + path,
                    presigned ? $"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={value}&X-Amz-Date=00010101T000000Z&X-Amz-Expires=5&X-Amz-SignedHeaders=host&X-Amz-Signature={query}" : query,
                    ("Host", value),
                    ("x-amz-date", presigned ? value : "20130524T000000Z"),
                    ("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
                    (presigned ? "x-other" : "Authorization", header));
                AuthResult result = AuthSamples.Verifier().Verify(request, Now);
                Assert.Null(result.Identity);
            },
            iter: 3000);
    }

    [Fact]
    public void What_costs_too_much_to_canonicalize_is_refused()
    {
        AuthRequest many = AuthSamples.Request("GET", "/", string.Join('&', Enumerable.Repeat("a", 200)), ("Authorization", "AWS4-HMAC-SHA256"));
        Assert.Equal(AuthError.RequestHeaderSectionTooLarge, AuthSamples.Verifier().Verify(many, Now).Error);
        AuthRequest large = AuthSamples.Request("GET", "/", "", ("x-amz-meta-a", new string('a', 70_000)));
        Assert.Equal(AuthError.RequestHeaderSectionTooLarge, AuthSamples.Verifier().Verify(large, Now).Error);
    }

    private static List<KeyValuePair<string, string>> Replace(
        IReadOnlyList<KeyValuePair<string, string>> headers, string name, Func<string, string> change) =>
        [.. headers.Select(header => header.Key == name ? new KeyValuePair<string, string>(name, change(header.Value)) : header)];
}
