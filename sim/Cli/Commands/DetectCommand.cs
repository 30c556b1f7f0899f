using System;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Threading;
using ObjectStore.Sim.Cli.Simulation;
using ObjectStore.Sim.Mutants;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Commands;

/// <summary><c>detect</c>: how many schedules it takes until a promise is broken, from several first seeds. One line a fact, for the command <c>mutants</c>.</summary>
internal static class DetectCommand
{
    /// <summary>Line that says which exploration and which of its runs begins: what a process that ends in the middle leaves behind.</summary>
    internal const string RunPrefix = "run ";

    /// <summary>Line that tells a <see cref="Detection"/>.</summary>
    internal const string EndPrefix = "end ";

    /// <summary>Exit code when a run did not come to its end.</summary>
    internal const int Hung = 70;

    private const ulong BetweenSequences = 1_000_003;

    internal static Command Make()
    {
        var scenarios = new Option<string[]>("--scenario") { Description = "Scenarios, explored one after the other.", Required = true, AllowMultipleArgumentsPerToken = true };
        var schedules = new Option<long>("--schedules") { Description = "Schedules at most, over all scenarios.", DefaultValueFactory = static _ => 100 };
        var first = new Option<int>("--first-sequence") { Description = "The first of the independent explorations." };
        var sequences = new Option<int>("--sequences") { Description = "How many of them.", DefaultValueFactory = static _ => 1 };
        var seeds = new Option<ulong[]>("--seeds") { Description = "Only these seeds, each once.", AllowMultipleArgumentsPerToken = true };
        var hang = new Option<int>("--hang-seconds") { Description = "Processor time after which a single run counts as hanging.", DefaultValueFactory = static _ => 60 };
        Option<string> strategy = CommonOptions.Strategy("seed");
        var command = new Command("detect", "Tells after how many schedules a promise is broken, from several first seeds.") { scenarios, schedules, first, sequences, seeds, hang, strategy };
        command.SetAction(parsed =>
        {
            string[] names = parsed.GetValue(scenarios)!;
            if (Array.Find(names, static name => ScenarioCatalogue.Find(name) is null) is { } unknown)
            {
                return ExitCodes.Refuse($"'{unknown}' is no scenario.");
            }

            SimScenario[] named = [.. names.Select(static name => ScenarioCatalogue.Find(name)!)];

            using var watch = new RunWatch(TimeSpan.FromSeconds(parsed.GetValue(hang)));
            bool found = false;
            if (parsed.GetValue(seeds) is { Length: > 0 } only)
            {
                foreach (ulong seed in only)
                {
                    found |= Explore(watch, named, parsed.GetValue(strategy)!, 0, seed, 1).Found;
                }

                return found ? ExitCodes.PromiseBroken : ExitCodes.Clean;
            }

            for (int sequence = parsed.GetValue(first); sequence < parsed.GetValue(first) + parsed.GetValue(sequences); sequence++)
            {
                found |= Explore(watch, named, parsed.GetValue(strategy)!, sequence, 1 + ((ulong)sequence * BetweenSequences), parsed.GetValue(schedules)).Found;
            }

            return found ? ExitCodes.PromiseBroken : ExitCodes.Clean;
        });
        return command;
    }

    private static Detection Explore(RunWatch watch, SimScenario[] scenarios, string strategy, int sequence, ulong seed, long schedules)
    {
        long made = 0;
        var detection = new Detection { Sequence = sequence, Found = false, Schedules = schedules };
        for (int index = 0; index < scenarios.Length && !detection.Found; index++)
        {
            SimScenario scenario = scenarios[index];
            long share = Math.Max(1, (schedules - made) / (scenarios.Length - index));
            SimScenario watched = scenario with
            {
                Run = context =>
                {
                    watch.Begin(sequence, ++made);
                    ScenarioRun run = scenario.Run(context);
                    watch.End();
                    return run;
                },
            };
            Exploration seen = Explorer.Explore(watched, strategy, seed, new ExplorationBudget(share, null), Shard.Whole, progress: null)!;
            if (seen.Failure is { } failure)
            {
                // A strategy that is named by seeds has made the failing run once more, to record its answers.
                made -= Explorer.IsNamedBySeed(strategy) ? 1 : 0;
                detection = detection with
                {
                    Found = true,
                    Schedules = made,
                    Scenario = scenario.Name,
                    Seed = failure.Seed,
                    Promise = failure.Run.PromiseBroken,
                    Said = (failure.Run.Explanation ?? "").Split('\n')[0],
                };
            }
        }

        Console.Out.WriteLine(EndPrefix + (detection with { Schedules = made, ProcessorSeconds = watch.ProcessorSeconds }).ToJson());
        Console.Out.Flush();
        return detection;
    }

    /// <summary>Ends the process when a run takes too much of the processor: a planted bug may well be an endless loop.</summary>
    private sealed class RunWatch : IDisposable
    {
        private readonly Process _self = Process.GetCurrentProcess();
        private readonly Timer _timer;
        private readonly TimeSpan _max;
        private long _startedTicks = long.MaxValue;

        internal RunWatch(TimeSpan max)
        {
            _max = max;
            _timer = new Timer(_ => Look(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        }

        internal double ProcessorSeconds
        {
            get
            {
                _self.Refresh();
                return _self.TotalProcessorTime.TotalSeconds;
            }
        }

        internal void Begin(int sequence, long run)
        {
            double seconds = ProcessorSeconds;
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{RunPrefix}{sequence} {run} {seconds:0.00}"));
            Console.Out.Flush();
            Volatile.Write(ref _startedTicks, TimeSpan.FromSeconds(seconds).Ticks);
        }

        internal void End() => Volatile.Write(ref _startedTicks, long.MaxValue);

        public void Dispose()
        {
            _timer.Dispose();
            _self.Dispose();
        }

        private void Look()
        {
            _self.Refresh();
            if (Volatile.Read(ref _startedTicks) is var started && started != long.MaxValue && _self.TotalProcessorTime.Ticks - started > _max.Ticks)
            {
                Environment.Exit(Hung);
            }
        }
    }
}
