using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Rpc;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>What a node tells besides that it lives.</summary>
public interface IBeatSource
{
    /// <summary>Its disks. On the endpoint's loop.</summary>
    IReadOnlyList<DiskBeat> MeasureDisks();

    /// <summary>The oldest map that its writes may still use.</summary>
    ulong OldestMapVersion { get; }

    /// <summary>Groups that miss shards; given back when they could not be told.</summary>
    IReadOnlyList<int> TakeMissedGroups();

    /// <summary>Gives one back.</summary>
    void Missed(int group);
}

/// <summary>A node's place in the cluster: it beats, keeps the newest map, and holds the epoch of its gateway. Lives on the loop of the endpoint; <see cref="Current"/>, <see cref="Epoch"/>
/// and <see cref="MayRead"/> from any thread.</summary>
/// <remarks>
/// The lease: a beat that the leader took renews it from the moment that the beat was sent. The leader, who heard of it later, waits longer than the gateway serves, whatever both
/// clocks do within <see cref="MapOptions.ClockDriftPerMillion"/>. Source: Gray and Cheriton, "Leases", SOSP'89.
/// </remarks>
public sealed class MapFollower : IClusterMapSource, IReadPermission
{
    private readonly NodeEnvironment _environment;
    private readonly RootClient _root;
    private readonly MapOptions _options;
    private readonly IBeatSource _source;
    private readonly ulong _life;
    private readonly Gate _changed = new();
    private volatile ClusterMap _map = ClusterMap.Empty;
    private ulong _epoch;
    private long _leaseUntilTicks;
    private bool _isBeating;
    private bool _isOpening;
    private bool _wantsEpoch;

