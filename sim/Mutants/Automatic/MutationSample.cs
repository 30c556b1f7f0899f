using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;

namespace ObjectStore.Sim.Mutants;

/// <summary>Some of all mutations: as many from each area as from any other, which ones by a seed.</summary>
/// <remarks>
/// Each mutation has a rank that is a hash of the seed and of what it is, without its line: an edit of one method leaves the choice among the others as it was.
/// </remarks>
public sealed record MutationSample
{
    /// <summary>The chosen ones, by file and place.</summary>
    public required IReadOnlyList<Mutation> Chosen { get; init; }

    /// <summary>How many there were to choose from.</summary>
    public required int Points { get; init; }

    /// <summary>How many were looked at and do not compile.</summary>
    public required int NotCompiling { get; init; }

    /// <summary>Every mutation of the engine.</summary>
    /// <param name="repository">Root of the repository.</param>
    /// <param name="takes">Which files; null: all.</param>
    public static IReadOnlyList<Mutation> Everything(string repository, Func<string, bool>? takes = null) =>
    [
        .. EngineSources.In(repository, "engine")
            .Where(file => MutationArea.Of(file) is not null && takes?.Invoke(file) != false)
            .SelectMany(file => MutationPoints.In(file, File.ReadAllText(Path.Combine(repository, file)))),
    ];

    /// <summary>Draws.</summary>
    /// <param name="all">From which.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="seed">Equal seeds draw equally.</param>
    /// <param name="compiles">Those for which it says no are not chosen.</param>
    public static MutationSample Draw(IReadOnlyList<Mutation> all, int count, ulong seed, Func<Mutation, bool> compiles)
    {
        ArgumentNullException.ThrowIfNull(all);
        ArgumentNullException.ThrowIfNull(compiles);
        Queue<Mutation>[] areas =
        [
            .. Ranked(all, seed).GroupBy(static one => MutationArea.Of(one.Mutation.File)?.Folder ?? "", static one => one).OrderBy(static group => group.Key, StringComparer.Ordinal)
                .Select(static group => new Queue<Mutation>(group.OrderBy(static one => one.Rank).ThenBy(static one => one.Mutation.Start).Select(static one => one.Mutation))),
        ];
        var chosen = new List<Mutation>();
        int refused = 0;
        while (chosen.Count < count && areas.Any(static area => area.Count > 0))
        {
            foreach (Queue<Mutation> area in areas)
            {
                while (chosen.Count < count && area.TryDequeue(out Mutation? next))
                {
                    if (compiles(next))
                    {
                        chosen.Add(next);
                        break;
                    }

                    refused++;
                }
            }
        }

        return new MutationSample
        {
            Chosen = [.. chosen.OrderBy(static one => one.File, StringComparer.Ordinal).ThenBy(static one => one.Start).ThenBy(static one => one.Kind, StringComparer.Ordinal)],
            Points = all.Count,
            NotCompiling = refused,
        };
    }

    private static IEnumerable<(Mutation Mutation, ulong Rank)> Ranked(IReadOnlyList<Mutation> all, ulong seed)
    {
        foreach (IGrouping<string, Mutation> alike in all.GroupBy(static one => one.Identity))
        {
            int occurrence = 0;
            foreach (Mutation one in alike)
            {
                string text = string.Create(CultureInfo.InvariantCulture, $"{seed} {occurrence++} {alike.Key}");
                yield return (one, BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text))));
            }
        }
    }
}
