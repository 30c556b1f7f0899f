using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;
using Xunit;

namespace ObjectStore.Engine.Proofs.Storage.Index;

/// <summary>A store on a simulated disk, with a client that applies random batches and keeps the model, through any number of crashes.</summary>
internal sealed class StoreLife(ulong seed, OrderedStoreOptions? options = null)
{
    /// <summary>Everything small, so that a few hundred batches go through every mechanism many times.</summary>
    internal static readonly OrderedStoreOptions Small = new()
    {
        MemtableBytes = 3000,
        LogSegmentBytes = 16 * 4096,
        LogSegmentsPerMemtable = 2,
        LogSegmentsSpareMax = 1,
        GroupBytesMax = 2 * 4096,
        BlockBytes = 200,
        BlockCacheBytes = 2000,
        RunBytes = 2000,
        LevelZeroRunsMin = 2,
        LevelZeroRunsMax = 6,
        LevelOneBytes = 4000,
        LevelGrowth = 2,
        ManifestBytesMax = 16 * 4096,
        LogSealDelay = TimeSpan.FromMilliseconds(1),
    };

    private readonly List<Task> _tickets = [];
    private int _life;

    internal SeededChoices Choices { get; } = new(seed);

    internal StoreModel Model { get; } = new();

    internal SimWorld World => _world ??= new SimWorld(Choices, new SimOptions { StepLimit = 5_000_000 });

    private SimWorld? _world;

    internal SimDisk Disk
    {
        get => field ??= World.CreateDisk(new SimDiskOptions { SectorSizeBytes = 512 << Choices.Next(4, "sector") });
        set;
    }

    /// <summary>Puts something between the store and its disk; null for nothing.</summary>
    internal Func<IDisk, IDisk>? Between { get; init; }

    internal OrderedStore? Store { get; set; }

    /// <summary>Everything up to here was acknowledged.</summary>
    internal ulong Acknowledged { get; private set; }

    internal OrderedStoreOptions Options { get; } = options ?? Small;

    internal async Task OpenAsync(int rarePerMillion = 50_000)
    {
        NodeEnvironment environment = World.CreateEnvironment(Disk) with { Rare = new SeededRare(Choices, rarePerMillion) };
        environment = Between is null ? environment : environment with { Disk = Between(Disk) };
        int life = _life;
        OrderedStore opened = await OrderedStore.OpenAsync(environment, World.TestLoop, Options);
        Store = life == _life ? opened : Store;
    }

    /// <summary>Opens what a crash left and checks the promise: nothing acknowledged is lost, and what survives is a prefix.</summary>
    internal async Task RecoverAsync(int rarePerMillion = 50_000)
    {
        await OpenAsync(rarePerMillion);
        Assert.InRange(Store!.AppliedSequence, Acknowledged, Model.LastSequence);
        Assert.Equal(Store.AppliedSequence, Store.DurableSequence);
        Model.CutAfter(Store.AppliedSequence);
        Acknowledged = Store.AppliedSequence;
        await CompareAsync();
    }

    /// <summary>The client of this life does nothing more; what it was waiting for is never acknowledged.</summary>
    internal void Stop()
    {
        _life++;
        _tickets.Clear();
        Store = null;
    }

    internal WriteBatch NewBatch(int keySpace = 60)
    {
        var batch = new WriteBatch();
        for (int i = Choices.Next(4, "operations"); i >= 0; i--)
        {
            byte[] key = NewKey(keySpace);
            if (Choices.Next(4, "delete") == 0)
            {
                batch.Delete(key);
            }
            else
            {
                var value = new byte[Choices.Next(10, "large") == 0 ? Choices.Next(7_500, "size") : Choices.Next(60, "size")];
                World.Entropy.Fill(value);
                batch.Put(key, value);
            }
        }

        return batch;
    }

    internal byte[] NewKey(int keySpace)
    {
        int number = Choices.Next(keySpace, "key");
        byte[] key = new byte[1 + (number % 12)];
        key.AsSpan().Fill((byte)'a');
        key[^1] = (byte)number;
        return key;
    }

    internal void Apply(WriteBatch batch)
    {
        CommitTicket ticket = Store!.Apply(batch);
        Model.Add(batch);
        Assert.Equal(Model.LastSequence, ticket.Sequence);
        _tickets.Add(NoteAsync(ticket));
    }

    internal async Task SettleAsync()
    {
        foreach (Task ticket in _tickets.ToArray())
        {
            await ticket;
        }

        _tickets.Clear();
    }

    internal async Task CompareAsync()
    {
        using IReadView latest = Store!.ReadLatest();
        using IReadView durable = Store.ReadDurable();
        Assert.True(durable.Sequence >= Acknowledged, "an acknowledged batch is not in the durable view");
        Assert.Null(await Model.CompareAsync(latest));
        Assert.Null(await Model.CompareAsync(durable));
    }

    /// <summary>A client that never ends by itself: batches, waits, views, scans.</summary>
    internal async Task WorkAsync(int batches)
    {
        int life = _life;
        for (int i = 0; i < batches; i++)
        {
            await Store!.WaitForRoomAsync();
            if (life != _life)
            {
                return;
            }

            Apply(NewBatch());
            switch (Choices.Next(12, "then"))
            {
                case 0:
                    await SettleAsync();
                    break;
                case 1:
                    await CompareAsync();
                    break;
                case 2:
                    await World.Clock.DelayAsync(TimeSpan.FromMilliseconds(2));
                    break;
                default:
                    break;
            }

            if (life != _life)
            {
                return;
            }
        }
    }

    private async Task NoteAsync(CommitTicket ticket)
    {
        OrderedStore store = Store!;
        int life = _life;
        await ticket.Durable;
        if (life != _life)
        {
            return;
        }

        Assert.True(store.DurableSequence >= ticket.Sequence, "acknowledged before it is in the durable view");
        Acknowledged = Math.Max(Acknowledged, ticket.Sequence);
    }
}

/// <summary>Rare behaviour drawn from the run's choices.</summary>
internal sealed class SeededRare(IChoices choices, int perMillion) : IRare
{
    public bool Happens(string point) => choices.Chance(perMillion, point);
}
