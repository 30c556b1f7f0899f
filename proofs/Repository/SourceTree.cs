using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;

namespace ObjectStore.Repository.Proofs;

/// <summary>The files of the repository that this assembly was built from.</summary>
internal static class SourceTree
{
    private static readonly string[] Generated = ["artifacts", "bin", "obj", ".git", "out"];

    internal static string Root { get; } = Path.GetFullPath(
        typeof(SourceTree).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "RepositoryRoot").Value!);

    /// <summary>Files under a folder by extension, relative to the root with forward slashes, in ordinal order.</summary>
    internal static IReadOnlyList<string> Files(string folder, string extension) =>
        [.. Directory.EnumerateFiles(Path.Combine(Root, folder), "*" + extension, SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'))
            .Where(file => !file.Split('/').Any(part => Generated.Contains(part)))
            .Order(StringComparer.Ordinal)];

    internal static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));
}
