using System;
using ObjectStore.Engine.Metadata;

namespace ObjectStore.Engine.Gateway;

/// <summary>What a whole, verified body came to.</summary>
/// <param name="LengthBytes">Of the content, without framing.</param>
/// <param name="Md5">16 bytes; empty when not asked for.</param>
/// <param name="Checksum">The checksum that the client gave (verified) or asked for, else the default one; null when none is computed.</param>
/// <param name="ChecksumGiven">The client sent the checksum's value (header or trailer); such checksums are echoed in the answer.</param>
public sealed record BodyDigests(long LengthBytes, ReadOnlyMemory<byte> Md5, ObjectChecksum? Checksum, bool ChecksumGiven)
{
    /// <summary>The ETag of a plain object, without quotes: 32 lower-case hex digits.</summary>
    public string Md5Hex => Convert.ToHexStringLower(Md5.Span);
}
