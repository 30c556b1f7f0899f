using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;

namespace ObjectStore.Engine.Rpc;

/// <summary>A node's end of all calls to and from other nodes.</summary>
/// <remarks>
/// Over frames that may be lost, repeated and overtaken, a handler runs at most once for a call: requests carry the caller's instance and a number, and name a session that the receiver's
/// present life gave to that instance, so a frame that was repeated, or is late by a whole life of either side, is not run. Calls whose request or answer is large wait for each other only, so that small
/// ones do not wait for them. The endpoint lives on one loop, which receives frames and starts handlers; callers come from any thread.
/// Source: Birrell and Nelson, "Implementing Remote Procedure Calls", TOCS 2(1), 1984 (at-most-once and call identifiers).
/// </remarks>
public sealed class RpcEndpoint
{
    /// <summary>Largest payload of a request, a response or a message.</summary>
    public const int PayloadBytesMax = INetwork.FrameSizeBytesMax - RpcFrame.HeaderBytes;

    private readonly NodeEnvironment _environment;
    private readonly ILoop _loop;
    private readonly RpcOptions _options;
    private readonly ulong _instance;
    private readonly SortedDictionary<NodeId, RpcPeer> _peers = [];
    private readonly Dictionary<ushort, Func<NodeId, ReadOnlyMemory<byte>, ValueTask<ReadOnlyMemory<byte>>>> _handlers = [];
    private readonly Dictionary<ushort, Action<NodeId, ReadOnlyMemory<byte>>> _receivers = [];

    /// <summary>Prepares an endpoint. Register what it answers, then <see cref="Start"/> it.</summary>
    /// <param name="environment">The seams; frames of its network are this endpoint's alone.</param>
    /// <param name="loop">Receives frames and starts handlers.</param>
    /// <param name="options">Bounds.</param>
    public RpcEndpoint(NodeEnvironment environment, ILoop loop, RpcOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(loop);
        (_environment, _loop, _options) = (environment, loop, options ?? new RpcOptions());
        Deadlines = new RpcDeadlines(environment.Clock);
        do
        {
            _instance = environment.Entropy.NextUInt64();
        }
        while (_instance == 0);
    }

    /// <summary>This node.</summary>
    public NodeId Self => _environment.Network.Self;

    /// <summary>The loop that handlers start on.</summary>
    public ILoop Loop => _loop;

    internal RpcDeadlines Deadlines { get; }

    internal RpcOptions Options => _options;

    internal NodeEnvironment Environment => _environment;

    /// <summary>Answers a method. Before <see cref="Start"/>.</summary>
    /// <param name="method">Not answered yet.</param>
    /// <param name="handler">Runs on <see cref="Loop"/>: hands work to other loops itself. The request's memory is its own. A failure that callers should understand is part of the answer:
    /// <see cref="RpcFailedException"/>, <see cref="MalformedDataException"/> and <see cref="OperationCanceledException"/> become <see cref="RpcStatus.Failed"/>; anything else is a bug and ends the node.</param>
    public void Handle(RpcMethod method, Func<NodeId, ReadOnlyMemory<byte>, ValueTask<ReadOnlyMemory<byte>>> handler) => _handlers.Add(method.Number, handler);

    /// <summary>Takes messages that nobody answers. Before <see cref="Start"/>.</summary>
    public void Receive(RpcMethod method, Action<NodeId, ReadOnlyMemory<byte>> receiver) => _receivers.Add(method.Number, receiver);

    /// <summary>Begins to receive.</summary>
    public void Start() => _environment.Spawner.Spawn(_loop, "rpc-receive", ReceiveAsync);

    /// <summary>Sends a message once; it may be lost, overtaken or arrive twice. From any thread.</summary>
    public void Send(NodeId to, RpcMethod method, ReadOnlySpan<byte> payload)
    {
        if (_loop.IsCurrent)
        {
            SendFrame(to, RpcFrameKind.OneWay, method.Number, 0, 0, payload);
        }
        else
        {
            _loop.Post(static item => ((OneWay)item!).Go(), new OneWay(this, to, method, payload.ToArray()));
        }
    }

    /// <summary>Calls a method of a node, this one included, and waits for its end. From any thread.</summary>
    /// <param name="to">Who.</param>
    /// <param name="method">What.</param>
    /// <param name="request">At most <see cref="PayloadBytesMax"/> bytes; unchanged until the call ends.</param>
    /// <param name="timeout">Until the call counts as <see cref="RpcStatus.Unknown"/>, or <see cref="RpcStatus.NotExecuted"/> when it was not even sent.</param>
    /// <param name="answerBytesMax">How large the answer may be, where that is much (reading a shard): counts against <see cref="RpcOptions.BytesInFlightMax"/> like the request.</param>
    public Task<RpcReply> CallAsync(NodeId to, RpcMethod method, ReadOnlyMemory<byte> request, TimeSpan timeout, int answerBytesMax = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(request.Length, PayloadBytesMax, nameof(request));
        var call = new RpcCall(this, to, method, request, timeout, answerBytesMax);
        _loop.Post(static item => ((RpcCall)item!).Begin(), call);
        return call.Task;
    }

