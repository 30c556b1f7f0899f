using System;
using System.Buffers.Binary;

namespace ObjectStore.Engine.Consensus;

/// <summary>Keys of the log's rows: prefix, group (8, big-endian), kind (1), and for an entry its index (8, big-endian).</summary>
internal sealed class RaftLogKeys(ReadOnlyMemory<byte> prefix)
{
    /// <summary>Hard state and the end of the log.</summary>
    internal const byte State = 0;

    /// <summary>Where the log starts, and the membership there.</summary>
    internal const byte Start = 1;

    /// <summary>An entry.</summary>
    internal const byte Entry = 2;

    /// <summary>What a removed replica must not forget: its term and vote.</summary>
    internal const byte Removed = 3;

    private readonly byte[] _prefix = prefix.ToArray();

    internal ReadOnlyMemory<byte> First => _prefix;

    internal int GroupOffset => _prefix.Length;

    internal byte[] Of(GroupId group, byte kind)
    {
        byte[] key = new byte[_prefix.Length + 9];
        Write(key, group, kind);
        return key;
    }

    internal byte[] OfEntry(GroupId group, LogIndex index)
    {
        byte[] key = new byte[_prefix.Length + 17];
        Write(key, group, Entry);
        BinaryPrimitives.WriteUInt64BigEndian(key.AsSpan(_prefix.Length + 9), index.Value);
        return key;
    }

    internal LogIndex IndexOf(ReadOnlySpan<byte> entryKey) => new(BinaryPrimitives.ReadUInt64BigEndian(entryKey[(_prefix.Length + 9)..]));

    internal GroupId GroupOf(ReadOnlySpan<byte> key) => new(BinaryPrimitives.ReadUInt64BigEndian(key[_prefix.Length..]));

    internal bool Owns(ReadOnlySpan<byte> key) => key.StartsWith(_prefix) && key.Length >= _prefix.Length + 9;

    private void Write(byte[] key, GroupId group, byte kind)
    {
        _prefix.CopyTo(key, 0);
        BinaryPrimitives.WriteUInt64BigEndian(key.AsSpan(_prefix.Length), group.Value);
        key[_prefix.Length + 8] = kind;
    }
}
