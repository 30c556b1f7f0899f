using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Host;
using ObjectStore.Engine.Kernel;
using Xunit;

namespace ObjectStore.Host.Proofs.Disk;

/// <summary>Goal: a thread that leaves a loop makes the blocking call that it began there, and nobody waits for it but those who await the call. Method: calls that block until the test lets them go.</summary>
public sealed class LedCallTests : IDisposable
{
    private readonly ConcurrentQueue<Exception> _escaped = new();
    private readonly HostLoop _loop;
    private readonly IoThreads _threads = new("led", 2);

    public LedCallTests() => _loop = new HostLoop("led-loop", (_, failure) => _escaped.Enqueue(failure));

    public void Dispose()
    {
        _loop.Dispose();
        _threads.Dispose();
        Assert.Empty(_escaped);
    }

    [Fact]
    public async Task Who_leaves_a_free_loop_makes_the_call_and_goes_on_in_the_loop()
    {
        int here = Environment.CurrentManagedThreadId;
        Task<(int Called, int Continued, bool InLoop)> entered = _loop.EnterAsync(
            static async rig =>
            {
                int called = await rig._threads.LeadAsync(0, static _ => Environment.CurrentManagedThreadId);
                return (called, Environment.CurrentManagedThreadId, rig._loop.IsCurrent);
            },
            this);
        Assert.True(entered.IsCompleted);
        Assert.False(IoThreads.IsCurrent);
        Assert.Equal((here, here, true), await entered);
    }

    [Fact]
    public async Task The_loop_is_free_during_the_call()
    {
        using var passed = new ManualResetEventSlim();
        bool finished = await _loop.EnterAsync(
            static rig => rig.Self._threads.LeadAsync(rig, static rig =>
            {
                rig.Self._loop.Post(static passed => ((ManualResetEventSlim)passed!).Set(), rig.Passed);
                rig.Passed.Wait();
                return true;
            }),
            (Self: this, Passed: passed));
        Assert.True(finished);
    }

    [Fact]
    public async Task Who_has_more_to_do_in_the_loop_leaves_the_call_to_the_disks_threads() => Assert.True(await _loop.EnterAsync(
        static rig =>
        {
            ValueTask<bool> call = rig.WhereAsync();
            rig._loop.Post(static _ => { }, null);
            return call;
        },
        this));

    [Fact]
    public async Task A_call_that_is_not_the_last_thing_of_a_turn_does_not_wait_for_its_end()
    {
        using var made = new ManualResetEventSlim();
        Assert.True(await _loop.EnterAsync(
            static async rig =>
            {
                var turn = new TaskCompletionSource<bool>();
                rig.Self._loop.Post(static state => Begin(state!), (rig.Self, rig.Made, turn));
                rig.Self._loop.Post(static made => ((ManualResetEventSlim)made!).Wait(), rig.Made);
                return await turn.Task;
            },
            (Self: this, Made: made)));

        static async void Begin(object state)
        {
            (LedCallTests self, ManualResetEventSlim made, TaskCompletionSource<bool> turn) = ((LedCallTests, ManualResetEventSlim, TaskCompletionSource<bool>))state;
            turn.SetResult(await self._threads.LeadAsync(made, static made =>
            {
                made.Set();
                return IoThreads.IsDiskThread;
            }));
        }
    }

    [Fact]
    public async Task Who_has_what_it_came_for_leaves_the_call_to_the_disks_threads()
    {
        ValueTask<bool> call = default;
        await _loop.EnterAsync(
            rig =>
            {
                call = rig.WhereAsync();
                return ValueTask.FromResult(0);
            },
            this);
        Assert.True(await call);
    }

    [Fact]
    public async Task What_follows_a_led_call_leads_no_other() => Assert.Equal((false, true), await _loop.EnterAsync(
        static async rig => (await rig.WhereAsync(), await rig.WhereAsync()),
        this));

