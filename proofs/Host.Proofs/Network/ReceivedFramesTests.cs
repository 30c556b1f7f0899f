using System;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Host;
using ObjectStore.Engine.Kernel;
using Xunit;

namespace ObjectStore.Host.Proofs.Network;

public sealed class ReceivedFramesTests
{
    private const int LargeBytes = 16 * 1024 * 1024;
    private static readonly NodeId From = new("a");

    [Fact]
    public async Task Large_frames_wait_for_room_and_small_ones_overtake_them()
    {
        var frames = new ReceivedFrames();
        Task[] adding = [.. Enumerable.Range(0, 6).Select(_ => frames.AddAsync(Frame(LargeBytes), default).AsTask())];
        Assert.Equal(4, adding.Count(static task => task.IsCompleted));
        await frames.AddAsync(Frame(1), default);
        Assert.Equal(1, (await frames.ReceiveAsync(default)).Payload.Length);
        for (int frame = 0; frame < 6; frame++)
        {
            Assert.Equal(LargeBytes, (await frames.ReceiveAsync(default)).Payload.Length);
        }

        await Task.WhenAll(adding);
    }

    [Fact]
    public async Task A_large_frame_gets_its_turn_among_small_ones()
    {
        var frames = new ReceivedFrames();
        await frames.AddAsync(Frame(LargeBytes), default);
        for (int frame = 0; frame < 1000; frame++)
        {
            await frames.AddAsync(Frame(1), default);
        }

        int before = 0;
        while ((await frames.ReceiveAsync(default)).Payload.Length == 1)
        {
            before++;
        }

        Assert.InRange(before, 1, 100);
    }

    [Fact]
    public async Task A_frame_that_meets_a_cancelled_receiver_is_kept_for_the_next()
    {
        var frames = new ReceivedFrames();
        using var cancel = new System.Threading.CancellationTokenSource();
        Task<NetworkFrame> waiting = frames.ReceiveAsync(cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        frames.AddOrLose(Frame(3));
        Assert.Equal(3, (await frames.ReceiveAsync(default)).Payload.Length);
    }

    private static NetworkFrame Frame(int bytes) => new(From, new byte[bytes]);
}
