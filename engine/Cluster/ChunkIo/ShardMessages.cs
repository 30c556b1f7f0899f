using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Placement;
using ObjectStore.Engine.Rpc;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>Why a disk did not do what it was asked. Wire format.</summary>
public enum ShardError : byte
{
    /// <summary>It did.</summary>
    None = 0,

    /// <summary>No such shard there.</summary>
    Missing = 1,

    /// <summary>It is there and cannot be read.</summary>
    Damaged = 2,

    /// <summary>By a newer map that disk is not the shard's.</summary>
    Moved = 3,

    /// <summary>The node does not have the map that the caller has. Try again.</summary>
    Behind = 4,

    /// <summary>No space.</summary>
    Full = 5,

    /// <summary>The disk is out of service.</summary>
    Down = 6,

    /// <summary>That node does not have that disk, or not yet.</summary>
    NoSuchDisk = 7,

    /// <summary>What was sent is no whole shard of that name, or another one of that name is there.</summary>
    Refused = 8,

    /// <summary>No answer: it may have happened. Never on the wire.</summary>
    Unreachable = 9,
}

/// <summary>An answer about shards.</summary>
/// <param name="Error">None when it was done.</param>
/// <param name="Payload">What was asked for.</param>
public readonly record struct ShardReply(ShardError Error, ReadOnlyMemory<byte> Payload)
{
    /// <summary>True when it was done.</summary>
    public bool Ok => Error == ShardError.None;
}

/// <summary>Chunk names from one to another, both included.</summary>
public readonly record struct ShardRange(ChunkId From, ChunkId Last)
{
    /// <summary>All shards of a blob.</summary>
    public static ShardRange Of(BlobId blob) => new(new ChunkId(blob, 0), new ChunkId(blob, uint.MaxValue));

    /// <summary>All shards of a chunk.</summary>
    public static ShardRange Of(ChunkId chunk) => new(ShardHeader.IdOf(chunk, 0), ShardHeader.IdOf(chunk, 0xFF));

    /// <summary>All shards of a placement group.</summary>
    public static ShardRange OfGroup(int group) => new(
        new ChunkId(new BlobId(ClusterMap.BlobEpoch(group, 0), 0), 0),
        new ChunkId(new BlobId(ClusterMap.BlobEpoch(group, (1UL << ClusterMap.EpochBits) - 1), ulong.MaxValue), uint.MaxValue));
}

/// <summary>Requests about shards as bytes. Answers begin with a <see cref="ShardError"/>.</summary>
internal static class ShardMessages
{
    internal static readonly RpcMethod Put = new(0x0301);
    internal static readonly RpcMethod Get = new(0x0302);
    internal static readonly RpcMethod Delete = new(0x0303);
    internal static readonly RpcMethod List = new(0x0304);
    internal static readonly RpcMethod Verify = new(0x0305);

    /// <summary>What stands in front of a shard's frame in a request to put it: as long as the frame's header, so that the shard is aligned.</summary>
    internal const int PutPrefixBytes = 64;

    private const byte Version = 1;

