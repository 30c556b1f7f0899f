using System;
using System.Linq;
using System.Security.Cryptography;
using System.Threading.Tasks;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Metadata;
using Xunit;

namespace ObjectStore.Engine.Proofs.Gateway;

/// <summary>Uploads in parts, and copies.</summary>
public sealed class MultipartAndCopyTests
{
    private static readonly int[] OutOfOrder = [2, 0, 1];
    private static readonly MetadataLimits SmallParts = new() { PartSizeBytesMin = 1000 };

    [Fact]
    public void Parts_become_one_object() => GatewayRig.Run(
        async rig =>
        {
            byte[][] parts = [GatewayRig.Bytes(200_000, 1), GatewayRig.Bytes(300_000, 2), GatewayRig.Bytes(10, 3)];
            string id = await StartAsync(rig);
            string[] etags = new string[3];
            foreach (int i in OutOfOrder)
            {
                TestAnswer part = await rig.SendAsync("PUT", $"/bucket/key?partNumber={i + 1}&uploadId={id}", parts[i]);
                part.Is(200);
                etags[i] = part["ETag"]!;
            }

            Assert.Equal(["1", "2", "3"], (await rig.SendAsync("GET", $"/bucket/key?uploadId={id}")).All("PartNumber"));
            TestAnswer behind = await rig.SendAsync("GET", $"/bucket/key?uploadId={id}&part-number-marker={int.MaxValue}");
            behind.Is(200);
            Assert.Empty(behind.All("PartNumber"));
            Assert.Equal([id], (await rig.SendAsync("GET", "/bucket?uploads")).All("UploadId"));
            TestAnswer done = await CompleteAsync(rig, id, etags);
            done.Is(200);
            string expected = Convert.ToHexStringLower(MD5.HashData([.. parts.SelectMany(MD5.HashData)])) + "-3";
            Assert.Equal($"\"{expected}\"", Assert.Single(done.All("ETag")));
            TestAnswer got = await rig.SendAsync("GET", "/bucket/key", "", ("x-amz-checksum-mode", "ENABLED"));
            Assert.Equal(parts.SelectMany(part => part).ToArray(), got.Body);
            Assert.NotNull(got["x-amz-checksum-crc64nvme"]);
            TestAnswer second = await rig.SendAsync("GET", "/bucket/key?partNumber=2");
            second.Is(206);
            Assert.Equal(parts[1], second.Body);
            Assert.Equal("3", second["x-amz-mp-parts-count"]);
            Assert.Equal("bytes 200000-499999/500010", second["Content-Range"]);
            (await rig.SendAsync("GET", "/bucket/key?partNumber=4")).Is(416, "InvalidPartNumber");
            (await CompleteAsync(rig, id, etags)).Is(200);
            (await rig.SendAsync("PUT", $"/bucket/key?partNumber=1&uploadId={id}", "x")).Is(404, "NoSuchUpload");
            TestAnswer attributes = await rig.SendAsync(
                "GET", "/bucket/key?attributes", "", ("x-amz-object-attributes", "ETag,ObjectParts,ObjectSize,Checksum,StorageClass"));
            Assert.Equal(expected, Assert.Single(attributes.All("ETag")));
            Assert.Equal("3", Assert.Single(attributes.All("PartsCount")));
            Assert.Equal("500010", Assert.Single(attributes.All("ObjectSize")));
        },
        limits: SmallParts);

