using System;
using System.CommandLine;
using ObjectStore.Sim.Cli.Commands;

namespace ObjectStore.Sim.Cli;

/// <summary>What a caller learns from the exit code.</summary>
internal static class ExitCodes
{
    internal const int Clean = 0;
    internal const int PromiseBroken = 1;
    internal const int BadUse = 2;
    internal const int MarkNeverHit = 3;

    /// <summary>Says what is wrong with how the program was called.</summary>
    internal static int Refuse(string complaint)
    {
        Console.Error.WriteLine(complaint);
        return BadUse;
    }
}

internal static class Program
{
    private static int Main(string[] args)
    {
        RootCommand root = new("""
            Runs the engine of the object store in a simulated world, lets things go wrong in ways that are chosen systematically, and checks every promise.

            Examples:
              check                                            what every change must pass
              list                                             the scenarios
              run --scenario crash --iterations 1000           a thousand seeds of one scenario
              run --scenario crash --budget 60s --strategy portfolio --json result.json
              run --budget 10m                                 all scenarios, ten minutes together
              replay --scenario crash --seed 42                one run again, exactly
              replay artifacts/sim/crash-pct-1-17.choices      the same from the file of a failing run
              replay --scenario crash --seed 42 --html run.html   a page that shows the run
              shrink artifacts/sim/crash-seed-7-6.choices      make a failing run as small as it gets
              determinism --seeds 100000                       short runs, each twice
              run --budget 10m --shard 2/4 --json 2.json       a part of a campaign
              mutants --class durability                       planted bugs: which are found, and how soon
              accelerate --lives 40 --json accelerated.json    losses of the engine at rates where there are many, for 'compare' of the reports
              measure --json measured.json                     detection, repair and scrubbing, for 'durability --measured' of the reports
              merge 1.json 2.json 3.json 4.json --html all.html --junit all.xml

            Exit codes: 0 clean; 1 a promise was broken (also by the run that 'replay' and 'shrink' were given); 2 bad use; 3 --require-marks, and a mark was never reached.
            """)
        {
            CheckCommand.Make(),
            RunCommand.Make(),
            ReplayCommand.Make(),
            ShrinkCommand.Make(),
            DeterminismCommand.Make(),
            MergeCommand.Make(),
            MutantsCommand.Make(),
            DetectCommand.Make(),
            AccelerateCommand.Make(),
            MeasureCommand.Make(),
            ListCommand.Make(),
        };
        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count == 0)
        {
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }

        parsed.Invoke();
        return ExitCodes.BadUse;
    }
}
