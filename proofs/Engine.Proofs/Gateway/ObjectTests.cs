using System.Text;
using Xunit;

namespace ObjectStore.Engine.Proofs.Gateway;

/// <summary>Put, get, head, delete: contents, headers, conditions, ranges, refusals.</summary>
public sealed class ObjectTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(32 * 1024)]
    [InlineData((32 * 1024) + 1)]
    [InlineData(128 * 1024)]
    [InlineData((3 * 128 * 1024) + 17)]
    [InlineData(1_500_000)]
    public void What_was_put_is_got(int length) => GatewayRig.Run(async rig =>
    {
        byte[] content = GatewayRig.Bytes(length);
        TestAnswer put = await rig.SendAsync("PUT", "/bucket/key", content, null, ("Content-Type", "text/x"), ("x-amz-meta-Colour", "blue"));
        put.Is(200);
        TestAnswer got = await rig.SendAsync("GET", "/bucket/key");
        got.Is(200);
        Assert.Equal(content, got.Body);
        Assert.Equal(put["ETag"], got["ETag"]);
        Assert.Equal("text/x", got["Content-Type"]);
        Assert.Equal("blue", got["x-amz-meta-colour"]);
        Assert.Equal(length.ToString(), got["Content-Length"]);
        Assert.Null(got["x-amz-version-id"]);
        TestAnswer head = await rig.SendAsync("HEAD", "/bucket/key");
        head.Is(200);
        Assert.Empty(head.Body);
        Assert.Equal(length.ToString(), head["Content-Length"]);
        (await rig.SendAsync("DELETE", "/bucket/key")).Is(204);
        (await rig.SendAsync("GET", "/bucket/key")).Is(404, "NoSuchKey");
        TestAnswer gone = await rig.SendAsync("HEAD", "/bucket/key");
        gone.Is(404);
        Assert.Empty(gone.Body);
        (await rig.SendAsync("DELETE", "/bucket/key")).Is(204);
    });

    [Theory]
    [InlineData("bytes=0-0", 206, 0, 1)]
    [InlineData("bytes=10-", 206, 10, 299_990)]
    [InlineData("bytes=-5", 206, 299_995, 5)]
    [InlineData("bytes=131071-131073", 206, 131_071, 3)]
    [InlineData("bytes=299999-400000", 206, 299_999, 1)]
    [InlineData("bytes=-999999999", 206, 0, 300_000)]
    [InlineData("bytes=5-2", 200, 0, 300_000)]
    [InlineData("bytes=0-1,5-6", 200, 0, 300_000)]
    [InlineData("lines=0-1", 200, 0, 300_000)]
    [InlineData("bytes=300000-", 416, 0, 0)]
    [InlineData("bytes=-0", 416, 0, 0)]
    public void A_range_gives_those_bytes(string range, int status, int start, int length) => GatewayRig.Run(async rig =>
    {
        byte[] content = GatewayRig.Bytes(300_000);
        (await rig.SendAsync("PUT", "/bucket/key", content)).Is(200);
        TestAnswer got = await rig.SendAsync("GET", "/bucket/key", null, null, ("Range", range));
        got.Is(status, status == 416 ? "InvalidRange" : "");
        if (status == 416)
        {
            Assert.Equal("bytes */300000", got["Content-Range"]);
            return;
        }

        Assert.Equal(content[start..(start + length)], got.Body);
        Assert.Equal(status == 206 ? $"bytes {start}-{start + length - 1}/300000" : null, got["Content-Range"]);
    });

    [Fact]
    public void Any_range_of_an_empty_object_is_refused() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/key")).Is(200);
        (await rig.SendAsync("GET", "/bucket/key", null, null, ("Range", "bytes=0-0"))).Is(416, "InvalidRange");
    });

    [Fact]
    public void Conditional_reads_follow_the_order_of_the_standard() => GatewayRig.Run(async rig =>
    {
        string etag = (await rig.SendAsync("PUT", "/bucket/key", "x"))["ETag"]!;
        const string Past = "Thu, 01 Jan 2015 00:00:00 GMT";
        const string Future = "Fri, 01 Jan 2100 00:00:00 GMT";
        (await rig.SendAsync("GET", "/bucket/key", null, null, ("If-Match", etag))).Is(200);
        (await rig.SendAsync("GET", "/bucket/key", null, null, ("If-Match", "\"other\""))).Is(412, "PreconditionFailed");
        TestAnswer unchanged = await rig.SendAsync("GET", "/bucket/key", null, null, ("If-None-Match", etag));
        unchanged.Is(304);
        Assert.Empty(unchanged.Body);
        Assert.Equal(etag, unchanged["ETag"]);
        (await rig.SendAsync("GET", "/bucket/key", null, null, ("If-Modified-Since", Future))).Is(304);
        (await rig.SendAsync("GET", "/bucket/key", null, null, ("If-Modified-Since", Past))).Is(200);
        (await rig.SendAsync("GET", "/bucket/key", null, null, ("If-Unmodified-Since", Past))).Is(412, "PreconditionFailed");
        (await rig.SendAsync("GET", "/bucket/key", null, null, ("If-Match", etag), ("If-Unmodified-Since", Past))).Is(200);
        (await rig.SendAsync("GET", "/bucket/key", null, null, ("If-None-Match", "\"other\""), ("If-Modified-Since", Future))).Is(200);
    });

    [Fact]
    public void Conditional_writes_decide_on_what_is_there() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/key", "1", ("If-Match", "\"x\""))).Is(404, "NoSuchKey");
        TestAnswer first = await rig.SendAsync("PUT", "/bucket/key", "1", ("If-None-Match", "*"));
        first.Is(200);
        (await rig.SendAsync("PUT", "/bucket/key", "2", ("If-None-Match", "*"))).Is(412, "PreconditionFailed");
        (await rig.SendAsync("PUT", "/bucket/key", "2", ("If-Match", "\"x\""))).Is(412, "PreconditionFailed");
        (await rig.SendAsync("PUT", "/bucket/key", "2", ("If-Match", first["ETag"]!))).Is(200);
        Assert.Equal("2", (await rig.SendAsync("GET", "/bucket/key")).Text);
        (await rig.SendAsync("DELETE", "/bucket/key", "", ("If-Match", first["ETag"]!))).Is(412, "PreconditionFailed");
        (await rig.SendAsync("DELETE", "/bucket/key", "", ("If-Match", "*"))).Is(204);
    });

    [Fact]
    public void Answers_can_be_overridden_by_signed_requests_only() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/key", "x", ("x-amz-acl", "public-read"))).Is(200);
        TestAnswer got = await rig.SendAsync("GET", "/bucket/key?response-content-type=a%2Fb&response-cache-control=no-cache");
        Assert.Equal("a/b", got["Content-Type"]);
        Assert.Equal("no-cache", got["Cache-Control"]);
        (await rig.SendAsync("GET", "/bucket/key?response-content-type=a", null, GatewayRig.Nobody)).Is(400, "InvalidRequest");
        (await rig.SendAsync("GET", "/bucket/key", null, GatewayRig.Nobody)).Is(200);
    });

    [Theory]
    [InlineData("a+b", "a+b")]
    [InlineData("a%20b", "a b")]
    [InlineData("/x//y", "/x//y")]
    [InlineData("./../x", "./../x")]
    [InlineData("%C3%A9%F0%9F%98%80", "é😀")]
    [InlineData("%00%01%7F", "\0\u0001\u007f")]
    [InlineData("a%2Fb", "a/b")]
    public void Keys_are_any_text(string raw, string key) => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", $"/bucket/{raw}", "content")).Is(200);
        Assert.Equal("content", (await rig.SendAsync("GET", $"/bucket/{raw}")).Text);
        TestAnswer list = await rig.SendAsync("GET", "/bucket?list-type=2&encoding-type=url");
        Assert.Equal(key, System.Uri.UnescapeDataString(Assert.Single(list.All("Key"))));
    });

    [Fact]
    public void Keys_and_requests_out_of_bounds_are_refused() => GatewayRig.Run(async rig =>
    {
        string longest = new('k', 1024);
        (await rig.SendAsync("PUT", $"/bucket/{longest}", "x")).Is(200);
        Assert.Equal("x", (await rig.SendAsync("GET", $"/bucket/{longest}")).Text);
        (await rig.SendAsync("PUT", $"/bucket/{longest}k", "x")).Is(400, "KeyTooLongError");
        (await rig.SendAsync("PUT", "/bucket/%FF", "x")).Is(400, "InvalidURI");
        (await rig.SendAsync("PUT", "/bucket/key", "x", ("x-amz-meta-a", new string('v', 2048)))).Is(400, "MetadataTooLarge");
        (await rig.SendAsync("PUT", "/bucket/key", "x", ("x-amz-storage-class", "FAST"))).Is(400, "InvalidStorageClass");
        (await rig.SendAsync("PUT", "/bucket/key", "x", ("x-amz-server-side-encryption", "AES256"))).Is(501, "NotImplemented");
        (await rig.SendAsync("PUT", "/absent/key", "x")).Is(404, "NoSuchBucket");
        (await rig.SendAsync("PATCH", "/bucket/key", "x")).Is(405, "MethodNotAllowed");
        (await rig.SendAsync("GET", "/bucket/key?torrent")).Is(501, "NotImplemented");
        (await rig.SendAsync("GET", "/bucket/key?versionId=zzz")).Is(400, "InvalidArgument");
        Assert.Single((await rig.SendAsync("GET", "/bucket?list-type=2")).All("Key"));
    });

    [Fact]
    public void A_body_that_lies_is_refused_and_leaves_nothing() => GatewayRig.Run(async rig =>
    {
        byte[] content = GatewayRig.Bytes(400_000);
        (await rig.SendAsync("PUT", "/bucket/key", content, null, ("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA=="))).Is(400, "BadDigest");
        (await rig.SendAsync("PUT", "/bucket/key", content, null, ("x-amz-checksum-crc32", "AAAAAA=="))).Is(400, "BadDigest");
        (await rig.SendAsync("PUT", "/bucket/key", content, null, ("Content-MD5", "nonsense"))).Is(400, "InvalidDigest");
        (await rig.SendAsync("GET", "/bucket/key")).Is(404, "NoSuchKey");
    });

    [Theory]
    [InlineData("deflate, gzip", "deflate, gzip")]
    [InlineData("aws-chunked,gzip", "gzip")]
    [InlineData("aws-chunked", null)]
    public void Codings_come_back_as_they_were_sent_but_for_framing(string sent, string? kept) => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/key", "x", ("Content-Encoding", sent))).Is(200);
        Assert.Equal(kept, (await rig.SendAsync("HEAD", "/bucket/key"))["Content-Encoding"]);
    });

    [Fact]
    public void A_delete_that_wants_a_match_says_what_it_found() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("DELETE", "/bucket/key", "", ("If-Match", "*"))).Is(404, "NoSuchKey");
        (await rig.SendAsync("PUT", "/bucket/key", "x")).Is(200);
        (await rig.SendAsync("DELETE", "/bucket/key", "", ("If-Match", "\"other\""))).Is(412, "PreconditionFailed");
        (await rig.SendAsync("DELETE", "/bucket/key", "", ("If-Match", "*"))).Is(204);
    });

    [Fact]
    public void Metadata_outside_ascii_comes_back_as_an_encoded_word() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/key", "x", ("x-amz-meta-a", "é"))).Is(200);
        string word = (await rig.SendAsync("HEAD", "/bucket/key"))["x-amz-meta-a"]!;
        Assert.Equal($"=?UTF-8?B?{System.Convert.ToBase64String(Encoding.UTF8.GetBytes("é"))}?=", word);
    });

    [Fact]
    public void A_damaged_object_is_an_error_before_its_first_byte() => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/key", GatewayRig.Bytes(200_000))).Is(200);
        await rig.DamageExtentsAsync();
        (await rig.SendAsync("GET", "/bucket/key")).Is(500, "InternalError");
        (await rig.SendAsync("HEAD", "/bucket/key")).Is(200);
    });

    [Theory]
    [InlineData(5)]
    [InlineData(400_000)]
    public void A_form_uploads_what_its_policy_allows(int length) => GatewayRig.Run(async rig =>
    {
        const string Policy = """
            {"expiration":"2030-01-01T00:00:00Z","conditions":[{"bucket":"bucket"},["starts-with","$key","up/"],["content-length-range",2,500000],
            ["starts-with","$x-amz-credential",""],["starts-with","$x-amz-algorithm",""],["starts-with","$x-amz-date",""],{"success_action_status":"201"}]}
            """;
        byte[] content = GatewayRig.Bytes(length);
        TestAnswer posted = await rig.PostFormAsync(Policy, "up/${filename}", content);
        posted.Is(201);
        Assert.Equal("up/name.bin", Assert.Single(posted.All("Key")));
        Assert.Equal(content, (await rig.SendAsync("GET", "/bucket/up/name.bin")).Body);
        (await rig.PostFormAsync(Policy, "down/x", content)).Is(403, "AccessDenied");
        (await rig.PostFormAsync(Policy, "up/x", GatewayRig.Bytes(1))).Is(400, "EntityTooSmall");
        (await rig.PostFormAsync(Policy, "up/x", GatewayRig.Bytes(600_000))).Is(400, "EntityTooLarge");
        (await rig.PostFormAsync(null, "up/x", content)).Is(403, "AccessDenied");
        Assert.Equal(["up/name.bin"], (await rig.SendAsync("GET", "/bucket")).All("Key"));
    });

    [Fact]
    public void A_form_is_held_to_its_digests_and_told_where_its_object_is() => GatewayRig.Run(async rig =>
    {
        const string Policy = """
            {"expiration":"2030-01-01T00:00:00Z","conditions":[{"bucket":"bucket"},["starts-with","$key",""],["starts-with","$content-md5",""],["starts-with","$x-amz-checksum-crc32",""],
            ["starts-with","$x-amz-meta-note",""],["starts-with","$x-amz-credential",""],["starts-with","$x-amz-algorithm",""],["starts-with","$x-amz-date",""],{"success_action_status":"201"}]}
            """;
        byte[] content = "hello"u8.ToArray();
        (await rig.PostFormAsync(Policy, "k", content, ("content-md5", "AAAAAAAAAAAAAAAAAAAAAA=="))).Is(400, "BadDigest");
        (await rig.PostFormAsync(Policy, "k", content, ("content-md5", "nonsense"))).Is(400, "InvalidDigest");
        (await rig.PostFormAsync(Policy, "k", content, ("x-amz-checksum-crc32", "AAAAAA=="))).Is(400, "BadDigest");
        (await rig.SendAsync("HEAD", "/bucket/k")).Is(404);
        TestAnswer posted = await rig.PostFormAsync(Policy, "a/${filename}", content, ("content-md5", "XUFAKrxLKna5cZ2REBfFkg=="), ("x-amz-checksum-crc32", "NhCmhg=="), ("x-amz-meta-note", "two\r\nlines"));
        posted.Is(201);
        Assert.Equal("http://s3.test/bucket/a%2Fname.bin", posted["Location"]);

        // No header can carry that value: the object is read without it.
        TestAnswer read = await rig.SendAsync("GET", "/bucket/a/name.bin", "", ("x-amz-checksum-mode", "ENABLED"));
        read.Is(200);
        Assert.Equal(("hello", "1", null, "NhCmhg=="), (read.Text, read["x-amz-missing-meta"], read["x-amz-meta-note"], read["x-amz-checksum-crc32"]));
    });

    [Theory]
    [InlineData("a%0Ab")]
    [InlineData("%E2%82%AC")]
    public void An_override_that_no_header_can_carry_is_refused(string value) => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/key", "x")).Is(200);
        (await rig.SendAsync("GET", $"/bucket/key?response-content-type={value}")).Is(400, "InvalidArgument");
    });

    [Fact]
    public void A_range_of_an_object_that_was_replaced_is_the_whole_object() => GatewayRig.Run(async rig =>
    {
        string? old = (await rig.SendAsync("PUT", "/bucket/key", "0123456789"))["ETag"];
        TestAnswer same = await rig.SendAsync("GET", "/bucket/key", "", ("Range", "bytes=5-"), ("If-Range", old!));
        Assert.Equal((206, "56789"), (same.Status, same.Text));
        string modified = (await rig.SendAsync("HEAD", "/bucket/key"))["Last-Modified"]!;
        Assert.Equal(206, (await rig.SendAsync("GET", "/bucket/key", "", ("Range", "bytes=5-"), ("If-Range", modified))).Status);
        (await rig.SendAsync("PUT", "/bucket/key", "abcdefghij")).Is(200);
        TestAnswer other = await rig.SendAsync("GET", "/bucket/key", "", ("Range", "bytes=5-"), ("If-Range", old!));
        Assert.Equal((200, "abcdefghij"), (other.Status, other.Text));
    });

    [Theory]
    [InlineData("<Object><VersionId>null</VersionId></Object>")]
    [InlineData("<Object><Key>b</Key><Size>many</Size></Object>")]
    public void A_batch_with_an_entry_that_is_none_deletes_nothing(string bad) => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/a", "x")).Is(200);
        string body = $"<Delete><Object><Key>a</Key></Object>{bad}</Delete>";
        string md5 = System.Convert.ToBase64String(System.Security.Cryptography.MD5.HashData(Encoding.UTF8.GetBytes(body)));
        (await rig.SendAsync("POST", "/bucket?delete", body, ("Content-MD5", md5))).Is(400, "MalformedXML");
        (await rig.SendAsync("HEAD", "/bucket/a")).Is(200);
    });

    [Theory]
    [InlineData("PUT", "lifecycle")]
    [InlineData("DELETE", "policy")]
    [InlineData("GET", "versions")]
    public void A_sub_resource_of_buckets_leaves_an_object_alone(string method, string name) => GatewayRig.Run(async rig =>
    {
        (await rig.SendAsync("PUT", "/bucket/key", "x")).Is(200);
        (await rig.SendAsync(method, $"/bucket/key?{name}", "<x/>")).Is(400, "InvalidRequest");
        Assert.Equal("x", (await rig.SendAsync("GET", "/bucket/key")).Text);
    });
}
