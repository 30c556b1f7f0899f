using System;
using System.Collections.Generic;
using System.IO;

namespace ObjectStore.Workloads.Load.Crash;

/// <summary>A server that a command may start: the objectstore program, or its .dll under <c>dotnet</c>.</summary>
/// <param name="Path">The program or its .dll.</param>
internal sealed record ServerProgram(string Path)
{
    /// <summary>The one that was built beside this program.</summary>
    internal static string DefaultPath => System.IO.Path.GetFullPath(System.IO.Path.Combine(
        AppContext.BaseDirectory, "..", "..", "ObjectStore.Engine.Host", System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), "objectstore.dll"));

    private bool IsLibrary => Path.EndsWith(".dll", StringComparison.Ordinal);

    /// <summary>What is run.</summary>
    internal string Program => IsLibrary ? "dotnet" : Path;

    /// <summary>What is run, said to <c>dotnet</c>; then the arguments.</summary>
    internal IReadOnlyList<string> Arguments(params IEnumerable<string> arguments) => IsLibrary ? [Path, .. arguments] : [.. arguments];

    /// <summary>The server at a path.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    internal static ServerProgram Find(string path) => File.Exists(path)
        ? new ServerProgram(path)
        : throw new ArgumentException($"There is no server at '{path}'. Build it (dotnet build engine/Host -c Release) or give --server.");

    /// <summary>How to start it on a free port, with its data and its log in a folder.</summary>
    /// <param name="folder">Of the run.</param>
    /// <param name="name">Of the run; its keys are named after it.</param>
    /// <param name="more">Further options of the server.</param>
    internal ServerCommand Serving(string folder, string name, params IEnumerable<string> more)
    {
        int port = ServerProcess.FreePort();
        return new ServerCommand(
            Program,
            Arguments(["server", "--data", System.IO.Path.Combine(folder, "data"), "--listen", $"127.0.0.1:{port}", .. more]),
            new Uri($"http://127.0.0.1:{port}"),
            $"{name}-run-access",
            $"{name}-run-secret-key",
            System.IO.Path.Combine(folder, "server.log"));
    }
}
