using System;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>What the checksum algorithms are called in headers, documents and parameters of the S3 API.</summary>
public static class ChecksumNames
{
    /// <summary>What every checksum header begins with.</summary>
    public const string HeaderPrefix = "x-amz-checksum-";

    // Each at the number of its algorithm, less one.
    private static readonly Spelling[] Spellings =
    [
        new(ChecksumAlgorithm.Crc32, "CRC32", 4),
        new(ChecksumAlgorithm.Crc32C, "CRC32C", 4),
        new(ChecksumAlgorithm.Crc64Nvme, "CRC64NVME", 8),
        new(ChecksumAlgorithm.Sha1, "SHA1", 20),
        new(ChecksumAlgorithm.Sha256, "SHA256", 32),
        new(ChecksumAlgorithm.Sha512, "SHA512", 64),
        new(ChecksumAlgorithm.Md5, "MD5", 16),
        new(ChecksumAlgorithm.XxHash64, "XXHASH64", 8),
        new(ChecksumAlgorithm.XxHash3, "XXHASH3", 8),
        new(ChecksumAlgorithm.XxHash128, "XXHASH128", 16),
    ];

    /// <summary>The algorithms, in the order that S3 lists them.</summary>
    public static readonly ChecksumAlgorithm[] All = Array.ConvertAll(Spellings, static spelling => spelling.Algorithm);

    /// <summary>What clients are told who name another one.</summary>
    internal const string Unsupported =
        "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, MD5, SHA1, SHA256, SHA512, XXHASH128, XXHASH3, XXHASH64]";

    /// <summary><c>x-amz-checksum-crc32</c> and so on.</summary>
    public static string Header(ChecksumAlgorithm algorithm) => Of(algorithm).Header;

    /// <summary>Element name in documents: <c>ChecksumCRC32</c> and so on.</summary>
    public static string Element(ChecksumAlgorithm algorithm) => Of(algorithm).Element;

    /// <summary>Value of <c>x-amz-checksum-algorithm</c>: <c>CRC32</c> and so on.</summary>
    public static string Name(ChecksumAlgorithm algorithm) => Of(algorithm).Name;

    /// <summary>Value of <c>x-amz-checksum-type</c>.</summary>
    public static string TypeName(ChecksumType type) => type == ChecksumType.Composite ? "COMPOSITE" : "FULL_OBJECT";

    /// <summary>Digest size in bytes.</summary>
    public static int SizeBytes(ChecksumAlgorithm algorithm) => Of(algorithm).SizeBytes;

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

    private static Spelling Of(ChecksumAlgorithm algorithm)
    {
        int index = (int)algorithm - 1;
        return index >= 0 && index < Spellings.Length && Spellings[index].Algorithm == algorithm
            ? Spellings[index]
            : throw new ArgumentOutOfRangeException(nameof(algorithm));
    }

    private sealed record Spelling(ChecksumAlgorithm Algorithm, string Name, int SizeBytes)
    {
        internal string Header { get; } = HeaderPrefix + Name.ToLowerInvariant();

        internal string Element { get; } = "Checksum" + Name;
    }
}
