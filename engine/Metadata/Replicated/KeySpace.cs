using System;
using System.Buffers.Binary;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>The rows of one generation of one group in a node's ordered store: a view of them as if they were a store of their own.</summary>
/// <remarks>Key in the store: <c>20 group(8) generation(4) key</c>, numbers big-endian. Generation 0 holds what is said about the generations; state is in 1 and up.</remarks>
public sealed class KeySpace
{
    /// <summary>First byte of all rows of replicated groups.</summary>
    public const byte Table = 0x20;

    /// <summary>Bytes in front of every key.</summary>
    public const int PrefixSizeBytes = 1 + sizeof(ulong) + sizeof(uint);

    private readonly byte[] _prefix;
    private readonly byte[] _end;

    /// <summary>Names the rows of a generation.</summary>
    public KeySpace(ulong group, uint generation)
    {
        (Group, Generation) = (group, generation);
        _prefix = new byte[PrefixSizeBytes];
        _prefix[0] = Table;
        BinaryPrimitives.WriteUInt64BigEndian(_prefix.AsSpan(1), group);
        BinaryPrimitives.WriteUInt32BigEndian(_prefix.AsSpan(1 + sizeof(ulong)), generation);
        _end = KeyCode.AfterPrefix(_prefix);
    }

    /// <summary>The group.</summary>
    public ulong Group { get; }

    /// <summary>The generation.</summary>
    public uint Generation { get; }

    /// <summary>The first key of the space in the store.</summary>
    public ReadOnlyMemory<byte> Start => _prefix;

    /// <summary>The first key above the space in the store.</summary>
    public ReadOnlyMemory<byte> End => _end;

    /// <summary>The generation that a key of the store belongs to.</summary>
    /// <exception cref="MalformedDataException">It is no key of a group.</exception>
    public static uint GenerationOf(ReadOnlySpan<byte> storeKey) => storeKey.Length >= PrefixSizeBytes && storeKey[0] == Table
        ? BinaryPrimitives.ReadUInt32BigEndian(storeKey[(1 + sizeof(ulong))..])
        : throw new MalformedDataException("key of no group");

    /// <summary>The key in the store.</summary>
    public byte[] KeyOf(ReadOnlySpan<byte> key)
    {
        byte[] whole = new byte[PrefixSizeBytes + key.Length];
        _prefix.CopyTo(whole, 0);
        key.CopyTo(whole.AsSpan(PrefixSizeBytes));
        return whole;
    }

    /// <summary>The state of this space within a state of the store. Disposing it disposes of <paramref name="whole"/>.</summary>
    public IReadView View(IReadView whole) => new SpaceView(this, whole);

    /// <summary>Adds operations on this space to a batch for the store.</summary>
    public void Add(WriteBatch batch, WriteBatch operations)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(operations);
        for (int i = 0; i < operations.Operations.Count; i++)
        {
            WriteOperation operation = operations.Operations[i];
            if (operation.IsDelete)
            {
                batch.Delete(KeyOf(operation.Key.Span));
            }
            else
            {
                batch.Put(KeyOf(operation.Key.Span), operation.Value);
            }
        }
    }

    private sealed class SpaceView(KeySpace space, IReadView whole) : IReadView
    {
        public ulong Sequence => whole.Sequence;

        public ValueTask<ReadOnlyMemory<byte>?> GetAsync(ReadOnlyMemory<byte> key) => whole.GetAsync(space.KeyOf(key.Span));

        public IScan Scan(ReadOnlyMemory<byte> from, ReadOnlyMemory<byte> to) =>
            new SpaceScan(space, whole.Scan(space.KeyOf(from.Span), to.IsEmpty ? space._end : space.KeyOf(to.Span)));

        public void Dispose() => whole.Dispose();
    }

    private sealed class SpaceScan(KeySpace space, IScan scan) : IScan
    {
        public ReadOnlyMemory<byte> Key => scan.Key[PrefixSizeBytes..];

        public ReadOnlyMemory<byte> Value => scan.Value;

        public ValueTask<bool> NextAsync() => scan.NextAsync();

        public void SkipTo(ReadOnlyMemory<byte> key) => scan.SkipTo(space.KeyOf(key.Span));

        public void Dispose() => scan.Dispose();
    }
}
