using System;
using System.Security.Cryptography;
using System.Text;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Gateway;

/// <summary>The store's own keys, all derived from its master key: one for SSE-S3, one for each name that SSE-KMS uses.</summary>
/// <remarks>Deriving instead of storing keeps a single secret to guard; any key id is a key that exists. Source: RFC 5869 (HKDF, SHA-256).</remarks>
/// <param name="masterKey">32 bytes.</param>
internal sealed class KeyRing(ReadOnlyMemory<byte> masterKey)
{
    /// <summary>Key that SSE-KMS uses when the request names none.</summary>
    internal const string DefaultKeyId = "aws/s3";

    /// <summary>Whether there is a master key; without one only SSE-C works.</summary>
    internal bool IsOpen => !masterKey.IsEmpty;

    /// <summary>The wrapping key of a method, 32 bytes.</summary>
    internal byte[] Find(EncryptionMethod method, string keyId)
    {
        Invariant.Check(IsOpen && method != EncryptionMethod.Customer, "no such key in the ring");
        return HKDF.DeriveKey(
            HashAlgorithmName.SHA256, masterKey.ToArray(), KeyEnvelope.KeyBytes, info: Encoding.UTF8.GetBytes($"objectstore {(byte)method} {keyId}"));
    }
}
