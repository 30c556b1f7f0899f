using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;

namespace ObjectStore.Sim.Mutants;

/// <summary>A copy of everything that the simulator is built from, with all planted bugs in it and none of them active. Goes away when disposed.</summary>
public sealed class EngineCopy : IDisposable
{
    /// <summary>The environment variable that names the active bug by its number; without it, or at 0, the engine is as it was written.</summary>
    public const string Switch = "OBJECTSTORE_PLANTED_BUG";

    /// <summary>The line that a process ends with when the body that holds its active bug was run.</summary>
    internal const string RanLine = "planted bug ran";

    private const string SwitchFile = "engine/Kernel/Planted.cs";

    private static readonly string[] Folders = ["engine", "sim", "workloads"];
    private readonly string _root;
    private readonly bool _keep;

    private EngineCopy(string root, bool keep)
    {
        _root = root;
        _keep = keep;
    }

    /// <summary>The simulator with all bugs in it, for <c>dotnet</c>.</summary>
    public string Simulator => Path.Combine(_root, "artifacts/bin/ObjectStore.Sim.Cli/release/ObjectStore.Sim.Cli.dll");

    /// <summary>Copies, plants and builds.</summary>
    /// <param name="repository">Root of the repository.</param>
    /// <param name="changes">The bugs, numbered from 1 in their order.</param>
    /// <param name="folder">Where the copy goes and stays; null: a temporary folder.</param>
    /// <exception cref="InvalidDataException">A change does not fit, or the result does not build.</exception>
    public static EngineCopy Build(string repository, IReadOnlyList<(string Name, ISourceChange Change)> changes, string? folder = null)
    {
        ArgumentNullException.ThrowIfNull(changes);
        var copy = new EngineCopy(folder ?? Directory.CreateTempSubdirectory("objectstore-mutants-").FullName, keep: folder is not null);
        try
        {
            copy.CopySources(repository);
            copy.Plant(repository, changes);
            copy.Compile();
            return copy;
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_keep && Directory.Exists(_root))
        {
            Directory.Delete(_root, recursive: true);
        }
    }

    private void CopySources(string repository)
    {
        IEnumerable<string> rootFiles = Directory.EnumerateFiles(repository).Where(static file => !file.EndsWith(".sln", StringComparison.Ordinal));
        foreach (string file in rootFiles.Concat(Folders.SelectMany(folder => EngineSources.In(repository, folder, "*")).Select(file => Path.Combine(repository, file))))
        {
            string target = Path.Combine(_root, Path.GetRelativePath(repository, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target, overwrite: true);
        }
    }

    private void Plant(string repository, IReadOnlyList<(string Name, ISourceChange Change)> changes)
    {
        var versions = new SortedDictionary<string, List<(int Number, string Text)>>(StringComparer.Ordinal);
        for (int index = 0; index < changes.Count; index++)
        {
            (string name, ISourceChange change) = changes[index];
            foreach (string file in change.Files)
            {
                if (!versions.TryGetValue(file, out List<(int, string)>? list))
                {
                    versions.Add(file, list = []);
                }

                try
                {
                    string source = Path.Combine(repository, file);
                    list.Add((index + 1, change.Apply(file, File.Exists(source) ? File.ReadAllText(source) : throw new InvalidDataException($"there is no {file}"))));
                }
                catch (InvalidDataException wrong)
                {
                    throw new InvalidDataException($"{name}: {wrong.Message}", wrong);
                }
            }
        }

        foreach ((string file, List<(int Number, string Text)> list) in versions)
        {
            try
            {
                File.WriteAllText(Path.Combine(_root, file), Schemata.Merge(File.ReadAllText(Path.Combine(repository, file)), list));
            }
            catch (InvalidDataException wrong)
            {
                string names = string.Join(", ", list.Select(version => $"{version.Number} is {changes[version.Number - 1].Name}"));
                throw new InvalidDataException($"{file}: {wrong.Message} ({names})", wrong);
            }
        }

        File.WriteAllText(
            Path.Combine(_root, SwitchFile),
            $$"""
            namespace ObjectStore.Engine.Kernel;

            public static class Planted
            {
                private static readonly int Bug = int.TryParse(System.Environment.GetEnvironmentVariable("{{Switch}}"), out int number) ? number : 0;
                private static bool ran;

                static Planted() => System.AppDomain.CurrentDomain.ProcessExit += static (_, _) =>
                {
                    if (ran)
                    {
                        System.Console.Out.WriteLine("{{RanLine}}");
                        System.Console.Out.Flush();
                    }
                };

                public static bool Is(int number)
                {
                    if (number != Bug)
                    {
                        return false;
                    }

                    ran = true;
                    return true;
                }
            }
            """);
    }

    private void Compile()
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = _root,
        };
        foreach (string argument in (string[])
        [
            "build", "sim/Cli", "-c", "Release", "-nologo", "-v", "q", "-nodeReuse:false", "-p:UseSharedCompilation=false", "-p:RunAnalyzers=false",
            "-p:EnforceCodeStyleInBuild=false", "-p:TreatWarningsAsErrors=false", "-p:WarningLevel=0", "-p:GenerateDocumentationFile=false",
        ])
        {
            start.ArgumentList.Add(argument);
        }

        // MSBuild's own settings of whoever called must not leak into this build.
        foreach (string name in start.Environment.Keys.Where(static key => key.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(name);
        }

        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidDataException($"the engine with the planted bugs does not build:\n{output}{errors.GetAwaiter().GetResult()}");
        }
    }
}
