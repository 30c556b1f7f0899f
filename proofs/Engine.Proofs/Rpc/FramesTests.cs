using System;
using System.Threading.Tasks;
using CsCheck;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Rpc;
using Xunit;

namespace ObjectStore.Engine.Proofs.Rpc;

/// <summary>Goal: no frame, however made, breaks an endpoint. Method: a node that sends what it likes, half of it almost right.</summary>
public sealed class FramesTests
{
    private static readonly Gen<byte[]> Frames = Gen.OneOf(
        Gen.Byte.Array[0, 80],
        Gen.Select(Gen.Byte[0, 2], Gen.Byte[0, 8], Gen.Byte.Array[0, 80], static (version, kind, rest) => (byte[])[version, kind, .. rest]),
        Gen.Select(Gen.Byte[1, 6], Gen.UShort[0, 5], Gen.ULong[0, 3], Gen.ULong[0, 3], Gen.ULong, Gen.Byte.Array[0, 20], static (kind, method, sender, target, call, rest) =>
        {
            byte[] frame = new byte[RpcFrame.HeaderBytes + rest.Length];
            RpcFrame.Write(frame, (RpcFrameKind)kind, method, sender, target, call);
            rest.CopyTo(frame, RpcFrame.HeaderBytes);
            return frame;
        }));

    [Fact]
    public void Frames_that_mean_nothing_are_ignored_and_calls_go_on() =>
        Gen.Select(Gen.ULong, Frames.Array[1, 60]).Sample(
            static (seed, frames) =>
            {
                var rig = new RpcRig(seed);
                rig.World.Run(async () =>
                {
                    foreach (string name in (string[])["a", "b"])
                    {
                        rig.Add(name);
                        await rig.StartAsync(name);
                    }

                    INetwork stranger = rig.World.CreateEnvironment(rig.World.CreateDisk(), "c").Network;
                    foreach (byte[] frame in frames)
                    {
                        // A message is executed by whom it reaches; all else may not be.
                        if (frame.Length < 2 || frame[1] != (byte)RpcFrameKind.OneWay)
                        {
                            stranger.Send(new NodeId("b"), frame);
                        }
                    }

                    for (int call = 0; call < 5; call++)
                    {
                        RpcReply? reply = await rig.CallAsync("a", "b", call, TimeSpan.FromSeconds(10));
                        Assert.True(reply!.Value.Ok);
                    }
                });
                Assert.Equal(5, rig.Ledger.Executed);
                return true;
            },
            iter: 200,
            threads: 1);

    [Fact]
    public void An_answer_of_an_unknown_status_counts_as_failed()
    {
        RpcReply reply = Against(static (frame, _) => (RpcFrameKind.Response, 999, frame.Sender, frame.Call));
        Assert.Equal(RpcStatus.Failed, reply.Status);
    }

    [Fact]
    public void An_answer_to_another_life_of_the_caller_is_ignored()
    {
        RpcReply reply = Against(static (frame, _) => (RpcFrameKind.Response, 0, frame.Sender + 1, frame.Call));
        Assert.Equal(RpcStatus.Unknown, reply.Status);
    }

    [Fact]
    public void A_header_survives_writing_and_reading() =>
        Gen.Select(Gen.Byte[1, 6], Gen.UShort, Gen.ULong, Gen.ULong, Gen.ULong).Sample(static (kind, method, sender, target, call) =>
        {
            byte[] frame = new byte[RpcFrame.HeaderBytes];
            RpcFrame.Write(frame, (RpcFrameKind)kind, method, sender, target, call);
            Assert.True(RpcFrame.TryRead(frame, out RpcFrame read));
            Assert.Equal(((RpcFrameKind)kind, method, sender, target, call), (read.Kind, read.Method, read.Sender, read.Target, read.Call));
            Assert.False(RpcFrame.TryRead(frame.AsSpan(1), out _));
        });

    private delegate (RpcFrameKind Kind, int Method, ulong Target, ulong Call) Answer(RpcFrame request, int nth);

    /// <summary>How a call ends at a peer that greets as it should and then answers as told.</summary>
    private static RpcReply Against(Answer answer)
    {
        var rig = new RpcRig(5);
        return rig.World.Run(async () =>
        {
            rig.Add("a");
            await rig.StartAsync("a");
            NodeEnvironment peer = rig.World.CreateEnvironment(rig.World.CreateDisk(), "b");
            peer.Spawner.Spawn(rig.World.TestLoop, "peer", () => AnswerAsync(peer.Network, answer));
            return (await rig.CallAsync("a", "b", 1, TimeSpan.FromSeconds(1)))!.Value;
        });
    }

    private static async Task AnswerAsync(INetwork network, Answer answer)
    {
        for (int nth = 0; ; nth++)
        {
            NetworkFrame frame = await network.ReceiveAsync();
            network.Send(frame.From, Make(frame.Payload.Span, answer, nth));
        }
    }

    private static byte[] Make(ReadOnlySpan<byte> frame, Answer answer, int nth)
    {
        Assert.True(RpcFrame.TryRead(frame, out RpcFrame read));
        bool greets = read.Kind == RpcFrameKind.Hello;
        byte[] made = new byte[RpcFrame.HeaderBytes + (greets ? sizeof(ulong) : 0)];
        made[^1] = 1;
        (RpcFrameKind kind, int method, ulong target, ulong call) = greets ? (RpcFrameKind.HelloAnswer, 0, read.Sender, read.Call) : answer(read, nth);
        RpcFrame.Write(made, kind, (ushort)method, 77, target, call);
        return made;
    }
}
