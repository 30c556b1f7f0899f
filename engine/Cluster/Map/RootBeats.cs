using System;
using System.Collections.Generic;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Cluster;

/// <summary>What the root leader remembers of beats: soft, and only of its own term. On the loop of the root group.</summary>
/// <remarks>
/// A new leader takes everybody for heard and every lease for renewed at the moment when it first looks, which is after the last moment at which an earlier leader could renew one.
/// </remarks>
internal sealed class RootBeats(IClock clock)
{
    private readonly SortedDictionary<NodeId, (TimeSpan At, NodeBeat? Beat)> _heard = [];
    private readonly SortedDictionary<ulong, TimeSpan> _renewed = [];
    private readonly SortedSet<ulong> _expiring = [];
    private ulong _term;

    /// <summary>Forgets what belongs to another term. Call it after the leadership was confirmed.</summary>
    internal void Enter(ulong term)
    {
        if (term != _term)
        {
            _term = term;
            _heard.Clear();
            _renewed.Clear();
            _expiring.Clear();
        }
    }

    internal void Hear(NodeBeat beat) => _heard[beat.Node] = (clock.Now, beat);

    /// <summary>How long a node has been silent, and its last beat in this term.</summary>
    internal (TimeSpan Silence, NodeBeat? Beat) Of(NodeId node)
    {
        if (!_heard.TryGetValue(node, out (TimeSpan At, NodeBeat? Beat) heard))
        {
            heard = (clock.Now, null);
            _heard.Add(node, heard);
        }

        return (clock.Now - heard.At, heard.Beat);
    }

    /// <summary>Renews the lease of an epoch; false when it is being taken away.</summary>
    internal bool TryRenew(ulong epoch)
    {
        if (_expiring.Contains(epoch))
        {
            return false;
        }

        _renewed[epoch] = clock.Now;
        return true;
    }

    /// <summary>Whether the gateway's lease has run out by any clock within bounds; then it is never renewed again.</summary>
    internal bool Expires(ulong epoch, TimeSpan lease)
    {
        if (!_renewed.TryGetValue(epoch, out TimeSpan at))
        {
            at = clock.Now;
            _renewed.Add(epoch, at);
        }

        if (clock.Now - at > lease)
        {
            _expiring.Add(epoch);
        }

        return _expiring.Contains(epoch);
    }

    /// <summary>True when every gateway that may still write has a map of at least that version, for all its writes.</summary>
    internal bool GatewaysHave(ClusterMap map, ulong version)
    {
        foreach (GatewayEpoch epoch in map.Epochs.Values)
        {
            bool has = !epoch.IsExpired && _heard.TryGetValue(epoch.Node, out (TimeSpan At, NodeBeat? Beat) heard)
                && heard.Beat is { } beat && beat.Epoch == epoch.Epoch && beat.OldestMapVersion >= version && beat.MapVersion >= version;
            if (!has)
            {
                return false;
            }
        }

        return true;
    }
}
