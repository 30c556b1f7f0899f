using System.Threading.Tasks;

namespace ObjectStore.Engine.Host;

/// <summary>Where the server gets a clustered node from.</summary>
internal static class ClusterNodes
{
    /// <exception cref="CommandFailedException">This build has none.</exception>
    internal static Task<IClusterNode> StartAsync(ClusterNodeSetup setup) =>
        throw new CommandFailedException(ExitCode.Failed, $"this build cannot run node {setup.Node.Name} as part of a region yet");
}
