using System;
using System.Collections.Generic;

namespace ObjectStore.Engine.Gateway;

/// <summary>Storage classes by name, and which of them lifecycle rules may move an object between.</summary>
internal static class StorageClasses
{
    internal const string Standard = "STANDARD";
    internal const string ReducedRedundancy = "REDUCED_REDUNDANCY";
    internal const string StandardIa = "STANDARD_IA";
    internal const string OneZoneIa = "ONEZONE_IA";
    internal const string IntelligentTiering = "INTELLIGENT_TIERING";
    internal const string Glacier = "GLACIER";
    internal const string DeepArchive = "DEEP_ARCHIVE";
    internal const string GlacierInstant = "GLACIER_IR";

    private static readonly string[] Names =
        [Standard, ReducedRedundancy, StandardIa, OneZoneIa, IntelligentTiering, Glacier, DeepArchive, GlacierInstant];

    // Only downwards. Source: Amazon S3 User Guide, "Transitioning objects using Amazon S3 Lifecycle".
    private static readonly Dictionary<string, string[]> Below = new(StringComparer.Ordinal)
    {
        [""] = [StandardIa, IntelligentTiering, OneZoneIa, GlacierInstant, Glacier, DeepArchive],
        [ReducedRedundancy] = [StandardIa, IntelligentTiering, OneZoneIa, GlacierInstant, Glacier, DeepArchive],
        [StandardIa] = [IntelligentTiering, OneZoneIa, GlacierInstant, Glacier, DeepArchive],
        [IntelligentTiering] = [OneZoneIa, GlacierInstant, Glacier, DeepArchive],
        [OneZoneIa] = [Glacier, DeepArchive],
        [GlacierInstant] = [Glacier, DeepArchive],
        [Glacier] = [DeepArchive],
        [DeepArchive] = [],
    };

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

    /// <summary>Whether a lifecycle rule may move an object from one class, as stored, to another.</summary>
    internal static bool CanMove(string from, string to) => Below.TryGetValue(from, out string[]? below) && Array.IndexOf(below, to) >= 0;

    /// <summary>Classes whose objects are read only while they are restored.</summary>
    internal static bool IsArchive(string stored) => stored is Glacier or DeepArchive;
}
