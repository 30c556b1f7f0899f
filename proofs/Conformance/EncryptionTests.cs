using System;
using System.Linq;
using System.Net;
using System.Security.Cryptography;
using System.Threading.Tasks;
using Amazon.S3;
using Amazon.S3.Model;
using Xunit;

namespace ObjectStore.Conformance;

/// <summary>Server-side encryption through the AWS SDK.</summary>
public sealed class EncryptionTests(LiveServer server) : IClassFixture<LiveServer>
{
    private static readonly string Key = Convert.ToBase64String(LiveServer.Bytes(32, seed: 5));

    [Theory]
    [InlineData(0)]
    [InlineData(17)]
    [InlineData(2_200_001)]
    public async Task A_customers_key_is_needed_to_read_what_it_wrote(int length)
    {
        string bucket = await server.NewBucketAsync();
        byte[] body = LiveServer.Bytes(length);
        await server.Root.PutObjectAsync(new PutObjectRequest
        {
            BucketName = bucket,
            Key = "k",
            InputStream = new System.IO.MemoryStream(body),
            ServerSideEncryptionCustomerMethod = ServerSideEncryptionCustomerMethod.AES256,
            ServerSideEncryptionCustomerProvidedKey = Key,
        });
        using GetObjectResponse got = await server.Root.GetObjectAsync(Get(bucket, Key));
        Assert.Equal(body, await LiveServer.ReadAsync(got));
        await LiveServer.RefusedAsync(HttpStatusCode.BadRequest, "InvalidRequest", () => server.GetAsync(bucket, "k"));
        string other = Convert.ToBase64String(LiveServer.Bytes(32, seed: 6));
        await LiveServer.RefusedAsync(HttpStatusCode.Forbidden, "AccessDenied", () => server.Root.GetObjectAsync(Get(bucket, other)));
    }

    [Theory]
    [InlineData("AES256")]
    [InlineData("aws:kms")]
    public async Task A_buckets_default_encrypts_whole_objects_and_parts(string method)
    {
        string bucket = await server.NewBucketAsync();
        await server.Root.PutBucketEncryptionAsync(new PutBucketEncryptionRequest
        {
            BucketName = bucket,
            ServerSideEncryptionConfiguration = new ServerSideEncryptionConfiguration
            {
                ServerSideEncryptionRules =
                [
                    new ServerSideEncryptionRule
                    {
                        ServerSideEncryptionByDefault = new ServerSideEncryptionByDefault
                        {
                            ServerSideEncryptionAlgorithm = ServerSideEncryptionMethod.FindValue(method),
                        },
                    },
                ],
            },
        });
        byte[] body = LiveServer.Bytes(300_000);
        Assert.Equal(method, (await server.PutAsync(bucket, "k", body)).ServerSideEncryptionMethod.Value);
        Assert.Equal(body, await server.GetAsync(bucket, "k"));

        byte[] first = LiveServer.Bytes(5 * 1024 * 1024, seed: 2);
        string upload = (await server.Root.InitiateMultipartUploadAsync(bucket, "m")).UploadId;
        UploadPartResponse one = await server.Root.UploadPartAsync(new UploadPartRequest
        {
            BucketName = bucket,
            Key = "m",
            UploadId = upload,
            PartNumber = 1,
            InputStream = new System.IO.MemoryStream(first),
        });
        CopyPartResponse two = await server.Root.CopyPartAsync(new CopyPartRequest
        {
            SourceBucket = bucket,
            SourceKey = "k",
            DestinationBucket = bucket,
            DestinationKey = "m",
            UploadId = upload,
            PartNumber = 2,
        });
        await server.Root.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest
        {
            BucketName = bucket,
            Key = "m",
            UploadId = upload,
            PartETags = LiveServer.ETags((1, one.ETag), (2, two.ETag)),
        });
        Assert.Equal(SHA256.HashData([.. first, .. body]), SHA256.HashData(await server.GetAsync(bucket, "m")));
        using GetObjectResponse across = await server.Root.GetObjectAsync(
            new GetObjectRequest { BucketName = bucket, Key = "m", ByteRange = new ByteRange(first.Length - 9, first.Length + 8) });
        Assert.Equal(first[^9..].Concat(body[..9]), await LiveServer.ReadAsync(across));
        Assert.Equal(method, across.ServerSideEncryptionMethod.Value);
    }

    private static GetObjectRequest Get(string bucket, string key) => new()
    {
        BucketName = bucket,
        Key = "k",
        ServerSideEncryptionCustomerMethod = ServerSideEncryptionCustomerMethod.AES256,
        ServerSideEncryptionCustomerProvidedKey = key,
    };
}
