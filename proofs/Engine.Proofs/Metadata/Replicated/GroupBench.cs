using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ObjectStore.Engine.Consensus;
using ObjectStore.Engine.Kernel;
using ObjectStore.Engine.Metadata;
using ObjectStore.Engine.Proofs.Doubles;
using ObjectStore.Engine.Storage;
using ObjectStore.Sim.World;

namespace ObjectStore.Engine.Proofs.Metadata;

/// <summary>Replicas of one group over stores in memory, fed by hand from one log.</summary>
internal sealed class GroupBench
{
    internal static readonly GroupId Group = new(4097);

    private readonly NodeEnvironment _environment;
    private readonly ILoop _loop;

    private GroupBench(NodeEnvironment environment, ILoop loop) => (_environment, _loop) = (environment, loop);

    internal List<byte[]> Log { get; } = [];

    internal ShardProgram Program { get; } = new();

    /// <summary>Runs a story on the loop that owns the replicas.</summary>
    internal static void Tell(Func<GroupBench, Task> story)
    {
        var world = new SimWorld(new SeededChoices(1), new SimOptions());
        SimNode node = world.CreateNode("node");
        world.Run(() => node.Start(environment =>
        {
            ILoop loop = environment.Spawner.CreateLoop("store");
            return loop.CallAsync(
                async bench =>
                {
                    await story(bench);
                    return true;
                },
                new GroupBench(environment, loop));
        }));
    }

    internal sealed record Replica(MemoryOrderedStore Store, GroupMachine Machine, ShardModule Shard)
    {
        internal int Position { get; set; }
    }

    internal async Task<Replica> OpenAsync(MemoryOrderedStore? store = null)
    {
        store ??= new MemoryOrderedStore();
        var shard = new ShardModule(ShardProgram.Limits, 1, OneGroup.Instance);
        GroupMachine machine = await GroupMachine.OpenAsync(_environment, _loop, store, Group, [shard]);
        return new Replica(store, machine, shard) { Position = (int)machine.AppliedIndex.Value / 2 };
    }

    internal void Propose(MetadataCommand command, ulong epoch = 7) => Propose(new ExecuteCommand(epoch, command));

    internal void Propose(ShardCommand command)
    {
        var to = new ByteWriter();
        ShardCommandCodec.Encode(command, to);
        Log.Add(to.ToArray());
    }

    /// <summary>Applies the next commands of the log. Indexes have gaps, as with entries of the log's own.</summary>
    internal async Task<ShardAnswer?> ApplyAsync(Replica replica, int count = int.MaxValue)
    {
        ShardAnswer? last = null;
        for (; count > 0 && replica.Position < Log.Count; count--)
        {
            int position = replica.Position++;
            last = (ShardAnswer?)await replica.Machine.ApplyAsync(new LogIndex((ulong)(position * 2) + 2), new Term(1), Log[position]);
        }

        return last;
    }

    /// <summary>Proposes and applies at once.</summary>
    internal async Task<CommandResult> DoAsync(Replica replica, MetadataCommand command, ulong epoch = 7)
    {
        Propose(command, epoch);
        return (await ApplyAsync(replica))!.Result!;
    }

    /// <summary>Brings a state to another replica in chunks of a size.</summary>
    internal static async Task InstallAsync(Replica from, Replica to, int chunk, Func<byte[], byte[]>? damage = null)
    {
        using ISnapshotSource source = from.Machine.OpenSnapshot();
        LogIndex index = from.Machine.AppliedIndex;
        var bytes = new List<byte>();
        byte[] buffer = new byte[chunk];
        int read;
        while ((read = await source.ReadChunkAsync(buffer)) > 0)
        {
            bytes.AddRange(buffer[..read]);
        }

        byte[] whole = damage?.Invoke([.. bytes]) ?? [.. bytes];
        ISnapshotInstaller installer = await to.Machine.BeginInstallAsync(index, new Term(1));
        for (int at = 0; at < whole.Length; at += chunk)
        {
            await installer.AddChunkAsync(whole.AsMemory(at, int.Min(chunk, whole.Length - at)));
        }

        var batch = new WriteBatch();
        await installer.FinishAsync(batch);
        to.Store.Apply(batch);
        installer.Switched();
        to.Position = from.Position;
    }

    /// <summary>Lets background work run.</summary>
    internal async Task RestAsync() => await _environment.Clock.DelayAsync(TimeSpan.FromSeconds(10));

    internal static async Task<List<(string Key, string Value)>> RowsAsync(Replica replica, byte? table = null)
    {
        var rows = new List<(string, string)>();
        using IReadView state = replica.Machine.Read();
        using IScan scan = state.Scan(default, default);
        while (await scan.NextAsync())
        {
            if (table is null || scan.Key.Span[0] == table)
            {
                rows.Add((Convert.ToHexString(scan.Key.Span), Convert.ToHexString(scan.Value.Span)));
            }
        }

        return rows;
    }

    internal static async Task<int> StoreRowsAsync(Replica replica)
    {
        int rows = 0;
        using IReadView state = replica.Store.ReadLatest();
        using IScan scan = state.Scan(default, default);
        while (await scan.NextAsync())
        {
            rows++;
        }

        return rows;
    }

    /// <summary>All blobs that rows name, found by looking at the rows themselves; freed ones that wait for their readers included.</summary>
    internal static async Task<SortedSet<string>> NamedBlobsAsync(Replica replica)
    {
        var named = new SortedSet<string>(StringComparer.Ordinal);
        using IReadView state = replica.Machine.Read();
        using IScan scan = state.Scan(default, default);
        while (await scan.NextAsync())
        {
            foreach (ObjectData data in DataOf(scan.Key.Span, scan.Value.ToArray()))
            {
                named.UnionWith(data.Blobs.Select(blob => blob.ToString()));
            }
        }

        return named;
    }

    internal static async Task<List<BlobRef>> BlobsAsync(Replica replica, byte table)
    {
        using IReadView state = replica.Machine.Read();
        (List<BlobRef> blobs, bool more) = await BlobTable.ListAsync(state, table, default, new BlobId(ulong.MaxValue, ulong.MaxValue), int.MaxValue);
        return more ? throw new InvalidOperationException("more than all") : blobs;
    }

    internal static ObjectData[] DataOf(ReadOnlySpan<byte> key, byte[] row)
    {
        switch (key[0])
        {
            case Tables.Objects:
                return [RowFormat.DecodeObject(row, "", 1).Data];
            case Tables.PartLists:
                return [.. RowFormat.DecodePartList(row).Select(part => part.Data)];
            case Tables.Parts:
                return [RowFormat.DecodePart(row).Data];
            case Tables.Garbage:
                GarbageRow garbage = RowFormat.DecodeGarbage(row);
                return garbage.Kind == GarbageKind.Blob ? [new ObjectData { Blobs = [garbage.Blob] }] : [];
            default:
                return [];
        }
    }

    /// <summary>There is no group but this one.</summary>
    internal sealed class OneGroup : IBucketPlaces
    {
        internal static readonly OneGroup Instance = new();

        public bool HasOthers(PositionRange range) => false;

        public bool IsSwitching(PositionRange range) => false;
    }
}