    internal RpcPeer Peer(NodeId node)
    {
        Invariant.Check(_loop.IsCurrent, "an endpoint belongs to one loop");
        if (!_peers.TryGetValue(node, out RpcPeer? peer))
        {
            peer = new RpcPeer(this, node);
            _peers.Add(node, peer);
        }

        return peer;
    }

    internal void SendFrame(NodeId to, RpcFrameKind kind, ushort method, ulong target, ulong call, ReadOnlySpan<byte> payload)
    {
        Span<byte> header = stackalloc byte[RpcFrame.HeaderBytes];
        RpcFrame.Write(header, kind, method, _instance, target, call);
        _environment.Network.Send(to, header, payload);
    }

    private async Task ReceiveAsync()
    {
        // The event loop of the endpoint; ends with the node.
        while (true)
        {
            NetworkFrame frame = await _environment.Network.ReceiveAsync();
            Take(frame);
        }
    }

    private void Take(NetworkFrame frame)
    {
        if (!RpcFrame.TryRead(frame.Payload.Span, out RpcFrame read))
        {
            _environment.Trace.Mark("rpc-unknown-frame");
            return;
        }

        RpcPeer peer = Peer(frame.From);
        ReadOnlyMemory<byte> payload = frame.Payload[RpcFrame.HeaderBytes..];
        switch (read.Kind)
        {
            case RpcFrameKind.OneWay:
                if (_receivers.TryGetValue(read.Method, out Action<NodeId, ReadOnlyMemory<byte>>? receiver))
                {
                    receiver(frame.From, payload);
                }

                break;
            case RpcFrameKind.Hello:
                Span<byte> session = stackalloc byte[sizeof(ulong)];
                BinaryPrimitives.WriteUInt64LittleEndian(session, peer.Sessions.Open(read.Sender));
                SendFrame(frame.From, RpcFrameKind.HelloAnswer, 0, read.Sender, read.Call, session);
                break;
            case RpcFrameKind.HelloAnswer when read.Target == _instance && payload.Length == sizeof(ulong):
                peer.Greeted(read.Call, read.Sender, BinaryPrimitives.ReadUInt64LittleEndian(payload.Span));
                break;
            case RpcFrameKind.Request:
                TakeRequest(peer, read, payload);
                break;
            case RpcFrameKind.Response when read.Target == _instance:
                RpcStatus status = read.Method <= (ushort)RpcStatus.Failed ? (RpcStatus)read.Method : RpcStatus.Failed;
                peer.Ended(read.Call, new RpcReply(status, payload));
                break;
            case RpcFrameKind.Stale when read.Target == _instance:
                _environment.Trace.Mark("rpc-stale-session");
                peer.Refused(read.Call);
                break;
            default:
                _environment.Trace.Mark("rpc-late-frame");
                break;
        }
    }

    private void TakeRequest(RpcPeer peer, RpcFrame request, ReadOnlyMemory<byte> payload)
    {
        if (peer.Sessions.Find(request.Sender, request.Target) is not { } taken)
        {
            SendFrame(peer.Node, RpcFrameKind.Stale, 0, request.Sender, request.Call, []);
        }
        else if (!taken.TryTake(request.Call))
        {
            _environment.Trace.Mark("rpc-repeated-request");
        }
        else if (peer.HandlersRunning >= _options.HandlersMax
            || !_handlers.TryGetValue(request.Method, out Func<NodeId, ReadOnlyMemory<byte>, ValueTask<ReadOnlyMemory<byte>>>? handler))
        {
            SendFrame(peer.Node, RpcFrameKind.Response, (ushort)RpcStatus.NotExecuted, request.Sender, request.Call, []);
        }
        else
        {
            Run(peer, request.Sender, request.Call, handler, payload);
        }
    }

    private async void Run(
        RpcPeer peer, ulong caller, ulong call, Func<NodeId, ReadOnlyMemory<byte>, ValueTask<ReadOnlyMemory<byte>>> handler, ReadOnlyMemory<byte> request)
    {
        RpcStatus status = RpcStatus.Failed;
        ReadOnlyMemory<byte> answer = default;
        peer.HandlersRunning++;
        try
        {
            answer = await handler(peer.Node, request);
            Invariant.Check(answer.Length <= PayloadBytesMax, "an answer fits into a frame");
            status = RpcStatus.Ok;
        }
        catch (MalformedDataException failure)
        {
            _environment.Trace.Emit(TraceLevel.Warning, "rpc", "malformed-request", ("from", peer.Node.Value), ("failure", failure.Message));
        }
        catch (RpcFailedException failure)
        {
            _environment.Trace.Emit(TraceLevel.Warning, "rpc", "handler-failed", ("from", peer.Node.Value), ("failure", failure.Message));
        }
        catch (OperationCanceledException)
        {
            _environment.Trace.Mark("rpc-handler-cancelled");
        }
        finally
        {
            peer.HandlersRunning--;
        }

        SendFrame(peer.Node, RpcFrameKind.Response, (ushort)status, caller, call, answer.Span);
    }

    private sealed record OneWay(RpcEndpoint Endpoint, NodeId To, RpcMethod Method, byte[] Payload)
    {
        internal void Go() => Endpoint.SendFrame(To, RpcFrameKind.OneWay, Method.Number, 0, 0, Payload);
    }
}
