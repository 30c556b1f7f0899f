using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Rpc;

namespace ObjectStore.Engine.Cluster;

/// <summary>Renews the leases of gateways and closes epochs whose lease ran out. Every replica of the root group has one; only the leader's works.</summary>
/// <remarks>
/// Invariant: an epoch is closed only when no renewal came for a whole lease, counted from when this replica began to lead at the earliest; and a renewal is answered only by a replica
/// that confirmed, after it came, that it leads. So when an epoch is closed the gateway's own, shorter, lease has run out. Lives on the loop of the group.
/// Source: Gray and Cheriton, "Leases", SOSP 1989.
/// </remarks>
public sealed class GatewayKeeper
{
    internal static readonly RpcMethod Renew = new(0x0410);

    private readonly NodeEnvironment _environment;
    private readonly IRaftGroup _group;
    private readonly GatewayModule _module;
    private readonly GatewayLeaseOptions _options;
    private readonly SortedDictionary<ulong, TimeSpan> _renewed = [];
    private Term _term;
    private TimeSpan _leadsSince;

    /// <summary>Prepares it; start <see cref="RunAsync"/> on the loop of the group.</summary>
    public GatewayKeeper(NodeEnvironment environment, IRaftGroup group, GatewayModule module, GatewayLeaseOptions options)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(options);
        (_environment, _group, _module, _options) = (environment, group, module, options);
    }

    /// <summary>Closes what has run out; ends with the node.</summary>
    public async Task RunAsync()
    {
        while (true)
        {
            await _environment.Clock.DelayAsync(_options.RenewInterval);
            if (!LooksLeading())
            {
                continue;
            }

            foreach (OpenGateway gateway in _module.Open)
            {
                TimeSpan last = _renewed.GetValueOrDefault(gateway.Epoch, _leadsSince);
                if (_environment.Clock.Now - (last > _leadsSince ? last : _leadsSince) < _options.Lease)
                {
                    continue;
                }

                _environment.Trace.Emit(
                    TraceLevel.Info, "gateways", "lease-over", ("node", gateway.Node.Value), ("epoch", unchecked((long)gateway.Epoch)));
                _environment.Trace.Mark("gateway-lease-over");
                await _group.ProposeAsync(GatewayCommands.Close(gateway.Epoch), freesSpace: true);
            }
        }
    }

    /// <summary>A gateway asks for another lease.</summary>
    /// <returns>Granted; closed (it needs another epoch); or not led here.</returns>
    internal async ValueTask<RenewalAnswer> RenewAsync(ulong epoch)
    {
        TimeSpan asked = _environment.Clock.Now;
        if (!LooksLeading() || (await _group.ReadIndexAsync()).Status != ReadStatus.Ok || !LooksLeading())
        {
            return RenewalAnswer.NotLeader;
        }

        foreach (OpenGateway gateway in _module.Open)
        {
            if (gateway.Epoch == epoch)
            {
                _renewed[epoch] = asked;
                return RenewalAnswer.Granted;
            }
        }

        _renewed.Remove(epoch);
        return RenewalAnswer.Closed;
    }

    private bool LooksLeading()
    {
        if (!_group.IsLeader)
        {
            return false;
        }

        Term term = _group.Status().Term;
        if (term != _term)
        {
            // What an earlier leader granted is not known here: every lease counts from now.
            (_term, _leadsSince) = (term, _environment.Clock.Now);
            _renewed.Clear();
        }

        return true;
    }
}

/// <summary>What a keeper says to a renewal.</summary>
internal enum RenewalAnswer : byte
{
    /// <summary>Another lease from when the question was sent.</summary>
    Granted = 1,

    /// <summary>The epoch is over.</summary>
    Closed = 2,

    /// <summary>Ask another replica.</summary>
    NotLeader = 3,
}
