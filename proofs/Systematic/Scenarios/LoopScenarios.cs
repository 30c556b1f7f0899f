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
        return HandOverAsync(handOff.Put, handOff.Take);
    }

    /// <summary>The same with a taker that looks whether there is work and takes the lock anew to sleep: a put in between is slept through.</summary>
    public static Task Broken_taker_that_sleeps_through_a_put()
    {
        var handOff = new ForgetfulHandOff();
        return HandOverAsync(handOff.Put, handOff.Take);
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
