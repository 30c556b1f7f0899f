using System;
using System.CommandLine;
using System.Globalization;
using System.Linq;
using ObjectStore.Sim.Cli.Simulation;

namespace ObjectStore.Sim.Cli.Commands;

/// <summary>Options that several commands share, and their meaning.</summary>
internal static class CommonOptions
{
    internal static readonly string[] Strategies = ["seed", "seed-pct", "random", "portfolio", "pct", "q-learning"];

    internal static Option<string?> Scenario()
    {
        var option = new Option<string?>("--scenario") { Description = "Which scenario; 'list' shows them." };
        option.AcceptOnlyFromAmong([.. ScenarioCatalogue.Known.Select(static scenario => scenario.Name)]);
        return option;
    }

    internal static Option<ulong> Seed() =>
        new("--seed") { Description = "First seed; equal seeds make equal runs.", DefaultValueFactory = static _ => 1UL };

    internal static Option<string> Strategy(string fallback)
    {
        var option = new Option<string>("--strategy")
        {
            Description = "Who answers what is left open: 'seed' and 'seed-pct' draw from a seed (fast, named by a number); "
                + "'random', 'portfolio', 'pct' and 'q-learning' are Coyote's TestingEngine.",
            DefaultValueFactory = _ => fallback,
        };
        option.AcceptOnlyFromAmong(Strategies);
        return option;
    }

    internal static Option<string?> Json() => new("--json") { Description = "Write the result to this file." };

    internal static Option<string?> Trace() =>
        new("--trace") { Description = "Write the trace as JSON lines to this file (run: of the failing run; replay: of the run)." };

    internal static Option<TimeSpan?> Time(string name, string meaning) => new(name)
    {
        Description = meaning,
        CustomParser = static result =>
        {
            string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (ParseTime(text) is { } time)
            {
                return time;
            }

            result.AddError($"'{text}' is no time: write 500ms, 60s, 10m or 2h.");
            return null;
        },
    };

    /// <summary>A time with its unit, or null.</summary>
    internal static TimeSpan? ParseTime(string text)
    {
        foreach ((string unit, double milliseconds) in ((string, double)[])[("ms", 1), ("s", 1e3), ("m", 60e3), ("h", 3600e3)])
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && double.TryParse(text[..^unit.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) && number > 0)
            {
                return TimeSpan.FromMilliseconds(number * milliseconds);
            }
        }

        return null;
    }
}