    [Theory]
    [InlineData(1, true, 1)]
    [InlineData(8, true, 8)]
    [InlineData(8, false, 8)]
    [InlineData(20, true, 8)]
    [InlineData(20, false, 0)]
    public async Task A_thread_of_the_disk_keeps_its_call_for_a_few_items_of_the_loop(int itemCount, bool oneByOne, int kept)
    {
        var run = new Keeper(_loop, _threads, itemCount, oneByOne);
        using var left = new ManualResetEventSlim();
        Task<bool> entered = _loop.EnterAsync(
            static async rig =>
            {
                await rig.Threads.RunAsync(rig.Left, static left =>
                {
                    left.Wait();
                    return true;
                });
                ValueTask<bool> call = rig.Threads.LeadAsync(0, static _ => IoThreads.IsDiskThread);
                rig.Run.Go();
                return await call;
            },
            (Threads: _threads, Run: run, Left: left));
        left.Set();
        Assert.True(await entered);
        Assert.Equal([.. Enumerable.Repeat(1, kept), .. Enumerable.Repeat(0, itemCount - kept)], await run.Led);
    }

    [Fact]
    public async Task One_thread_at_a_time_leads()
    {
        using var other = new HostLoop("other-loop");
        Assert.True(await _loop.EnterAsync(
            static rig => rig.Self._threads.LeadAsync(rig, static rig =>
            {
                Task<bool>? second = null;
                var enterer = new Thread(() => second = rig.Other.EnterAsync(static self => self.WhereAsync(), rig.Self));
                enterer.Start();
                enterer.Join();
                return second!.GetAwaiter().GetResult();
            }),
            (Self: this, Other: other)));
    }

    [Fact]
    public void The_end_waits_for_a_led_call()
    {
        var ending = new IoThreads("ending", 1);
        using var started = new ManualResetEventSlim();
        Task<bool>? entered = null;
        var leader = new Thread(() => entered = _loop.EnterAsync(
            static rig => rig.Ending.LeadAsync(rig, static rig =>
            {
                rig.Started.Set();
                while (TakesMore(rig.Ending))
                {
                    Thread.Yield();
                }

                return true;
            }),
            (Ending: ending, Started: started)));
        leader.Start();
        started.Wait();
        ending.Dispose();
        Assert.Equal(0, ending.LedCount);
        leader.Join();
        Assert.True(entered!.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task The_end_comes_though_a_call_is_passed_on_after_it_began()
    {
        var ending = new IoThreads("ending", 3);
        var disposer = new Thread(ending.Dispose);
        Task<bool> entered = _loop.EnterAsync(
            static rig =>
            {
                ValueTask<bool> call = rig.Ending.LeadAsync(0, static _ => IoThreads.IsDiskThread);
                rig.Disposer.Start();
                while (TakesMore(rig.Ending))
                {
                    Thread.Yield();
                }

                rig.Loop.Post(static _ => { }, null);
                return call;
            },
            (Ending: ending, Disposer: disposer, Loop: _loop));
        disposer.Join();
        Assert.True(await entered);
    }

    [Fact]
    public async Task A_call_is_led_by_nobody_outside_a_loop() => Assert.True(await WhereAsync());

    private static bool TakesMore(IoThreads threads)
    {
        try
        {
            _ = threads.RunAsync(0, static _ => 0).AsTask();
            return true;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Items of a loop that see how many calls are led.</summary>
    /// <param name="loop">Where the items go.</param>
    /// <param name="threads">Whose calls.</param>
    /// <param name="itemCount">How many.</param>
    /// <param name="oneByOne">Each is put by the one before; else all at once.</param>
    private sealed class Keeper(HostLoop loop, IoThreads threads, int itemCount, bool oneByOne)
    {
        private readonly List<int> _led = [];
        private readonly TaskCompletionSource<IReadOnlyList<int>> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>What each item saw.</summary>
        internal Task<IReadOnlyList<int>> Led => _ended.Task;

        internal void Go()
        {
            for (int put = 0; put < (oneByOne ? 1 : itemCount); put++)
            {
                Put();
            }
        }

        private void Put() => loop.Post(static keeper => ((Keeper)keeper!).RunItem(), this);

        private void RunItem()
        {
            _led.Add(threads.LedCount);
            if (_led.Count == itemCount)
            {
                _ended.SetResult(_led);
            }
            else if (oneByOne)
            {
                Put();
            }
        }
    }

    /// <returns>Whether the call was made by a thread of the disk.</returns>
    private ValueTask<bool> WhereAsync() => _threads.LeadAsync(0, static _ => IoThreads.IsDiskThread);
}
