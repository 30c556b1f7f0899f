using System;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Metadata;

/// <summary>A change of a bucket under way, in the root group's rows.</summary>
/// <param name="Id">The number of the command that began it.</param>
/// <param name="Name">The bucket's name.</param>
/// <param name="BucketId">Its number; of a bucket that is being created, the one that it gets.</param>
/// <param name="Command">What was asked for.</param>
/// <param name="IsDecided">It is known whether it takes place; others must still be told.</param>
/// <param name="TookPlace">It takes place.</param>
/// <param name="Bucket">The bucket after it; null when deleted.</param>
public sealed record BucketChange(ulong Id, string Name, ulong BucketId, MetadataCommand Command, bool IsDecided, bool TookPlace, BucketRecord? Bucket)
{
    private const byte Version = 1;

    /// <summary>Groups are asked whether the bucket is empty.</summary>
    public bool MustBeEmpty => Command is DeleteBucketCommand;

    internal byte[] Encode()
    {
        var to = new ByteWriter();
        to.Byte(Version);
        to.UInt64(Id);
        to.Text(Name);
        to.UInt64(BucketId);
        to.Bool(IsDecided);
        to.Bool(TookPlace);
        to.Bool(Bucket is not null);
        if (Bucket is { } bucket)
        {
            BucketFormV1.Write(to, bucket);
        }

        CommandCodec.Encode(Command, to);
        return to.ToArray();
    }

    internal static BucketChange Decode(ReadOnlySpan<byte> row)
    {
        var from = new ByteReader(row);
        if (from.Byte() != Version)
        {
            throw new MalformedDataException("bucket change of an unknown form");
        }

        ulong id = from.UInt64();
        string name = from.Text();
        ulong bucketId = from.UInt64();
        bool isDecided = from.Bool();
        bool tookPlace = from.Bool();
        BucketRecord? bucket = from.Bool() ? BucketFormV1.Read(ref from) : null;
        return new BucketChange(id, name, bucketId, CommandCodec.Decode(from.Raw(from.Remaining)), isDecided, tookPlace, bucket);
    }
}
