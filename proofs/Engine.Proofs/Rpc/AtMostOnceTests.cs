using System;
using System.Threading.Tasks;
using CsCheck;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Rpc;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Engine.Proofs.Rpc;

/// <summary>Goal: no call is executed twice, and what callers are told is true. Method: nodes that crash and start while frames are lost, repeated and late by several lives; a ledger outside of them.</summary>
public sealed class AtMostOnceTests
{
    private static readonly string[] Names = ["a", "b", "c"];
    private static readonly int[] DelaysMs = [2, 50, 3000];

    private static readonly Gen<LinkOptions> Links = Gen.Select(
        Gen.Int[0, 400_000],
        Gen.Int[0, 500_000],
        Gen.Int[0, 2].Select(static at => DelaysMs[at]),
        static (loss, repeat, delayMs) => new LinkOptions { LossPerMillion = loss, RepeatPerMillion = repeat, DelayMax = TimeSpan.FromMilliseconds(delayMs) });

    [Fact]
    public void A_call_is_executed_at_most_once_and_its_end_is_told_truly() =>
        Gen.Select(Gen.ULong, Links, Gen.Int[0, 12]).Sample(
            static (seed, link, restarts) =>
            {
                var rig = new RpcRig(seed);
                rig.World.Network.Default = link;
                rig.World.Run(() => LiveAsync(rig, restarts));
                string broken = rig.Ledger.Broken();
                return broken.Length == 0 ? true : throw new InvalidOperationException(broken);
            },
            iter: 150,
            threads: 1);

    [Fact]
    public void On_a_healthy_network_every_call_is_executed_and_answered()
    {
        var rig = new RpcRig(3);
        rig.World.Run(() => LiveAsync(rig, restarts: 0));
        Assert.Equal("", rig.Ledger.Broken());
        Assert.Equal(rig.Ledger.Told, rig.Ledger.CountTold(RpcStatus.Ok));
    }

    [Fact]
    public void The_ledger_notices_repeats_when_nothing_holds_them_back()
    {
        var rig = new RpcRig(1);
        rig.World.Network.Default = new LinkOptions { RepeatPerMillion = 1_000_000 };
        rig.World.Run(async () =>
        {
            await StartAllAsync(rig);
            rig["a"].Send(new NodeId("b"), RpcRig.Message, [1, 0, 0, 0]);
            await rig.World.Clock.DelayAsync(TimeSpan.FromSeconds(1));
        });
        Assert.Equal("call 1 was executed 2 times", rig.Ledger.Broken());
    }

    [Fact]
    public void The_ledger_notices_a_call_that_was_executed_although_its_caller_was_told_otherwise()
    {
        var ledger = new RpcLedger();
        ledger.Tell(1, RpcStatus.NotExecuted);
        Assert.Equal("", ledger.Broken());
        ledger.Execute(1);
        Assert.Equal("call 1 was executed, but its caller was told that it was not", ledger.Broken());
        ledger = new RpcLedger();
        ledger.Tell(2, RpcStatus.Ok);
        Assert.Equal("call 2 was answered and never executed", ledger.Broken());
    }

    [Fact]
    public void Calls_succeed_again_soon_after_the_peer_began_another_life()
    {
        var rig = new RpcRig(8);
        TimeSpan took = TimeSpan.Zero;
        rig.World.Run(async () =>
        {
            await StartAllAsync(rig);
            Assert.True((await rig.CallAsync("a", "b", 1, TimeSpan.FromSeconds(5)))!.Value.Ok);
            rig.Crash("b");
            Task<RpcReply?> lost = rig.CallAsync("a", "b", 2, TimeSpan.FromSeconds(60));
            await rig.World.Clock.DelayAsync(TimeSpan.FromSeconds(1));
            await rig.StartAsync("b");
            TimeSpan began = rig.World.Now;
            RpcReply? stale = await rig.CallAsync("a", "b", 3, TimeSpan.FromSeconds(60));
            RpcReply? next = await rig.CallAsync("a", "b", 4, TimeSpan.FromSeconds(60));
            took = rig.World.Now - began;
            Assert.Equal(RpcStatus.Unknown, stale!.Value.Status);
            Assert.True(next!.Value.Ok);

            // What the earlier life took with it does not wait for its own timeout.
            Assert.Equal(RpcStatus.Unknown, (await lost)!.Value.Status);
        });
        Assert.True(took < TimeSpan.FromMilliseconds(200), $"{took}");
    }

    private static async Task StartAllAsync(RpcRig rig)
    {
        foreach (string name in Names)
        {
            rig.Add(name);
            await rig.StartAsync(name);
        }
    }

    private static async Task LiveAsync(RpcRig rig, int restarts)
    {
        await StartAllAsync(rig);
        IChoices choices = rig.World.Choices;
        rig.HandlerTime = () => TimeSpan.FromMilliseconds(choices.Between(0, 30, "handler"));
        Task[] callers = [CallManyAsync(rig, "a", 0), CallManyAsync(rig, "b", 1000), CallManyAsync(rig, "c", 2000), RestartAsync(rig, restarts)];
        await Task.WhenAll(callers);

        // Everything that was on its way has arrived by now.
        await rig.World.Clock.DelayAsync(TimeSpan.FromSeconds(10));
    }

    private static async Task CallManyAsync(RpcRig rig, string from, int firstCall)
    {
        IChoices choices = rig.World.Choices;
        for (int call = firstCall; call < firstCall + 40; call++)
        {
            if (!rig.IsUp(from))
            {
                await rig.World.Clock.DelayAsync(TimeSpan.FromMilliseconds(20));
                continue;
            }

            string to = Names[choices.Next(Names.Length, "callee")];
            Task<RpcReply?> running = rig.CallAsync(from, to, call, TimeSpan.FromMilliseconds(choices.Between(100, 2000, "timeout")));
            if (choices.Next(3, "wait") == 0)
            {
                await running;
            }
            else
            {
                await rig.World.Clock.DelayAsync(TimeSpan.FromMilliseconds(choices.Between(0, 40, "pause")));
            }
        }

        await rig.World.Clock.DelayAsync(TimeSpan.FromSeconds(3));
    }

    private static async Task RestartAsync(RpcRig rig, int restarts)
    {
        IChoices choices = rig.World.Choices;
        for (int restart = 0; restart < restarts; restart++)
        {
            await rig.World.Clock.DelayAsync(TimeSpan.FromMilliseconds(choices.Between(1, 150, "life")));
            string node = Names[choices.Next(2, "victim")];
            rig.Crash(node);
            await rig.World.Clock.DelayAsync(TimeSpan.FromMilliseconds(choices.Between(0, 50, "death")));
            await rig.StartAsync(node);
        }
    }
}
