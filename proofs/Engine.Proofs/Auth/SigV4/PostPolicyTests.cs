using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using ObjectStore.Engine.Auth;
using Xunit;

namespace ObjectStore.Engine.Proofs;

/// <summary>Browser uploads: the form must be signed and be what its policy allows.</summary>
public sealed class PostPolicyTests
{
    private const string Signed = """["eq","$x-amz-algorithm","AWS4-HMAC-SHA256"],["starts-with","$x-amz-credential",""],["starts-with","$x-amz-date",""]""";
    private static readonly DateTime Now = AuthSamples.DocumentedUtc;

    [Fact]
    public void A_form_without_policy_is_anonymous() => Assert.True(Verify([new("key", "k")]).Auth.IsAnonymous);

    [Fact]
    public void A_form_that_fits_is_accepted_with_its_size_limits()
    {
        PostPolicyResult result = Verify(Form("""{"bucket":"b"},["starts-with","$Key","user/"],["content-length-range",10,"20"]""", ("key", "user/x")));
        Assert.Equal((AuthError.None, AuthMethod.Form), (result.Auth.Error, result.Auth.Method));
        Assert.Same(AuthSamples.Documented, result.Auth.Identity);
        Assert.Equal(
            [AuthError.EntityTooSmall, AuthError.None, AuthError.None, AuthError.EntityTooLarge],
            new long[] { 9, 10, 20, 21 }.Select(size => result.CheckSize(size)?.Error ?? AuthError.None));
    }

