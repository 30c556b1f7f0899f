using System;
using System.Buffers;
using System.Text;

namespace ObjectStore.Engine.Auth;

/// <summary>Text being built as UTF-8, on the stack first and in pooled memory when it outgrows that. Dispose it.</summary>
internal ref struct ByteBuffer(Span<byte> initial)
{
    private Span<byte> _bytes = initial;
    private byte[]? _pooled;

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>What was written; valid until the next append.</summary>
    public readonly ReadOnlySpan<byte> Written => _bytes[..Length];

    public void Append(scoped ReadOnlySpan<byte> value)
    {
        value.CopyTo(Reserve(value.Length));
        Length += value.Length;
    }

    public void Append(byte value)
    {
        Reserve(1)[0] = value;
        Length++;
    }

    public void Append(scoped ReadOnlySpan<char> value) => Length += Encoding.UTF8.GetBytes(value, Reserve(Encoding.UTF8.GetMaxByteCount(value.Length)));

    public void AppendHex(scoped ReadOnlySpan<byte> value)
    {
        Convert.TryToHexStringLower(value, Reserve(value.Length * 2), out int written);
        Length += written;
    }

    /// <summary>Appends a header name in lower case.</summary>
    public void AppendLower(scoped ReadOnlySpan<char> value)
    {
        int start = Length;
        Append(value);
        Span<byte> added = _bytes[start..Length];
        Ascii.ToLowerInPlace(added, out _);
    }

    public readonly void Dispose()
    {
        if (_pooled is not null)
        {
            ArrayPool<byte>.Shared.Return(_pooled);
        }
    }

    private Span<byte> Reserve(int count)
    {
        if (_bytes.Length - Length < count)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_bytes.Length * 2, Length + count));
            Written.CopyTo(larger);
            Dispose();
            _bytes = _pooled = larger;
        }

        return _bytes[Length..];
    }
}
