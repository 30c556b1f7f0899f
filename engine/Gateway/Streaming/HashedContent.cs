using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>Content that is hashed while it is taken: copies, whose bytes no client vouches for.</summary>
/// <param name="source">The content; nothing is digested there.</param>
/// <param name="md5">Compute the MD5.</param>
/// <param name="algorithm">Compute this checksum.</param>
/// <param name="pool">Says whether the MD5 is computed beside those of others.</param>
internal sealed class HashedContent(IContentSource source, bool md5, ChecksumAlgorithm algorithm, Md5Pool pool) : IContentSource, IDisposable
{
    private readonly BodyHasher? _hasher = md5 || algorithm != ChecksumAlgorithm.None
        ? new BodyHasher(md5, sha256: false, algorithm, pool, source.LengthBytes)
        : null;

    /// <inheritdoc/>
    public long? LengthBytes => source.LengthBytes;

    /// <inheritdoc/>
    public Task Digesting { get; private set; } = Task.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask<int> ReadAsync(Memory<byte> destination)
    {
        int read = await source.ReadAsync(destination);
        if (_hasher is not null && read > 0)
        {
            _hasher.Append(destination.Span[..read]);
            await Digesting;
            Digesting = _hasher.AppendMd5Async(destination[..read]).AsTask();
        }

        return read;
    }

    /// <summary>Entity tag and checksum; null for what was not asked for.</summary>
    internal async ValueTask<(string? ETag, ObjectChecksum? Checksum)> FinishAsync()
    {
        await Digesting;
        if (_hasher is null)
        {
            return (null, null);
        }

        (byte[] digest, _, byte[] checksum) = _hasher.Finish();
        return (
            md5 ? Convert.ToHexStringLower(digest) : null,
            algorithm == ChecksumAlgorithm.None ? null : new ObjectChecksum(algorithm, ChecksumType.FullObject, checksum, 0));
    }

    /// <inheritdoc/>
    public void Dispose() => _hasher?.Dispose();
}
