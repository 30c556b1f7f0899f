using System;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>What an upload was started with, for policies that ask it of each part: clients send encryption, class and ACL with the start only.</summary>
internal static class UploadConditions
{
    private const string EncryptionHeader = "x-amz-server-side-encryption";

    private static readonly string[] CannedAcls =
    [
        "private", "public-read", "public-read-write", "authenticated-read", "aws-exec-read", "bucket-owner-read", "bucket-owner-full-control",
    ];

    /// <summary>Value of a header of the request that started an upload, as far as the upload tells; null when it had none, or nothing is kept of it.</summary>
    /// <param name="upload">The upload.</param>
    /// <param name="bucketOwnerId">Owner of its bucket.</param>
    /// <param name="header">Lower-case name.</param>
    internal static string? Find(UploadRecord upload, string bucketOwnerId, string header)
    {
        ObjectRecord template = upload.Template;
        if (header == "x-amz-acl")
        {
            return template.Acl.IsEmpty ? null : Array.Find(CannedAcls, name => IsCanned(template, bucketOwnerId, name));
        }

        if (header == "x-amz-storage-class")
        {
            return template.StorageClass.Length > 0 ? template.StorageClass : null;
        }

        if (!header.StartsWith(EncryptionHeader, StringComparison.Ordinal))
        {
            return null;
        }

        var described = new S3Response { Status = 200 };
        ObjectEncryption.Describe(described, template);
        return described.Headers.Find(field => field.Key.Equals(header, StringComparison.OrdinalIgnoreCase)).Value;
    }

    private static bool IsCanned(ObjectRecord template, string bucketOwnerId, string name) =>
        AccessControlList.Canned(name, template.OwnerId, bucketOwnerId) is { } canned && template.Acl.Span.SequenceEqual(canned.Encode());
}
