using System;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Gateway;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Node;

/// <summary>A whole node with all roles: one disk store, its metadata shard and the S3 gateway. Composed alike for the server and for the simulator.</summary>
public sealed class StorageNode
{
    private readonly ILoop _loop;
    private readonly CancellationTokenSource _closing;
    private Task _lifecycleEnds = Task.CompletedTask;

    private StorageNode(
        ILoop loop, DiskStore store, MetadataShard metadata, IdentityDirectory identities, S3Gateway gateway, LifecycleWorker lifecycle, EventDeliveries events, CancellationTokenSource closing) =>
        (_loop, Store, Metadata, Identities, Gateway, Lifecycle, Events, _closing) = (loop, store, metadata, identities, gateway, lifecycle, events, closing);

    /// <summary>The S3 API. Any thread.</summary>
    public S3Gateway Gateway { get; }

    /// <summary>Who may call. Any thread.</summary>
    public IdentityDirectory Identities { get; }

    /// <summary>Does what lifecycle rules ask for. Lives on <see cref="Loop"/>.</summary>
    public LifecycleWorker Lifecycle { get; }

    /// <summary>Tells targets of what happened to objects.</summary>
    public EventDeliveries Events { get; }

    /// <summary>Delivers access logs of buckets, on a loop of its own.</summary>
    public AccessLogWorker AccessLogs => Gateway.AccessLogs!;

    /// <summary>The metadata shard. Any thread.</summary>
    public IMetadataShard Metadata { get; }

    /// <summary>The disk store; its members belong to <see cref="Loop"/>.</summary>
    public DiskStore Store { get; }

    /// <summary>The loop that owns <see cref="Store"/>.</summary>
    public ILoop Loop => _loop;

    /// <summary>Opens the node's disk, recovers, and starts its background work.</summary>
    /// <exception cref="StorageException">The disk cannot be opened: the message names the file and offset.</exception>
    public static Task<StorageNode> StartAsync(NodeEnvironment environment, NodeOptions options)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(options);
        ILoop loop = environment.Spawner.CreateLoop("store");
        return loop.CallAsync(static start => OpenAsync(start.environment, start.options, start.loop), (environment, options, loop));
    }

    /// <summary>Delivers access logs (what waits for other targets is told after the next start), ends background work and closes the store after the commands under way. Callers stop sending requests first.</summary>
    public async Task StopAsync()
    {
        await Events.StopAsync();
        await AccessLogs.StopAsync();
        await _loop.CallAsync(
            static async node =>
            {
                try
                {
                    node._closing.Cancel();
                    await node._lifecycleEnds;
                }
                finally
                {
                    await node.Store.CloseAsync();
                }

                return true;
            },
            this);
    }

    private static async ValueTask<StorageNode> OpenAsync(NodeEnvironment environment, NodeOptions options, ILoop loop)
    {
        DiskStore store = await DiskStore.OpenAsync(environment, loop, options.Store);
        MetadataShard metadata = await MetadataShard.OpenAsync(environment, loop, store.Rows, store.Chunks, options.Metadata);
        IdentityDirectory identities = await IdentityDirectory.OpenAsync(metadata, environment.Clock, environment.Entropy, options.Root);
        var gateway = new S3Gateway(
            metadata,
            new LocalContentStore(store.Chunks, loop),
            identities,
            environment.Clock,
            environment.Entropy,
            environment.Trace,
            options.Gateway,
            accessLogLoop: environment.Spawner.CreateLoop("access-log"));
        var closing = new CancellationTokenSource();
        var lifecycle = new LifecycleWorker(environment, metadata, options.Gateway.Lifecycle, () => !closing.IsCancellationRequested, gateway.Events);
        var events = new EventDeliveries(environment, options.Gateway.Events, options.Gateway.Region);
        var node = new StorageNode(loop, store, metadata, identities, gateway, lifecycle, events, closing);
        environment.Spawner.Spawn(loop, lifecycle.Name, node.RunLifecycleAsync);
        gateway.AccessLogs!.Start(environment.Spawner);
        events.Attach(metadata.Events);
        if (!events.HasTargets)
        {
            await events.TraceForgottenAsync(metadata.Events);
        }

        return node;
    }

    private Task RunLifecycleAsync() => _lifecycleEnds = Lifecycle.RunAsync(_closing.Token);
}
