using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using CsCheck;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Rpc;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Engine.Proofs.Rpc;

/// <summary>Goal: what is in flight, waits or runs is bounded, and deadlines hold. Method: simulated nodes with small bounds and slow handlers.</summary>
public sealed class BoundsTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    [Fact]
    public void Calls_in_flight_to_a_peer_are_bounded_and_the_rest_waits_its_turn()
    {
        RpcRig rig = Pair(new RpcOptions { CallsInFlightMax = 3 }, handlerMs: 10);
        int ok = rig.World.Run(async () =>
        {
            RpcReply?[] ends = await ManyAsync(rig, 20, Long);
            return ends.Count(static end => end!.Value.Ok);
        });
        Assert.Equal(20, ok);
        Assert.Equal(3, rig.HandlersAtOnceMax);
    }

    [Fact]
    public void Large_calls_are_bounded_by_bytes_and_one_above_the_bound_goes_alone()
    {
        RpcRig rig = Pair(new RpcOptions { BytesInFlightMax = 250_000 }, handlerMs: 10);
        int ok = rig.World.Run(async () =>
        {
            RpcReply?[] ends = await ManyAsync(rig, 6, Long, requestBytes: 100_000);
            RpcReply? alone = await rig.CallAsync("a", "b", 99, Long, requestBytes: 300_000);
            return ends.Append(alone).Count(static end => end!.Value.Ok);
        });
        Assert.Equal(7, ok);
        Assert.Equal(2, rig.HandlersAtOnceMax);
    }

    [Fact]
    public void A_small_call_does_not_wait_for_large_ones()
    {
        RpcRig rig = Pair(new RpcOptions { BytesInFlightMax = 100_000 }, handlerMs: 1000);
        TimeSpan small = rig.World.Run(async () =>
        {
            Task<RpcReply?[]> large = ManyAsync(rig, 5, Long, requestBytes: 100_000);
            await rig.World.Clock.DelayAsync(TimeSpan.FromMilliseconds(100));
            TimeSpan began = rig.World.Now;
            Assert.True((await rig.CallAsync("a", "b", 50, Long))!.Value.Ok);
            TimeSpan took = rig.World.Now - began;
            await large;
            return took;
        });
        Assert.InRange(small, TimeSpan.FromMilliseconds(1000), TimeSpan.FromMilliseconds(1100));
    }

    [Fact]
    public void A_full_queue_refuses_and_what_waits_too_long_was_not_executed()
    {
        RpcRig rig = Pair(new RpcOptions { CallsInFlightMax = 1, CallsWaitingMax = 4 }, handlerMs: 10_000);
        (RpcStatus[] statuses, TimeSpan took) = rig.World.Run(async () =>
        {
            TimeSpan began = rig.World.Now;
            Task<RpcReply?[]> calls = ManyAsync(rig, 10, TimeSpan.FromSeconds(1));
            RpcReply?[] ends = await calls;
            return (ends.Select(static end => end!.Value.Status).ToArray(), rig.World.Now - began);
        });
        Assert.Equal(1, statuses.Count(static status => status == RpcStatus.Unknown));
        Assert.Equal(9, statuses.Count(static status => status == RpcStatus.NotExecuted));
        Assert.InRange(took, TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(1100));
        rig.World.RunFor(TimeSpan.FromSeconds(30));
        Assert.Equal("", rig.Ledger.Broken());
        Assert.Equal(1, rig.Ledger.Executed);
    }

    [Fact]
    public void Handlers_of_a_peer_are_bounded_and_the_refused_call_was_not_executed()
    {
        RpcRig rig = Pair(new RpcOptions { HandlersMax = 4 }, handlerMs: 50);
        rig.World.Run(() => ManyAsync(rig, 10, Long));
        Assert.Equal(4, rig.HandlersAtOnceMax);
        Assert.Equal(4, rig.Ledger.CountTold(RpcStatus.Ok));
        Assert.Equal(6, rig.Ledger.CountTold(RpcStatus.NotExecuted));
        Assert.Equal("", rig.Ledger.Broken());
    }

    [Fact]
    public void A_method_that_nobody_answers_is_not_executed()
    {
        RpcRig rig = Pair(new RpcOptions(), handlerMs: 0);
        RpcReply reply = rig.World.Run(() => rig["a"].CallAsync(new NodeId("b"), RpcRig.Unanswered, default, Long));
        Assert.Equal(RpcStatus.NotExecuted, reply.Status);
    }

    [Fact]
    public void Each_call_ends_at_its_own_deadline_whatever_other_deadlines_there_are() =>
        Gen.Select(Gen.ULong, Gen.Int[1, 5000].Array[1, 40]).Sample(
            static (seed, timeoutsMs) =>
            {
                var rig = new RpcRig(seed);
                rig.Add("a");
                rig.World.Run(async () =>
                {
                    await rig.StartAsync("a");
                    var waits = new List<Task>();
                    for (int call = 0; call < timeoutsMs.Length; call++)
                    {
                        waits.Add(EndsInTimeAsync(rig, call, TimeSpan.FromMilliseconds(timeoutsMs[call])));
                        await rig.World.Clock.DelayAsync(TimeSpan.FromMilliseconds(rig.World.Choices.Between(0, 100, "pause")));
                    }

                    await Task.WhenAll(waits);
                });
                return true;
            },
            iter: 60,
            threads: 1);

    [Fact]
    public void Seen_calls_agree_with_a_set_until_a_number_falls_behind_the_window() =>
        Gen.Select(Gen.Int[0, 200_000], Gen.Int[1, 5].Select(static digits => (int)Math.Pow(10, digits)), Gen.Int[0, int.MaxValue].Array[1, 400]).Sample(
            static (start, spread, draws) =>
            {
                var seen = new SeenCalls();
                var model = new HashSet<ulong>();
                ulong highest = 0;
                foreach (int draw in draws)
                {
                    ulong call = (ulong)(start + (draw % spread));
                    bool fallenBehind = highest >= call && highest - call >= 1 << 16;
                    highest = Math.Max(highest, call);
                    Assert.Equal(!fallenBehind && model.Add(call), seen.TryTake(call));
                }
            },
            iter: 500,
            threads: 1);

    private static async Task EndsInTimeAsync(RpcRig rig, int call, TimeSpan timeout)
    {
        TimeSpan began = rig.World.Now;
        RpcReply? reply = await rig.CallAsync("a", "nobody", call, timeout);
        TimeSpan took = rig.World.Now - began;
        Assert.Equal(RpcStatus.NotExecuted, reply!.Value.Status);
        Assert.InRange(took, timeout, timeout + TimeSpan.FromMilliseconds(2));
    }

    private static RpcRig Pair(RpcOptions options, int handlerMs)
    {
        var rig = new RpcRig(11, options) { HandlerTime = () => TimeSpan.FromMilliseconds(handlerMs) };
        rig.World.Network.Default = new LinkOptions { DelayMax = TimeSpan.FromMicroseconds(100) };
        rig.World.Run(async () =>
        {
            foreach (string name in (string[])["a", "b"])
            {
                rig.Add(name);
                await rig.StartAsync(name);
            }
        });
        return rig;
    }

    private static Task<RpcReply?[]> ManyAsync(RpcRig rig, int count, TimeSpan timeout, int requestBytes = 4) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(call => rig.CallAsync("a", "b", call, timeout, requestBytes)).ToList());
}