    /// <summary>Prepares it.</summary>
    public MapFollower(NodeEnvironment environment, RootClient root, IBeatSource source, MapOptions options)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(options);
        (_environment, _root, _source, _options) = (environment, root, source, options);
        _life = environment.Entropy.NextUInt64();
    }

    /// <inheritdoc/>
    public ClusterMap Current => _map;

    /// <summary>The epoch of this life of the gateway; 0 while there is none.</summary>
    public ulong Epoch => System.Threading.Volatile.Read(ref _epoch);

    /// <inheritdoc/>
    public bool MayRead => Epoch != 0 && _environment.Clock.Now.Ticks < System.Threading.Volatile.Read(ref _leaseUntilTicks);

    /// <summary>Called on the endpoint's loop with every new map.</summary>
    public Action<ClusterMap>? MapChanged { get; set; }

    /// <summary>Starts beating; ends with the node. When <paramref name="servesReads"/>, the node's gateway gets an epoch as soon as it can, and another when it loses it.</summary>
    public void Start(bool servesReads)
    {
        _wantsEpoch = servesReads;
        _environment.Spawner.Spawn(_root.Rpc.Loop, "map-beats", RunAsync);
    }

    /// <inheritdoc/>
    public Task<ClusterMap> WaitForAsync(ulong version, TimeSpan patience) =>
        _root.Rpc.Loop.CallAsync(static call => call.Self.WaitOnLoopAsync(call.Version, call.Patience), (Self: this, Version: version, Patience: patience));

    /// <summary>The epoch is closed: this life of the gateway is over. Any thread, any number of times.</summary>
    public void EpochWasClosed()
    {
        System.Threading.Volatile.Write(ref _leaseUntilTicks, 0);
        System.Threading.Volatile.Write(ref _epoch, 0);
        _environment.Trace.Mark("gateway-epoch-closed");
    }

    private async ValueTask<ClusterMap> WaitOnLoopAsync(ulong version, TimeSpan patience)
    {
        TimeSpan deadline = _environment.Clock.Now + patience;
        while (_map.Version < version && _environment.Clock.Now < deadline)
        {
            if (!_isBeating)
            {
                await BeatAsync();
            }

            if (_map.Version < version)
            {
                TimeSpan rest = deadline - _environment.Clock.Now;
                await _changed.WaitAsync().EndsWithinAsync(_environment.Clock, rest < _options.BeatInterval / 10 ? rest : _options.BeatInterval / 10);
            }
        }

        return _map;
    }

    private async Task RunAsync()
    {
        // Ends with the node.
        while (true)
        {
            bool hit = _isBeating || await BeatAsync();
            if (_wantsEpoch && Epoch == 0 && !_isOpening && _map.Nodes.ContainsKey(_root.Rpc.Self))
            {
                await OpenEpochAsync();
            }

            await _environment.Clock.DelayAsync(hit ? _options.BeatInterval : _options.BeatInterval / 10);
        }
    }

    private async ValueTask OpenEpochAsync()
    {
        _isOpening = true;
        try
        {
            // A life that was closed never gets its epoch back: the number is drawn anew each time, and kept while the answer is unknown.
            MapResult result = await _root.ExecuteAsync(new OpenGatewayCommand(_root.Rpc.Self, _environment.Entropy.NextUInt64()));
            if (result.Status == MapStatus.Done)
            {
                System.Threading.Volatile.Write(ref _epoch, result.Value);
                _environment.Trace.Emit(TraceLevel.Info, "map", "gateway-epoch", ("epoch", (long)result.Value));
                await BeatAsync();
            }
        }
        catch (StorageException)
        {
            _environment.Trace.Mark("gateway-epoch-not-opened");
        }
        finally
        {
            _isOpening = false;
        }
    }

    private async ValueTask<bool> BeatAsync()
    {
        _isBeating = true;
        IReadOnlyList<int> missed = _source.TakeMissedGroups();
        bool taken = false;
        try
        {
            IReadOnlyList<DiskBeat> disks = _source.MeasureDisks();
            ulong epoch = Epoch;
            NodeId target = _root.Target;
            TimeSpan sent = _environment.Clock.Now;

            // Both are looked at now: a write that begins later uses no older map than this one.
            var beat = new NodeBeat(_root.Rpc.Self, _life, _map.Version, epoch, _source.OldestMapVersion, disks, missed);
            RpcReply reply = await _root.Rpc.CallAsync(target, MapMessages.Beat, MapMessages.Encode(beat), _options.BeatTimeout);
            if (!reply.Ok)
            {
                _root.Missed(hint: null);
                return false;
            }

            BeatAnswer answer = MapMessages.DecodeAnswer(reply.Payload);
            if (answer.Status == BeatStatus.NotLeader)
            {
                _root.Missed(answer.Leader);
                return false;
            }

            _root.Hit(target);
            taken = answer.Status == BeatStatus.Taken;
            Take(answer, epoch, sent);
            return true;
        }
        catch (MalformedDataException failure)
        {
            _environment.Trace.Emit(TraceLevel.Warning, "map", "malformed-answer", ("failure", failure.Message));
            return false;
        }
        finally
        {
            _isBeating = false;
            for (int i = 0; i < missed.Count && !taken; i++)
            {
                _source.Missed(missed[i]);
            }
        }
    }

    private void Take(BeatAnswer answer, ulong epoch, TimeSpan sent)
    {
        if (!answer.Update.IsEmpty)
        {
            var from = new ByteReader(answer.Update.Span);
            ClusterMap next = MapUpdate.Apply(_map, ref from);
            from.End();
            if (!ReferenceEquals(next, _map))
            {
                _map = next;
                _root.AddCandidates(next.Nodes.Keys);
                MapChanged?.Invoke(next);
                _changed.Open();
            }
        }

        if (epoch != 0 && epoch == Epoch)
        {
            if (answer.IsRenewed)
            {
                TimeSpan lease = _options.LeaseDuration * (1 - (_options.ClockDriftPerMillion / 1e6));
                System.Threading.Volatile.Write(ref _leaseUntilTicks, (sent + lease).Ticks);
            }
            else if (answer.Status == BeatStatus.Taken)
            {
                EpochWasClosed();
            }
        }
    }
}
