using System;
using System.CommandLine;
using System.Linq;

namespace ObjectStore.Sim.Cli.Commands;

/// <summary>What was asked for.</summary>
internal sealed record MutantsPlan(
    string? Filter, string? Class, bool Fast, string[] Strategies, Shard Shard, int Sequences, int Jobs, long CleanRuns, bool ListOnly, string? Keep, string? Json, string? Markdown)
{
    /// <summary>How many mutations are made by the machine; null: the bugs of the catalogue instead.</summary>
    internal int? Automatic { get; init; }

    /// <summary>Whether the first run that shows a bug is made small.</summary>
    internal bool Shrinks { get; init; }

    /// <summary>Which mutations.</summary>
    internal ulong MutationSeed { get; init; }

    /// <summary>Whether --filter leaves a name.</summary>
    internal bool Takes(string name) => Filter is null || Filter.Split(',').Any(part => name.Contains(part, StringComparison.Ordinal));
}

/// <summary>The options of the command <c>mutants</c>.</summary>
internal sealed class MutantsOptions
{
    private const int CatalogueSequences = 5;

    private readonly Option<int?> _automatic = new("--automatic")
    {
        Description = "Instead of the catalogue: so many small changes that a machine makes all over the engine (relations, logic, constants, statements left out). "
            + "Survivors are listed and are no failure: the exit code is 0 unless the engine breaks without a change.",
    };

    private readonly Option<ulong> _mutationSeed = new("--mutation-seed") { Description = "Which of all changes --automatic draws.", DefaultValueFactory = static _ => 1UL };
    private readonly Option<string?> _filter = new("--filter") { Description = "Only bugs whose name contains this (with --automatic: whose file does); several with commas." };
    private readonly Option<string?> _class = new("--class") { Description = "Only bugs of this class of the catalogue." };
    private readonly Option<bool> _fast = new("--fast") { Description = "Only the subset that continuous integration looks for at every change." };
    private readonly Option<string[]> _strategy = new("--strategy")
    {
        Description = $"Who answers what is left open: {string.Join(", ", CommonOptions.Strategies)}; several are compared side by side.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = static _ => ["seed"],
    };

    private readonly Option<Shard> _shard = Shard.MakeOption();
    private readonly Option<int?> _sequences = new("--sequences") { Description = $"Independent explorations of each bug; {CatalogueSequences}, and 1 with --automatic." };
    private readonly Option<int> _jobs = new("--jobs") { Description = "Processes at a time.", DefaultValueFactory = static _ => Math.Max(1, Environment.ProcessorCount) };
    private readonly Option<long> _clean = new("--clean-runs") { Description = "Runs of each scenario with no bug active.", DefaultValueFactory = static _ => 20 };
    private readonly Option<bool> _shrink = new("--shrink") { Description = "Make the first run that shows each bug small, a minute each at most." };
    private readonly Option<bool> _list = new("--list") { Description = "Only list them." };
    private readonly Option<string?> _keep = new("--keep") { Description = "Put the copy of the engine into this folder and leave it there." };
    private readonly Option<string?> _json = CommonOptions.Json();
    private readonly Option<string?> _markdown = new("--markdown") { Description = "Write the table in Markdown to this file." };

    internal void AddTo(Command command)
    {
        _strategy.AcceptOnlyFromAmong(CommonOptions.Strategies);
        foreach (Option option in (Option[])[_automatic, _mutationSeed, _filter, _class, _fast, _strategy, _shard, _sequences, _jobs, _clean, _shrink, _list, _keep, _json, _markdown])
        {
            command.Add(option);
        }
    }

    internal MutantsPlan Read(ParseResult parsed) => new(
        parsed.GetValue(_filter),
        parsed.GetValue(_class),
        parsed.GetValue(_fast),
        parsed.GetValue(_strategy)!,
        parsed.GetValue(_shard)!,
        Math.Max(1, parsed.GetValue(_sequences) ?? (parsed.GetValue(_automatic) is null ? CatalogueSequences : 1)),
        Math.Max(1, parsed.GetValue(_jobs)),
        Math.Max(1, parsed.GetValue(_clean)),
        parsed.GetValue(_list),
        parsed.GetValue(_keep),
        parsed.GetValue(_json),
        parsed.GetValue(_markdown))
    {
        Automatic = parsed.GetValue(_automatic),
        Shrinks = parsed.GetValue(_shrink),
        MutationSeed = parsed.GetValue(_mutationSeed),
    };
}
