using System;
using System.Collections.Concurrent;
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

    /// <returns>Whether the call was made by a thread of the disk.</returns>
    private ValueTask<bool> WhereAsync() => _threads.LeadAsync(0, static _ => IoThreads.IsDiskThread);
}
