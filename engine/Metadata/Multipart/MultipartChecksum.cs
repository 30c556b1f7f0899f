using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Security.Cryptography;
using System.Text;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Metadata;

/// <summary>ETag and checksum of a multipart object from those of its parts.</summary>
/// <remarks>Source: Amazon S3 user guide, "Checking object integrity": composite is the checksum of the parts' digests; full-object combines CRCs.</remarks>
internal static class MultipartChecksum
{
    /// <summary>MD5 of the parts' binary MD5s, then <c>-N</c>.</summary>
    internal static string ETag(List<PartRecord> parts)
    {
        var digests = new ByteWriter(parts.Count * MD5.HashSizeInBytes);
        foreach (PartRecord part in parts)
        {
            if (part.ETag.Length == 2 * MD5.HashSizeInBytes && IsHex(part.ETag))
            {
                digests.Raw(Convert.FromHexString(part.ETag));
            }
            else
            {
                digests.Raw(Encoding.UTF8.GetBytes(part.ETag));
            }
        }

        return $"{Convert.ToHexStringLower(MD5.HashData(digests.Written))}-{parts.Count}";
    }

    /// <summary>Computes the object's checksum and holds it to what the upload was created with and what the client states.</summary>
    internal static (MetadataError Error, int Part, ObjectChecksum? Checksum) Check(
        UploadRecord upload, CompleteUploadCommand command, List<PartRecord> parts)
    {
        ChecksumAlgorithm algorithm = upload.ChecksumAlgorithm;
        ChecksumType type = upload.ChecksumType;
        if (algorithm == ChecksumAlgorithm.None)
        {
            algorithm = SharedAlgorithm(parts);
            type = ChecksumType.FullObject;
        }

        if (command.ChecksumType is { } askedType && upload.ChecksumAlgorithm != ChecksumAlgorithm.None && askedType != type)
        {
            return (MetadataError.ChecksumMismatch, 0, null);
        }

        if (command.Checksum is { } asked && (asked.Algorithm != algorithm || asked.Type != type))
        {
            return (MetadataError.UploadMismatch, 0, null);
        }

        if (upload.ChecksumAlgorithm != ChecksumAlgorithm.None && type == ChecksumType.Composite && FirstWithout(command.Parts) is { } bare)
        {
            return (MetadataError.UploadMismatch, bare, null);
        }

        ObjectChecksum? computed = Compute(algorithm, type, parts);
        if (command.Checksum is not { } stated)
        {
            return (MetadataError.None, 0, computed);
        }

        bool holds = computed is not null
            && stated.Digest.Span.SequenceEqual(computed.Digest.Span)
            && (stated.PartCount == 0 || stated.PartCount == computed.PartCount);
        return holds ? (MetadataError.None, 0, computed) : (MetadataError.ChecksumMismatch, 0, null);
    }

    private static ObjectChecksum? Compute(ChecksumAlgorithm algorithm, ChecksumType type, List<PartRecord> parts)
    {
        if (algorithm == ChecksumAlgorithm.None)
        {
            return null;
        }

        foreach (PartRecord part in parts)
        {
            if (part.Checksum?.Algorithm != algorithm)
            {
                return null;
            }
        }

        return type == ChecksumType.Composite ? Composite(algorithm, parts) : FullObject(algorithm, parts);
    }

    private static ObjectChecksum Composite(ChecksumAlgorithm algorithm, List<PartRecord> parts)
    {
        var digests = new ByteWriter();
        foreach (PartRecord part in parts)
        {
            digests.Raw(part.Checksum!.Digest.Span);
        }

        return new ObjectChecksum(algorithm, ChecksumType.Composite, ChecksumHasher.Compute(algorithm, digests.Written), parts.Count);
    }

    /// <summary>Null for digests that cannot be combined, and for parts whose digest has another size than the algorithm's.</summary>
    private static ObjectChecksum? FullObject(ChecksumAlgorithm algorithm, List<PartRecord> parts)
    {
        if (!ChecksumHasher.Combines(algorithm))
        {
            return null;
        }

        int size = algorithm == ChecksumAlgorithm.Crc64Nvme ? sizeof(ulong) : sizeof(uint);
        ulong whole = 0;
        foreach (PartRecord part in parts)
        {
            ReadOnlySpan<byte> digest = part.Checksum!.Digest.Span;
            if (digest.Length != size)
            {
                return null;
            }

            whole = Combine(algorithm, whole, digest, part.SizeBytes);
        }

        byte[] combined = size == sizeof(ulong) ? ChecksumHasher.BigEndian(whole) : ChecksumHasher.BigEndian((uint)whole);
        return new ObjectChecksum(algorithm, ChecksumType.FullObject, combined, 0);
    }

    private static ulong Combine(ChecksumAlgorithm algorithm, ulong first, ReadOnlySpan<byte> second, long secondSizeBytes) => algorithm switch
    {
        ChecksumAlgorithm.Crc32 => Crc32.Combine((uint)first, BinaryPrimitives.ReadUInt32BigEndian(second), secondSizeBytes),
        ChecksumAlgorithm.Crc32C => Crc32C.Combine((uint)first, BinaryPrimitives.ReadUInt32BigEndian(second), secondSizeBytes),
        _ => Crc64Nvme.Combine(first, BinaryPrimitives.ReadUInt64BigEndian(second), secondSizeBytes),
    };

    /// <summary>The algorithm that all parts have a checksum of, if any.</summary>
    private static ChecksumAlgorithm SharedAlgorithm(List<PartRecord> parts)
    {
        ChecksumAlgorithm first = parts[0].Checksum?.Algorithm ?? ChecksumAlgorithm.None;
        foreach (PartRecord part in parts)
        {
            if (part.Checksum?.Algorithm != first)
            {
                return ChecksumAlgorithm.None;
            }
        }

        return first;
    }

    private static int? FirstWithout(IReadOnlyList<CompletedPart> parts)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i].Checksum is null)
            {
                return parts[i].Number;
            }
        }

        return null;
    }

    private static bool IsHex(string text)
    {
        foreach (char c in text)
        {
            if (!char.IsAsciiHexDigit(c))
            {
                return false;
            }
        }

        return true;
    }
}
