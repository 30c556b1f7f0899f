using System;
using System.Collections.Generic;
using System.Linq;
using ObjectStore.Sim.Checking;
using Entry = ObjectStore.Sim.Checking.HistoryEntry<ObjectStore.Sim.Checking.S3Operation, ObjectStore.Sim.Checking.S3Result>;

namespace ObjectStore.Sim.Proofs.Checking;

/// <summary>Histories that are right by construction: each operation takes effect at one moment between its call and its return.</summary>
internal static class RandomHistories
{
    internal static History<S3Operation, S3Result> Generate(
        int seed, int count, int clients, int keys, S3Versioning versioning, int unknownPercent, bool wide)
    {
        var random = new Random(seed);
        var server = new ReferenceServer(versioning);
        var history = new History<S3Operation, S3Result>();
        var idle = new List<int>(Enumerable.Range(0, clients));
        var called = new List<Entry>();
        var done = new List<(Entry Entry, S3Result Result)>();
        var etags = new List<string> { "" };
        int calls = 0;
        while (calls < count || called.Count > 0 || done.Count > 0)
        {
            int roll = random.Next(3);
            if (roll == 0 && calls < count && idle.Count > 0)
            {
                int slot = random.Next(idle.Count);
                called.Add(history.Called(idle[slot], Draw(random, calls++, keys, etags, wide), TimeSpan.FromMilliseconds(calls)));
                idle.RemoveAt(slot);
            }
            else if (roll == 1 && called.Count > 0)
            {
                Entry entry = Take(random, called);
                bool isLost = random.Next(100) < unknownPercent;
                if (isLost && random.Next(2) == 0)
                {
                    idle.Add(entry.Client);
                    continue;
                }

                S3Result result = server.Do(entry.Operation);
                etags.Add(result.ETag);
                if (isLost)
                {
                    idle.Add(entry.Client);
                }
                else
                {
                    done.Add((entry, result));
                }
            }
            else if (roll == 2 && done.Count > 0)
            {
                (Entry entry, S3Result result) = Take(random, done);
                history.Returned(entry, result, TimeSpan.FromMilliseconds(calls));
                idle.Add(entry.Client);
            }
        }

        return history;
    }

    private static S3Operation Draw(Random random, int number, int keys, List<string> etags, bool wide)
    {
        string key = $"k{random.Next(keys)}";
        string content = $"content {number}";
        return random.Next(wide ? 12 : 8) switch
        {
            0 or 1 => Story.Put(key, content),
            2 => Story.Delete(key),
            3 => Story.Put(key, content) with { IfNoneMatch = "*" },
            4 => Story.Put(key, content) with { IfMatch = etags[random.Next(Math.Max(0, etags.Count - 5), etags.Count)] is { Length: > 0 } etag ? etag : null },
            8 or 9 => Story.List(),
            10 => new S3Operation { Verb = S3Verb.ListVersions, Bucket = Story.Bucket },
            11 => new S3Operation { Verb = S3Verb.Copy, Bucket = Story.Bucket, SourceKey = $"k{random.Next(keys)}", Key = key },
            _ => Story.Get(key),
        };
    }

    private static T Take<T>(Random random, List<T> from)
    {
        int slot = random.Next(from.Count);
        T taken = from[slot];
        from.RemoveAt(slot);
        return taken;
    }
}
