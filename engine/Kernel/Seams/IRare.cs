namespace ObjectStore.Engine.Kernel;

/// <summary>Rare-but-legal behaviour that the simulator may switch on (FoundationDB calls it buggify): a batch of one, an early rotation, a needless retry.</summary>
/// <remarks>Whatever is behind a point must keep every promise: it makes rare paths common, it breaks nothing. In production always false.</remarks>
public interface IRare
{
    /// <summary>True when the behaviour named <paramref name="point"/> should happen now.</summary>
    bool Happens(string point);
}

/// <summary>Production: nothing rare is forced.</summary>
public sealed class NothingRare : IRare
{
    /// <summary>The one instance.</summary>
    public static readonly NothingRare Instance = new();

    /// <inheritdoc/>
    public bool Happens(string point) => false;
}
