using System;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>The four switches of a bucket's public access block; all off when none is set.</summary>
internal readonly record struct PublicAccessBlock(bool BlockPublicAcls, bool IgnorePublicAcls, bool BlockPublicPolicy, bool RestrictPublicBuckets)
{
    internal static PublicAccessBlock Of(BucketRecord bucket)
    {
        if (!bucket.TryGetDocument(BucketDocuments.PublicAccessBlock, out ReadOnlyMemory<byte> stored))
        {
            return default;
        }

        var reader = new ByteReader(stored.Span);
        return new PublicAccessBlock(reader.Bool(), reader.Bool(), reader.Bool(), reader.Bool());
    }

    internal byte[] Encode()
    {
        var writer = new ByteWriter(4);
        writer.Bool(BlockPublicAcls);
        writer.Bool(IgnorePublicAcls);
        writer.Bool(BlockPublicPolicy);
        writer.Bool(RestrictPublicBuckets);
        return writer.ToArray();
    }
}
