using System;
using System.CommandLine;
using System.IO;
using ObjectStore.Sim.Cli.Simulation;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Commands;

/// <summary>One run as the command line names it: a choice file, or a scenario and a seed.</summary>
internal sealed record RunSource(SimScenario Scenario, ulong Seed, string Strategy, Func<IChoices> Choices)
{
    /// <summary>For names of files.</summary>
    internal required string Name { get; init; }

    /// <summary>What repeats it.</summary>
    internal required string ReplayCommand { get; init; }

    /// <summary>The options that name a run.</summary>
    internal sealed class Options
    {
        private readonly Argument<FileInfo?> _file = new("choice-file")
        {
            Description = "A file that a failing run left behind; in place of --scenario and --seed.",
            Arity = ArgumentArity.ZeroOrOne,
        };

        private readonly Option<string?> _scenario = CommonOptions.Scenario();
        private readonly Option<ulong?> _seed = new("--seed") { Description = "The seed of the run." };
        private readonly Option<string> _strategy = CommonOptions.Strategy("seed");

        internal void AddTo(Command command)
        {
            command.Add(_file);
            command.Add(_scenario);
            command.Add(_seed);
            command.Add(_strategy);
        }

        /// <summary>The run, or what is wrong with how it is named.</summary>
        internal (RunSource? Run, string Complaint) Read(ParseResult parsed)
        {
            if (parsed.GetValue(_file) is { } path)
            {
                return FromFile(path);
            }

            string? name = parsed.GetValue(_scenario);
            string kind = parsed.GetValue(_strategy)!;
            if (name is null || parsed.GetValue(_seed) is not { } seed)
            {
                return (null, "Say which run: a choice file, or --scenario and --seed.");
            }

            if (!Explorer.IsNamedBySeed(kind))
            {
                return (null, $"A run of strategy '{kind}' is not named by a seed: give its choice file.");
            }

            return (new RunSource(ScenarioCatalogue.Find(name)!, seed, kind, () => SeedExplorer.Choices(seed, kind == "seed-pct"))
            {
                Name = $"{name}-{kind}-{seed}",
                ReplayCommand = $"{FailureReport.Program} replay --scenario {name} --seed {seed} --strategy {kind}",
            }, "");
        }

        private static (RunSource? Run, string Complaint) FromFile(FileInfo path)
        {
            ChoiceFile recorded;
            try
            {
                recorded = ChoiceFile.Load(path.FullName);
            }
            catch (Exception unreadable) when (unreadable is IOException or InvalidDataException or UnauthorizedAccessException)
            {
                return (null, unreadable.Message);
            }

            return ScenarioCatalogue.Find(recorded.Scenario) is { } found
                ? (new RunSource(found, 0, "replay", () => new RecordedChoices(recorded.Answers))
                {
                    Name = Path.GetFileNameWithoutExtension(path.Name),
                    ReplayCommand = $"{FailureReport.Program} replay {path}",
                }, "")
                : (null, $"The choice file is of scenario '{recorded.Scenario}', which does not exist.");
        }
    }
}
