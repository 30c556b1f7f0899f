namespace ObjectStore.Sim.World;

/// <summary>Something that happens at a moment of virtual time.</summary>
public abstract class SimEvent
{
    /// <summary>The life that it belongs to; when that ends, it does not happen. Null: the world's own.</summary>
    internal SimLife? Life { get; init; }

    /// <summary>Set when it should not happen any more.</summary>
    internal bool Cancelled { get; set; }

    internal bool IsDue => !Cancelled && (Life is null || !Life.Ended);

    /// <summary>Makes it happen.</summary>
    protected internal abstract void Fire();
}

/// <summary>One start of a node until its crash or stop. Nothing of an ended life runs, is written or is sent.</summary>
public sealed class SimLife(string name)
{
    /// <summary>Node and number of the start.</summary>
    public string Name { get; } = name;

    /// <summary>True after the crash.</summary>
    public bool Ended { get; internal set; }
}
