using System;
using System.Diagnostics;
using System.IO;
using System.Net.Http;
using System.Threading.Tasks;

namespace ObjectStore.Conformance;

/// <summary>The built program as a child process.</summary>
internal sealed class ServerProcess : IDisposable
{
    internal const string AccessKey = "conformance-root";
    internal const string SecretKey = "conformance-root-secret";

    private readonly Process _process;
    private readonly Task<string> _errors;

    private ServerProcess(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    internal Uri Address { get; private set; } = new("http://127.0.0.1");

    internal int Id => _process.Id;

    internal static async Task<ServerProcess> StartAsync(string data, params string[] more)
    {
        var server = new ServerProcess(Start(["server", "--data", data, "--listen", "127.0.0.1:0", .. more]));
        string line = await server._process.StandardOutput.ReadLineAsync() ?? "";
        int address = line.IndexOf("http", StringComparison.Ordinal);
        if (address < 0)
        {
            server._process.WaitForExit();
            throw new InvalidOperationException($"the server did not start: {await server._errors}");
        }

        server.Address = new Uri(line[address..].Trim());
        return server;
    }

    /// <summary>Runs a command to its end.</summary>
    internal static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using Process process = Start(arguments);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await errors);
    }

    internal async Task<int> TerminateAsync()
    {
        using (Process kill = Process.Start("kill", $"-TERM {_process.Id}"))
        {
            await kill.WaitForExitAsync();
        }

        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    internal async Task<string> GetAsync(string path)
    {
        using var client = new HttpClient();
        return await client.GetStringAsync(new Uri(Address, path));
    }

    internal async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private static Process Start(string[] arguments)
    {
        // The program is copied beside the tests by the reference to its project.
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add(Path.Join(AppContext.BaseDirectory, "objectstore.dll"));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["OBJECTSTORE_ACCESS_KEY"] = AccessKey;
        start.Environment["OBJECTSTORE_SECRET_KEY"] = SecretKey;
        return Process.Start(start)!;
    }
}
