using System;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Placement;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>Gives a new cluster its layout and its placement groups, once, by the first leader of the root group. On the loop of that group.</summary>
public sealed class MapFounder(NodeEnvironment environment, IRootGroup root, Layout layout, int groupCount, TimeSpan interval)
{
    /// <summary>Ends when there is a map, which another node may have founded.</summary>
    public async Task RunAsync()
    {
        while (root.Map.Layout is null)
        {
            if (root.IsLeader)
            {
                try
                {
                    MapResult result = await root.ProposeAsync(new FoundMapCommand(layout, groupCount));
                    environment.Trace.Emit(
                        result.Status == MapStatus.Done ? TraceLevel.Info : TraceLevel.Error, "map", "founding", ("layout", layout.ToString()), ("status", result.Status.ToString()));
                }
                catch (StorageException)
                {
                    // Whoever leads then tries again.
                }
            }

            await environment.Clock.DelayAsync(interval);
        }

        if (root.Map.Layout != layout)
        {
            // What is stored was cut by the first one: it stays.
            environment.Trace.Emit(TraceLevel.Error, "map", "another-layout", ("asked", layout.ToString()), ("founded", root.Map.Layout!.ToString()));
        }
    }
}
