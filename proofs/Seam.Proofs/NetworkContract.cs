using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using Xunit;

namespace ObjectStore.Seam.Proofs;

/// <summary>What every healthy network does, as the docstrings of <see cref="INetwork"/> say. A set of seams without a network passes.</summary>
public abstract class NetworkContract
{
    protected abstract SeamFixture CreateFixture();

    [Fact]
    public void Frames_arrive_unaltered_from_their_sender_and_the_sender_may_reuse_its_buffer() => Run(async (a, b) =>
    {
        Assert.Equal(new NodeId("a"), a.Self);
        byte[] buffer = new byte[1000];
        var sent = new SortedSet<string>(StringComparer.Ordinal);
        for (int frame = 0; frame < 20; frame++)
        {
            new Random(frame).NextBytes(buffer);
            sent.Add(Convert.ToHexString(buffer.AsSpan(0, frame * 50)));
            a.Send(b.Self, buffer.AsSpan(0, frame * 50));
            buffer.AsSpan().Clear();
        }

        var arrived = new SortedSet<string>(StringComparer.Ordinal);
        for (int frame = 0; frame < 20; frame++)
        {
            NetworkFrame received = await b.ReceiveAsync();
            Assert.Equal(a.Self, received.From);
            arrived.Add(Convert.ToHexString(received.Payload.Span));
        }

        Assert.Equal(sent.ToArray(), arrived.ToArray());
    });

    [Fact]
    public void A_frame_in_two_parts_arrives_as_one_however_large() => Run(async (a, b) =>
    {
        foreach ((int head, int body) in ((int, int)[])[(0, 0), (0, 7), (28, 0), (28, 65_508), (28, 65_509), (28, 1 << 20), (28, INetwork.FrameSizeBytesMax - 28)])
        {
            byte[] whole = new byte[head + body];
            new Random(head + body).NextBytes(whole);
            a.Send(b.Self, whole.AsSpan(0, head), whole.AsSpan(head));
            NetworkFrame received = await b.ReceiveAsync();
            Assert.True(received.Payload.Span.SequenceEqual(whole), $"{head} and {body} bytes");
        }
    });

    [Fact]
    public void A_node_can_send_to_itself() => Run(async (a, _) =>
    {
        a.Send(a.Self, [1, 2, 3]);
        NetworkFrame received = await a.ReceiveAsync();
        Assert.Equal(a.Self, received.From);
        Assert.Equal([1, 2, 3], received.Payload.ToArray());
    });

    [Fact]
    public void Waiting_for_a_frame_can_be_cancelled_and_taken_up_again() => Run(async (a, b) =>
    {
        using var source = new CancellationTokenSource();
        Task<NetworkFrame> waiting = b.ReceiveAsync(source.Token).AsTask();
        Cancel(source);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        a.Send(b.Self, [7]);
        Assert.Equal([7], (await b.ReceiveAsync()).Payload.ToArray());
    });

    [Fact]
    public void A_frame_that_is_too_large_is_a_bug_of_the_sender() => Run((a, b) =>
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => a.Send(b.Self, new byte[INetwork.FrameSizeBytesMax + 1]));
        return Task.CompletedTask;
    });

    [Fact]
    public void A_frame_to_nobody_is_lost() => Run((a, _) =>
    {
        a.Send(new NodeId("nobody"), [1]);
        return Task.CompletedTask;
    });

    /// <summary>Not CancelAsync, which would leave the loop.</summary>
    private static void Cancel(CancellationTokenSource source) => source.Cancel();

    private void Run(Func<INetwork, INetwork, Task> body)
    {
        using SeamFixture fixture = CreateFixture();
        if (fixture.Network is { } ends)
        {
            fixture.Run(() => body(ends.A, ends.B));
        }
    }
}
