using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using ObjectStore.Workloads.Load.Reporting;

namespace ObjectStore.Workloads.Load.Commands;

/// <summary><c>compare-runs</c>: two results of <c>run --json</c> side by side.</summary>
internal static class CompareRunsCommand
{
    internal static Command Make()
    {
        var before = new Argument<string>("before") { Description = "JSON of the earlier run." };
        var after = new Argument<string>("after") { Description = "JSON of the later run." };
        var tolerance = new Option<double>("--tolerance") { Description = "Per cent by which rates may fall and p99 may rise.", DefaultValueFactory = _ => 10 };
        var command = new Command("compare-runs", "Compares two runs by operation; exit code 1 when the later one is slower by more than the tolerance or has errors.")
        {
            before, after, tolerance,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            try
            {
                return Compare(await LoadAsync(parsed.GetValue(before)!), await LoadAsync(parsed.GetValue(after)!), parsed.GetValue(tolerance));
            }
            catch (Exception failure) when (failure is IOException or JsonException or FormatException)
            {
                await Console.Error.WriteLineAsync(failure.Message);
                return 2;
            }
        });
        return command;
    }

    private static async Task<LoadReport> LoadAsync(string path) =>
        JsonSerializer.Deserialize<LoadReport>(await File.ReadAllTextAsync(path), LoadReport.Json) ?? throw new FormatException($"{path} holds no run");

    private static int Compare(LoadReport before, LoadReport after, double tolerancePercent)
    {
        Warn("scenario", before.Scenario, after.Scenario);
        Warn("size", before.Size, after.Size);
        Warn("concurrency", before.Concurrency.ToString(CultureInfo.InvariantCulture), after.Concurrency.ToString(CultureInfo.InvariantCulture));
        Dictionary<string, OperationReport> earlier = before.ByOperation.ToDictionary(static operation => operation.Operation, StringComparer.Ordinal);
        bool isSlower = after.Errors > before.Errors;
        Console.WriteLine($"{"operation",-14}{"op/s",12}{"",12}{"change",9}{"p50 ms",10}{"",10}{"change",9}{"p99 ms",10}{"",10}{"change",9}");
        foreach (OperationReport now in after.ByOperation)
        {
            if (!earlier.TryGetValue(now.Operation, out OperationReport? was))
            {
                continue;
            }

            double rate = Change(was.PerSecond, now.PerSecond);
            double median = Change(was.At(50), now.At(50));
            double tail = Change(was.At(99), now.At(99));
            bool worse = rate < -tolerancePercent || tail > tolerancePercent;
            isSlower |= worse;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{now.Operation,-14}{was.PerSecond,12:F0}{now.PerSecond,12:F0}{rate,8:F1}%{was.At(50),10:F2}{now.At(50),10:F2}{median,8:F1}%{was.At(99),10:F2}{now.At(99),10:F2}{tail,8:F1}%{(worse ? "  WORSE" : "")}"));
        }

        Console.WriteLine($"errors: {before.Errors} before, {after.Errors} after");
        return isSlower ? 1 : 0;
    }

    private static void Warn(string what, string before, string after)
    {
        if (before != after)
        {
            Console.WriteLine($"note: {what} differs: {before} against {after}");
        }
    }

    private static double Change(double before, double after) => before == 0 ? 0 : 100 * ((after / before) - 1);
}
