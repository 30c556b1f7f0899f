using System;
using System.Security.Cryptography;

namespace ObjectStore.Engine.Gateway;

/// <summary>A key that came with the request (SSE-C).</summary>
/// <param name="Key">32 bytes.</param>
/// <param name="Md5">MD5 of the key in base64, shown back to the client.</param>
internal sealed record CustomerKey(byte[] Key, string Md5)
{
    /// <summary>What its headers begin with.</summary>
    internal const string Prefix = "x-amz-server-side-encryption-customer-";

    /// <summary>What they begin with when they speak of the source of a copy.</summary>
    internal const string CopySourcePrefix = "x-amz-copy-source-server-side-encryption-customer-";

    private const string Provided = "Requests specifying Server Side Encryption with Customer provided keys must provide ";

    /// <summary>Reads the three headers; null when none is there.</summary>
    /// <exception cref="S3Exception">InvalidArgument, InvalidEncryptionAlgorithmError.</exception>
    internal static CustomerKey? Read(RequestHeaders headers, string prefix)
    {
        string? algorithm = headers[prefix + "algorithm"];
        string? key = headers[prefix + "key"];
        string? md5 = headers[prefix + "key-MD5"];
        if (algorithm is null && key is null && md5 is null)
        {
            return null;
        }

        if (algorithm is null)
        {
            throw S3Exception.InvalidArgument(Provided + "a valid encryption algorithm.", prefix + "algorithm", null);
        }

        if (algorithm != "AES256")
        {
            throw new S3Exception(S3Errors.InvalidEncryptionAlgorithm, ("ArgumentName", prefix + "algorithm"), ("ArgumentValue", algorithm));
        }

        if (key is null)
        {
            throw S3Exception.InvalidArgument(Provided + "an appropriate secret key.", prefix + "key", null);
        }

        if (md5 is null)
        {
            throw S3Exception.InvalidArgument(Provided + "the client calculated MD5 of the secret key.", prefix + "key-MD5", null);
        }

        // The key itself is never named in an answer.
        if (!DigestText.TryParseBase64(key, KeyEnvelope.KeyBytes, out byte[] bytes))
        {
            throw S3Exception.InvalidArgument("The secret key was invalid for the specified algorithm.", prefix + "key", null);
        }

        return Convert.ToBase64String(MD5.HashData(bytes)) == md5
            ? new CustomerKey(bytes, md5)
            : throw S3Exception.InvalidArgument(
                "The calculated MD5 hash of the key did not match the hash that was provided.", prefix + "key-MD5", md5);
    }

    /// <summary>Never shows the key.</summary>
    public override string ToString() => $"customer key {Md5}";
}
