using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Threading.Tasks;
using Amazon.S3;
using Amazon.S3.Model;
using Xunit;

namespace ObjectStore.Conformance;

/// <summary>Objects through the AWS SDK: contents, headers, ranges, conditions, checksums, copies, presigned URLs, limits.</summary>
public sealed class ObjectTests(LiveServer server) : IClassFixture<LiveServer>
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    [InlineData(3_000_001)]
    public async Task What_was_put_is_got(int length)
    {
        string bucket = await server.NewBucketAsync();
        byte[] body = LiveServer.Bytes(length);
        await server.PutAsync(bucket, "a/b ü+%中", body);
        await server.PutAsync(bucket, "a/b ü+%中/c", [1]);
        Assert.Equal(body, await server.GetAsync(bucket, "a/b ü+%中"));
    }

    [Fact]
    public async Task What_is_archived_is_read_once_it_is_restored()
    {
        string bucket = await server.NewBucketAsync();
        await server.Root.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = "k", ContentBody = "x", StorageClass = S3StorageClass.Glacier });
        await Assert.ThrowsAsync<InvalidObjectStateException>(() => server.GetAsync(bucket, "k"));
        var restore = new RestoreObjectRequest { BucketName = bucket, Key = "k", Days = 3, RetrievalTier = GlacierJobTier.Standard };
        Assert.Equal(HttpStatusCode.Accepted, (await server.Root.RestoreObjectAsync(restore)).HttpStatusCode);
        Assert.Equal(HttpStatusCode.OK, (await server.Root.RestoreObjectAsync(restore)).HttpStatusCode);
        Assert.Equal("x"u8.ToArray(), await server.GetAsync(bucket, "k"));
        GetObjectMetadataResponse head = await server.Root.GetObjectMetadataAsync(bucket, "k");
        Assert.Equal(S3StorageClass.Glacier, head.StorageClass);
        Assert.False(head.RestoreInProgress);
        Assert.InRange(head.RestoreExpiration!.Value, DateTime.UtcNow.AddDays(2), DateTime.UtcNow.AddDays(5));
    }

    [Fact]
    public async Task Metadata_and_system_headers_come_back()
    {
        string bucket = await server.NewBucketAsync();
        var put = new PutObjectRequest { BucketName = bucket, Key = "k", ContentBody = "x", ContentType = "text/markdown" };
        put.Headers.CacheControl = "no-cache";
        put.Headers.ContentDisposition = "attachment";
        put.Headers.ContentEncoding = "gzip";
        put.Metadata["colour"] = "blue";
        await server.Root.PutObjectAsync(put);
        GetObjectMetadataResponse head = await server.Root.GetObjectMetadataAsync(bucket, "k");
        Assert.Equal("text/markdown", head.Headers.ContentType);
        Assert.Equal("no-cache", head.Headers.CacheControl);
        Assert.Equal("attachment", head.Headers.ContentDisposition);
        Assert.Equal("gzip", head.Headers.ContentEncoding);
        Assert.Equal("blue", head.Metadata["x-amz-meta-colour"]);
        Assert.Equal(1, head.ContentLength);
    }

    [Fact]
    public async Task Ranges_give_their_bytes_and_no_more()
    {
        string bucket = await server.NewBucketAsync();
        byte[] body = LiveServer.Bytes(2_500_000);
        await server.PutAsync(bucket, "k", body);
        foreach ((long start, long end) in new[] { (0L, 0L), (1_048_575L, 1_048_577L), (2_499_999L, 2_499_999L) })
        {
            using GetObjectResponse part = await server.Root.GetObjectAsync(
                new GetObjectRequest { BucketName = bucket, Key = "k", ByteRange = new ByteRange(start, end) });
            Assert.Equal(HttpStatusCode.PartialContent, part.HttpStatusCode);
            Assert.Equal(body[(int)start..((int)end + 1)], await LiveServer.ReadAsync(part));
        }

        await LiveServer.RefusedAsync(HttpStatusCode.RequestedRangeNotSatisfiable, "InvalidRange", () => server.Root.GetObjectAsync(
            new GetObjectRequest { BucketName = bucket, Key = "k", ByteRange = new ByteRange(2_500_000, 2_600_000) }));
    }

    [Fact]
    public async Task Conditions_of_reads_and_writes_hold()
    {
        string bucket = await server.NewBucketAsync();
        string etag = (await server.PutAsync(bucket, "k", [1])).ETag;
        using (await server.Root.GetObjectAsync(new GetObjectRequest { BucketName = bucket, Key = "k", EtagToMatch = etag }))
        {
        }

        await LiveServer.RefusedAsync(HttpStatusCode.PreconditionFailed, "PreconditionFailed", () => server.Root.GetObjectAsync(
            new GetObjectRequest { BucketName = bucket, Key = "k", EtagToMatch = "\"other\"" }));
        await LiveServer.RefusedAsync(HttpStatusCode.NotModified, "", () => server.Root.GetObjectAsync(
            new GetObjectRequest { BucketName = bucket, Key = "k", EtagToNotMatch = etag }));
        await LiveServer.RefusedAsync(HttpStatusCode.PreconditionFailed, "PreconditionFailed", () => server.Root.PutObjectAsync(
            new PutObjectRequest { BucketName = bucket, Key = "k", ContentBody = "2", IfNoneMatch = "*" }));
        await LiveServer.RefusedAsync(HttpStatusCode.NotFound, "NoSuchKey", () => server.Root.PutObjectAsync(
            new PutObjectRequest { BucketName = bucket, Key = "none", ContentBody = "2", IfMatch = etag }));
        await server.Root.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = "k", ContentBody = "2", IfMatch = etag });
        Assert.Equal("2"u8.ToArray(), await server.GetAsync(bucket, "k"));
    }

    [Theory]
    [InlineData("CRC32")]
    [InlineData("SHA1")]
    [InlineData("SHA256")]
    public async Task Checksums_are_verified_kept_and_shown(string name)
    {
        string bucket = await server.NewBucketAsync();
        byte[] body = LiveServer.Bytes(200_000);
        foreach (bool chunked in new[] { true, false })
        {
            await server.Root.PutObjectAsync(new PutObjectRequest
            {
                BucketName = bucket,
                Key = "k",
                InputStream = new System.IO.MemoryStream(body),
                ChecksumAlgorithm = ChecksumAlgorithm.FindValue(name),
                UseChunkEncoding = chunked,
            });
            GetObjectMetadataResponse head = await server.Root.GetObjectMetadataAsync(
                new GetObjectMetadataRequest { BucketName = bucket, Key = "k", ChecksumMode = ChecksumMode.ENABLED });
            (string Name, string? Value)[] shown =
            [
                ("CRC32", head.ChecksumCRC32), ("CRC32C", head.ChecksumCRC32C), ("CRC64NVME", head.ChecksumCRC64NVME), ("SHA1", head.ChecksumSHA1),
                ("SHA256", head.ChecksumSHA256),
            ];
            Assert.Equal([name], shown.Where(one => !string.IsNullOrEmpty(one.Value)).Select(one => one.Name));
            Assert.Equal(ChecksumType.FULL_OBJECT, head.ChecksumType);
            Assert.Equal(body, await server.GetAsync(bucket, "k"));
        }
    }

    // The SDK computes these in native code of another package, or not at all; the values are the check values of the algorithms' definitions.
    [Fact]
    public async Task Checksums_given_in_a_header_are_verified_kept_and_shown()
    {
        string bucket = await server.NewBucketAsync();
        await IsKeptAsync("4waSgw==", static (put, value) => put.ChecksumCRC32C = value, static head => head.ChecksumCRC32C);
        await IsKeptAsync("rosUhgp5mIg=", static (put, value) => put.ChecksumCRC64NVME = value, static head => head.ChecksumCRC64NVME);
        await IsKeptAsync("2eZ2LdHI6vbWGzxhkvxAjU1tXxF20MKRabwk5xw/J0rSf81YEbMT1oH35V7ALXPUmclUVba1u1A6z1dPuo/+hQ==", static (put, value) => put.ChecksumSHA512 = value, static head => head.ChecksumSHA512);
        await IsKeptAsync("JfnnlDI7RTiF9RgfG2JNCw==", static (put, value) => put.ChecksumMD5 = value, static head => head.ChecksumMD5);
        await IsKeptAsync("jLhB20DmroM=", static (put, value) => put.ChecksumXXHASH64 = value, static head => head.ChecksumXXHASH64);
        await IsKeptAsync("ctyxi2ehff8=", static (put, value) => put.ChecksumXXHASH3 = value, static head => head.ChecksumXXHASH3);
        await IsKeptAsync("MxGUd+3l3NXpcWQnaB1YYA==", static (put, value) => put.ChecksumXXHASH128 = value, static head => head.ChecksumXXHASH128);
        await LiveServer.RefusedAsync(HttpStatusCode.BadRequest, "BadDigest", () => PutAsync(put => put.ChecksumXXHASH64 = "AAAAAAAAAAA="));

        async Task IsKeptAsync(string value, Action<PutObjectRequest, string> state, Func<GetObjectMetadataResponse, string> shown)
        {
            await PutAsync(put => state(put, value));
            GetObjectMetadataResponse head = await server.Root.GetObjectMetadataAsync(
                new GetObjectMetadataRequest { BucketName = bucket, Key = "k", ChecksumMode = ChecksumMode.ENABLED });
            Assert.Equal(value, shown(head));
        }

        Task<PutObjectResponse> PutAsync(Action<PutObjectRequest> state)
        {
            var put = new PutObjectRequest { BucketName = bucket, Key = "k", ContentBody = "123456789" };
            state(put);
            return server.Root.PutObjectAsync(put);
        }
    }

    [Fact]
    public async Task A_wrong_checksum_or_digest_is_refused_and_leaves_nothing()
    {
        string bucket = await server.NewBucketAsync();
        await LiveServer.RefusedAsync(HttpStatusCode.BadRequest, "BadDigest", () => server.Root.PutObjectAsync(
            new PutObjectRequest { BucketName = bucket, Key = "k", ContentBody = "abc", ChecksumCRC32 = "AAAAAA==" }));
        await LiveServer.RefusedAsync(HttpStatusCode.BadRequest, "BadDigest", () => server.Root.PutObjectAsync(
            new PutObjectRequest { BucketName = bucket, Key = "k", ContentBody = "abc", MD5Digest = "rL0Y20zC+Fzt72VPzMSk2A==" }));
        await LiveServer.RefusedAsync(HttpStatusCode.NotFound, "NoSuchKey", () => server.GetAsync(bucket, "k"));
    }

    [Fact]
    public async Task A_copy_keeps_or_replaces_metadata()
    {
        string bucket = await server.NewBucketAsync();
        var put = new PutObjectRequest { BucketName = bucket, Key = "k", ContentBody = "data" };
        put.Metadata["a"] = "1";
        await server.Root.PutObjectAsync(put);
        await server.Root.CopyObjectAsync(bucket, "k", bucket, "kept ü");
        Assert.Equal("1", (await server.Root.GetObjectMetadataAsync(bucket, "kept ü")).Metadata["x-amz-meta-a"]);
        var replace = new CopyObjectRequest
        {
            SourceBucket = bucket,
            SourceKey = "k",
            DestinationBucket = bucket,
            DestinationKey = "k",
            MetadataDirective = S3MetadataDirective.REPLACE,
        };
        replace.Metadata["b"] = "2";
        await server.Root.CopyObjectAsync(replace);
        Assert.Equal(["x-amz-meta-b"], (await server.Root.GetObjectMetadataAsync(bucket, "k")).Metadata.Keys);
        await LiveServer.RefusedAsync(
            HttpStatusCode.BadRequest, "InvalidRequest", () => server.Root.CopyObjectAsync(bucket, "k", bucket, "k"));
        await LiveServer.RefusedAsync(
            HttpStatusCode.NotFound, "NoSuchKey", () => server.Root.CopyObjectAsync(bucket, "none", bucket, "x"));
        await LiveServer.RefusedAsync(HttpStatusCode.PreconditionFailed, "PreconditionFailed", () => server.Root.CopyObjectAsync(
            new CopyObjectRequest { SourceBucket = bucket, SourceKey = "k", DestinationBucket = bucket, DestinationKey = "x", ETagToMatch = "no" }));
    }

    [Fact]
    public async Task Batch_delete_answers_for_every_key()
    {
        string bucket = await server.NewBucketAsync();
        List<KeyVersion> keys = [.. Enumerable.Range(0, 20).Select(i => new KeyVersion { Key = $"k{i} &<ü" })];
        foreach (KeyVersion key in keys.Take(10))
        {
            await server.PutAsync(bucket, key.Key, [1]);
        }

        DeleteObjectsResponse deleted = await server.Root.DeleteObjectsAsync(new DeleteObjectsRequest { BucketName = bucket, Objects = keys });
        Assert.Equal(keys.Select(key => key.Key).Order(StringComparer.Ordinal), deleted.DeletedObjects.Select(gone => gone.Key).Order(StringComparer.Ordinal));
        await server.Root.DeleteBucketAsync(bucket);
    }

    [Fact]
    public async Task Presigned_urls_put_and_get()
    {
        string bucket = await server.NewBucketAsync();
        using var http = new HttpClient();
        using var content = new ByteArrayContent(LiveServer.Bytes(1000));
        using HttpResponseMessage put = await http.PutAsync(Url(HttpVerb.PUT), content);
        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        Assert.Equal(LiveServer.Bytes(1000), await http.GetByteArrayAsync(Url(HttpVerb.GET)));
        using HttpResponseMessage changed = await http.GetAsync(new Uri(Url(HttpVerb.GET).ToString() + "0"));
        Assert.Equal(HttpStatusCode.Forbidden, changed.StatusCode);
        using HttpResponseMessage unsigned = await http.GetAsync(new Uri(server.Address, $"/{bucket}/signed"));
        Assert.Equal(HttpStatusCode.Forbidden, unsigned.StatusCode);

        Uri Url(HttpVerb verb) => new(server.Root.GetPreSignedURL(new GetPreSignedUrlRequest
        {
            BucketName = bucket,
            Key = "signed",
            Verb = verb,
            Expires = DateTime.UtcNow.AddMinutes(5),
            Protocol = Protocol.HTTP,
        }));
    }

    [Fact]
    public async Task Attributes_say_size_etag_and_class()
    {
        string bucket = await server.NewBucketAsync();
        PutObjectResponse put = await server.PutAsync(bucket, "k", LiveServer.Bytes(77));
        GetObjectAttributesResponse got = await server.Root.GetObjectAttributesAsync(new GetObjectAttributesRequest
        {
            BucketName = bucket,
            Key = "k",
            ObjectAttributes = [ObjectAttributes.ETag, ObjectAttributes.ObjectSize, ObjectAttributes.StorageClass],
        });
        Assert.Equal(put.ETag.Trim('"'), got.ETag);
        Assert.Equal(77, got.ObjectSize);
        Assert.Equal("STANDARD", got.StorageClass.Value);
    }

    [Fact]
    public async Task Limits_are_held()
    {
        string bucket = await server.NewBucketAsync();
        await server.PutAsync(bucket, new string('k', 1024), [1]);
        await LiveServer.RefusedAsync(HttpStatusCode.BadRequest, "KeyTooLongError", () => server.PutAsync(bucket, new string('k', 1025), [1]));
        var put = new PutObjectRequest { BucketName = bucket, Key = "k", ContentBody = "" };
        put.Metadata["a"] = new string('x', 2048);
        await LiveServer.RefusedAsync(HttpStatusCode.BadRequest, "MetadataTooLarge", () => server.Root.PutObjectAsync(put));
    }
}
