using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using Xunit;

namespace ObjectStore.Seam.Proofs;

/// <summary>What every loop does, as the docstrings of <see cref="ILoop"/> and <see cref="ISpawner"/> say.</summary>
public abstract class LoopContract
{
    protected abstract SeamFixture CreateFixture();

    [Fact]
    public void Work_of_one_poster_runs_in_order_and_never_inline() => Run(async fixture =>
    {
        ILoop loop = fixture.Spawner.CreateLoop("l");
        Assert.Equal("l", loop.Name);
        bool ran = false;
        bool inline = await loop.CallAsync(
            _ =>
            {
                loop.Post(__ => ran = true, state: null);
                return new ValueTask<bool>(ran);
            },
            0);
        Assert.False(inline);
        Assert.True(await loop.CallAsync(_ => new ValueTask<bool>(ran), 0));
        var order = new List<int>();
        for (int item = 0; item < 1000; item++)
        {
            loop.Post(state => order.Add((int)state!), item);
        }

        await loop.CallAsync(_ => new ValueTask<int>(0), 0);
        Assert.Equal(Enumerable.Range(0, 1000), order);
    });

    [Fact]
    public void Code_knows_its_loop_and_awaits_continue_on_it() => Run(async fixture =>
    {
        ILoop first = fixture.Spawner.CreateLoop("first");
        ILoop second = fixture.Spawner.CreateLoop("second");
        Assert.False(first.IsCurrent);
        await first.CallAsync(
            async _ =>
            {
                Assert.True(first.IsCurrent);
                Assert.False(second.IsCurrent);
                await Task.Yield();
                Assert.True(first.IsCurrent);
                await fixture.Clock.DelayAsync(TimeSpan.FromMilliseconds(1));
                Assert.True(first.IsCurrent);
                Assert.True(await second.CallAsync(__ => new ValueTask<bool>(second.IsCurrent && !first.IsCurrent), 0));
                Assert.True(first.IsCurrent);
                await using IDiskFile file = (await fixture.Disk.OpenAsync("a", DiskOpen.Create)).Value;
                Assert.True(first.IsCurrent);
                await file.WriteAsync(0, new byte[100]);
                Assert.True(first.IsCurrent);
                await file.SyncAsync();
                Assert.True(first.IsCurrent);
                return 0;
            },
            0);
        Assert.False(first.IsCurrent);
    });

    [Fact]
    public void Nothing_else_runs_between_two_awaits() => Run(async fixture =>
    {
        ILoop loop = fixture.Spawner.CreateLoop("l");
        int inside = 0;
        var calls = new List<Task<int>>();
        for (int call = 0; call < 50; call++)
        {
            calls.Add(loop.CallAsync(
                async _ =>
                {
                    for (int round = 0; round < 20; round++)
                    {
                        Assert.Equal(1, ++inside);
                        inside--;
                        await Task.Yield();
                    }

                    return 0;
                },
                0));
        }

        foreach (Task<int> call in calls)
        {
            await call;
        }
    });

    [Fact]
    public void A_call_brings_back_results_and_exceptions() => Run(async fixture =>
    {
        ILoop loop = fixture.Spawner.CreateLoop("l");
        Assert.Equal(42, await loop.CallAsync(static state => new ValueTask<int>(state + 1), 41));
        await Assert.ThrowsAsync<FormatException>(() => loop.CallAsync<int, int>(static _ => throw new FormatException(), 0));
    });

    [Fact]
    public void Work_that_enters_runs_alone_on_its_loop_and_never_inside_other_work() => Run(async fixture =>
    {
        ILoop loop = fixture.Spawner.CreateLoop("l");
        ILoop other = fixture.Spawner.CreateLoop("other");
        int inside = 0;
        var calls = new List<Task<int>>();
        for (int call = 0; call < 100; call++)
        {
            ILoop from = call % 2 == 0 ? loop : other;
            calls.Add(from.EnterAsync(
                async _ =>
                {
                    // Another thread may run it at once; this one must not, before the call has returned.
                    bool nested = true;
                    int caller = Environment.CurrentManagedThreadId;
                    Task<int> within = loop.EnterAsync(
                        __ =>
                        {
                            Assert.False(Environment.CurrentManagedThreadId == caller && nested);
                            Assert.True(loop.IsCurrent && !other.IsCurrent);
                            Assert.Equal(1, ++inside);
                            inside--;
                            return new ValueTask<int>(1);
                        },
                        0);
                    Assert.True(from.IsCurrent);
                    nested = false;
                    return await within;
                },
                0));
        }

        int total = 0;
        foreach (Task<int> call in calls)
        {
            total += await call;
        }

        Assert.Equal(100, total);
        await Assert.ThrowsAsync<FormatException>(() => loop.EnterAsync<int, int>(static _ => throw new FormatException(), 0));
    });

    [Fact]
    public void Spawned_work_runs_on_its_loop_and_may_end_by_cancellation() => Run(async fixture =>
    {
        ILoop loop = fixture.Spawner.CreateLoop("l");
        var done = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        fixture.Spawner.Spawn(loop, "work", async () =>
        {
            await Task.Yield();
            done.SetResult(loop.IsCurrent);
        });
        fixture.Spawner.Spawn(loop, "cancelled", static () => throw new OperationCanceledException());
        Assert.True(await done.Task);
    });

    private void Run(Func<SeamFixture, Task> body)
    {
        using SeamFixture fixture = CreateFixture();
        fixture.Run(() => body(fixture));
    }
}
