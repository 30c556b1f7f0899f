using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>What the headers of a put, a copy or a new upload say of the object to be.</summary>
internal static class NewObject
{
    /// <summary>A record with everything but data, ETag and checksum.</summary>
    /// <exception cref="S3Exception">For each header that is not right.</exception>
    internal static ObjectRecord FromHeaders(OperationContext context, ObjectEncryption? encryption)
    {
        string owner = AclRequest.NewObjectOwner(context);
        ObjectLockHeaders retention = ObjectLockHeaders.Read(context);
        return new ObjectRecord
        {
            Key = context.Key,
            Version = VersionId.Null,
            ModifiedUtc = context.NowUtc,
            OwnerId = owner,
            Headers = ObjectHeaders.Collect(context.Headers),
            StorageClass = StorageClasses.Parse(context.Headers["x-amz-storage-class"]),
            Tags = TagSet.FromHeader(context.Headers["x-amz-tagging"]),
            Acl = AclRequest.ForNewObject(context, owner),
            RetentionMode = retention.Mode,
            RetainUntilUtc = retention.UntilUtc,
            LegalHold = retention.LegalHold,
            Encryption = encryption?.Encoded ?? default,
        };
    }
}
