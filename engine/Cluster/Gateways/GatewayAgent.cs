using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Rpc;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>A gateway's own side of its epoch: asks for one, renews its lease, asks for another when it is over.</summary>
/// <remarks>Lives on the loop of its <see cref="GroupClient"/>; <see cref="Epoch"/> and <see cref="IsServing"/> may be read from any thread.</remarks>
public sealed class GatewayAgent : ILiveGateways
{
    private static readonly GroupId Root = new(1);
    private static readonly TimeSpan RenewTimeout = TimeSpan.FromSeconds(1);

    private readonly NodeEnvironment _environment;
    private readonly RpcEndpoint _rpc;
    private readonly GroupClient _client;
    private readonly IGroupLocator _locator;
    private readonly GatewayLeaseOptions _options;
    private ulong _epoch;
    private long _leaseEndsTicks;
    private int _wasClosed;

    /// <summary>Prepares it; start <see cref="RunAsync"/> on the client's loop.</summary>
    public GatewayAgent(NodeEnvironment environment, RpcEndpoint rpc, GroupClient client, IGroupLocator locator, GatewayLeaseOptions options)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(rpc);
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(locator);
        ArgumentNullException.ThrowIfNull(options);
        (_environment, _rpc, _client, _locator, _options) = (environment, rpc, client, locator, options);
    }

    /// <summary>The epoch of this life; 0 before the first.</summary>
    public ulong Epoch => Volatile.Read(ref _epoch);

    /// <summary>True while the lease holds: only then may requests be served, for only then do others wait for this gateway's reads.</summary>
    public bool IsServing => Epoch != 0 && _environment.Clock.Now.Ticks < Volatile.Read(ref _leaseEndsTicks);

    /// <summary>Another node refused the epoch: ask for another one.</summary>
    public void EpochWasClosed() => Volatile.Write(ref _wasClosed, 1);

    /// <summary>Registers the keeper's method, so before the endpoint starts.</summary>
    /// <param name="rpc">This node's endpoint.</param>
    /// <param name="loop">Of the root group.</param>
    /// <param name="keeper">The keeper, once the root group is open here; null before.</param>
    public static void Serve(RpcEndpoint rpc, ILoop loop, Func<GatewayKeeper?> keeper)
    {
        ArgumentNullException.ThrowIfNull(rpc);
        rpc.Handle(GatewayKeeper.Renew, (_, request) => new ValueTask<ReadOnlyMemory<byte>>(loop.CallAsync(
            static async call =>
            {
                RenewalAnswer answer = call.Keeper() is { } found ? await found.RenewAsync(EpochOf(call.Request.Span)) : RenewalAnswer.NotLeader;
                return (ReadOnlyMemory<byte>)new[] { (byte)answer };
            },
            (Keeper: keeper, Request: request))));
    }

    /// <summary>Keeps an epoch open; ends with the node.</summary>
    public async Task RunAsync()
    {
        while (true)
        {
            bool isOver = Interlocked.Exchange(ref _wasClosed, 0) == 1;
            if (_epoch == 0 || isOver || !await RenewAsync())
            {
                await OpenAsync();
            }

            await _environment.Clock.DelayAsync(_options.RenewInterval);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<NodeId>> ListAsync() =>
        _client.Loop.CallAsync(
            static async client =>
            {
                ReadOnlyMemory<byte> answer = await client.AskAsync(Root, GatewayCommands.List(), client.DeadlineFromNow());
                var nodes = new List<NodeId>();
                foreach (OpenGateway gateway in GatewayCommands.ReadList(answer.Span))
                {
                    nodes.Add(gateway.Node);
                }

                return (IReadOnlyList<NodeId>)nodes;
            },
            _client);

    private async ValueTask OpenAsync()
    {
        TimeSpan asked = _environment.Clock.Now;
        try
        {
            ReadOnlyMemory<byte> answer = await _client.ProposeAsync(Root, GatewayCommands.Open(_rpc.Self), _client.DeadlineFromNow());
            ulong epoch = EpochOf(answer.Span);
            Volatile.Write(ref _leaseEndsTicks, (asked + _options.OwnLease).Ticks);
            Volatile.Write(ref _epoch, epoch);
            _environment.Trace.Emit(TraceLevel.Info, "gateways", "epoch", ("node", _rpc.Self.Value), ("epoch", unchecked((long)epoch)));
        }
        catch (StorageException failure)
        {
            // An epoch that was opened without our learning of it is closed by the next one.
            _environment.Trace.Emit(TraceLevel.Debug, "gateways", "no-epoch", ("reason", failure.Message));
        }
    }

    /// <summary>False when the epoch is over.</summary>
    private async ValueTask<bool> RenewAsync()
    {
        var request = new ByteWriter(sizeof(ulong));
        request.UInt64(_epoch);
        foreach (NodeId node in _locator.ReplicasOf(Root))
        {
            TimeSpan asked = _environment.Clock.Now;
            RpcReply reply = await _rpc.CallAsync(node, GatewayKeeper.Renew, request.ToArray(), RenewTimeout);
            if (!reply.Ok || reply.Payload.Length != 1)
            {
                continue;
            }

            switch ((RenewalAnswer)reply.Payload.Span[0])
            {
                case RenewalAnswer.Granted:
                    Volatile.Write(ref _leaseEndsTicks, (asked + _options.OwnLease).Ticks);
                    return true;
                case RenewalAnswer.Closed:
                    _environment.Trace.Mark("gateway-epoch-was-closed");
                    return false;
                default:
                    break;
            }
        }

        return true;
    }

    private static ulong EpochOf(ReadOnlySpan<byte> bytes)
    {
        var from = new ByteReader(bytes);
        return from.UInt64();
    }
}
