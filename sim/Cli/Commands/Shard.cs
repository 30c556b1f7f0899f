using System.CommandLine;
using System.Globalization;

namespace ObjectStore.Sim.Cli.Commands;

/// <summary>One of several parts of a campaign that run side by side. Shards take turns at the seeds, so that all are at work whatever the budget.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Count">How many shards there are.</param>
internal sealed record Shard(int Number, int Count)
{
    /// <summary>The whole campaign.</summary>
    internal static readonly Shard Whole = new(1, 1);

    /// <summary>As it stands in results; null for the whole.</summary>
    internal string? Name => Count == 1 ? null : ToString();

    public override string ToString() => $"{Number}/{Count}";

    /// <summary>How many of so many runs are this shard's.</summary>
    internal long? Share(long? runs) => runs is { } count ? (count - Number + Count) / Count : null;

    /// <summary>The first seed of this shard.</summary>
    internal ulong FirstSeed(ulong seed) => unchecked(seed + (ulong)(Number - 1));

    /// <summary>Whether one of many things in a row, counted from zero, is this shard's.</summary>
    internal bool Has(int index) => index % Count == Number - 1;

    internal static Option<Shard> MakeOption() => new("--shard")
    {
        Description = "Do part i of n, such as 2/4; 'merge' puts the results together.",
        DefaultValueFactory = static _ => Whole,
        CustomParser = static result =>
        {
            string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            string[] parts = text.Split('/');
            if (parts.Length == 2
                && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int count)
                && number >= 1 && number <= count)
            {
                return new Shard(number, count);
            }

            result.AddError($"'{text}' is no shard: write 1/4 to 4/4 for four of them.");
            return Whole;
        },
    };
}
