using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Xunit;

namespace ObjectStore.Conformance;

/// <summary>One server for a class of tests, with root and one other identity, and clients of the AWS SDK for it.</summary>
public sealed class LiveServer : IAsyncLifetime
{
    internal const string OtherId = "1111111111111111111111111111111111111111111111111111111111111111";
    internal const string Domain = "s3.localhost";

    private readonly string _data = Directory.CreateTempSubdirectory("objectstore-conformance-").FullName;
    private ServerProcess? _server;
    private int _buckets;

    /// <summary>Root, path style.</summary>
    internal AmazonS3Client Root { get; private set; } = null!;

    /// <summary>Somebody else, path style.</summary>
    internal AmazonS3Client Other { get; private set; } = null!;

    internal Uri Address => _server!.Address;

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        (int code, _, string errors) = await ServerProcess.RunAsync(
            "admin", "user", "add", "other", "--access-key", "OTHERKEY", "--secret-key", "secret-of-other", "--canonical-id", OtherId,
            "--email", "other@example.com", "--data", _data);
        Assert.True(code == 0, errors);
        _server = await ServerProcess.StartAsync(_data, "--domain", Domain);
        Root = NewClient(ServerProcess.AccessKey, ServerProcess.SecretKey);
        Other = NewClient("OTHERKEY", "secret-of-other");
    }

    /// <inheritdoc/>
    public Task DisposeAsync()
    {
        Root?.Dispose();
        Other?.Dispose();
        _server?.Dispose();
        Directory.Delete(_data, recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>A new bucket of root's.</summary>
    internal async Task<string> NewBucketAsync(bool versions = false)
    {
        string name = $"bucket-{Interlocked.Increment(ref _buckets)}";
        await Root.PutBucketAsync(name);
        if (versions)
        {
            await SetVersioningAsync(name, VersionStatus.Enabled);
        }

        return name;
    }

    internal Task SetVersioningAsync(string bucket, VersionStatus status) => Root.PutBucketVersioningAsync(
        new PutBucketVersioningRequest { BucketName = bucket, VersioningConfig = new S3BucketVersioningConfig { Status = status } });

    internal Task<PutObjectResponse> PutAsync(string bucket, string key, byte[] body) =>
        Root.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = key, InputStream = new MemoryStream(body) });

    internal async Task<byte[]> GetAsync(string bucket, string key, string? version = null)
    {
        using GetObjectResponse got = await Root.GetObjectAsync(new GetObjectRequest { BucketName = bucket, Key = key, VersionId = version });
        return await ReadAsync(got);
    }

    internal static async Task<byte[]> ReadAsync(GetObjectResponse got)
    {
        using var content = new MemoryStream();
        await got.ResponseStream.CopyToAsync(content);
        return content.ToArray();
    }

    /// <summary>Bytes that are the same in every run and differ by seed.</summary>
    internal static byte[] Bytes(int length, int seed = 1)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Asserts that S3 refuses.</summary>
    internal static async Task RefusedAsync(HttpStatusCode status, string code, Func<Task> call)
    {
        AmazonS3Exception refusal = await Assert.ThrowsAnyAsync<AmazonS3Exception>(call);
        Assert.Equal(status, refusal.StatusCode);
        if (code.Length > 0)
        {
            Assert.Equal(code, refusal.ErrorCode);
        }
    }

    internal AmazonS3Client NewClient(string accessKey, string secretKey, Action<AmazonS3Config>? change = null)
    {
        var config = new AmazonS3Config
        {
            ServiceURL = Address.ToString(),
            ForcePathStyle = true,
            AuthenticationRegion = "us-east-1",
            MaxErrorRetry = 0,
        };
        change?.Invoke(config);
        return new AmazonS3Client(new BasicAWSCredentials(accessKey, secretKey), config);
    }

    internal static List<PartETag> ETags(params ReadOnlySpan<(int Number, string ETag)> parts)
    {
        List<PartETag> tags = [];
        foreach ((int number, string etag) in parts)
        {
            tags.Add(new PartETag(number, etag));
        }

        return tags;
    }
}
