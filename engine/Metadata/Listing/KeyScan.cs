using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Metadata;

/// <summary>A scan over rows of object keys that knows the current key and whether it is another than before, and lets others run on a long walk.</summary>
internal sealed class KeyScan(IScan scan) : IDisposable
{
    // A walk over very many rows that show nothing (delete markers) must not keep the loop to itself.
    private const int RowsPerTurn = 1024;

    private byte[] _escaped = new byte[64];
    private int _escapedLength = -1;
    private int _rows;

    /// <summary>The object key as text; made once a key.</summary>
    internal string Key { get; private set; } = "";

    internal ReadOnlySpan<byte> Escaped => _escaped.AsSpan(0, _escapedLength);

    internal ReadOnlySpan<byte> RowKey => scan.Key.Span;

    internal ReadOnlySpan<byte> Row => scan.Value.Span;

    /// <summary>The row is the first of its key that this scan meets.</summary>
    internal bool IsNewKey { get; private set; }

    internal async ValueTask<bool> NextAsync()
    {
        if (++_rows % RowsPerTurn == 0)
        {
            await Task.Yield();
        }

        if (!await scan.NextAsync())
        {
            return false;
        }

        Look();
        return true;
    }

    /// <summary>What follows the object key in the row's key.</summary>
    internal ReadOnlySpan<byte> Rest()
    {
        RowKeys.EscapedKeyOf(scan.Key.Span, out ReadOnlySpan<byte> rest);
        return rest;
    }

    internal void SkipKey() => scan.SkipTo(KeyRange.AfterKey(scan.Key.Span, _escapedLength));

    /// <summary>Skips all keys that share the current one's first bytes and returns those as text.</summary>
    internal string SkipRolled(int rolledLength)
    {
        scan.SkipTo(KeyRange.AfterRolled(scan.Key.Span, rolledLength));
        return KeyCode.TextOf(Escaped[..rolledLength]);
    }

    public void Dispose() => scan.Dispose();

    private void Look()
    {
        ReadOnlySpan<byte> escaped = RowKeys.EscapedKeyOf(scan.Key.Span, out _);
        IsNewKey = _escapedLength < 0 || !escaped.SequenceEqual(Escaped);
        if (!IsNewKey)
        {
            return;
        }

        if (_escaped.Length < escaped.Length)
        {
            _escaped = new byte[Math.Max(escaped.Length, 2 * _escaped.Length)];
        }

        escaped.CopyTo(_escaped);
        _escapedLength = escaped.Length;
        Key = KeyCode.TextOf(escaped);
    }
}
