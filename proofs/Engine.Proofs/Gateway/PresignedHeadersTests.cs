using System.Text;
using System.Threading.Tasks;
using ObjectStore.Engine.Auth;
using Xunit;

namespace ObjectStore.Engine.Proofs.Gateway;

/// <summary>Goal: what a presigned URL says in its query in place of headers counts as said, and only where the signature covers it.</summary>
public sealed class PresignedHeadersTests
{
    [Fact]
    public void Metadata_tags_and_acl_of_the_query_are_the_objects() => GatewayRig.Run(async rig =>
    {
        (await PutAsync(rig, "/bucket/key?x-amz-meta-Note=a%20b&x-amz-acl=public-read&x-amz-tagging=k%3Dv&x-amz-storage-class=STANDARD_IA")).Is(200);
        TestAnswer read = await rig.SendAsync("GET", "/bucket/key", null, GatewayRig.Nobody);
        read.Is(200);
        Assert.Equal(("a b", "1", "STANDARD_IA"), (read["x-amz-meta-note"], read["x-amz-tagging-count"], read["x-amz-storage-class"]));
    });

    [Fact]
    public void A_copy_source_of_the_query_makes_a_copy() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/from", "content")).Is(200);
        TestAnswer copied = await PutAsync(rig, "/bucket/to?x-amz-copy-source=bucket%2Ffrom");
        copied.Is(200);
        Assert.Equal("CopyObject", copied.Operation);
        Assert.Equal("content", (await rig.SendAsync("GET", "/bucket/to")).Text);
    });

    [Fact]
    public void A_header_counts_before_the_query_and_checksums_of_the_query_do_not_count() => GatewayRig.Run(async rig =>
    {
        (await PutAsync(rig, "/bucket/key?x-amz-meta-a=query&x-amz-checksum-crc32=AAAAAA%3D%3D&x-amz-sdk-checksum-algorithm=CRC32", "content", ("x-amz-meta-a", "header"))).Is(200);
        Assert.Equal("header", (await rig.SendAsync("HEAD", "/bucket/key"))["x-amz-meta-a"]);
    });

    [Fact]
    public void A_query_that_no_signature_covers_is_no_header() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/key?x-amz-meta-a=b&x-amz-acl=public-read", "content")).Is(200);
        Assert.Null((await rig.SendAsync("HEAD", "/bucket/key"))["x-amz-meta-a"]);
        (await rig.SendAsync("GET", "/bucket/key", null, GatewayRig.Nobody)).Is(403, "AccessDenied");
    });

    private static Task<TestAnswer> PutAsync(GatewayRig rig, string target, string body = "", params (string Name, string Value)[] headers)
    {
        Engine.Gateway.S3Request plain = rig.Sign("PUT", target, Encoding.UTF8.GetBytes(body), GatewayRig.Nobody, headers);
        string query = new SigV4Signer(GatewayRig.Alice.AccessKey, GatewayRig.Alice.SecretKey, "us-east-1")
            .Presign(new AuthRequest(plain.Method, plain.RawPath, plain.RawQuery, plain.Headers), rig.NowUtc, 60);
        return rig.SendAsync(rig.Sign("PUT", $"{plain.RawPath}?{query}", Encoding.UTF8.GetBytes(body), GatewayRig.Nobody, headers));
    }
}
