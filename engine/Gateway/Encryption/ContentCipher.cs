using System;
using System.Buffers.Binary;
using System.Security.Cryptography;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Gateway;

/// <summary>Encrypts and decrypts the content of one object, blob by blob. One caller at a time.</summary>
/// <remarks>
/// Invariant: each blob has a key of its own, HMAC-SHA-256 of its id under the object's data key, so no keystream is ever used twice, though a multipart
/// object has many blobs and its parts may be replaced.
/// </remarks>
/// <param name="dataKey">32 bytes, kept until disposal.</param>
internal sealed class ContentCipher(byte[] dataKey) : IDisposable
{
    private BlobId _blob;
    private CounterMode? _mode;

    /// <summary>Encrypts or decrypts in place.</summary>
    /// <param name="blob">The blob that the bytes are in.</param>
    /// <param name="offset">Where in it, in bytes.</param>
    /// <param name="data">The bytes.</param>
    internal void Apply(BlobId blob, long offset, Span<byte> data)
    {
        if (_mode is null || _blob != blob)
        {
            _mode?.Dispose();
            (_blob, _mode) = (blob, ForBlob(blob));
        }

        _mode.Apply(data, offset);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _mode?.Dispose();
        _mode = null;
        CryptographicOperations.ZeroMemory(dataKey);
    }

    private CounterMode ForBlob(BlobId blob)
    {
        Span<byte> id = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(id, blob.Epoch);
        BinaryPrimitives.WriteUInt64BigEndian(id[8..], blob.Number);
        Span<byte> key = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(dataKey, id, key);
        var mode = new CounterMode(key);
        CryptographicOperations.ZeroMemory(key);
        return mode;
    }
}
