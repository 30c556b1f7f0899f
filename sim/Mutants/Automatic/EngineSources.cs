using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace ObjectStore.Sim.Mutants;

/// <summary>The files below a folder of the repository, without what builds left there.</summary>
internal static class EngineSources
{
    private static readonly string[] Generated = ["artifacts", "bin", "obj"];

    /// <summary>Relative to the root, with slashes, in ordinal order; C# unless another pattern is given.</summary>
    internal static IReadOnlyList<string> In(string repository, string folder, string pattern = "*.cs") =>
    [
        .. Directory.EnumerateFiles(Path.Combine(repository, folder), pattern, SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(repository, file).Replace('\\', '/'))
            .Where(static file => !file.Split('/').Any(static part => Generated.Contains(part)))
            .Order(StringComparer.Ordinal),
    ];
}
