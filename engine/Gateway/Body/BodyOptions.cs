using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>What to do with a body.</summary>
public sealed record BodyOptions
{
    /// <summary>Largest content of one put or part: 5 GiB.</summary>
    public const long ObjectSizeBytesMax = 5L * 1024 * 1024 * 1024;

    /// <summary>Content above this is refused with <see cref="BodyError.EntityTooLarge"/>, by its stated length when there is one.</summary>
    public long SizeBytesMax { get; init; } = ObjectSizeBytesMax;

    /// <summary>Refuse a body without a stated length with <see cref="BodyError.MissingContentLength"/> (object and part uploads).</summary>
    public bool LengthRequired { get; init; } = true;

    /// <summary>Compute the MD5 even when no Content-MD5 is to be checked.</summary>
    public bool Md5 { get; init; } = true;

    /// <summary>Says whether the MD5 is computed beside those of others; null to compute it alone.</summary>
    public Md5Pool? Md5Pool { get; init; }

    /// <summary>The <c>x-amz-checksum-*</c> headers speak of this body. They do not with CompleteMultipartUpload, where they speak of the object.</summary>
    public bool ChecksumHeaders { get; init; } = true;

    /// <summary>Checksum to compute when the client names none.</summary>
    public ChecksumAlgorithm DefaultChecksum { get; init; } = ChecksumAlgorithm.Crc64Nvme;
}
