using System;

namespace ObjectStore.Engine.Gateway;

/// <summary>Storage classes by name.</summary>
internal static class StorageClasses
{
    internal const string Standard = "STANDARD";

    private static readonly string[] Names =
    [
        Standard, "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE", "GLACIER_IR",
    ];

    /// <summary>The class to store: empty for STANDARD or none.</summary>
    /// <exception cref="S3Exception">InvalidStorageClass.</exception>
    internal static string Parse(string? header)
    {
        if (string.IsNullOrEmpty(header) || header == Standard)
        {
            return "";
        }

        return Array.IndexOf(Names, header) >= 0
            ? header
            : throw new S3Exception(S3Errors.InvalidStorageClass, ("StorageClassRequested", header));
    }

    /// <summary>As listings show it.</summary>
    internal static string Shown(string stored) => stored.Length == 0 ? Standard : stored;
}
