namespace ObjectStore.Workloads.Library;

/// <summary>How often clients of a <see cref="PoolWorkload"/> do what. Weights count against their sum.</summary>
public sealed record PoolMix
{
    /// <summary>Gets of objects of the pool.</summary>
    public int Get { get; init; }

    /// <summary>Heads of objects of the pool.</summary>
    public int Head { get; init; }

    /// <summary>Gets of up to 64 KiB of an object of the pool.</summary>
    public int Range { get; init; }

    /// <summary>Puts of new objects.</summary>
    public int Put { get; init; }

    /// <summary>Puts over an object of the pool.</summary>
    public int Overwrite { get; init; }

    /// <summary>Deletes of objects that this client put.</summary>
    public int Delete { get; init; }

    /// <summary>Pages of the pool's listing, one after another.</summary>
    public int List { get; init; }

    /// <summary>Whole uploads in parts: create, parts, complete, and a get now and then.</summary>
    public int Upload { get; init; }

    /// <summary>Gets followed by a put that demands what was seen (If-Match), on few keys that all clients fight for; now and then a creation (If-None-Match: *).</summary>
    public int Contend { get; init; }

    /// <summary>Puts, deletes and deletes of old versions by id on few keys of a versioned bucket.</summary>
    public int Churn { get; init; }

    /// <summary>New folders of many small objects, written and then listed by prefix and delimiter.</summary>
    public int Archive { get; init; }
}

/// <summary>What the pool of a <see cref="PoolWorkload"/> looks like.</summary>
public sealed record PoolShape
{
    /// <summary>Objects stored before the start.</summary>
    public int ObjectCount { get; init; } = 1000;

    /// <summary>Objects that each run of deletes starts with, over all clients; 0: a client without objects puts one first.</summary>
    public int DeleteObjectCount { get; init; }

    /// <summary>Sizes.</summary>
    public SizeRange Sizes { get; init; } = new(4096, 4096);

    /// <summary>Which objects are asked for.</summary>
    public Popularity Popularity { get; init; }

    /// <summary>Begins every key; keeps runs apart.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Size of all parts but the last, at least 5 MiB.</summary>
    public int PartSizeBytes { get; init; } = 5 * 1024 * 1024;

    /// <summary>Parts of an upload.</summary>
    public int PartCount { get; init; } = 3;

    /// <summary>Keys that clients fight for, and keys of the churn.</summary>
    public int SharedKeyCount { get; init; } = 8;
}
