using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Workloads.Live;

namespace ObjectStore.Workloads.Load.Region;

/// <summary>The script that makes, breaks and mends a region of real processes (engine/Host/packaging/region/region.sh).</summary>
internal sealed class RegionScript(string file, IReadOnlyList<string> options)
{
    /// <summary>The S3 addresses of all nodes, with root's keys.</summary>
    internal async Task<IReadOnlyList<(string Node, S3Endpoint Endpoint)>> EndpointsAsync(CancellationToken cancellation)
    {
        string[] keys = (await RunAsync(["credentials"], cancellation)).Split(' ', StringSplitOptions.TrimEntries);
        if (keys.Length != 2)
        {
            throw new InvalidOperationException("the script does not tell the keys of root");
        }

        string listed = await RunAsync(["endpoints"], cancellation);
        return
        [
            .. listed.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(static line => line.Split(' '))
                .Select(words => (words[0], new S3Endpoint(new Uri(words[1]), keys[0], keys[1], "us-east-1"))),
        ];
    }

    /// <summary>An answer of <c>objectstore admin</c>; null when there is none now.</summary>
    internal async Task<JsonElement?> AdminAsync(string what, CancellationToken cancellation)
    {
        (int code, string output, string _) = await StartAsync(["admin", what, "--json"], cancellation);
        return code == 0 ? JsonDocument.Parse(output).RootElement : null;
    }

    /// <summary>Runs a command of the script to its end.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    internal async Task<string> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        (int code, string output, string errors) = await StartAsync(arguments, cancellation);
        return code == 0
            ? output.Trim()
            : throw new InvalidOperationException($"'{file} {string.Join(' ', arguments)}' ended with {code}: {errors.Trim()}");
    }

    /// <summary>Does something to the region.</summary>
    /// <returns>The moment at which it was done, which the script tells.</returns>
    /// <exception cref="InvalidOperationException">It failed, or tells no moment.</exception>
    internal async Task<DateTimeOffset> StrikeAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        const string word = "struck ";
        string output = await RunAsync(arguments, cancellation);
        string? line = output.Split('\n').FirstOrDefault(static line => line.StartsWith(word, StringComparison.Ordinal));
        return line is not null && double.TryParse(line.AsSpan(word.Length), CultureInfo.InvariantCulture, out double seconds)
            ? DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds(seconds)
            : throw new InvalidOperationException($"'{file} {string.Join(' ', arguments)}' does not tell when it struck: nothing ran there");
    }

    private async Task<(int Code, string Output, string Errors)> StartAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo("bash") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (IEnumerable<string>)[file, .. options, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start) ?? throw new InvalidOperationException("cannot start bash");
        Task<string> errors = process.StandardError.ReadToEndAsync(cancellation);
        string output = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return (process.ExitCode, output, await errors);
    }
}
