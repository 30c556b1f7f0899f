using System;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>The rows of a listing: where they start and end, and which keys roll up under the delimiter.</summary>
/// <remarks>Works on escaped UTF-8 as in row keys. UTF-8 has no byte 0xFF, and 0x00 always has its 0xFF behind it, so an escaped delimiter found in an
/// escaped key is a delimiter in the key.</remarks>
internal sealed class KeyRange
{
    private const int HeadSize = 1 + sizeof(ulong);

    private readonly byte _table;
    private readonly ulong _bucketId;
    private readonly byte[] _prefix;
    private readonly byte[] _delimiter;
    private byte[] _from;
    private readonly byte[] _to;

    internal KeyRange(byte table, ulong bucketId, string prefix, string delimiter)
    {
        (_table, _bucketId) = (table, bucketId);
        _from = RowKeys.OfPrefix(table, bucketId, prefix);
        _to = KeyCode.AfterPrefix(_from);
        _prefix = _from[HeadSize..];
        _delimiter = RowKeys.OfPrefix(table, bucketId, delimiter)[HeadSize..];
    }

    /// <summary>Starts above <paramref name="marker"/>: above the key itself, or the common prefix that holds it. Empty changes nothing.</summary>
    internal void StartAfter(string marker)
    {
        if (marker.Length == 0)
        {
            return;
        }

        byte[] escaped = RowKeys.OfPrefix(_table, _bucketId, marker);
        int rolled = RolledLengthOf(escaped);
        StartAt(rolled > 0 ? AfterRolled(escaped, rolled) : RowKeys.AfterKey(_table, _bucketId, marker));
    }

    /// <summary>True when the key lies in a common prefix of this listing.</summary>
    internal bool RollsUp(string key) => RolledLengthOf(RowKeys.OfPrefix(_table, _bucketId, key)) > 0;

    /// <summary>Starts at <paramref name="rowKey"/> when that is above the start so far.</summary>
    internal void StartAt(byte[] rowKey)
    {
        if (rowKey.AsSpan().SequenceCompareTo(_from) > 0)
        {
            _from = rowKey;
        }
    }

    internal IScan Scan(IReadView state) => state.Scan(_from, _to);

    /// <summary>Where its rows are among all object keys.</summary>
    internal PositionRange Range => new(_from.AsMemory(1), _to.Length == 0 ? default : _to.AsMemory(1));

    /// <summary>Length of the common prefix that an escaped object key (which starts with the listing's prefix) rolls up into; 0 for none.</summary>
    internal int RolledLength(ReadOnlySpan<byte> escapedKey)
    {
        if (_delimiter.Length == 0)
        {
            return 0;
        }

        int at = escapedKey[_prefix.Length..].IndexOf(_delimiter);
        return at < 0 ? 0 : _prefix.Length + at + _delimiter.Length;
    }

    /// <summary>Above all rows that share the first <paramref name="escapedLength"/> bytes of the object key of <paramref name="rowKey"/>.</summary>
    internal static byte[] AfterRolled(ReadOnlySpan<byte> rowKey, int escapedLength) => KeyCode.AfterPrefix(rowKey[..(HeadSize + escapedLength)]);

    /// <summary>Above all rows of the object key of <paramref name="rowKey"/>, whose escaped form has <paramref name="escapedLength"/> bytes.</summary>
    internal static byte[] AfterKey(ReadOnlySpan<byte> rowKey, int escapedLength) => KeyCode.AfterPrefix(rowKey[..(HeadSize + escapedLength + 2)]);

    private int RolledLengthOf(ReadOnlySpan<byte> headAndEscapedKey)
    {
        ReadOnlySpan<byte> escaped = headAndEscapedKey[HeadSize..];
        return escaped.StartsWith(_prefix) ? RolledLength(escaped) : 0;
    }
}
