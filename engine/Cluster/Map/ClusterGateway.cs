using System;
using System.Collections.Generic;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>What a gateway is in its cluster: its epoch, where its blobs go, and what it tells with each beat. Any thread.</summary>
public sealed class ClusterGateway : IGatewayIdentity, IBeatSource
{
    private ShardService? _service;
    private MapFollower? _follower;
    private ClusterContentStore? _store;
    private NodeEnvironment? _environment;
    private static readonly TimeSpan HangsAfter = TimeSpan.FromSeconds(10);

    private readonly SortedDictionary<Placement.DiskId, Measure> _measures = [];
    private int _nextGroup;

    /// <inheritdoc/>
    public ulong Epoch => _follower?.Epoch ?? 0;

    /// <inheritdoc/>
    public ulong OldestMapVersion => _store?.OldestMapVersion ?? _follower?.Current.Version ?? 0;

    /// <summary>Ties the parts together; before the follower starts. The content store may come later, once the layout is known.</summary>
    /// <param name="environment">The seams.</param>
    /// <param name="follower">Holds the map and the epoch.</param>
    /// <param name="service">This node's disks.</param>
    public void Attach(NodeEnvironment environment, MapFollower follower, ShardService service)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(follower);
        ArgumentNullException.ThrowIfNull(service);
        (_environment, _follower, _service) = (environment, follower, service);

        // Gateways that start together do not begin with the same group.
        _nextGroup = (int)(environment.Entropy.NextUInt64() & ushort.MaxValue);
    }

    /// <summary>Bodies go here.</summary>
    public void Attach(ClusterContentStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        _store = store;
    }

    /// <inheritdoc/>
    public ushort NextPlacementGroup()
    {
        int count = _follower!.Current.Groups.Length;
        Invariant.Check(count > 0, "a gateway writes when there is a map");
        uint next = (uint)System.Threading.Interlocked.Increment(ref _nextGroup);
        return (ushort)(next % (uint)count);
    }

    /// <inheritdoc/>
    public void EpochWasClosed() => _follower?.EpochWasClosed();

    /// <inheritdoc/>
    public void Abandon(IReadOnlyList<StagedChunk> staged)
    {
        if (_store is { } store)
        {
            _environment!.Spawner.Spawn(store.Client.Loop, "abandon", () => store.AbandonAsync(staged));
        }
    }

    /// <inheritdoc/>
    /// <remarks>Never waits for a disk: one that hangs does not answer for the node, it only counts as out of service after a while.</remarks>
    public IReadOnlyList<DiskBeat> MeasureDisks()
    {
        var beats = new List<DiskBeat>();
        TimeSpan now = _environment!.Clock.Now;
        foreach (ShardDisk disk in new List<ShardDisk>(_service!.Disks))
        {
            if (!_measures.TryGetValue(disk.Id, out Measure? measure))
            {
                _measures.Add(disk.Id, measure = new Measure { Since = now });
            }

            if (!measure.IsRunning)
            {
                measure.IsRunning = true;
                measure.Since = now;
                MeasureAsync(disk, measure);
            }

            bool hangs = now - measure.Since > HangsAfter;
            beats.Add(new DiskBeat(disk.Id, measure.Last with { IsServing = measure.Last.IsServing && !hangs }));
        }

        return beats;
    }

    /// <inheritdoc/>
    public IReadOnlyList<int> TakeMissedGroups() => _store?.TakeMissedGroups() ?? [];

    /// <inheritdoc/>
    public void Missed(int group) => _store?.Missed(group);

    private static async void MeasureAsync(ShardDisk disk, Measure measure)
    {
        measure.Last = await disk.MeasureAsync();
        measure.IsRunning = false;
    }

    private sealed class Measure
    {
        internal bool IsRunning { get; set; }

        internal TimeSpan Since { get; set; }

        internal DiskCondition Last { get; set; } = new(IsServing: true, 0, 0, 0);
    }
}
