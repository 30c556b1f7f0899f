using System;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>What the checksum algorithms are called in headers, documents and parameters of the S3 API.</summary>
public static class ChecksumNames
{
    /// <summary>What every checksum header begins with.</summary>
    public const string HeaderPrefix = "x-amz-checksum-";

    /// <summary>The algorithms, in the order that S3 lists them.</summary>
    public static readonly ChecksumAlgorithm[] All =
    [
        ChecksumAlgorithm.Crc32, ChecksumAlgorithm.Crc32C, ChecksumAlgorithm.Crc64Nvme, ChecksumAlgorithm.Sha1, ChecksumAlgorithm.Sha256,
        ChecksumAlgorithm.Sha512, ChecksumAlgorithm.Md5, ChecksumAlgorithm.XxHash64, ChecksumAlgorithm.XxHash3, ChecksumAlgorithm.XxHash128,
    ];

    /// <summary>What clients are told who name another one.</summary>
    internal const string Unsupported =
        "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, MD5, SHA1, SHA256, SHA512, XXHASH128, XXHASH3, XXHASH64]";

    /// <summary><c>x-amz-checksum-crc32</c> and so on.</summary>
    public static string Header(ChecksumAlgorithm algorithm) => algorithm switch
    {
        ChecksumAlgorithm.Crc32 => "x-amz-checksum-crc32",
        ChecksumAlgorithm.Crc32C => "x-amz-checksum-crc32c",
        ChecksumAlgorithm.Crc64Nvme => "x-amz-checksum-crc64nvme",
        ChecksumAlgorithm.Sha1 => "x-amz-checksum-sha1",
        ChecksumAlgorithm.Sha256 => "x-amz-checksum-sha256",
        ChecksumAlgorithm.Sha512 => "x-amz-checksum-sha512",
        ChecksumAlgorithm.Md5 => "x-amz-checksum-md5",
        ChecksumAlgorithm.XxHash64 => "x-amz-checksum-xxhash64",
        ChecksumAlgorithm.XxHash3 => "x-amz-checksum-xxhash3",
        ChecksumAlgorithm.XxHash128 => "x-amz-checksum-xxhash128",
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    /// <summary>Element name in documents: <c>ChecksumCRC32</c> and so on.</summary>
    public static string Element(ChecksumAlgorithm algorithm) => algorithm switch
    {
        ChecksumAlgorithm.Crc32 => "ChecksumCRC32",
        ChecksumAlgorithm.Crc32C => "ChecksumCRC32C",
        ChecksumAlgorithm.Crc64Nvme => "ChecksumCRC64NVME",
        ChecksumAlgorithm.Sha1 => "ChecksumSHA1",
        ChecksumAlgorithm.Sha256 => "ChecksumSHA256",
        ChecksumAlgorithm.Sha512 => "ChecksumSHA512",
        ChecksumAlgorithm.Md5 => "ChecksumMD5",
        ChecksumAlgorithm.XxHash64 => "ChecksumXXHASH64",
        ChecksumAlgorithm.XxHash3 => "ChecksumXXHASH3",
        ChecksumAlgorithm.XxHash128 => "ChecksumXXHASH128",
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    /// <summary>Value of <c>x-amz-checksum-algorithm</c>: <c>CRC32</c> and so on.</summary>
    public static string Name(ChecksumAlgorithm algorithm) => algorithm switch
    {
        ChecksumAlgorithm.Crc32 => "CRC32",
        ChecksumAlgorithm.Crc32C => "CRC32C",
        ChecksumAlgorithm.Crc64Nvme => "CRC64NVME",
        ChecksumAlgorithm.Sha1 => "SHA1",
        ChecksumAlgorithm.Sha256 => "SHA256",
        ChecksumAlgorithm.Sha512 => "SHA512",
        ChecksumAlgorithm.Md5 => "MD5",
        ChecksumAlgorithm.XxHash64 => "XXHASH64",
        ChecksumAlgorithm.XxHash3 => "XXHASH3",
        ChecksumAlgorithm.XxHash128 => "XXHASH128",
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    /// <summary>Value of <c>x-amz-checksum-type</c>.</summary>
    public static string TypeName(ChecksumType type) => type == ChecksumType.Composite ? "COMPOSITE" : "FULL_OBJECT";

    /// <summary>Digest size in bytes.</summary>
    public static int SizeBytes(ChecksumAlgorithm algorithm) => algorithm switch
    {
        ChecksumAlgorithm.Crc32 or ChecksumAlgorithm.Crc32C => 4,
        ChecksumAlgorithm.Crc64Nvme or ChecksumAlgorithm.XxHash64 or ChecksumAlgorithm.XxHash3 => 8,
        ChecksumAlgorithm.Md5 or ChecksumAlgorithm.XxHash128 => 16,
        ChecksumAlgorithm.Sha1 => 20,
        ChecksumAlgorithm.Sha256 => 32,
        ChecksumAlgorithm.Sha512 => 64,
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    /// <summary>By the name in <c>x-amz-sdk-checksum-algorithm</c> or a document, in any case.</summary>
    public static bool TryParseName(string name, out ChecksumAlgorithm algorithm) => Find(name, Name, out algorithm);

    /// <summary>By header name, in any case.</summary>
    public static bool TryParseHeader(string name, out ChecksumAlgorithm algorithm) => Find(name, Header, out algorithm);

    /// <summary>The value as clients see it: base64, with <c>-N</c> behind composite ones.</summary>
    public static string Format(ObjectChecksum checksum)
    {
        ArgumentNullException.ThrowIfNull(checksum);
        string digest = Convert.ToBase64String(checksum.Digest.Span);
        return checksum.Type == ChecksumType.Composite ? $"{digest}-{checksum.PartCount}" : digest;
    }

    /// <summary>Reads a base64 digest of exactly the algorithm's size; false when it is none.</summary>
    public static bool TryParseDigest(ChecksumAlgorithm algorithm, string text, out byte[] digest) =>
        DigestText.TryParseBase64(text, SizeBytes(algorithm), out digest);

    private static bool Find(string text, Func<ChecksumAlgorithm, string> name, out ChecksumAlgorithm algorithm)
    {
        foreach (ChecksumAlgorithm candidate in All)
        {
            if (string.Equals(text, name(candidate), StringComparison.OrdinalIgnoreCase))
            {
                algorithm = candidate;
                return true;
            }
        }

        algorithm = ChecksumAlgorithm.None;
        return false;
    }
}
