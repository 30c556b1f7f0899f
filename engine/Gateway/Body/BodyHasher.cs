using System;
using System.Security.Cryptography;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>All digests of a body in one pass. Not for several threads; dispose it.</summary>
public sealed class BodyHasher : IDisposable
{
    /// <summary>Each digest takes a slice this long before the next slice, so that the bytes stay in the nearest cache.</summary>
    private const int SliceSizeBytes = 16 * 1024;

    private readonly ChecksumAlgorithm _algorithm;
    private readonly IncrementalHash? _md5;
    private readonly Md5Pool? _pool;
    private readonly long? _lengthBytes;
    private readonly Md5Lanes? _lanes;
    private readonly Md5State? _md5State;
    private readonly IncrementalHash? _sha256;
    private ChecksumHasher _checksum;
    private bool _isDisposed;

    /// <summary>Starts.</summary>
    /// <param name="md5">Compute the MD5, besides what <paramref name="checksum"/> says.</param>
    /// <param name="sha256">Compute the SHA-256, besides what <paramref name="checksum"/> says.</param>
    /// <param name="checksum">The checksum to compute.</param>
    /// <param name="pool">Says whether the MD5 is computed beside those of others, by <see cref="AppendMd5Async"/>, or alone, by <see cref="Append"/>; null for alone.</param>
    /// <param name="lengthBytes">Length of the body; null when nobody knows.</param>
    public BodyHasher(bool md5, bool sha256, ChecksumAlgorithm checksum, Md5Pool? pool = null, long? lengthBytes = null)
    {
        _algorithm = checksum;
        md5 |= checksum == ChecksumAlgorithm.Md5;
        (_pool, _lengthBytes) = (md5 ? pool : null, lengthBytes);
        _lanes = _pool?.Join(lengthBytes);
        _md5State = _lanes is null ? null : new Md5State();
        _md5 = md5 && _lanes is null ? IncrementalHash.CreateHash(HashAlgorithmName.MD5) : null;
        _sha256 = sha256 || checksum == ChecksumAlgorithm.Sha256 ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
        _checksum = new ChecksumHasher(checksum is ChecksumAlgorithm.Md5 or ChecksumAlgorithm.Sha256 ? ChecksumAlgorithm.None : checksum);
    }

    /// <summary>Takes the next bytes into the MD5 when it is computed beside others; else does nothing.</summary>
    /// <param name="data">The bytes that <see cref="Append"/> took; not to be changed until the task completes.</param>
    public ValueTask AppendMd5Async(ReadOnlyMemory<byte> data) => _lanes is null || data.IsEmpty ? ValueTask.CompletedTask : _lanes.AppendAsync(_md5State!, data);

    /// <summary>Takes the next bytes into all other digests.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            ReadOnlySpan<byte> slice = data[..Math.Min(data.Length, SliceSizeBytes)];
            data = data[slice.Length..];
            _md5?.AppendData(slice);
            _sha256?.AppendData(slice);
            _checksum.Append(slice);
        }
    }

    /// <summary>The digests of everything taken; nothing may be appended after.</summary>
    /// <returns>MD5 and SHA-256 (empty when not computed) and the checksum in big-endian order (empty for none).</returns>
    public (byte[] Md5, byte[] Sha256, byte[] Checksum) Finish()
    {
        byte[] md5 = _md5?.GetHashAndReset() ?? (_md5State is null ? [] : new byte[Md5State.DigestBytes]);
        _md5State?.Finish(md5);
        byte[] sha256 = _sha256?.GetHashAndReset() ?? [];
        byte[] checksum = _algorithm switch
        {
            ChecksumAlgorithm.Md5 => md5,
            ChecksumAlgorithm.Sha256 => sha256,
            _ => _checksum.Finish(),
        };
        return (md5, sha256, checksum);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _pool?.Leave(_lengthBytes);
        _md5?.Dispose();
        _sha256?.Dispose();
        _checksum.Dispose();
    }
}
