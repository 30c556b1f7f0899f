using System;
using System.Text;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>Who owns what others put into a bucket, and whether ACLs count.</summary>
internal static class ObjectOwnership
{
    internal const string ObjectWriter = "ObjectWriter";
    internal const string BucketOwnerPreferred = "BucketOwnerPreferred";
    internal const string BucketOwnerEnforced = "BucketOwnerEnforced";

    /// <summary>The setting; ObjectWriter when none is set.</summary>
    internal static string Of(BucketRecord bucket) =>
        bucket.TryGetDocument(BucketDocuments.OwnershipControls, out ReadOnlyMemory<byte> stored) ? Encoding.UTF8.GetString(stored.Span) : ObjectWriter;

    /// <summary>Whether ACLs are switched off.</summary>
    internal static bool IsEnforced(BucketRecord bucket) => Of(bucket) == BucketOwnerEnforced;

    /// <summary>Whether it is a setting.</summary>
    internal static bool IsValid(string text) => text is ObjectWriter or BucketOwnerPreferred or BucketOwnerEnforced;
}
