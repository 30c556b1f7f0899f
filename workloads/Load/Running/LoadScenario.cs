using System;
using System.Collections.Generic;
using System.Linq;

namespace ObjectStore.Workloads.Load.Running;

/// <summary>What a client may do.</summary>
internal enum LoadOperation
{
    Put,
    Get,
    Head,
    List,
    Delete,
}

/// <summary>A mix of operations by weight.</summary>
internal sealed record LoadScenario(string Name, string Description, IReadOnlyList<(LoadOperation Operation, int Weight)> Mix)
{
    internal static readonly IReadOnlyList<LoadScenario> All =
    [
        new("mixed", "45 % get, 30 % head, 15 % put, 10 % delete", [(LoadOperation.Get, 45), (LoadOperation.Head, 30), (LoadOperation.Put, 15), (LoadOperation.Delete, 10)]),
        new("put-get", "half puts, half gets, every byte read is checked", [(LoadOperation.Put, 50), (LoadOperation.Get, 50)]),
        new("put", "new objects", [(LoadOperation.Put, 1)]),
        new("get", "objects of the prepared pool", [(LoadOperation.Get, 1)]),
        new("head", "attributes of objects of the prepared pool", [(LoadOperation.Head, 1)]),
        new("list", "pages of up to 1000 keys", [(LoadOperation.List, 1)]),
        new("delete", "a put and a delete by turns; only the deletes are the point", [(LoadOperation.Delete, 1)]),
    ];

    internal static LoadScenario Find(string name) =>
        All.FirstOrDefault(scenario => scenario.Name == name)
        ?? throw new ArgumentException($"no scenario '{name}'; there are {string.Join(", ", All.Select(scenario => scenario.Name))}");

    internal LoadOperation Draw(Random random)
    {
        int ticket = random.Next(Mix.Sum(share => share.Weight));
        foreach ((LoadOperation operation, int weight) in Mix)
        {
            ticket -= weight;
            if (ticket < 0)
            {
                return operation;
            }
        }

        return Mix[^1].Operation;
    }
}

/// <summary>Sizes of objects: fixed, or log-uniform between two bounds.</summary>
internal readonly record struct SizeRange(int FromBytes, int ToBytes)
{
    internal int Draw(Random random) =>
        FromBytes >= ToBytes ? FromBytes : (int)Math.Exp(Math.Log(FromBytes) + random.NextDouble() * (Math.Log(ToBytes) - Math.Log(FromBytes)));

    /// <summary>Reads <c>4KiB</c>, <c>1MiB</c>, <c>1000</c>, or two of them with <c>..</c> between.</summary>
    internal static SizeRange Parse(string text)
    {
        string[] ends = text.Split("..");
        return new SizeRange(ParseSize(ends[0]), ParseSize(ends[^1]));
    }

    private static int ParseSize(string text)
    {
        (string unit, int factor)[] units = [("KiB", 1024), ("MiB", 1024 * 1024), ("KB", 1000), ("MB", 1_000_000), ("B", 1)];
        foreach ((string unit, int factor) in units)
        {
            if (text.EndsWith(unit, StringComparison.OrdinalIgnoreCase))
            {
                return checked(int.Parse(text[..^unit.Length]) * factor);
            }
        }

        return int.Parse(text);
    }
}
