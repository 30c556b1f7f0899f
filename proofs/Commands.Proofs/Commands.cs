using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Threading.Tasks;
using ObjectStore.Sim.Mutants;

namespace ObjectStore.Commands.Proofs;

/// <summary>What a process said and how it ended.</summary>
internal sealed record Ended(int ExitCode, string Output)
{
    public override string ToString() => $"exit code {ExitCode}\n{Output}";
}

/// <summary>Runs programs.</summary>
internal static class Commands
{
    internal static string Root { get; } = Path.GetFullPath(
        typeof(Commands).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "RepositoryRoot").Value!);

    /// <summary>The simulator that was built with this test.</summary>
    internal static string Simulator { get; } = Path.Combine(AppContext.BaseDirectory, "ObjectStore.Sim.Cli.dll");

    internal static Ended Simulate(string program, string folder, params string[] arguments) => Dotnet(folder, [program, .. arguments]);

    /// <summary>With one planted bug active.</summary>
    internal static Ended Simulate(string program, string folder, int bug, params string[] arguments) => Dotnet(folder, bug, [program, .. arguments]);

    internal static Ended Dotnet(string folder, params string[] arguments) => Dotnet(folder, bug: 0, arguments);

    private static Ended Dotnet(string folder, int bug, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = folder };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // The test host's own MSBuild settings must not leak into a build.
        foreach (string name in start.Environment.Keys.Where(key => key.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment[EngineCopy.Switch] = $"{bug}";
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new Ended(process.ExitCode, output + errors.GetAwaiter().GetResult());
    }
}

/// <summary>An empty folder that goes away with the test.</summary>
internal sealed class WorkFolder : IDisposable
{
    internal WorkFolder() => Path = Directory.CreateTempSubdirectory("objectstore-commands-").FullName;

    internal string Path { get; }

    internal string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
