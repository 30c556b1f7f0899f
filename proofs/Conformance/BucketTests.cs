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

/// <summary>Buckets, listings, versions, uploads in parts and who may what, through the AWS SDK.</summary>
public sealed class BucketTests(LiveServer server) : IClassFixture<LiveServer>
{
    [Fact]
    public async Task Buckets_come_and_go()
    {
        string bucket = await server.NewBucketAsync();
        Assert.Contains((await server.Root.ListBucketsAsync()).Buckets, found => found.BucketName == bucket);
        Assert.True(string.IsNullOrEmpty((await server.Root.GetBucketLocationAsync(bucket)).Location?.Value));
        await server.PutAsync(bucket, "k", [1]);
        await LiveServer.RefusedAsync(HttpStatusCode.Conflict, "BucketNotEmpty", () => server.Root.DeleteBucketAsync(bucket));
        await server.Root.DeleteObjectAsync(bucket, "k");
        await server.Root.DeleteBucketAsync(bucket);
        await LiveServer.RefusedAsync(HttpStatusCode.NotFound, "NoSuchBucket", () => server.PutAsync(bucket, "k", [1]));
    }

    [Fact]
    public async Task What_is_ones_own_is_closed_to_others()
    {
        string bucket = await server.NewBucketAsync();
        await server.PutAsync(bucket, "k", [1]);
        await LiveServer.RefusedAsync(HttpStatusCode.Forbidden, "AccessDenied", () => server.Other.GetObjectAsync(bucket, "k"));
        await LiveServer.RefusedAsync(HttpStatusCode.Forbidden, "AccessDenied", () => server.Other.GetObjectAsync(bucket, "none"));
        await LiveServer.RefusedAsync(HttpStatusCode.Forbidden, "AccessDenied", () => server.Other.DeleteObjectAsync(bucket, "k"));
        await LiveServer.RefusedAsync(
            HttpStatusCode.Forbidden, "AccessDenied", () => server.Other.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket }));
        await LiveServer.RefusedAsync(HttpStatusCode.Conflict, "BucketAlreadyExists", () => server.Other.PutBucketAsync(bucket));
        using AmazonS3Client wrong = server.NewClient(ServerProcess.AccessKey, "not the secret");
        await LiveServer.RefusedAsync(HttpStatusCode.Forbidden, "SignatureDoesNotMatch", () => wrong.GetObjectAsync(bucket, "k"));
        using AmazonS3Client unknown = server.NewClient("NOSUCHKEY", "not the secret");
        await LiveServer.RefusedAsync(HttpStatusCode.Forbidden, "InvalidAccessKeyId", () => unknown.GetObjectAsync(bucket, "k"));
    }

    [Fact]
    public async Task A_policy_opens_what_it_names()
    {
        string bucket = await server.NewBucketAsync();
        await server.PutAsync(bucket, "k", [1]);
        await server.Root.PutBucketPolicyAsync(bucket, $$"""
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::{{LiveServer.OtherId}}:root"},
             "Action":"s3:GetObject","Resource":"arn:aws:s3:::{{bucket}}/*"}]}
            """);
        using (await server.Other.GetObjectAsync(bucket, "k"))
        {
        }

        await LiveServer.RefusedAsync(HttpStatusCode.Forbidden, "AccessDenied", () => server.Other.DeleteObjectAsync(bucket, "k"));
        foreach (string statement in new[] { "\"s3:NoSuchAction\",\"Resource\":\"arn:aws:s3:::B/*\"", "\"s3:ListBucket\",\"Resource\":\"arn:aws:s3:::B/*\"" })
        {
            string policy = $$"""{"Statement":[{"Effect":"Allow","Principal":"*","Action":{{statement.Replace("B", bucket, StringComparison.Ordinal)}}}]}""";
            await LiveServer.RefusedAsync(HttpStatusCode.BadRequest, "MalformedPolicy", () => server.Root.PutBucketPolicyAsync(bucket, policy));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Pages_of_a_listing_make_the_whole(bool second)
    {
        string bucket = await server.NewBucketAsync();
        string[] keys = ["a", "b/1", "b/2", "c d", "e&<", "é/x", "中"];
        foreach (string key in keys)
        {
            await server.PutAsync(bucket, key, [1]);
        }

        Assert.Equal(keys, await PagesAsync(bucket, second, ""));
        Assert.Equal(["a", "b/", "c d", "e&<", "é/", "中"], await PagesAsync(bucket, second, "/"));
    }

    private async Task<List<string>> PagesAsync(string bucket, bool second, string delimiter)
    {
        List<string> seen = [];
        string? mark = null;
        for (int page = 0; page < 20; page++)
        {
            (List<S3Object>? objects, List<string>? prefixes, bool more) = (null, null, false);
            if (second)
            {
                ListObjectsV2Response got = await server.Root.ListObjectsV2Async(
                    new ListObjectsV2Request { BucketName = bucket, Delimiter = delimiter, MaxKeys = 2, ContinuationToken = mark });
                (objects, prefixes, more, mark) = (got.S3Objects, got.CommonPrefixes, got.IsTruncated == true, got.NextContinuationToken);
            }
            else
            {
                ListObjectsResponse got = await server.Root.ListObjectsAsync(
                    new ListObjectsRequest { BucketName = bucket, Delimiter = delimiter, MaxKeys = 2, Marker = mark });
                (objects, prefixes, more, mark) = (got.S3Objects, got.CommonPrefixes, got.IsTruncated == true, got.NextMarker ?? got.S3Objects?[^1].Key);
            }

            seen.AddRange((objects ?? []).Select(found => found.Key).Concat(prefixes ?? []).Order(StringComparer.Ordinal));
            if (!more)
            {
                return seen;
            }
        }

        throw new InvalidOperationException("the listing does not end");
    }

    [Fact]
    public async Task Versions_null_versions_and_markers_follow_the_buckets_state()
    {
        string bucket = await server.NewBucketAsync();
        await server.PutAsync(bucket, "k", [0]);
        await server.SetVersioningAsync(bucket, VersionStatus.Enabled);
        string first = (await server.PutAsync(bucket, "k", [1])).VersionId;
        DeleteObjectResponse marker = await server.Root.DeleteObjectAsync(bucket, "k");
        Assert.Equal("true", marker.DeleteMarker);
        await LiveServer.RefusedAsync(HttpStatusCode.NotFound, "NoSuchKey", () => server.GetAsync(bucket, "k"));
        await LiveServer.RefusedAsync(HttpStatusCode.MethodNotAllowed, "MethodNotAllowed", () => server.GetAsync(bucket, "k", marker.VersionId));
        Assert.Equal([0], await server.GetAsync(bucket, "k", "null"));
        Assert.Equal([1], await server.GetAsync(bucket, "k", first));

        await server.SetVersioningAsync(bucket, VersionStatus.Suspended);
        await server.PutAsync(bucket, "k", [2]);
        Assert.Equal([2], await server.GetAsync(bucket, "k", "null"));
        ListVersionsResponse listed = await server.Root.ListVersionsAsync(bucket);
        Assert.Equal(["null", marker.VersionId, first], listed.Versions.Select(found => found.VersionId));
        Assert.Equal([true, false, false], listed.Versions.Select(found => found.IsLatest == true));
        foreach (S3ObjectVersion version in listed.Versions)
        {
            await server.Root.DeleteObjectAsync(bucket, "k", version.VersionId);
        }

        await server.Root.DeleteBucketAsync(bucket);
    }

    [Fact]
    public async Task Parts_come_in_any_order_and_the_last_of_a_number_counts()
    {
        string bucket = await server.NewBucketAsync();
        byte[] first = LiveServer.Bytes(5 * 1024 * 1024), last = LiveServer.Bytes(1000, seed: 3);
        string upload = (await server.Root.InitiateMultipartUploadAsync(new InitiateMultipartUploadRequest
        {
            BucketName = bucket,
            Key = "m",
            ChecksumAlgorithm = ChecksumAlgorithm.SHA256,
            ChecksumType = ChecksumType.COMPOSITE,
        })).UploadId;
        UploadPartResponse three = await PartAsync(3, last);
        UploadPartResponse old = await PartAsync(1, last);
        UploadPartResponse one = await PartAsync(1, first);
        Assert.Equal([1, 3], (await server.Root.ListPartsAsync(bucket, "m", upload)).Parts.Select(part => part.PartNumber!.Value));
        Assert.Equal("m", Assert.Single((await server.Root.ListMultipartUploadsAsync(bucket)).MultipartUploads).Key);
        await LiveServer.RefusedAsync(HttpStatusCode.BadRequest, "InvalidPart", () => CompleteAsync(old, three));
        CompleteMultipartUploadResponse made = await CompleteAsync(one, three);
        Assert.EndsWith("-2\"", made.ETag, StringComparison.Ordinal);
        Assert.EndsWith("-2", made.ChecksumSHA256, StringComparison.Ordinal);
        Assert.Equal(first.Concat(last), await server.GetAsync(bucket, "m"));
        using GetObjectResponse part = await server.Root.GetObjectAsync(new GetObjectRequest { BucketName = bucket, Key = "m", PartNumber = 3 });
        Assert.Equal(last, await LiveServer.ReadAsync(part));
        Assert.Equal(2, part.PartsCount);
        await LiveServer.RefusedAsync(HttpStatusCode.NotFound, "NoSuchUpload", () => server.Root.AbortMultipartUploadAsync(bucket, "m", upload));

        Task<UploadPartResponse> PartAsync(int number, byte[] body) => server.Root.UploadPartAsync(new UploadPartRequest
        {
            BucketName = bucket,
            Key = "m",
            UploadId = upload,
            PartNumber = number,
            InputStream = new System.IO.MemoryStream(body),
            ChecksumAlgorithm = ChecksumAlgorithm.SHA256,
        });

        Task<CompleteMultipartUploadResponse> CompleteAsync(params UploadPartResponse[] parts) =>
            server.Root.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest
            {
                BucketName = bucket,
                Key = "m",
                UploadId = upload,
                PartETags = [.. parts.Select(done => new PartETag(done.PartNumber!.Value, done.ETag) { ChecksumSHA256 = done.ChecksumSHA256 })],
            });
    }

    [Fact]
    public async Task An_aborted_upload_leaves_nothing()
    {
        string bucket = await server.NewBucketAsync();
        string upload = (await server.Root.InitiateMultipartUploadAsync(bucket, "m")).UploadId;
        await server.Root.AbortMultipartUploadAsync(bucket, "m", upload);
        Assert.Empty((await server.Root.ListMultipartUploadsAsync(bucket)).MultipartUploads ?? []);
        await LiveServer.RefusedAsync(HttpStatusCode.NotFound, "NoSuchUpload", () => server.Root.ListPartsAsync(bucket, "m", upload));
        await server.Root.DeleteBucketAsync(bucket);
    }

    [Fact]
    public async Task A_bucket_answers_under_its_own_host_name()
    {
        string bucket = await server.NewBucketAsync();
        await server.Root.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = "k", ContentBody = "hosted", CannedACL = S3CannedACL.PublicRead });
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Address, "/k"));
        request.Headers.Host = $"{bucket}.{LiveServer.Domain}:{server.Address.Port}";
        using HttpResponseMessage got = await http.SendAsync(request);
        Assert.Equal("hosted", await got.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Metrics_tell_of_the_store()
    {
        using var http = new HttpClient();
        string text = await http.GetStringAsync(new Uri(server.Address, "/metrics"));
        Assert.Contains("objectstore_extent_bytes{use=\"live\"}", text, StringComparison.Ordinal);
        Assert.Contains("objectstore_commits_durable_total", text, StringComparison.Ordinal);
    }
}
