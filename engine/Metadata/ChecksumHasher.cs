using System;
using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;
using ObjectStore.Engine.Kernel;
using Crc32 = ObjectStore.Engine.Kernel.Crc32;

namespace ObjectStore.Engine.Metadata;

/// <summary>Computes a checksum of the S3 API over bytes that come in pieces. A struct to be kept in one place; dispose it.</summary>
/// <remarks>Digests are in the order that S3 shows in base64: big-endian, for xxHash its canonical form. Sources: Amazon S3 User Guide, "Checking object integrity"; xxHash specification, "Canonical representation".</remarks>
public struct ChecksumHasher : IDisposable
{
    private readonly ChecksumAlgorithm _algorithm;
    private readonly IncrementalHash? _cryptographic;
    private readonly NonCryptographicHashAlgorithm? _xxHash;
    private uint _crc32;
    private ulong _crc64;

    /// <summary>Starts.</summary>
    /// <param name="algorithm">What to compute; none computes nothing.</param>
    public ChecksumHasher(ChecksumAlgorithm algorithm)
    {
        _algorithm = algorithm;
        _cryptographic = algorithm switch
        {
            ChecksumAlgorithm.Sha1 => IncrementalHash.CreateHash(HashAlgorithmName.SHA1),
            ChecksumAlgorithm.Sha256 => IncrementalHash.CreateHash(HashAlgorithmName.SHA256),
            ChecksumAlgorithm.Sha512 => IncrementalHash.CreateHash(HashAlgorithmName.SHA512),
            ChecksumAlgorithm.Md5 => IncrementalHash.CreateHash(HashAlgorithmName.MD5),
            _ => null,
        };
        _xxHash = algorithm switch
        {
            ChecksumAlgorithm.XxHash64 => new XxHash64(),
            ChecksumAlgorithm.XxHash3 => new XxHash3(),
            ChecksumAlgorithm.XxHash128 => new XxHash128(),
            _ => null,
        };
    }

    /// <summary>Whether the checksum of a whole follows from those of its parts and their lengths.</summary>
    public static bool Combines(ChecksumAlgorithm algorithm) => algorithm is ChecksumAlgorithm.Crc32 or ChecksumAlgorithm.Crc32C or ChecksumAlgorithm.Crc64Nvme;

    /// <summary>The checksum of bytes that are all there.</summary>
    public static byte[] Compute(ChecksumAlgorithm algorithm, ReadOnlySpan<byte> data)
    {
        var hasher = new ChecksumHasher(algorithm);
        try
        {
            hasher.Append(data);
            return hasher.Finish();
        }
        finally
        {
            hasher.Dispose();
        }
    }

    /// <summary>Takes the next bytes.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        switch (_algorithm)
        {
            case ChecksumAlgorithm.None: break;
            case ChecksumAlgorithm.Crc32: _crc32 = Crc32.Compute(data, _crc32); break;
            case ChecksumAlgorithm.Crc32C: _crc32 = Crc32C.Compute(data, _crc32); break;
            case ChecksumAlgorithm.Crc64Nvme: _crc64 = Crc64Nvme.Compute(data, _crc64); break;
            default:
                _cryptographic?.AppendData(data);
                _xxHash?.Append(data);
                break;
        }
    }

    /// <summary>The checksum of everything taken, empty for none; nothing may be appended after.</summary>
    public readonly byte[] Finish() => _algorithm switch
    {
        ChecksumAlgorithm.None => [],
        ChecksumAlgorithm.Crc32 or ChecksumAlgorithm.Crc32C => BigEndian(_crc32),
        ChecksumAlgorithm.Crc64Nvme => BigEndian(_crc64),
        _ => _cryptographic?.GetHashAndReset() ?? _xxHash!.GetCurrentHash(),
    };

    /// <inheritdoc/>
    public readonly void Dispose() => _cryptographic?.Dispose();

    /// <summary>As a digest.</summary>
    internal static byte[] BigEndian(uint value)
    {
        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    /// <summary>As a digest.</summary>
    internal static byte[] BigEndian(ulong value)
    {
        byte[] bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        return bytes;
    }
}
