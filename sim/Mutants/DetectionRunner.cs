using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace ObjectStore.Sim.Mutants;

/// <summary>Explores with one bug active, in processes of their own: what a bug does to a process, such as an endless loop or recursion, must not end the campaign.</summary>
/// <param name="simulator">The simulator with all bugs in it.</param>
/// <param name="hangSeconds">Processor time after which a single run counts as hanging.</param>
public sealed class DetectionRunner(string simulator, int hangSeconds = 60) : IBugFinder
{
    private const string RunPrefix = "run ";
    private const string EndPrefix = "end ";
    private const int HungExitCode = 70;

    /// <summary>A counterexample may take a minute; the run that is under way when the time is over is finished.</summary>
    private const int ShrinkSeconds = 50;

    /// <summary>More than any bug needs; a loop that fills the memory must not take the machine's.</summary>
    private const string HeapLimitBytesHex = "C0000000";

    /// <summary>Real time without a word after which the process is stuck, even without using the processor.</summary>
    private const int SilenceMilliseconds = 900_000;

    /// <inheritdoc/>
    public Explored Explore(DetectionTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        var detections = new List<Detection>();
        double seconds = 0;
        bool ran = false;
        while (detections.Count < task.Sequences)
        {
            int next = detections.Count;
            (double took, bool came) = RunProcess(
                task.Bug,
                [
                    "--scenario", .. task.Scenarios, "--strategy", task.Strategy, "--schedules", Text(task.Schedules),
                    "--first-sequence", Text(next), "--sequences", Text(task.Sequences - next),
                ],
                next,
                detections);
            seconds += took;
            ran |= came;
        }

        return new Explored(detections, seconds, ran || detections.Any(static one => one.Found));
    }

    /// <inheritdoc/>
    public IReadOnlyList<Detection> Repeat(int bug, string scenario, string strategy, IReadOnlyList<ulong> seeds)
    {
        var detections = new List<Detection>();
        RunProcess(bug, ["--scenario", scenario, "--strategy", strategy, "--seeds", .. seeds.Select(static seed => seed.ToString(CultureInfo.InvariantCulture))], 0, detections);
        return [.. detections.Where(static one => one.Found)];
    }

    /// <inheritdoc/>
    public Counterexample? Shrink(int bug, string scenario, string strategy, ulong seed)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("objectstore-shrink-");
        try
        {
            string result = Path.Combine(folder.FullName, "result.json");
            using Process process = Start(
                bug,
                [
                    "shrink", "--scenario", scenario, "--seed", seed.ToString(CultureInfo.InvariantCulture), "--strategy", strategy, "--budget", $"{ShrinkSeconds}s",
                    "--out", Path.Combine(folder.FullName, "small.choices"), "--json", result,
                ]);
            process.BeginErrorReadLine();
            _ = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return File.Exists(result) ? JsonDocument.Parse(File.ReadAllText(result)).RootElement.GetProperty("shrunk").Deserialize<Counterexample>(JsonSerializerOptions.Web) : null;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private (double Seconds, bool Ran) RunProcess(int bug, IEnumerable<string> arguments, int sequence, List<Detection> detections)
    {
        using Process process = Start(bug, ["detect", "--hang-seconds", Text(hangSeconds), .. arguments]);
        string complaint = "";
        process.ErrorDataReceived += (_, line) => complaint = complaint.Length == 0 ? line.Data ?? "" : complaint;
        process.BeginErrorReadLine();
        long run = 0;
        double seconds = 0;
        bool ran = false;
        while (ReadLine(process) is { } line)
        {
            if (line.StartsWith(EndPrefix, StringComparison.Ordinal))
            {
                detections.Add(Detection.FromJson(line[EndPrefix.Length..]));
                seconds = detections[^1].ProcessorSeconds;
                sequence++;
                run = 0;
            }
            else if (line.StartsWith(RunPrefix, StringComparison.Ordinal))
            {
                string[] words = line.Split(' ');
                run = long.Parse(words[2], CultureInfo.InvariantCulture);
                seconds = double.Parse(words[3], CultureInfo.InvariantCulture);
            }

            ran |= line == EngineCopy.RanLine;
        }

        process.WaitForExit();
        if (process.ExitCode is not 0 and not 1)
        {
            if (run == 0)
            {
                throw new InvalidOperationException($"the simulator with bug {bug} ended with {process.ExitCode} before its first run: {complaint}");
            }

            detections.Add(new Detection
            {
                Sequence = sequence,
                Found = true,
                Schedules = run,
                Promise = process.ExitCode == HungExitCode ? "hang" : "process-ended",
                Said = process.ExitCode == HungExitCode ? "the run came to no end" : $"exit code {process.ExitCode}: {complaint}",
            });
        }

        return (seconds, ran);
    }

    private Process Start(int bug, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (string argument in (string[])[simulator, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment[EngineCopy.Switch] = Text(bug);
        start.Environment["DOTNET_GCHeapHardLimit"] = HeapLimitBytesHex;
        return Process.Start(start)!;
    }

    private static string? ReadLine(Process process)
    {
        System.Threading.Tasks.Task<string?> line = process.StandardOutput.ReadLineAsync();
        if (!line.Wait(SilenceMilliseconds))
        {
            process.Kill();
        }

        return line.GetAwaiter().GetResult();
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
