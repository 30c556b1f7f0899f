using System;
using System.Globalization;

namespace ObjectStore.Engine.Storage;

/// <summary>Names of the files of a store. Numbers are hexadecimal and of fixed width, so that names sort as their numbers do.</summary>
internal static class StoreFiles
{
    internal const string Superblock = "superblock";
    internal const string LogPrefix = "wal-";
    internal const string RunPrefix = "run-";
    internal const string ManifestPrefix = "manifest-";

    internal static string Log(ulong number) => Numbered(LogPrefix, number);

    internal static string Run(ulong number) => Numbered(RunPrefix, number);

    internal static string Manifest(ulong number) => Numbered(ManifestPrefix, number);

    internal static bool TryParse(string name, string prefix, out ulong number)
    {
        number = 0;
        return name.Length == prefix.Length + 16
            && name.StartsWith(prefix, StringComparison.Ordinal)
            && ulong.TryParse(name.AsSpan(prefix.Length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
    }

    private static string Numbered(string prefix, ulong number) =>
        prefix + number.ToString("x16", CultureInfo.InvariantCulture);
}
