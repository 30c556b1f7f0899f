using System.Text;
using Xunit;

namespace ObjectStore.Engine.Proofs.Gateway;

/// <summary>Who may do what: ACLs, policies, public access block, ownership.</summary>
public sealed class AccessTests
{
    [Fact]
    public void Without_a_grant_only_owner_and_root_get_in() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/key", "x")).Is(200);
        foreach ((string method, string target) in new[]
        {
            ("GET", "/bucket"), ("GET", "/bucket/key"), ("HEAD", "/bucket/key"), ("PUT", "/bucket/new"), ("DELETE", "/bucket/key"), ("GET", "/bucket/absent"),
            ("GET", "/bucket?acl"), ("GET", "/bucket?versions"), ("GET", "/bucket?uploads"), ("POST", "/bucket/key?uploads"), ("DELETE", "/bucket"),
            ("GET", "/bucket?policy"), ("GET", "/bucket?location"), ("GET", "/bucket?versioning"), ("GET", "/bucket/key?acl"), ("GET", "/bucket/key?tagging"),
        })
        {
            (await rig.SendAsync(method, target, null, GatewayRig.Bob)).Is(403, method == "HEAD" ? "" : "AccessDenied");
            (await rig.SendAsync(method, target, null, GatewayRig.Nobody)).Is(403, method == "HEAD" ? "" : "AccessDenied");
        }

