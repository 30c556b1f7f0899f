using System;
using System.Collections.Generic;
using System.Linq;

namespace ObjectStore.Workloads.Library;

/// <summary>A named mix.</summary>
/// <param name="Name">For the command line.</param>
/// <param name="Description">For people.</param>
/// <param name="Mix">What clients do.</param>
/// <param name="Popularity">To which objects.</param>
public sealed record PoolScenario(string Name, string Description, PoolMix Mix, Popularity Popularity = Popularity.Uniform)
{
    /// <summary>The workload over a pool.</summary>
    public PoolWorkload Make(PoolShape shape) => new(Name, Description, Mix, shape with { Popularity = Popularity });
}

/// <summary>The load scenarios.</summary>
public static class PoolScenarios
{
    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<PoolScenario> All =
    [
        new("mixed", "45 % get, 30 % head, 15 % put, 10 % delete (the mix of MinIO's warp)", new PoolMix { Get = 45, Head = 30, Put = 15, Delete = 10 }),
        new("put-get", "half puts, half gets", new PoolMix { Put = 1, Get = 1 }),
        new("put", "new objects", new PoolMix { Put = 1 }),
        new("get", "objects of the prepared pool", new PoolMix { Get = 1 }),
        new("head", "attributes of objects of the prepared pool", new PoolMix { Head = 1 }),
        new("list", "pages of up to 1000 keys, one after another through the pool", new PoolMix { List = 1 }),
        new("delete", "objects that the client put before", new PoolMix { Delete = 1 }),
        new("range", "64 KiB of an object of the pool", new PoolMix { Range = 1 }),
        new("zipf", "90 % get, 10 % overwrite, by Zipf's law", new PoolMix { Get = 9, Overwrite = 1 }, Popularity.Zipf),
        new("hot-key", "90 % get, 10 % overwrite, nine of ten to one key", new PoolMix { Get = 9, Overwrite = 1 }, Popularity.Hot),
        new("multipart", "uploads in parts", new PoolMix { Upload = 1 }),
        new("contention", "conditional writes of many clients to few keys", new PoolMix { Contend = 1 }),
        new("versions", "puts, deletes, old versions read and removed in a versioned bucket", new PoolMix { Churn = 1 }),
        new("archive", "folders of many small objects, listed by prefix and delimiter", new PoolMix { Archive = 1 }),
    ];

    /// <summary>A scenario by name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static PoolScenario Find(string name) =>
        All.FirstOrDefault(scenario => scenario.Name == name)
        ?? throw new ArgumentException($"no scenario '{name}'; there are {string.Join(", ", All.Select(static scenario => scenario.Name))}");
}
