using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Rpc;
using ObjectStore.Engine.Storage;

namespace ObjectStore.Engine.Cluster;

/// <summary>Says which gateways may still serve reads.</summary>
public interface ILiveGateways
{
    /// <summary>The nodes of all gateways whose epoch is not over: every one that may serve a read at the moment of the call is among them.</summary>
    /// <exception cref="StorageException">It cannot be told now.</exception>
    Task<IReadOnlyList<NodeId>> ListAsync();
}

/// <summary>Tells other nodes how far this gateway's reads are, and waits for those of others.</summary>
/// <remarks>
/// A grace period: each gateway says which number its next read gets; when all reads below that have ended, whatever was unreachable before the question is needed by nobody.
/// A gateway that answers from another life has lost the reads of the one before. One that does not answer is waited for until its epoch is over; it then stops serving reads by itself.
/// </remarks>
public sealed class GatewayReads
{
    private static readonly RpcMethod Look = new(0x0203);
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(1);

    private readonly IClock _clock;
    private readonly RpcEndpoint _rpc;
    private readonly OpenReads _reads;
    private readonly ILiveGateways _live;
    private readonly TimeSpan _pollInterval;
    private readonly ulong _life;

    /// <summary>Registers its method, so before the endpoint starts.</summary>
    /// <param name="environment">The seams.</param>
    /// <param name="rpc">Calls to other nodes.</param>
    /// <param name="reads">Reads of this gateway.</param>
    /// <param name="live">Who is asked.</param>
    /// <param name="pollInterval">Between two questions to the same gateway.</param>
    public GatewayReads(NodeEnvironment environment, RpcEndpoint rpc, OpenReads reads, ILiveGateways live, TimeSpan pollInterval)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(rpc);
        ArgumentNullException.ThrowIfNull(reads);
        ArgumentNullException.ThrowIfNull(live);
        (_clock, _rpc, _reads, _live, _pollInterval, _life) = (environment.Clock, rpc, reads, live, pollInterval, environment.Entropy.NextUInt64());
        rpc.Handle(Look, (_, _) => new ValueTask<ReadOnlyMemory<byte>>(Answer()));
    }

    /// <summary>Ends when every read that had begun on any gateway when this was called has ended.</summary>
    /// <exception cref="StorageException">The gateways cannot be listed now.</exception>
    public async Task WaitForReadersAsync()
    {
        var waiting = new SortedDictionary<NodeId, Answered?>();
        foreach (NodeId node in await _live.ListAsync())
        {
            waiting[node] = null;
        }

        // Ends when each gateway's reads have ended or its epoch is over.
        while (true)
        {
            foreach (NodeId node in new List<NodeId>(waiting.Keys))
            {
                await AskAsync(waiting, node);
            }

            if (waiting.Count == 0)
            {
                return;
            }

            await _clock.DelayAsync(_pollInterval);
            var alive = new SortedSet<NodeId>(await _live.ListAsync());
            foreach (NodeId node in new List<NodeId>(waiting.Keys))
            {
                if (!alive.Contains(node))
                {
                    waiting.Remove(node);
                }
            }
        }
    }

    private async ValueTask AskAsync(SortedDictionary<NodeId, Answered?> waiting, NodeId node)
    {
        RpcReply reply = await _rpc.CallAsync(node, Look, default, AnswerTimeout);
        if (!reply.Ok)
        {
            return;
        }

        Answered now = Read(reply.Payload.Span);
        Answered first = waiting[node] ?? now;
        if (now.Life != first.Life || now.Oldest >= first.Next)
        {
            waiting.Remove(node);
        }
        else
        {
            waiting[node] = first;
        }
    }

    private ReadOnlyMemory<byte> Answer()
    {
        var to = new ByteWriter();
        (ulong next, ulong oldest) = _reads.Now;
        to.UInt64(_life);
        to.UInt64(next);
        to.UInt64(oldest);
        return to.WrittenMemory;
    }

    private static Answered Read(ReadOnlySpan<byte> payload)
    {
        var from = new ByteReader(payload);
        return new Answered(from.UInt64(), from.UInt64(), from.UInt64());
    }

    private readonly record struct Answered(ulong Life, ulong Next, ulong Oldest);
}
