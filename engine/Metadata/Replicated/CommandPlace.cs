namespace ObjectStore.Engine.Metadata;

/// <summary>Which object key a command or a question is about.</summary>
public static class CommandPlace
{
    /// <summary>Bucket and key; null for what concerns buckets as a whole, or identities: that is the root group's.</summary>
    public static (string Bucket, string Key)? Of(MetadataCommand command) => command switch
    {
        PutObjectCommand put => (put.Bucket, put.Object.Key),
        DeleteObjectCommand delete => (delete.Bucket, delete.Key),
        UpdateObjectCommand update => (update.Bucket, update.Key),
        CreateUploadCommand create => (create.Bucket, create.Upload.Template.Key),
        PutPartCommand part => (part.Bucket, part.Key),
        CompleteUploadCommand complete => (complete.Bucket, complete.Key),
        AbortUploadCommand abort => (abort.Bucket, abort.Key),
        ApplyLifecycleCommand lifecycle => (lifecycle.Bucket, lifecycle.Key),
        _ => null,
    };

    /// <summary>Bucket and key of a question about one key; null for the others.</summary>
    public static (string Bucket, string Key)? Of(MetadataQuery query) => query switch
    {
        GetObjectQuery get => (get.Bucket, get.Key),
        ListPartsQuery list => (list.Bucket, list.Key),
        GetUploadQuery get => (get.Bucket, get.Key),
        _ => null,
    };

    /// <summary>The blobs that a command has rows name.</summary>
    internal static ObjectData? NamedBy(MetadataCommand command) => command switch
    {
        PutObjectCommand put => put.Data,
        PutPartCommand part => part.Part.Data,
        _ => null,
    };
}
