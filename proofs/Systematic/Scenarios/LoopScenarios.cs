using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ObjectStore.Engine.Host;

namespace ObjectStore.Systematic.Scenarios;

/// <summary>The hand-off into a loop: many threads put, one takes.</summary>
public static class LoopScenarios
{
    private const int Putters = 2;
    private const int PutsEach = 2;

    private delegate int Take(ref HandedWork[]? batch);

    /// <summary>Everything put is taken once, in the order of each putter, and the taker is woken for the last.</summary>
    public static Task Work_is_taken_once_and_in_order()
    {
        var handOff = new HandOff();
        return HandOverAsync(handOff.Put, (ref HandedWork[]? batch) => handOff.Take(ref batch, isOwner: true));
    }

    /// <summary>The same with a taker that looks whether there is work and takes the lock anew to sleep: a put in between is slept through.</summary>
    public static Task Broken_taker_that_sleeps_through_a_put()
    {
        var handOff = new ForgetfulHandOff();
        return HandOverAsync(handOff.Put, handOff.Take);
    }

    /// <summary>One thread puts, one puts and owns the loop when it is free, the loop's own thread does the rest: one owner at a time, nothing lost, nothing left lying.</summary>
    public static Task Work_that_enters_has_the_loop_alone() => ShareAsync(static handOff => handOff.PutOwning);

    /// <summary>The same with an enterer that takes the loop without asking whether somebody has it.</summary>
    public static Task Broken_enterer_that_barges_in() => ShareAsync(static handOff => work =>
    {
        _ = handOff.PutOwning(work);
        return true;
    });

    private static async Task ShareAsync(Func<HandOff, Func<HandedWork, bool>> entering)
    {
        const int total = Putters * PutsEach;
        var handOff = new HandOff();
        Func<HandedWork, bool> enter = entering(handOff);
        HandedWork[]? batch = null;
        object counting = new();
        int owners = 0;
        int ran = 0;
        void RunBatch(int count)
        {
            if (Interlocked.Increment(ref owners) != 1)
            {
                throw new InvalidOperationException("two owners of one loop");
            }

            for (int index = 0; index < count; index++)
            {
                batch![index] = default;
                lock (counting)
                {
                    ran++; // and another thread may run here
                }
            }

            Interlocked.Decrement(ref owners);
            if (ran == total)
            {
                handOff.End();
            }
        }

        Task putter = Task.Run(() =>
        {
            for (int turn = 0; turn < PutsEach; turn++)
            {
                handOff.Put(new HandedWork(Nothing, turn));
            }
        });
        Task enterer = Task.Run(() =>
        {
            for (int turn = 0; turn < PutsEach; turn++)
            {
                if (!enter(new HandedWork(Nothing, turn)))
                {
                    continue;
                }

                if (handOff.TakeMore(ref batch) is > 0 and int count)
                {
                    RunBatch(count);
                    handOff.Release();
                }
            }
        });
        Task own = Task.Run(() =>
        {
            bool isOwner = false;
            while (handOff.Take(ref batch, isOwner) is > 0 and int count)
            {
                isOwner = true;
                RunBatch(count);
            }
        });
        await Task.WhenAll(new List<Task> { putter, enterer, own }); // the form that Coyote controls
        if (ran != total)
        {
            throw new InvalidOperationException("work lost or run twice");
        }
    }

    private static async Task HandOverAsync(Action<HandedWork> put, Take take)
    {
        var taken = new List<(int Putter, int Number)>();
        var working = new List<Task>();
        for (int putter = 0; putter < Putters; putter++)
        {
            int number = putter;
            working.Add(Task.Run(() =>
            {
                for (int turn = 0; turn < PutsEach; turn++)
                {
                    put(new HandedWork(Nothing, (number, turn)));
                }
            }));
        }

        working.Add(Task.Run(() =>
        {
            HandedWork[]? batch = null;
            while (taken.Count < Putters * PutsEach)
            {
                int count = take(ref batch);
                for (int index = 0; index < count; index++)
                {
                    taken.Add(((int, int))batch![index].State!);
                    batch[index] = default;
                }
            }
        }));
        await Task.WhenAll(working);
        for (int putter = 0; putter < Putters; putter++)
        {
            List<(int Putter, int Number)> own = taken.FindAll(entry => entry.Putter == putter);
            for (int turn = 0; turn < PutsEach; turn++)
            {
                if (own.Count != PutsEach || own[turn].Number != turn)
                {
                    throw new InvalidOperationException("work lost, repeated or out of order");
                }
            }
        }
    }

    private static void Nothing(object? state)
    {
        // What is handed over is not run here.
    }

    private sealed class ForgetfulHandOff
    {
        private readonly object _gate = new();
        private readonly List<HandedWork> _queue = [];

        internal void Put(HandedWork work)
        {
            lock (_gate)
            {
                _queue.Add(work);
                Monitor.Pulse(_gate);
            }
        }

        internal int Take(ref HandedWork[]? batch)
        {
            bool isEmpty;
            lock (_gate)
            {
                isEmpty = _queue.Count == 0;
            }

            lock (_gate)
            {
                if (isEmpty)
                {
                    Monitor.Wait(_gate);
                }

                batch = [.. _queue];
                _queue.Clear();
                return batch.Length;
            }
        }
    }
}