    internal static void WritePutPrefix(Span<byte> to, DiskId disk, ulong mapVersion, ChunkId shard)
    {
        to = to[..PutPrefixBytes];
        to.Clear();
        to[0] = Version;
        BinaryPrimitives.WriteUInt32LittleEndian(to[4..], disk.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(to[8..], mapVersion);
        BinaryPrimitives.WriteUInt64LittleEndian(to[16..], shard.Blob.Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(to[24..], shard.Blob.Number);
        BinaryPrimitives.WriteUInt32LittleEndian(to[32..], shard.Index);
    }

    internal static (DiskId Disk, ulong MapVersion, ChunkId Shard) ReadPutPrefix(ReadOnlySpan<byte> from)
    {
        if (from.Length < PutPrefixBytes || from[0] != Version)
        {
            throw new MalformedDataException("no request to put a shard");
        }

        var blob = new BlobId(BinaryPrimitives.ReadUInt64LittleEndian(from[16..]), BinaryPrimitives.ReadUInt64LittleEndian(from[24..]));
        return (
            new DiskId(BinaryPrimitives.ReadUInt32LittleEndian(from[4..])),
            BinaryPrimitives.ReadUInt64LittleEndian(from[8..]),
            new ChunkId(blob, BinaryPrimitives.ReadUInt32LittleEndian(from[32..])));
    }

    internal static byte[] GetRequest(DiskId disk, ChunkId shard, int length, int offset, int count)
    {
        ByteWriter to = Start(disk);
        Write(to, shard);
        to.UInt32((uint)length);
        to.UInt32((uint)offset);
        to.UInt32((uint)count);
        return to.ToArray();
    }

    internal static (DiskId Disk, ChunkId Shard, int Length, int Offset, int Count) ReadGet(ReadOnlySpan<byte> request)
    {
        var from = new ByteReader(request);
        DiskId disk = ReadStart(ref from);
        ChunkId shard = ReadChunk(ref from);
        (uint length, uint offset, uint count) = (from.UInt32(), from.UInt32(), from.UInt32());
        from.End();
        return count > 0 && (ulong)offset + count <= length && length <= int.MaxValue
            ? (disk, shard, (int)length, (int)offset, (int)count)
            : throw new MalformedDataException($"bytes {offset} to {offset + count} of {length}");
    }

    internal static byte[] DeleteRequest(DiskId disk, IReadOnlyList<ShardRange> ranges, bool strayOnly)
    {
        ByteWriter to = Start(disk);
        to.Bool(strayOnly);
        to.VarUInt((ulong)ranges.Count);
        foreach (ShardRange range in ranges)
        {
            Write(to, range.From);
            Write(to, range.Last);
        }

        return to.ToArray();
    }

    internal static (DiskId Disk, ShardRange[] Ranges, bool StrayOnly) ReadDelete(ReadOnlySpan<byte> request)
    {
        var from = new ByteReader(request);
        DiskId disk = ReadStart(ref from);
        bool strayOnly = from.Bool();
        var ranges = new ShardRange[from.Count()];
        for (int range = 0; range < ranges.Length; range++)
        {
            ranges[range] = new ShardRange(ReadChunk(ref from), ReadChunk(ref from));
        }

        from.End();
        return (disk, ranges, strayOnly);
    }

    internal static byte[] ListRequest(DiskId disk, ShardRange range, int max)
    {
        ByteWriter to = Start(disk);
        Write(to, range.From);
        Write(to, range.Last);
        to.UInt32((uint)max);
        return to.ToArray();
    }

    internal static (DiskId Disk, ShardRange Range, int Max) ReadList(ReadOnlySpan<byte> request)
    {
        var from = new ByteReader(request);
        DiskId disk = ReadStart(ref from);
        var range = new ShardRange(ReadChunk(ref from), ReadChunk(ref from));
        uint max = from.UInt32();
        from.End();
        return (disk, range, (int)uint.Min(max, int.MaxValue));
    }

    internal static byte[] VerifyRequest(DiskId disk, ChunkId shard)
    {
        ByteWriter to = Start(disk);
        Write(to, shard);
        return to.ToArray();
    }

    internal static (DiskId Disk, ChunkId Shard) ReadVerify(ReadOnlySpan<byte> request)
    {
        var from = new ByteReader(request);
        DiskId disk = ReadStart(ref from);
        ChunkId shard = ReadChunk(ref from);
        from.End();
        return (disk, shard);
    }

    internal static ReadOnlyMemory<byte> Answer(ShardError error) => new[] { (byte)error };

    internal static ReadOnlyMemory<byte> ListAnswer(IReadOnlyList<StoredChunk> shards, bool more)
    {
        var to = new ByteWriter(16 + (shards.Count * 25));
        to.Byte((byte)ShardError.None);
        to.Bool(more);
        to.VarUInt((ulong)shards.Count);
        foreach (StoredChunk shard in shards)
        {
            Write(to, shard.Id);
            to.UInt32((uint)shard.LengthBytes);
            to.Bool(shard.IsDamaged);
        }

        return to.WrittenMemory;
    }

    internal static (StoredChunk[] Shards, bool More) ReadListAnswer(ReadOnlySpan<byte> payload)
    {
        var from = new ByteReader(payload);
        bool more = from.Bool();
        var shards = new StoredChunk[from.Count()];
        for (int shard = 0; shard < shards.Length; shard++)
        {
            shards[shard] = new StoredChunk(ReadChunk(ref from), (int)uint.Min(from.UInt32(), int.MaxValue), from.Bool());
        }

        from.End();
        return (shards, more);
    }

    internal static ShardReply ReadAnswer(ReadOnlyMemory<byte> answer) =>
        !answer.IsEmpty && answer.Span[0] < (byte)ShardError.Unreachable
            ? new ShardReply((ShardError)answer.Span[0], answer[1..])
            : throw new MalformedDataException("no answer about a shard");

    private static ByteWriter Start(DiskId disk)
    {
        var to = new ByteWriter();
        to.Byte(Version);
        to.UInt32(disk.Value);
        return to;
    }

    private static DiskId ReadStart(ref ByteReader from) =>
        from.Byte() == Version ? new DiskId(from.UInt32()) : throw new MalformedDataException("request about shards of an unknown form");

    private static void Write(ByteWriter to, ChunkId chunk)
    {
        to.UInt64(chunk.Blob.Epoch);
        to.UInt64(chunk.Blob.Number);
        to.UInt32(chunk.Index);
    }

    private static ChunkId ReadChunk(ref ByteReader from) => new(new BlobId(from.UInt64(), from.UInt64()), from.UInt32());
}