    [Fact]
    public void Completions_that_do_not_fit_are_refused() => GatewayRig.Run(
        async rig =>
        {
            string id = await StartAsync(rig);
            string first = (await rig.SendAsync("PUT", $"/bucket/key?partNumber=1&uploadId={id}", "tiny"))["ETag"]!;
            string second = (await rig.SendAsync("PUT", $"/bucket/key?partNumber=2&uploadId={id}", "tiny too"))["ETag"]!;
            (await CompleteAsync(rig, id, [first, second])).Is(400, "EntityTooSmall");
            (await CompleteAsync(rig, id, [first, "\"bad\""])).Is(400, "InvalidPart");
            (await CompleteAsync(rig, id, [])).Is(400, "MalformedXML");
            (await rig.SendAsync("POST", $"/bucket/key?uploadId={id}", $"<CompleteMultipartUpload>{Part(2, second)}{Part(1, first)}</CompleteMultipartUpload>"))
                .Is(400, "InvalidPartOrder");
            (await rig.SendAsync(
                "POST",
                $"/bucket/key?uploadId={id}",
                $"<CompleteMultipartUpload>{Part(1, first)}</CompleteMultipartUpload>",
                ("x-amz-checksum-crc32", "AAAAAA=="),
                ("x-amz-checksum-crc32c", "AAAAAA=="))).Is(400, "InvalidRequest");
            (await rig.SendAsync("PUT", $"/bucket/key?partNumber=0&uploadId={id}", "x")).Is(400, "InvalidArgument");
            (await rig.SendAsync("PUT", $"/bucket/key?partNumber=10001&uploadId={id}", "x")).Is(400, "InvalidArgument");
            (await rig.SendAsync("DELETE", $"/bucket/key?uploadId={id}")).Is(204);
            (await rig.SendAsync("DELETE", $"/bucket/key?uploadId={id}")).Is(404, "NoSuchUpload");
            (await CompleteAsync(rig, id, [first])).Is(404, "NoSuchUpload");
            (await rig.SendAsync("GET", "/bucket/key")).Is(404, "NoSuchKey");
        },
        limits: SmallParts);

    [Theory]
    [InlineData("CRC32", null, "COMPOSITE")]
    [InlineData("CRC32C", "FULL_OBJECT", "FULL_OBJECT")]
    [InlineData("SHA256", null, "COMPOSITE")]
    [InlineData("CRC64NVME", null, "FULL_OBJECT")]
    [InlineData("SHA512", null, "COMPOSITE")]
    [InlineData("MD5", "COMPOSITE", "COMPOSITE")]
    [InlineData("XXHASH64", null, "COMPOSITE")]
    [InlineData("XXHASH3", null, "COMPOSITE")]
    [InlineData("XXHASH128", null, "COMPOSITE")]
    public void Checksums_of_parts_make_the_objects(string algorithm, string? type, string shown) => GatewayRig.Run(async rig =>
    {
        string id = await StartAsync(rig, ChecksumHeaders(algorithm, type));
        string header = $"x-amz-checksum-{algorithm.ToLowerInvariant()}";
        Assert.True(ChecksumNames.TryParseName(algorithm, out ChecksumAlgorithm known));
        string stated = Convert.ToBase64String(ChecksumHasher.Compute(known, "content"u8));
        TestAnswer bare = await rig.SendAsync("PUT", $"/bucket/key?partNumber=1&uploadId={id}", "content");
        bare.Is(shown == "COMPOSITE" ? 400 : 200, shown == "COMPOSITE" ? "InvalidRequest" : "");
        TestAnswer part = await rig.SendAsync("PUT", $"/bucket/key?partNumber=1&uploadId={id}", "content", (header, stated));
        part.Is(200);
        Assert.Equal(stated, part[header]);
        string checksum = $"<Checksum{algorithm}>{stated}</Checksum{algorithm}>";
        TestAnswer done = await rig.SendAsync(
            "POST", $"/bucket/key?uploadId={id}", $"<CompleteMultipartUpload>{Part(1, part["ETag"]!, checksum)}</CompleteMultipartUpload>");
        done.Is(200);
        Assert.Equal(shown, Assert.Single(done.All("ChecksumType")));
        string made = Assert.Single(done.All($"Checksum{algorithm}"));
        Assert.Equal(shown == "COMPOSITE", made.EndsWith("-1", StringComparison.Ordinal));
        Assert.Equal(made, (await rig.SendAsync("HEAD", "/bucket/key", "", ("x-amz-checksum-mode", "ENABLED")))[header]);
        TestAnswer attributes = await rig.SendAsync("GET", "/bucket/key?attributes", "", ("x-amz-object-attributes", "Checksum"));
        Assert.Equal(made.Split('-')[0], Assert.Single(attributes.All($"Checksum{algorithm}")));
    });

