using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using CsCheck;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Proofs.Doubles;
using ObjectStore.Engine.Storage;
using Xunit;

namespace ObjectStore.Engine.Proofs.Metadata;

/// <summary>Buckets from the cache are what the rows of the same state say, however old the state is.</summary>
public sealed class BucketCacheTests
{
    private static readonly string[] Names = ["one", "two", "three"];

    private enum Step
    {
        Change,
        Delete,
        Other,
        MakeDurable,
        OpenLatest,
        OpenDurable,
        Ask,
        AskOffLoop,
        Close,
    }

    private static readonly Gen<(Step What, int Which, int Pick)[]> Steps =
        Gen.Select(Gen.Int[0, 8].Select(static step => (Step)step), Gen.Int[0, 2], Gen.Int[0, 99]).Array[0, 80];

    [Fact]
    public void Every_state_shows_the_buckets_of_its_own_rows() => Steps.Sample(Run);

    [Fact]
    public void A_view_of_before_a_change_shows_the_bucket_of_before_and_does_not_teach_it_to_later_ones()
    {
        var plain = new MemoryOrderedStore { Hold = true };
        var store = new BucketCachingStore(plain);
        store.Apply(Put("one", 1));
        plain.MakeDurable();
        using IReadView before = store.ReadDurable();
        store.Apply(Put("one", 2));
        using IReadView latest = store.ReadLatest();
        using IReadView durable = store.ReadDurable();
        Assert.Equal(2ul, Find(latest, "one"));
        Assert.Equal(1ul, Find(before, "one"));
        Assert.Equal(1ul, Find(durable, "one"));
        using IReadView again = store.ReadLatest();
        Assert.Equal(2ul, Find(again, "one"));
    }

    [Fact]
    public void Off_the_loop_a_bucket_shows_once_it_is_durable_and_was_asked_for()
    {
        var plain = new MemoryOrderedStore { Hold = true };
        var store = new BucketCachingStore(plain);
        store.Apply(Put("one", 1));
        using IReadView latest = store.ReadLatest();
        Assert.Equal(1ul, Find(latest, "one"));
        Assert.Null(store.FindDurable("one"));
        plain.MakeDurable();
        Assert.Equal(1ul, store.FindDurable("one")?.Record.Id);
        store.Apply(Put("one", 2));
        Assert.Null(store.FindDurable("one"));
    }

    [Fact]
    public void Off_the_loop_a_bucket_that_changes_meanwhile_is_not_shown_as_it_was()
    {
        var plain = new MemoryOrderedStore { Hold = true };
        var asked = new AskedStore(plain);
        var store = new BucketCachingStore(asked);
        store.Apply(Put("one", 1));
        plain.MakeDurable();
        using (IReadView durable = store.ReadDurable())
        {
            Assert.Equal(1ul, Find(durable, "one"));
        }

        // On another thread, and acknowledged, before this one learns what is durable.
        asked.Meanwhile = () =>
        {
            asked.Meanwhile = null;
            store.Apply(Put("one", 2));
            plain.MakeDurable();
        };
        Assert.NotEqual(1ul, store.FindDurable("one")?.Record.Id);
    }

    [Fact]
    public void As_many_buckets_as_a_small_site_has_are_known_side_by_side()
    {
        var store = new BucketCachingStore(new MemoryOrderedStore());
        string[] names = [.. Enumerable.Range(0, 40).Select(static number => $"bucket-{number}")];
        foreach (string name in names)
        {
            store.Apply(Put(name, 1));
        }

        using IReadView state = store.ReadDurable();
        Assert.All(names, name => Assert.Equal(1ul, Find(state, name)));
        Assert.InRange(names.Count(name => store.FindDurable(name) is not null), 39, 40);
    }

    private static void Run((Step What, int Which, int Pick)[] steps)
    {
        var plain = new MemoryOrderedStore { Hold = true };
        var store = new BucketCachingStore(plain);
        var open = new List<(IReadView Known, IReadView Rows)>();
        ulong id = 0;
        foreach ((Step what, int which, int pick) in steps)
        {
            switch (what)
            {
                case Step.Change:
                    store.Apply(Put(Names[which], ++id));
                    break;
                case Step.Delete:
                    var delete = new WriteBatch();
                    delete.Delete(RowKeys.Bucket(Names[which]));
                    store.Apply(delete);
                    break;
                case Step.Other:
                    var other = new WriteBatch();
                    other.Put(RowKeys.Object(id, "key", 0), new byte[] { 1 });
                    store.Apply(other);
                    break;
                case Step.MakeDurable:
                    plain.MakeDurable(which);
                    break;
                case Step.OpenLatest:
                    open.Add((store.ReadLatest(), plain.ReadLatest()));
                    break;
                case Step.OpenDurable:
                    open.Add((store.ReadDurable(), plain.ReadDurable()));
                    break;
                case Step.Ask when open.Count > 0:
                    (IReadView known, IReadView rows) = open[pick % open.Count];
                    Assert.Equal(Find(rows, Names[which]), Find(known, Names[which]));
                    break;
                case Step.AskOffLoop when store.FindDurable(Names[which]) is { } found:
                    using (IReadView durable = plain.ReadDurable())
                    {
                        Assert.Equal(Find(durable, Names[which]), found.Record.Id);
                    }

                    break;
                case Step.Close when open.Count > 0:
                    open[pick % open.Count].Known.Dispose();
                    open[pick % open.Count].Rows.Dispose();
                    open.RemoveAt(pick % open.Count);
                    break;
                default:
                    break;
            }
        }

        foreach ((IReadView known, IReadView rows) in open.AsEnumerable().Reverse())
        {
            Assert.All(Names, name => Assert.Equal(Find(rows, name), Find(known, name)));
            known.Dispose();
            rows.Dispose();
        }

        Assert.Equal(0, plain.OpenViews);
    }

    private static ulong? Find(IReadView state, string name)
    {
        Task<BucketRecord?> found = ShardReader.FindBucketAsync(state, name).AsTask();
        Assert.True(found.IsCompletedSuccessfully);
        return found.GetAwaiter().GetResult()?.Id;
    }

    private static WriteBatch Put(string name, ulong id)
    {
        var batch = new WriteBatch();
        batch.Put(RowKeys.Bucket(name), RowFormat.Encode(new BucketRecord { Name = name, Id = id, OwnerId = "owner", CreatedUtc = DateTime.UnixEpoch }));
        return batch;
    }

    /// <summary>Something happens when it is asked what is durable.</summary>
    private sealed class AskedStore(IOrderedStore inner) : OrderedStoreDouble(inner)
    {
        internal Action? Meanwhile { get; set; }

        public override ulong DurableSequence
        {
            get
            {
                Meanwhile?.Invoke();
                return Inner.DurableSequence;
            }
        }
    }
}
