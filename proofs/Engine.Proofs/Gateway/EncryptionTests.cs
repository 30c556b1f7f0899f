using System;
using System.Security.Cryptography;
using ObjectStore.Engine.Gateway;
using Xunit;

namespace ObjectStore.Engine.Proofs.Gateway;

/// <summary>Server-side encryption: what was put is got, by ranges too, with the right key only; refusals name what is wrong.</summary>
public sealed class EncryptionTests
{
    private const string Prefix = "x-amz-server-side-encryption";
    private const string Customer = Prefix + "-customer-";

    private static readonly int[] Starts = [1, 15, 131_071, 131_073];

    private static readonly GatewayOptions WithMasterKey = new() { BaseDomains = [GatewayRig.Host], MasterKey = GatewayRig.Bytes(32) };

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(32 * 1024)]
    [InlineData((2 * 128 * 1024) + 5)]
    public void Every_range_of_an_encrypted_object_is_plain_again(int length) => GatewayRig.Run(
        async rig =>
        {
            byte[] content = GatewayRig.Bytes(length);
            (string, string)[][] methods =
            [
                [(Prefix, "AES256")],
                [(Prefix, "aws:kms"), (Prefix + "-aws-kms-key-id", "some-key")],
                CustomerKey(7),
            ];
            foreach ((string, string)[] method in methods)
            {
                (string, string)[] reading = method.Length == 3 ? method : [];
                // The digest is that of what was sent, though it is computed beside all else.
                string md5 = Convert.ToBase64String(MD5.HashData(content));
                TestAnswer put = await rig.SendAsync("PUT", "/bucket/key", content, null, [.. method, ("Content-MD5", md5)]);
                put.Is(200);
                TestAnswer got = await rig.SendAsync("GET", "/bucket/key", null, null, reading);
                got.Is(200);
                Assert.Equal(content, got.Body);
                Assert.Equal(put[Prefix], got[Prefix]);
                foreach (int start in Starts)
                {
                    if (start < length)
                    {
                        TestAnswer part = await rig.SendAsync("GET", "/bucket/key", null, null, [.. reading, ("Range", $"bytes={start}-{start + 40}")]);
                        part.Is(206);
                        Assert.Equal(content[start..int.Min(length, start + 41)], part.Body);
                    }
                }
            }
        },
        WithMasterKey);

    [Theory]
    [InlineData("<BlockedEncryptionTypes><EncryptionType>SSE-C</EncryptionType></BlockedEncryptionTypes>", 403)]
    [InlineData("<BlockedEncryptionTypes><EncryptionType>NONE</EncryptionType></BlockedEncryptionTypes>", 200)]
    public void A_bucket_can_block_keys_of_customers(string rule, int status) => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket?encryption", $"<ServerSideEncryptionConfiguration><Rule>{rule}</Rule></ServerSideEncryptionConfiguration>")).Is(200);
        (await rig.SendAsync("PUT", "/bucket/key", [], null, CustomerKey(1))).Is(status);
        (await rig.SendAsync("PUT", "/bucket/plain", "x")).Is(200);
        Assert.Null((await rig.SendAsync("HEAD", "/bucket/plain"))["x-amz-server-side-encryption"]);
    });

    [Fact]
    public void The_customers_key_must_be_there_and_right() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/key", GatewayRig.Bytes(100), null, CustomerKey(1))).Is(200);
        (await rig.SendAsync("GET", "/bucket/key")).Is(400, "InvalidRequest");
        (await rig.SendAsync("HEAD", "/bucket/key")).Is(400);
        (await rig.SendAsync("GET", "/bucket/key", null, null, CustomerKey(2))).Is(403, "AccessDenied");
        (await rig.SendAsync("PUT", "/bucket/plain", GatewayRig.Bytes(100))).Is(200);
        (await rig.SendAsync("GET", "/bucket/plain", null, null, CustomerKey(1))).Is(400, "InvalidRequest");
        (await rig.SendAsync("GET", "/bucket/plain", null, null, (Prefix, "AES256"))).Is(400, "InvalidArgument");
        (await rig.SendAsync("PUT", "/bucket/x", [], null, CustomerKey(1)[0], CustomerKey(1)[1])).Is(400, "InvalidArgument");
        (await rig.SendAsync("PUT", "/bucket/x", [], null, CustomerKey(1)[0], CustomerKey(1)[1], CustomerKey(2)[2])).Is(400, "InvalidArgument");
        (await rig.SendAsync("PUT", "/bucket/x", [], null, (Customer + "algorithm", "AES128"))).Is(400, "InvalidEncryptionAlgorithmError");
        (await rig.SendAsync("PUT", "/bucket/x", [], null, [.. CustomerKey(1), (Prefix, "AES256")])).Is(400, "InvalidArgument");
    });

    [Theory]
    [InlineData("AES256", 200)]
    [InlineData("aws:kms", 400)]
    public void Keys_of_the_ring_are_for_those_who_sign(string algorithm, int status) => GatewayRig.Run(
        async rig =>
        {
            (await rig.SendAsync("PUT", "/bucket/key", "x", (Prefix, algorithm), ("x-amz-acl", "public-read"))).Is(200);
            (await rig.SendAsync("GET", "/bucket/key", null, GatewayRig.Nobody)).Is(status, status == 200 ? "" : "InvalidArgument");
            (await rig.SendAsync("GET", "/bucket/key", null, GatewayRig.Bob)).Is(200);
        },
        WithMasterKey);

    [Fact]
    public void Without_a_master_key_nobody_is_told_that_the_store_encrypts() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/key", [1], null, (Prefix, "AES256"))).Is(501, "NotImplemented");
        (await rig.SendAsync("PUT", "/bucket/key", [1], null, (Prefix, "aws:kms"))).Is(501, "NotImplemented");
        (await rig.SendAsync("PUT", "/bucket/key", [1], null, (Prefix, "ROT13"))).Is(400, "InvalidArgument");
    });

    [Theory]
    [InlineData("\"s3:NoSuchAction\"", "bucket/*")]
    [InlineData("\"s3:ListBucket\"", "bucket/*")]
    [InlineData("\"s3:GetObject\"", "bucket")]
    [InlineData("\"s3:Nothing*\"", "*")]
    public void A_policy_whose_action_means_nothing_is_refused(string action, string resource) => GatewayRig.Run(async rig =>
    {
        string policy = $$"""{"Statement":[{"Effect":"Allow","Principal":"*","Action":{{action}},"Resource":"arn:aws:s3:::{{resource}}"}]}""";
        (await rig.SendAsync("PUT", "/bucket?policy", policy)).Is(400, "MalformedPolicy");
    });

    private static (string Name, string Value)[] CustomerKey(byte seed)
    {
        byte[] key = new byte[32];
        Array.Fill(key, seed);
        return
        [
            (Customer + "algorithm", "AES256"), (Customer + "key", Convert.ToBase64String(key)),
            (Customer + "key-MD5", Convert.ToBase64String(MD5.HashData(key))),
        ];
    }
}
