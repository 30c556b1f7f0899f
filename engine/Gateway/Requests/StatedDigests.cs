using System;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>What the fields of an upload form say that the content's digests are: <c>Content-MD5</c>, and one of <c>x-amz-checksum-*</c>.</summary>
/// <remarks>The bodies of other requests are held to theirs while they are read (<see cref="BodyPlan"/>).</remarks>
internal sealed class StatedDigests
{
    private byte[]? _md5;
    private byte[]? _checksum;

    private StatedDigests()
    {
    }

    /// <summary>The checksum to compute: the stated one's, else the one that objects get without being asked.</summary>
    internal ChecksumAlgorithm Algorithm { get; private set; } = ChecksumAlgorithm.Crc64Nvme;

    /// <summary>Reads the fields.</summary>
    /// <exception cref="S3Exception">InvalidDigest, InvalidRequest.</exception>
    internal static StatedDigests Of(RequestHeaders fields)
    {
        var stated = new StatedDigests();
        if (fields["Content-MD5"] is string md5)
        {
            stated._md5 = DigestText.TryParseBase64(md5, 16, out byte[] digest) ? digest : throw new S3Exception(S3Errors.InvalidDigest, ("Content-MD5", md5));
        }

        foreach (ChecksumAlgorithm algorithm in ChecksumNames.All)
        {
            if (fields[ChecksumNames.Header(algorithm)] is not string text)
            {
                continue;
            }

            if (stated._checksum is not null)
            {
                throw Refusal(BodyFailures.SeveralChecksums);
            }

            stated._checksum = ChecksumNames.TryParseDigest(algorithm, text, out byte[] digest)
                ? digest
                : throw Refusal(BodyFailures.InvalidChecksum(ChecksumNames.Header(algorithm)));
            stated.Algorithm = algorithm;
        }

        return stated;
    }

    /// <summary>Compares with what the content has.</summary>
    /// <param name="etag">Lower-case hex MD5.</param>
    /// <param name="checksum">Of <see cref="Algorithm"/>.</param>
    /// <exception cref="S3Exception">BadDigest.</exception>
    internal void Check(string etag, ObjectChecksum checksum)
    {
        if (_md5 is not null && Convert.ToHexStringLower(_md5) != etag)
        {
            throw new S3Exception(S3Errors.BadDigest);
        }

        if (_checksum is not null && !_checksum.AsSpan().SequenceEqual(checksum.Digest.Span))
        {
            throw Refusal(BodyFailures.Checksum(Algorithm));
        }
    }

    private static S3Exception Refusal(BodyFailure failure) => BodyAndAuthErrors.Refusal(failure.Error, failure);
}
