using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Cluster;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Node;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;

namespace ObjectStore.Sim.Cli.Simulation;

/// <summary>One node of a simulated region: the engine's own <see cref="ClusterNode"/> in a simulated machine, through all its lives.</summary>
internal sealed class RegionRunner(SimNode machine, ClusterNodeOptions options, RaftTraceChecker raft) : ISimServer
{
    private ClusterNode? _node;

    /// <inheritdoc/>
    public string Name => machine.Name;

    /// <summary>The machine.</summary>
    internal SimNode Machine => machine;

    /// <inheritdoc/>
    public IS3Gateway? Gateway => machine.IsUp ? _node?.Gateway : null;

    /// <summary>True while it answers requests with more than 503.</summary>
    internal bool IsServing => machine.IsUp && _node is { IsServing: true };

    /// <summary>Starts the process; that it runs says nothing about whether it can serve. A crash on the way leaves it down.</summary>
    internal async Task StartAsync()
    {
        _node = null;
        try
        {
            _node = await machine.Start(environment => ClusterNode.StartAsync(environment with { Trace = raft.Watch(environment.Trace) }, options, static _ => new InlineBodies()));
        }
        catch (SimNodeCrashedException)
        {
            // Whoever crashed it starts it again.
        }
        catch (StorageException damage)
        {
            throw new PromiseBrokenException("recovers", $"node {Name} does not start on a healthy disk: {damage}");
        }
    }

    /// <summary>Its replica of the root group; null when it is down or has none.</summary>
    internal async Task<RaftStatus?> StatusAsync()
    {
        if (!machine.IsUp || _node is not { } node)
        {
            return null;
        }

        try
        {
            return await machine.CallAsync(node.StatusAsync);
        }
        catch (SimNodeCrashedException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public Task<T> CallAsync<T>(Func<IS3Gateway, Task<T>> call)
    {
        IS3Gateway gateway = Gateway ?? throw new InvalidOperationException("the node is not up");
        return machine.CallAsync(() => call(gateway));
    }

    /// <summary>A region whose bodies all lie in the metadata: nothing comes here.</summary>
    private sealed class InlineBodies : IClusterBodies, IContentStore
    {
        public IContentStore Content => this;

        public int ChunkSizeBytes => 64 * 1024;

        public ushort NextPlacementGroup() => 0;

        public Task DeleteAsync(IReadOnlyList<BlobRef> blobs) => Task.CompletedTask;

        public void Abandon(IReadOnlyList<StagedChunk> staged)
        {
            // Nothing is staged.
        }

        public ChunkBuffer RentBuffer() => throw TooLarge();

        public Task<StagedChunk> StageAsync(ChunkId id, ChunkBuffer buffer, int lengthBytes) => throw TooLarge();

        public Task SyncAsync(IReadOnlyList<StagedChunk> staged) => Task.CompletedTask;

        public Task AbandonAsync(IReadOnlyList<StagedChunk> staged) => Task.CompletedTask;

        public Task ReadAsync(ChunkId id, int chunkLengthBytes, int offsetBytes, Memory<byte> destination) => throw TooLarge();

        private static InvalidOperationException TooLarge() => new("a body of this scenario lies outside of the metadata");
    }
}
