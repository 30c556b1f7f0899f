using System;
using System.Text;

namespace ObjectStore.Engine.Gateway;

/// <summary>Tokens to go on with a listing. Opaque to clients: version, then the marker, in base64.</summary>
internal static class ContinuationToken
{
    private const byte Version = 1;

    internal static string Encode(string marker)
    {
        byte[] bytes = new byte[1 + Encoding.UTF8.GetByteCount(marker)];
        bytes[0] = Version;
        Encoding.UTF8.GetBytes(marker, bytes.AsSpan(1));
        return Convert.ToBase64String(bytes);
    }

    /// <summary>The marker in a token.</summary>
    /// <exception cref="S3Exception">InvalidArgument when it is none of ours.</exception>
    internal static string Decode(string token)
    {
        byte[] bytes = new byte[token.Length];
        return Convert.TryFromBase64String(token, bytes, out int length) && length > 1 && bytes[0] == Version
            ? Encoding.UTF8.GetString(bytes, 1, length - 1)
            : throw S3Exception.InvalidArgument("The continuation token provided is incorrect", "continuation-token", token);
    }
}
