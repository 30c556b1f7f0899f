using System;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Metadata;

/// <summary>How far a group's state is.</summary>
/// <param name="Applied">Index of the newest command in it.</param>
/// <param name="Counter">Commands counted; gives them their numbers.</param>
internal readonly record struct GroupHeader(LogIndex Applied, ulong Counter)
{
    /// <summary>Bits of a command's number that tell its group.</summary>
    internal const int GroupBits = 12;

    private const byte Version = 1;

    /// <summary>Its row, in the group's own rows.</summary>
    internal static readonly byte[] Key = [Tables.Group, 0x01];

    internal static ulong NumberOf(ulong counter, ulong group) => (counter << GroupBits) | (group & ((1UL << GroupBits) - 1));

    internal byte[] Encode()
    {
        var to = new ByteWriter(1 + (2 * sizeof(ulong)));
        to.Byte(Version);
        to.UInt64(Applied.Value);
        to.UInt64(Counter);
        return to.ToArray();
    }

    internal static GroupHeader Decode(ReadOnlySpan<byte> row)
    {
        var from = new ByteReader(row);
        if (from.Byte() != Version)
        {
            throw new MalformedDataException("group header of an unknown form");
        }

        var header = new GroupHeader(new LogIndex(from.UInt64()), from.UInt64());
        from.End();
        return header;
    }
}

/// <summary>Which generation of a group's rows is its state.</summary>
/// <param name="Current">The state.</param>
/// <param name="Newest">The highest ever begun: one above <paramref name="Current"/> is an installation, finished or not.</param>
internal readonly record struct Generations(uint Current, uint Newest)
{
    private const byte Version = 1;

    internal static readonly Generations First = new(1, 1);

    /// <summary>Its row in the store.</summary>
    internal static byte[] KeyOf(ulong group) => new KeySpace(group, 0).KeyOf([]);

    internal byte[] Encode()
    {
        var to = new ByteWriter(1 + (2 * sizeof(uint)));
        to.Byte(Version);
        to.UInt32(Current);
        to.UInt32(Newest);
        return to.ToArray();
    }

    internal static Generations Decode(ReadOnlySpan<byte> row)
    {
        var from = new ByteReader(row);
        if (from.Byte() != Version)
        {
            throw new MalformedDataException("generations of an unknown form");
        }

        var read = new Generations(from.UInt32(), from.UInt32());
        from.End();
        return read;
    }
}
