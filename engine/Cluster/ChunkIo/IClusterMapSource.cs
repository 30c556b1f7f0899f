using System;
using System.Threading.Tasks;

namespace ObjectStore.Engine.Cluster;

/// <summary>The newest cluster map that this node has. Any thread.</summary>
public interface IClusterMapSource
{
    /// <summary>Its version only grows.</summary>
    ClusterMap Current { get; }

    /// <summary>Asks for a newer map and waits for one of at least that version, or until <paramref name="patience"/> is over.</summary>
    /// <returns>The newest map, whether it is new enough or not.</returns>
    Task<ClusterMap> WaitForAsync(ulong version, TimeSpan patience);
}