    [Theory]
    [InlineData("SHA1", "FULL_OBJECT")]
    [InlineData("SHA512", "FULL_OBJECT")]
    [InlineData("MD5", "FULL_OBJECT")]
    [InlineData("XXHASH3", "FULL_OBJECT")]
    [InlineData("CRC64NVME", "COMPOSITE")]
    [InlineData("CRC33", null)]
    public void An_upload_whose_checksum_could_never_be_made_is_refused(string algorithm, string? type) => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("POST", "/bucket/key?uploads", "", ChecksumHeaders(algorithm, type))).Is(400, "InvalidRequest");
    });

    [Fact]
    public void A_copy_has_content_and_headers_of_its_own() => GatewayRig.Run(
        async rig =>
        {
            byte[] content = GatewayRig.Bytes(300_000);
            TestAnswer put = await rig.SendAsync("PUT", "/bucket/from", content, null, ("x-amz-meta-a", "1"), ("Content-Type", "a/b"));
            TestAnswer copied = await rig.SendAsync("PUT", "/bucket/to", "", ("x-amz-copy-source", "/bucket/from"));
            copied.Is(200);
            Assert.Equal(put["ETag"], Assert.Single(copied.All("ETag")));
            (await rig.SendAsync("DELETE", "/bucket/from")).Is(204);
            TestAnswer got = await rig.SendAsync("GET", "/bucket/to");
            Assert.Equal(content, got.Body);
            Assert.Equal("1", got["x-amz-meta-a"]);
            Assert.Equal("a/b", got["Content-Type"]);
            (await rig.SendAsync("PUT", "/bucket/to", "", ("x-amz-copy-source", "bucket/to"))).Is(400, "InvalidRequest");
            (await rig.SendAsync("PUT", "/bucket/to", "", ("x-amz-copy-source", "bucket/to"), ("x-amz-metadata-directive", "REPLACE"), ("x-amz-meta-b", "2"))).Is(200);
            TestAnswer replaced = await rig.SendAsync("GET", "/bucket/to");
            Assert.Equal(content, replaced.Body);
            Assert.Null(replaced["x-amz-meta-a"]);
            Assert.Equal("2", replaced["x-amz-meta-b"]);
            (await rig.SendAsync("PUT", "/bucket/x", "", ("x-amz-copy-source", "bucket/absent"))).Is(404, "NoSuchKey");
            (await rig.SendAsync("PUT", "/bucket/x", "", ("x-amz-copy-source", "absent/key"))).Is(404, "NoSuchBucket");
            (await rig.SendAsync("PUT", "/bucket/x", "", ("x-amz-copy-source", "nonsense"))).Is(400, "InvalidArgument");
            (await rig.SendAsync("PUT", "/bucket/x", "", ("x-amz-copy-source", "bucket/to"), ("x-amz-copy-source-if-match", "\"no\""))).Is(412, "PreconditionFailed");

            string id = await StartAsync(rig);
            TestAnswer part = await rig.SendAsync(
                "PUT", $"/bucket/key?partNumber=1&uploadId={id}", "", ("x-amz-copy-source", "bucket/to"), ("x-amz-copy-source-range", "bytes=100-200099"));
            part.Is(200);
            (await rig.SendAsync("PUT", $"/bucket/key?partNumber=2&uploadId={id}", "", ("x-amz-copy-source", "bucket/to"), ("x-amz-copy-source-range", "bytes=0-300000")))
                .Is(400, "InvalidArgument");
            (await CompleteAsync(rig, id, [Assert.Single(part.All("ETag"))])).Is(200);
            Assert.Equal(content[100..200_100], (await rig.SendAsync("GET", "/bucket/key")).Body);
            TestAnswer whole = await rig.SendAsync("PUT", "/bucket/whole", "", ("x-amz-copy-source", "bucket/key"));
            Assert.Equal($"\"{Convert.ToHexStringLower(MD5.HashData(content[100..200_100]))}\"", Assert.Single(whole.All("ETag")));
        },
        limits: SmallParts);

    private static async Task<string> StartAsync(GatewayRig rig, params (string, string)[] headers)
    {
        TestAnswer started = await rig.SendAsync("POST", "/bucket/key?uploads", "", headers);
        started.Is(200);
        return Assert.Single(started.All("UploadId"));
    }

    private static Task<TestAnswer> CompleteAsync(GatewayRig rig, string id, string[] etags) =>
        rig.SendAsync(
            "POST",
            $"/bucket/key?uploadId={id}",
            $"<CompleteMultipartUpload>{string.Concat(etags.Select((etag, i) => Part(i + 1, etag)))}</CompleteMultipartUpload>");

    private static (string, string)[] ChecksumHeaders(string algorithm, string? type) => type is null
        ? [("x-amz-checksum-algorithm", algorithm)]
        : [("x-amz-checksum-algorithm", algorithm), ("x-amz-checksum-type", type)];

    private static string Part(int number, string etag, string checksum = "") =>
        $"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag>{checksum}</Part>";
}
