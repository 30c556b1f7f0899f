using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>Finds single rows; shared by commands (on the latest state) and queries (on the durable state).</summary>
internal static class ShardReader
{
    internal static ValueTask<BucketRecord?> FindBucketAsync(IReadView state, string name) => state switch
    {
        _ when name.Length == 0 => new ValueTask<BucketRecord?>((BucketRecord?)null),
        BucketCache.BucketView knowing => knowing.FindBucketAsync(name),
        _ => ReadBucketAsync(state, name),
    };

    /// <summary>The newest version or delete marker of a key, or null.</summary>
    internal static async ValueTask<ObjectRow?> FindNewestAsync(IReadView state, BucketRecord bucket, string key)
    {
        if (bucket.Versioning == VersioningState.Off)
        {
            return await FindAtAsync(state, bucket, key, 0);
        }

        using IScan scan = state.Scan(RowKeys.OfKey(Tables.Objects, bucket.Id, key), RowKeys.AfterKey(Tables.Objects, bucket.Id, key));
        return await scan.NextAsync() ? RowFormat.DecodeObject(scan.Value, key, SequenceOf(scan.Key)) : null;
    }

    /// <summary>One version of a key, or null.</summary>
    internal static async ValueTask<ObjectRow?> FindVersionAsync(IReadView state, BucketRecord bucket, string key, VersionId version)
    {
        ObjectRow? row = await FindAtAsync(state, bucket, key, await FindSequenceAsync(state, bucket, key, version));

        // A null version lies at a sequence that is no version id.
        return row?.Record.Version == version ? row : null;
    }

    /// <summary>The place of a version among those of its key: its id, but for the null version, which may have moved since versioning was first enabled.</summary>
    internal static async ValueTask<ulong> FindSequenceAsync(IReadView state, BucketRecord bucket, string key, VersionId version)
    {
        if (!version.IsNull)
        {
            return version.Value;
        }

        if (bucket.Versioning == VersioningState.Off)
        {
            return 0;
        }

        ReadOnlyMemory<byte>? pointer = await state.GetAsync(RowKeys.NullVersion(bucket.Id, key));
        return pointer is { } value ? RowFormat.DecodeNumber(value.Span) : 0;
    }

    internal static async ValueTask<ObjectRow?> FindAtAsync(IReadView state, BucketRecord bucket, string key, ulong sequence)
    {
        ReadOnlyMemory<byte>? row = await state.GetAsync(RowKeys.Object(bucket.Id, key, sequence));
        return row is { } value ? RowFormat.DecodeObject(value, key, sequence) : null;
    }

    internal static async ValueTask<UploadRow?> FindUploadAsync(IReadView state, BucketRecord bucket, string key, string uploadId)
    {
        ReadOnlyMemory<byte>? row = await state.GetAsync(RowKeys.Upload(bucket.Id, key, uploadId));
        return row is { } value ? RowFormat.DecodeUpload(value.Span) : null;
    }

    internal static ulong SequenceOf(ReadOnlyMemory<byte> rowKey)
    {
        RowKeys.EscapedKeyOf(rowKey.Span, out ReadOnlySpan<byte> rest);
        return RowKeys.SequenceOf(rest);
    }

    private static async ValueTask<BucketRecord?> ReadBucketAsync(IReadView state, string name)
    {
        ReadOnlyMemory<byte>? row = await state.GetAsync(RowKeys.Bucket(name));
        return row is { } value ? RowFormat.DecodeBucket(value.Span) : null;
    }
}