    [Theory]
    [InlineData("""{"bucket":"other"},["eq","$key","k"]""", "key=k", "Policy Condition failed: [\"eq\", \"$bucket\", \"other\"]")]
    [InlineData("""{"bucket":"b"},["eq","$key","k"]""", "key=kk", "Policy Condition failed")]
    [InlineData("""{"bucket":"b"},["starts-with","$key","k"]""", "key=k|key=x", "Policy Condition failed")]
    [InlineData("""{"bucket":"b"},["starts-with","$key",""],["eq","$acl","private"]""", "key=k", "Policy Condition failed")]
    [InlineData("""{"bucket":"b"},["starts-with","$key",""]""", "key=k|acl=public-read", "Extra input fields: acl")]
    [InlineData("""{"bucket":"b"},["starts-with","$key",""],["starts-with","$Content-Type","image/"]""", "key=k|Content-Type=image/png,text/html", "Policy Condition failed")]
    [InlineData("""["starts-with","$key",""]""", "key=k", "Extra input fields: bucket")]
    public void A_form_that_does_not_fit_is_denied(string conditions, string fields, string message)
    {
        (string, string)[] pairs = [.. fields.Split('|').Select(field => (field.Split('=')[0], field.Split('=')[1]))];
        AuthResult result = Verify(Form(conditions, pairs)).Auth;
        Assert.Equal(AuthError.AccessDenied, result.Error);
        Assert.Contains(message, result.Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_of_several_content_types_begins_as_asked() => Assert.Equal(
        AuthError.None,
        Verify(Form(
            """{"bucket":"b"},["starts-with","$key",""],["starts-with","$Content-Type","image/"]""",
            ("key", "k"),
            ("Content-Type", "image/png, image/jpeg"))).Auth.Error);

    [Fact]
    public void Ignored_fields_need_no_condition() =>
        Assert.Equal(AuthError.None, Verify(Form("""{"bucket":"b"},["starts-with","$key",""]""", ("key", "k"), ("x-ignore-a", "b"))).Auth.Error);

    [Fact]
    public void An_expired_policy_is_denied() => Assert.Equal(
        "Invalid according to Policy: Policy expired.",
        new PostPolicyVerifier(new AuthSamples(AuthSamples.Documented), new SigV4Options())
            .Verify("b", Form("""{"bucket":"b"},["eq","$key","k"]""", ("key", "k")), Now.AddDays(1)).Auth.Failure!.Message);

    [Theory]
    [InlineData("""{"conditions":[{"bucket":"b"}]}""")]
    [InlineData("""{"expiration":"2013-05-25T00:00:00Z"}""")]
    [InlineData("""{"expiration":"2013-05-25T00:00:00Z","conditions":[]}""")]
    [InlineData("""{"expiration":"tomorrow","conditions":[{"bucket":"b"}]}""")]
    [InlineData("""{"EXPIRATION":"2013-05-25T00:00:00Z","conditions":[{"bucket":"b"}]}""")]
    [InlineData("""{"expiration":"2013-05-25T00:00:00Z","conditions":[["content-length-range",0]]}""")]
    [InlineData("""{"expiration":"2013-05-25T00:00:00Z","conditions":[["content-length-range",-1,0]]}""")]
    [InlineData("""{"expiration":"2013-05-25T00:00:00Z","conditions":[["content-length-range",5,4]]}""")]
    [InlineData("""{"expiration":"2013-05-25T00:00:00Z","conditions":[["ends-with","$key","k"]]}""")]
    [InlineData("""{"expiration":"2013-05-25T00:00:00Z","conditions":[["eq","key","k"]]}""")]
    [InlineData("""{"expiration":"2013-05-25T00:00:00Z","conditions":[{"bucket":"\ud800"}]}""")]
    [InlineData("[]")]
    [InlineData("{")]
    public void A_malformed_policy_is_refused(string policy) =>
        Assert.Equal(AuthError.InvalidPolicyDocument, Verify(AuthSamples.Signer.SignPolicy(policy, Now)).Auth.Error);

    [Fact]
    public void A_tampered_policy_or_signature_is_refused()
    {
        IReadOnlyList<KeyValuePair<string, string>> form = Form("""{"bucket":"b"},["eq","$key","k"]""", ("key", "k"));
        Assert.Equal(AuthError.SignatureDoesNotMatch, Verify(Change("policy", "e30=")).Auth.Error);
        Assert.Equal(AuthError.SignatureDoesNotMatch, Verify(Change("x-amz-signature", new string('0', 64))).Auth.Error);
        Assert.Equal(AuthError.InvalidAccessKeyId, Verify(Change("x-amz-credential", "x/20130524/us-east-1/s3/aws4_request")).Auth.Error);
        Assert.Equal(AuthError.InvalidArgument, Verify([.. form.Where(field => field.Key != "x-amz-signature").Append(new("signature-is", "gone"))], "x-amz-signature").Auth.Error);

        List<KeyValuePair<string, string>> Change(string name, string value) =>
            [.. form.Select(field => field.Key == name ? new KeyValuePair<string, string>(name, value) : field)];
    }

    [Fact]
    public void Version_2_forms_are_accepted_unless_switched_off()
    {
        string policy = Convert.ToBase64String("""{"expiration":"2013-05-25T00:00:00Z","conditions":[{"bucket":"b"},["starts-with","$key","\\$foo"]]}"""u8);
        using IncrementalHash hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA1, Encoding.UTF8.GetBytes(AuthSamples.Documented.SecretKey));
        hmac.AppendData(Encoding.UTF8.GetBytes(policy));
        string signature = Convert.ToBase64String(hmac.GetHashAndReset());
        KeyValuePair<string, string>[] form = AuthSamples.Headers(
            ("key", "\\$foo.txt"), ("AWSAccessKeyId", AuthSamples.Documented.AccessKey), ("signature", signature), ("policy", policy));
        PostPolicyVerifier strict = new(new AuthSamples(AuthSamples.Documented), new SigV4Options { AcceptVersion2 = false });
        Assert.Equal(AuthError.InvalidRequest, strict.Verify("b", form, Now).Auth.Error);
        PostPolicyVerifier verifier = new(new AuthSamples(AuthSamples.Documented), new SigV4Options());
        Assert.Equal(AuthError.None, verifier.Verify("b", form, Now).Auth.Error);
        form[2] = new("signature", "AAAA");
        Assert.Equal(AuthError.SignatureDoesNotMatch, verifier.Verify("b", form, Now).Auth.Error);
    }

    [Fact]
    public void Arbitrary_policies_are_answered_never_thrown_at() => Gen.String[Gen.Char["{}[]\",:$abc019-\\u \ud83d"], 0, 60].Sample(
        text =>
        {
            AuthError error = Verify(AuthSamples.Signer.SignPolicy(text, Now)).Auth.Error;
            Assert.NotEqual(AuthError.None, error);
        },
        iter: 2000);

    private static List<KeyValuePair<string, string>> Form(string conditions, params (string Name, string Value)[] fields) =>
    [
        .. AuthSamples.Headers(fields),
        .. AuthSamples.Signer.SignPolicy($$"""{"expiration":"2013-05-25T00:00:00.000Z","conditions":[{{conditions}},{{Signed}}]}""", Now),
    ];

    private static PostPolicyResult Verify(IReadOnlyList<KeyValuePair<string, string>> fields, string without = "") =>
        new PostPolicyVerifier(new AuthSamples(AuthSamples.Documented), new SigV4Options())
            .Verify("b", [.. fields.Where(field => field.Key != without)], Now);
}
