using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Rpc;
using ObjectStore.Sim.World;

namespace ObjectStore.Engine.Proofs.Rpc;

/// <summary>Simulated nodes with an endpoint each.</summary>
internal sealed class RpcRig
{
    internal static readonly RpcMethod Execute = new(0x0001);
    internal static readonly RpcMethod Message = new(0x0002);
    internal static readonly RpcMethod Unanswered = new(0x0003);

    private readonly SortedDictionary<string, (SimNode Node, RpcEndpoint? Endpoint)> _nodes = [];

    internal RpcRig(ulong seed, RpcOptions? options = null)
    {
        World = new SimWorld(new SeededChoices(seed), new SimOptions { StepLimit = 5_000_000 });
        Options = options ?? new RpcOptions();
    }

    internal SimWorld World { get; }

    internal RpcOptions Options { get; }

    internal RpcLedger Ledger { get; } = new();

    /// <summary>How long handlers take.</summary>
    internal Func<TimeSpan> HandlerTime { get; set; } = static () => TimeSpan.Zero;

    internal int HandlersAtOnce { get; private set; }

    internal int HandlersAtOnceMax { get; private set; }

    internal RpcEndpoint this[string node] => _nodes[node].Endpoint!;

    internal void Add(string name) => _nodes.Add(name, (World.CreateNode(name), null));

    /// <summary>True once the node's present life has an endpoint.</summary>
    internal bool IsUp(string node) => _nodes[node].Endpoint is not null;

    internal void Crash(string node)
    {
        _nodes[node].Node.Crash();
        _nodes[node] = (_nodes[node].Node, null);
        HandlersAtOnce = 0;
    }

    internal async Task StartAsync(string name)
    {
        SimNode node = _nodes[name].Node;
        RpcEndpoint endpoint = await node.Start(environment =>
        {
            var made = new RpcEndpoint(environment, environment.Spawner.CreateLoop("rpc"), Options);
            made.Handle(Execute, (_, request) => ExecuteAsync(environment, request));
            made.Receive(Message, (_, message) => Ledger.Execute(BinaryPrimitives.ReadInt32LittleEndian(message.Span)));
            made.Start();
            return Task.FromResult(made);
        });
        _nodes[name] = (node, endpoint);
    }

    /// <summary>One call, noted in the ledger unless the caller's node dies first.</summary>
    internal async Task<RpcReply?> CallAsync(string from, string to, int call, TimeSpan timeout, int requestBytes = sizeof(int))
    {
        byte[] request = new byte[Math.Max(sizeof(int), requestBytes)];
        BinaryPrimitives.WriteInt32LittleEndian(request, call);
        RpcEndpoint endpoint = this[from];
        try
        {
            RpcReply reply = await _nodes[from].Node.CallAsync(() => endpoint.CallAsync(new NodeId(to), Execute, request, timeout));
            Ledger.Tell(call, reply.Status);
            if (reply.Ok && BinaryPrimitives.ReadInt32LittleEndian(reply.Payload.Span) != ~call)
            {
                throw new InvalidOperationException($"call {call} got the answer of another");
            }

            return reply;
        }
        catch (SimNodeCrashedException)
        {
            return null;
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> ExecuteAsync(NodeEnvironment environment, ReadOnlyMemory<byte> request)
    {
        int call = BinaryPrimitives.ReadInt32LittleEndian(request.Span);
        Ledger.Execute(call);
        HandlersAtOnceMax = Math.Max(HandlersAtOnceMax, ++HandlersAtOnce);
        await environment.Clock.DelayAsync(HandlerTime());
        HandlersAtOnce--;
        byte[] answer = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(answer, ~call);
        return answer;
    }
}