        (await rig.SendAsync("GET", "/bucket/key", null, GatewayRig.Root)).Is(200);
        (await rig.SendAsync("GET", "/bucket/key", null, GatewayRig.Alice with { SecretKey = "wrong-secret" })).Is(403, "SignatureDoesNotMatch");
        (await rig.SendAsync("GET", "/bucket/key", null, GatewayRig.Alice with { AccessKey = "UNKNOWN" })).Is(403, "InvalidAccessKeyId");
        (await rig.SendAsync("GET", "/bucket/key", "", ("x-amz-expected-bucket-owner", GatewayRig.Bob.CanonicalId))).Is(403, "AccessDenied");
    });

    [Fact]
    public void What_comes_with_a_put_wants_a_permission_of_its_own() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/locked", "", ("x-amz-bucket-object-lock-enabled", "true"))).Is(200);
        (await rig.SendAsync("PUT", "/locked?policy", PolicyOf("s3:PutObject", "Allow"))).Is(204);
        (await PutAsync()).Is(200);
        (await PutAsync(("x-amz-acl", "private"))).Is(200);
        (await PutAsync(("x-amz-tagging", "a=b"))).Is(403, "AccessDenied");
        (await PutAsync(("x-amz-object-lock-legal-hold", "ON"))).Is(403, "AccessDenied");
        (await PutAsync(("x-amz-object-lock-mode", "COMPLIANCE"), ("x-amz-object-lock-retain-until-date", "2040-01-01T00:00:00Z"))).Is(403, "AccessDenied");
        (await rig.SendAsync("PUT", "/locked?policy", PolicyOf("s3:*", "Allow").Replace("]}", $",{StatementOf("s3:PutObjectAcl", "Deny")}]}}", System.StringComparison.Ordinal))).Is(204);
        (await PutAsync(("x-amz-tagging", "a=b"), ("x-amz-object-lock-legal-hold", "ON"))).Is(200);
        (await PutAsync(("x-amz-acl", "private"))).Is(403, "AccessDenied");

        System.Threading.Tasks.Task<TestAnswer> PutAsync(params (string Name, string Value)[] headers) =>
            rig.SendAsync("PUT", "/locked/key", Encoding.UTF8.GetBytes("x"), GatewayRig.Bob, headers);

        static string PolicyOf(string action, string effect) => $"{{\"Version\":\"2012-10-17\",\"Statement\":[{StatementOf(action, effect)}]}}";

        static string StatementOf(string action, string effect) =>
            $"{{\"Effect\":\"{effect}\",\"Principal\":\"*\",\"Action\":\"{action}\",\"Resource\":\"arn:aws:s3:::locked/*\"}}";
    });

    [Fact]
    public void A_policy_sees_the_age_of_a_signature() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/key", "x")).Is(200);
        (await rig.SendAsync("PUT", "/bucket?policy", """
            {"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*",
            "Condition":{"NumericGreaterThan":{"s3:signatureAge":"60000"}}}]}
            """)).Is(204);
        ObjectStore.Engine.Gateway.S3Request plain = rig.Sign("GET", "/bucket/key", [], GatewayRig.Nobody);
        var signer = new ObjectStore.Engine.Auth.SigV4Signer(GatewayRig.Alice.AccessKey, GatewayRig.Alice.SecretKey, "us-east-1");
        foreach ((int age, int status) in new[] { (30, 200), (90, 403) })
        {
            string query = signer.Presign(new ObjectStore.Engine.Auth.AuthRequest(plain.Method, plain.RawPath, plain.RawQuery, plain.Headers), rig.NowUtc.AddSeconds(-age), 3600);
            (await rig.SendAsync(rig.Sign("GET", $"/bucket/key?{query}", [], GatewayRig.Nobody))).Is(status);
        }
    });

    [Fact]
    public void Acls_grant_what_they_say() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/key", "x", ("x-amz-acl", "public-read"))).Is(200);
        (await rig.SendAsync("GET", "/bucket/key", null, GatewayRig.Nobody)).Is(200);
        (await rig.SendAsync("PUT", "/bucket/key?acl", "", ("x-amz-acl", "authenticated-read"))).Is(200);
        (await rig.SendAsync("GET", "/bucket/key", null, GatewayRig.Nobody)).Is(403, "AccessDenied");
        (await rig.SendAsync("GET", "/bucket/key", null, GatewayRig.Bob)).Is(200);
        (await rig.SendAsync("PUT", "/bucket?acl", "", ("x-amz-grant-write", $"id=\"{GatewayRig.Bob.CanonicalId}\""))).Is(200);
        (await rig.SendAsync("PUT", "/bucket/bobs", Encoding.UTF8.GetBytes("y"), GatewayRig.Bob)).Is(200);
        (await rig.SendAsync("GET", "/bucket/bobs")).Is(403, "AccessDenied");
        (await rig.SendAsync("GET", "/bucket/bobs", null, GatewayRig.Bob)).Is(200);
        (await rig.SendAsync("DELETE", "/bucket/bobs")).Is(204);
        TestAnswer acl = await rig.SendAsync("GET", "/bucket?acl");
        Assert.Equal(["WRITE"], acl.All("Permission"));
        (await rig.SendAsync("PUT", "/bucket?acl", "", ("x-amz-acl", "nonsense"))).Is(400, "InvalidArgument");
        (await rig.SendAsync("PUT", "/bucket?acl", "<AccessControlPolicy/>")).Is(400, "MalformedACLError");
        (await rig.SendAsync("PUT", "/bucket?acl", "", ("x-amz-grant-read", "emailAddress=nobody@test"))).Is(400, "UnresolvableGrantByEmailAddress");
        string document = acl.Text.Replace("WRITE", "FULL_CONTROL", System.StringComparison.Ordinal);
        (await rig.SendAsync("PUT", "/bucket?acl", document)).Is(200);
        (await rig.SendAsync("GET", "/bucket?acl", null, GatewayRig.Bob)).Is(200);
    });

    [Fact]
    public void In_policies_an_explicit_deny_wins() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/open/key", "x")).Is(200);
        (await rig.SendAsync("PUT", "/bucket/open/secret", "x", ("x-amz-acl", "public-read"))).Is(200);
        (await rig.SendAsync("GET", "/bucket?policy")).Is(404, "NoSuchBucketPolicy");
        const string Policy = """
            {"Version":"2012-10-17","Statement":[
              {"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/open/*"},
              {"Effect":"Allow","Principal":{"AWS":"BOB"},"Action":["s3:ListBucket"],"Resource":"arn:aws:s3:::bucket","Condition":{"StringEquals":{"s3:prefix":"open/"}}},
              {"Effect":"Deny","Principal":"*","Action":"s3:Get*","Resource":"arn:aws:s3:::bucket/*/secret"}]}
            """;
        string policy = Policy.Replace("BOB", GatewayRig.Bob.CanonicalId, System.StringComparison.Ordinal);
        (await rig.SendAsync("PUT", "/bucket?policy", policy)).Is(204);
        Assert.Equal(policy, (await rig.SendAsync("GET", "/bucket?policy")).Text);
        Assert.Equal("true", Assert.Single((await rig.SendAsync("GET", "/bucket?policyStatus")).All("IsPublic")));
        (await rig.SendAsync("GET", "/bucket/open/key", null, GatewayRig.Nobody)).Is(200);
        (await rig.SendAsync("GET", "/bucket/open/secret", null, GatewayRig.Nobody)).Is(403, "AccessDenied");
        (await rig.SendAsync("GET", "/bucket/open/secret")).Is(403, "AccessDenied");
        (await rig.SendAsync("GET", "/bucket?prefix=open/", null, GatewayRig.Bob)).Is(200);
        (await rig.SendAsync("GET", "/bucket", null, GatewayRig.Bob)).Is(403, "AccessDenied");
        (await rig.SendAsync("PUT", "/bucket?policy", "{")).Is(400, "MalformedPolicy");
        (await rig.SendAsync("PUT", "/bucket?policy", policy.Replace(":::bucket", ":::other", System.StringComparison.Ordinal))).Is(400, "MalformedPolicy");
        (await rig.SendAsync("DELETE", "/bucket?policy")).Is(204);
        (await rig.SendAsync("GET", "/bucket/open/key", null, GatewayRig.Nobody)).Is(403, "AccessDenied");
    });

    [Fact]
    public void The_public_access_block_takes_public_grants_away() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/key", "x", ("x-amz-acl", "public-read"))).Is(200);
        (await rig.SendAsync("GET", "/bucket?publicAccessBlock")).Is(404, "NoSuchPublicAccessBlockConfiguration");
        const string Block =
            "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy></PublicAccessBlockConfiguration>";
        (await rig.SendAsync("PUT", "/bucket?publicAccessBlock", Block)).Is(200);
        Assert.Equal(["true"], (await rig.SendAsync("GET", "/bucket?publicAccessBlock")).All("IgnorePublicAcls"));
        (await rig.SendAsync("GET", "/bucket/key", null, GatewayRig.Nobody)).Is(403, "AccessDenied");
        (await rig.SendAsync("PUT", "/bucket/key", "x", ("x-amz-acl", "public-read"))).Is(403, "AccessDenied");
        const string Public = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::bucket/*"}}""";
        (await rig.SendAsync("PUT", "/bucket?policy", Public)).Is(403, "AccessDenied");
        (await rig.SendAsync("DELETE", "/bucket?publicAccessBlock")).Is(204);
        (await rig.SendAsync("GET", "/bucket/key", null, GatewayRig.Nobody)).Is(200);
    });

    [Fact]
    public void Enforced_ownership_switches_acls_off() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("GET", "/bucket?ownershipControls")).Is(404, "OwnershipControlsNotFoundError");
        (await rig.SendAsync("PUT", "/bucket/key", "x", ("x-amz-acl", "public-read"))).Is(200);
        const string Enforced = "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>";
        (await rig.SendAsync("PUT", "/bucket?ownershipControls", Enforced)).Is(200);
        (await rig.SendAsync("GET", "/bucket/key", null, GatewayRig.Nobody)).Is(403, "AccessDenied");
        (await rig.SendAsync("PUT", "/bucket/key", "x", ("x-amz-acl", "public-read"))).Is(400, "AccessControlListNotSupported");
        (await rig.SendAsync("PUT", "/bucket/key?acl", "", ("x-amz-acl", "public-read"))).Is(400, "AccessControlListNotSupported");
    });
}
