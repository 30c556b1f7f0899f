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

    [Theory]
    [InlineData(1, true)]
    [InlineData(8, true)]
    [InlineData(8, false)]
    public async Task A_thread_of_the_disk_makes_its_call_itself_after_a_little_more_work_in_the_loop(int itemCount, bool oneByOne)
    {
        (int first, int second, int items) = await RunKeeperAsync(new Keeper(_loop, itemCount, oneByOne));
        Assert.Equal((first, itemCount), (second, items));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_does_not_wait_on_a_thread_of_the_disk_for_much_work_of_the_loop(bool oneByOne)
    {
        using var made = new ManualResetEventSlim();
        var run = new Keeper(_loop, 20, oneByOne) { MadeBeforeTheLast = made };
        await RunKeeperAsync(run);
        Assert.InRange(run.ItemsBefore, 0, 19);
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

    /// <summary>What follows a call of a disk thread begins another call, and puts items into the loop.</summary>
    /// <returns>The threads that made the two calls, and how many items had run when the second was made.</returns>
    private async Task<(int First, int Second, int Items)> RunKeeperAsync(Keeper run)
    {
        using var left = new ManualResetEventSlim();
        Task<(int First, int Second)> entered = _loop.EnterAsync(
            static async rig =>
            {
                int first = await rig.Threads.RunAsync(rig.Left, static left =>
                {
                    left.Wait();
                    return Environment.CurrentManagedThreadId;
                });
                ValueTask<int> second = rig.Threads.LeadAsync(rig.Run, static run => run.End());
                rig.Run.Go();
                return (first, await second);
            },
            (Threads: _threads, Run: run, Left: left));
        left.Set();
        (int first, int second) = await entered;
        return (first, second, run.ItemsBefore);
    }

    /// <param name="loop">Where the items go.</param>
    /// <param name="itemCount">How many.</param>
    /// <param name="oneByOne">Each is put by the one before; else all at once.</param>
    private sealed class Keeper(HostLoop loop, int itemCount, bool oneByOne)
    {
        private int _items;

        internal int ItemsBefore { get; private set; }

        /// <summary>The last item waits until the call was made.</summary>
        internal ManualResetEventSlim? MadeBeforeTheLast { get; init; }

        internal void Go()
        {
            for (int put = 0; put < (oneByOne ? 1 : itemCount); put++)
            {
                Put();
            }
        }

        internal int End()
        {
            ItemsBefore = Volatile.Read(ref _items);
            MadeBeforeTheLast?.Set();
            return Environment.CurrentManagedThreadId;
        }

        private void Put() => loop.Post(static keeper => ((Keeper)keeper!).RunItem(), this);

        private void RunItem()
        {
            bool isLast = _items + 1 == itemCount;
            if (isLast)
            {
                MadeBeforeTheLast?.Wait();
            }

            Volatile.Write(ref _items, _items + 1);
            if (oneByOne && !isLast)
            {
                Put();
            }
        }
    }

    /// <returns>Whether the call was made by a thread of the disk.</returns>
    private ValueTask<bool> WhereAsync() => _threads.LeadAsync(0, static _ => IoThreads.IsDiskThread);
}
