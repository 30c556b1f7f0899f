using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace ObjectStore.Reports;

/// <summary>How an object's shards are made and over how many zones they are spread.</summary>
/// <param name="Code">"10+4" (Reed-Solomon), "3x" (copies) or "LRC(12,2,2)" (local reconstruction: data, groups, globals).</param>
/// <param name="Zones">Zones that the shards are spread over, as evenly as it goes.</param>
public sealed record Layout(string Code, int Zones)
{
    public string Name => Code + (Zones == 1 ? " in one zone" : " over " + Zones + " zones");

    /// <summary>Parses "10+4@3": code, then zones (1 when left out).</summary>
    public static Layout Parse(string text)
    {
        string[] parts = text.Split('@');
        int zones = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 1;
        var layout = new Layout(parts[0].Trim(), zones);
        if (zones < 1 || layout.Shards < zones)
        {
            throw new FormatException($"'{text}': a layout needs at least one shard in each zone");
        }

        return layout;
    }

    public bool IsReplication => Code.EndsWith('x');

    public bool IsLocal => Code.StartsWith("LRC", StringComparison.Ordinal);

    private int[] Numbers => [.. Code.Replace("LRC", "", StringComparison.Ordinal).Trim('(', ')', 'x')
        .Split(['+', ','], StringSplitOptions.TrimEntries).Select(n => int.Parse(n, CultureInfo.InvariantCulture))];

    public int Data => IsReplication ? 1 : Numbers[0];

    public int Shards => IsReplication ? Numbers[0] : Numbers.Sum();

    /// <summary>Bytes on disk per byte of data.</summary>
    public double Overhead => (double)Shards / Data;

    /// <summary>Shards read to rebuild one: k, the local group for LRC, 1 for copies.</summary>
    public double RepairReads => IsReplication ? 1 : IsLocal ? (double)Numbers[0] / Numbers[1] : Numbers[0];

    public IReadOnlyList<int> DomainShards => [.. Enumerable.Range(0, Zones).Select(z => (Shards / Zones) + (z < Shards % Zones ? 1 : 0))];

    public IReadOnlyList<double> Decodable => IsLocal
        ? Decodability.LocalReconstruction(Numbers[0], Numbers[1], Numbers[2])
        : Decodability.MaximumDistance(Shards, Shards - Data);

    /// <summary>Lost shards of any pattern that are surely survived.</summary>
    public int SurelySurvives => IsLocal ? Numbers[2] + 1 : Shards - Data;

    /// <summary>Whether every object can be read while the largest zone is gone (for LRC: by count, all patterns).</summary>
    public bool ReadsThroughZoneLoss => Zones > 1 && DomainShards.Max() <= SurelySurvives;

    /// <summary>Further lost shards that are surely survived while the largest zone is gone.</summary>
    public int SpareInZoneLoss => SurelySurvives - DomainShards.Max();
}
