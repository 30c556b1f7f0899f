using System;

namespace ObjectStore.Engine.Gateway;

/// <summary>The naming rules of general purpose buckets. Source: Amazon S3 User Guide, "General purpose bucket naming rules".</summary>
internal static class BucketName
{
    private static readonly string[] ReservedPrefixes = ["xn--", "sthree-", "amzn-s3-demo-"];
    private static readonly string[] ReservedSuffixes = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

    /// <summary>Whether the name may be used for a bucket.</summary>
    internal static bool IsValid(string name)
    {
        if (name.Length is < 3 or > 63 || !IsLetterOrDigit(name[0]) || !IsLetterOrDigit(name[^1]))
        {
            return false;
        }

        for (int i = 1; i < name.Length; i++)
        {
            char c = name[i];
            if (!IsLetterOrDigit(c) && c is not ('.' or '-'))
            {
                return false;
            }

            // Every label between periods begins and ends with a letter or digit, so that the name works in a host name.
            if ((c == '.' && name[i - 1] is '.' or '-') || (c == '-' && name[i - 1] == '.'))
            {
                return false;
            }
        }

        return !LooksLikeAddress(name)
            && !Array.Exists(ReservedPrefixes, prefix => name.StartsWith(prefix, StringComparison.Ordinal))
            && !Array.Exists(ReservedSuffixes, suffix => name.EndsWith(suffix, StringComparison.Ordinal));
    }

    private static bool IsLetterOrDigit(char c) => c is (>= 'a' and <= 'z') or (>= '0' and <= '9');

    private static bool LooksLikeAddress(string name)
    {
        string[] parts = name.Split('.');
        return parts.Length == 4
            && Array.TrueForAll(parts, part => part.Length is >= 1 and <= 3 && Array.TrueForAll(part.ToCharArray(), char.IsAsciiDigit));
    }
}
